using CsCheck;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

/// <summary>Secrets and what only looks like one. Put together at run time, so that no scanner takes this file for a leak.</summary>
internal static class RedactionCorpus
{
    private const string Mixed = "a8Jk2mLq9ZxT4vBn7Wc1Yd6Rf3Gh5Ks0Pu8Ei2Oz4Xv6Nb1Mq7"; // 50 characters

    /// <summary>Rule, the text around with @@ for the secret, the secret.</summary>
    public static TheoryData<string, string, string> Secrets =>
        new()
        {
            { "literal", "key the @@ it", "the-literal-secret" },
            { "aws-key", "id=@@;", "AKIA" + "ABCDEFGHIJKLMN09" },
            { "aws-key", "@@", "ASIA" + "ABCDEFGHIJKLMN09" },
            { "github-token", "clone @@ now", "ghp_" + Mixed[..36] },
            { "github-token", "(@@)", "gho_" + Mixed[..40] },
            { "github-token", "'@@'", "ghu_" + Mixed[..36] },
            { "github-token", "x:@@", "ghs_" + Mixed[..36] },
            { "github-token", "@@\n", "ghr_" + Mixed[..36] },
            { "github-token", "@@.", "github_pat_" + "11" + Mixed[..10] + "_" + Mixed[..9] },
            { "gitlab-token", "@@", "glpat-" + Mixed[..20] },
            { "gitlab-token", "@@ ", "glrt-" + Mixed[..10] + "-" + Mixed[..10] },
            { "slack-token", "@@,", "xoxb-" + "1234567890" },
            { "slack-token", "@@", "xoxa-" + "12345-67890" },
            { "slack-token", "@@", "xoxo-" + "12345-67890" },
            { "slack-token", "@@", "xoxp-" + "12345-67890" },
            { "slack-token", "@@", "xoxr-" + "12345-67890" },
            { "slack-token", "@@", "xoxs-" + "12345-67890" },
            { "anthropic-key", "key @@!", "sk-ant-" + "api03-" + Mixed[..10] },
            { "openai-key", "key @@!", "sk-" + Mixed[..32] },
            { "openai-key", "@@", "sk-proj-" + Mixed },
            { "google-key", "?key=@@&x", "AIza" + Mixed[..35] },
            { "google-key", "@@", "GOCSPX-" + Mixed[..20] },
            { "google-key", "@@", "ya29." + Mixed[..20] },
            { "stripe-key", "@@", "sk_live_" + Mixed[..16] },
            { "stripe-key", "@@", "sk_test_" + Mixed[..24] },
            { "stripe-key", "@@", "rk_live_" + Mixed[..16] },
            { "stripe-key", "@@", "rk_test_" + Mixed[..16] },
            { "stripe-key", "@@", "whsec_" + Mixed[..24] },
            { "npm-token", "//registry/:_auth @@", "npm_" + Mixed[..36] },
            { "pypi-token", "@@", "pypi-" + "AgEI" + Mixed },
            { "huggingface-token", "@@", "hf_" + Mixed[..30] },
            { "digitalocean-token", "@@", "dop_v1_" + Mixed[..40] },
            { "shopify-token", "@@", "shpat_" + Mixed[..32] },
            { "linear-key", "@@", "lin_api_" + Mixed[..32] },
            { "telegram-token", "bot 12345678:@@", "AA" + Mixed[..33] },
            { "telegram-token", "bot 1234567890:@@ ", "AA" + Mixed[..33] },
            { "orchestrator-token", "@@", "orc_" + Mixed[..43] },
            { "sendgrid-key", "@@", "SG." + Mixed[..22] + "." + Mixed[..43] },
            {
                "jwt",
                "x @@ y",
                "eyJ" + "hbGciOiJ9" + "." + "eyJ" + "zdWIiOiIx" + "." + "dozjgNryP4"
            },
            { "bearer", "send Bearer @@", Mixed[..16] },
            { "bearer", "BEARER   @@ x", "abcdefghijklmno=" },
            { "bearer", "Basic @@", "dXNlcjpwYXNzd29yZA" },
            { "bearer", "Authorization: Bearer @@", new string('h', 24) },
            { "bearer", "authorization=Token @@", "abcdefgh" },
            { "bearer", "\"Authorization\": \"Basic @@\"", "abcdefgh" },
            { "url-password", "postgres://user:@@@db/x", "geheim" },
            { "url-password", "redis://:@@@db:6379", "abc" },
            { "url-password", "https://me:@@@h", "p:w;d[1]" },
            { "connection-string", "Server=db;Password=@@;", "Geheim" },
            { "connection-string", "Server=db;Pwd=@@", "geheim[1]" },
            { "connection-string", "Server=db; Password = @@\"", "Geheim" },
            { "connection-string", "AccountKey=@@;EndpointSuffix=x", "c2VjcmV0==" },
            { "connection-string", "SharedAccessKey=@@;x", "c2VjcmV0==" },
            { "assignment", "api_key = \"@@\"", Mixed[..16] },
            { "assignment", "my_secret_value:@@ ", Mixed[..17] },
            { "assignment", "\"accessKey\": \"@@\",", Mixed[..20] },
            { "assignment", "\\\"passwd\\\": \\\"@@\\\"", Mixed[..20] },
            { "assignment", "TOKEN := '@@'", Mixed[..20] },
            { "assignment", ":password => `@@`", Mixed[..20] },
            { "assignment", "CREDENTIAL2=@@", "9f1c0e5e-3c1d-4f6e-8a43-0a6e0f0b7c11" },
            { "assignment", "access-key=@@", Mixed[..20] },
            { "assignment", "api-key=@@", Mixed[..20] },
            { "assignment", "apikey=@@", Mixed[..20] },
            { "assignment", "access_key\t=\t@@", Mixed[..20] },
            {
                "private-key",
                "a\n@@\nb",
                "-----BEGIN RSA "
                    + "PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA "
                    + "PRIVATE KEY-----"
            },
            {
                "private-key",
                "@@",
                "-----BEGIN " + "PRIVATE KEY-----\\nMIIE\\n-----END " + "PRIVATE KEY-----"
            },
            {
                "private-key",
                "@@\n(cut)",
                "-----BEGIN OPENSSH " + "PRIVATE KEY-----\n" + Mixed[..40] + "\n" + Mixed[..40]
            },
        };

    /// <summary>What a careless rule would take for a secret.</summary>
    public static TheoryData<string> Ordinary =>
        [
            "",
            "password = getPassword()",
            "token: ${{ secrets.GITHUB_TOKEN }}",
            "commit 3f786850e387550fdab836ed7e6dc881de23001b",
            "id 9f1c0e5e-3c1d-4f6e-8a43-0a6e0f0b7c11",
            "\"integrity\": \"sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ\"",
            "the password must have twelve characters",
            "AKIA" + "ABCDEFGHIJKLMN0", // one short
            "AKIA" + "ABCDEFGHIJKLMN091", // one long
            "AKIA" + "ABCDEFGHIJKLMN09x",
            "XAKIA" + "ABCDEFGHIJKLMN09",
            "akia" + "ABCDEFGHIJKLMN09",
            "ghp_" + Mixed[..35],
            "xghp_" + Mixed[..36],
            "GHP_" + Mixed[..36],
            "github_pat_" + Mixed[..21],
            "glpat-" + Mixed[..19],
            "glrt-" + Mixed[..19],
            "xoxb-" + "123456789",
            "xoxz-" + "1234567890123",
            "sk-ant-" + Mixed[..15],
            "sk-" + Mixed[..31],
            "disk-" + Mixed[..40],
            "sk-a-pipeline-of-many-words-in-kebab-case-2",
            "sk-A-PIPELINE-OF-MANY-WORDS-IN-KEBAB-CASE-2",
            "sk-A-pipeline-of-many-words-in-kebab-case-x",
            "AIza" + Mixed[..34],
            "GOCSPX-" + Mixed[..19],
            "ya29." + Mixed[..19],
            "sk_live_" + Mixed[..15],
            "sk_test_" + Mixed[..15],
            "rk_live_" + Mixed[..15],
            "rk_test_" + Mixed[..15],
            "whsec_" + Mixed[..23],
            "npm_" + Mixed[..35],
            "npm_config_registry_of_the_whole_company_at_home",
            "pypi-" + Mixed[..49],
            "hf_" + Mixed[..29],
            "dop_v1_" + Mixed[..39],
            "shpat_" + Mixed[..31],
            "lin_api_" + Mixed[..31],
            "1234567:AA" + Mixed[..33],
            "12345678901:AA" + Mixed[..33],
            "12345678:AA" + Mixed[..32],
            "12345678:AB" + Mixed[..33],
            ":AA" + Mixed[..33],
            "x234567:AA" + Mixed[..33],
            "orc_" + Mixed[..42],
            "SG." + Mixed[..22] + "." + Mixed[..42],
            "SG." + Mixed[..21] + "." + Mixed[..43],
            "SG." + Mixed[..23] + "." + Mixed[..43],
            "SG." + Mixed[..22] + "-" + Mixed[..43],
            "SG." + Mixed[..22],
            "eyJ" + "hbGciOi" + "." + "eyJ" + "zdWIiOi" + "." + "dozjgNryP", // nine in the last
            "eyJ" + "hbGciO" + "." + "eyJ" + "zdWIiOi" + "." + "dozjgNryP4",
            "eyJ" + "hbGciOi" + "." + "eyJ" + "zdWIiOi" + "-dozjgNryP4",
            "eyJ" + "hbGciOi" + "." + "eyJ" + "zdWIiOi",
            "bearer authentication-tokens",
            "Basic Internationalization",
            "Bearer: " + Mixed[..16],
            "Bearer " + Mixed[..15],
            "Bearer" + Mixed[..16],
            "forbearer " + Mixed[..16],
            "authorization of the user follows",
            "authorization: none",
            "authorization: Basic short12",
            "authorization: {token}",
            "xauthorization: Bearer abcdefgh",
            "https://user@host/path",
            "https://user:pw@host",
            "https://user:${PW}@host",
            "https://user:<pw>@host",
            "https://user:{pw}@host",
            "https://user:%PW%@host",
            "https://host:8080/a@b",
            "https://host/a:b@c",
            "://user:geheim@host",
            "https://u:geheim/@host",
            "Password=Gehei;",
            "Password=Geheim",
            "Password:Geheim;",
            "Password=/a/path;",
            "Password={0};",
            "Server=db;Password=Geheim{x",
            "xPwd=Geheim;",
            "api_key = " + Mixed[..15],
            "api_key " + Mixed[..16],
            "api_key == x",
            "token = aaaaaaaaaaaaaaaaaaaaaaa1",
            "token = abcdefghijklmnopqrstuvwx",
            "token = 1234567890123456",
            "token = /run/secrets/orchestrator-1/token",
            "token = ./run/secrets/orchestrator-1/token",
            "token = ~/run/secrets/orchestrator-1/token",
            "token = --an-option-of-the-tool-9",
            "token = ##############heading12345x",
            "secret = process.env.MY_SECRET_1",
            "secret = os.environ.MY_SECRET_1",
            "secret = env.MY_SECRET_12345678",
            "secret = secrets.MY_SECRET_1234",
            "secret = var.my_secret_12345678",
            "secret = config.my_secret_12345",
            "secret = vault.my_secret_123456",
            "token_that_has_a_very_long_name_indeed = " + Mixed[..16],
            "-----BEGIN " + "PUBLIC KEY-----\nMIIE\n-----END " + "PUBLIC KEY-----",
            "-----BEGIN " + "PRIVATE KEY-----",
            "-----BEGIN " + "PRIVATE KEY----- is how such a file begins",
            "-----BEGIN " + "PRIVATE KEY-----\n" + Mixed[..15],
            "-----BEGIN " + "PRIVATE KEY----\n" + Mixed[..40],
        ];

    /// <summary>Text made of what rules look for, of what ends a value, and of anything.</summary>
    public static Gen<string> Text =>
        Gen.OneOf(
                OneOf([
                    .. Secrets.Select(s =>
                        s.Data.Item2.Replace("@@", s.Data.Item3, StringComparison.Ordinal)
                    ),
                    .. Ordinary.Select(o => o.Data),
                ]),
                OneOf(
                    "token=",
                    "password: ",
                    "pwd=",
                    ";password=",
                    "https://u:",
                    "Bearer ",
                    "authorization: x ",
                    "[redacted:jwt]",
                    "[redacted:",
                    "-----END PRIVATE KEY-----",
                    "AKIA",
                    "ghp_",
                    "eyJ",
                    "12345678",
                    ":AA",
                    "sk-",
                    "the-literal-",
                    "secret"
                ),
                OneOf("@", ";", "'", "\"", "\\n", "\n", " ", ".", "]", "[", "_", "-", "="),
                Gen.Char["abyzAZ09+/_-"].Array[1, 50].Select(c => new string(c)),
                Gen.String[0, 20]
            )
            .Array[0, 12]
            .Select(parts => string.Concat(parts));

    private static Gen<string> OneOf(params IReadOnlyList<string> texts) =>
        Gen.Int[0, texts.Count - 1].Select(i => texts[i]);
}
