using System.Globalization;
using System.Security.Cryptography;
using System.Text;

#pragma warning disable CA5394 // chance that can be repeated, not secrets

namespace Orchestrator.UnitTests.Redaction.Corpus;

/// <summary>
/// What is no secret and looks like one, made with a fixed seed. A placeholder is told from a secret by its words alone: the
/// redactor may hide it, a scan must not stop for it.
/// </summary>
internal static class LookAlikes
{
    private const int OfEach = 40;

    private static readonly string[] Words =
    [
        "order",
        "client",
        "invoice",
        "handler",
        "token",
        "secret",
        "parse",
        "validate",
        "worker",
        "queue",
        "index",
        "render",
        "session",
        "user",
        "password",
        "account",
        "config",
        "build",
        "branch",
        "commit",
        "report",
        "stream",
    ];

    /// <summary>Kind, whether it is a placeholder, and a text without a secret.</summary>
    public static IEnumerable<(string Kind, bool Placeholder, string Text)> All(int seed)
    {
        var chance = new Random(seed);
        foreach (var (kind, placeholder, make) in Makers)
        {
            for (var i = 0; i < OfEach; i++)
            {
                yield return (kind, placeholder, make(chance, i));
            }
        }
    }

    private static (string Kind, bool Placeholder, Func<Random, int, string> Make)[] Makers =>
        [
            ("UUID", false, (r, _) => $"id: {Uuid(r)}"),
            ("UUID in a path", false, (r, _) => $"GET /v1/orders/{Uuid(r)}/lines 200"),
            ("git commit", false, (r, _) => $"commit {Hex(r, 40)}"),
            ("short commit", false, (r, _) => $"Merge {Hex(r, 7)} into {Hex(r, 7)}"),
            ("git index line", false, (r, _) => $"index {Hex(r, 40)}..{Hex(r, 40)} 100644"),
            ("SHA-256 sum", false, (r, _) => $"{Hex(r, 64)}  archive.tar.gz"),
            ("image digest", false, (r, _) => $"FROM debian@sha256:{Hex(r, 64)}"),
            ("npm lock integrity", false, (r, _) => $"\"integrity\": \"sha512-{Base64(r, 64)}\","),
            ("yarn checksum", false, (r, _) => $"  checksum: 10c0/{Hex(r, 128)}"),
            ("NuGet lock hash", false, (r, _) => $"\"contentHash\": \"{Base64(r, 64)}\","),
            ("go.sum", false, (r, _) => $"golang.org/x/text v0.{r.Next(20)}.0 h1:{Base64(r, 32)}"),
            ("Cargo.lock", false, (r, _) => $"checksum = \"{Hex(r, 64)}\""),
            ("Python lock", false, (r, _) => $"    --hash=sha256:{Hex(r, 64)}"),
            (
                "script integrity",
                false,
                (r, _) => $"<script integrity=\"sha384-{Base64(r, 48)}\"></script>"
            ),
            ("base64 of text", false, (r, _) => $"body: {Encoded(Sentence(r))}"),
            (
                "base64 image",
                false,
                (r, _) => $"url(data:image/png;base64,iVBORw0KGgo{Base64(r, 300)})"
            ),
            (
                "SSH public key",
                false,
                (r, _) => $"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{Base64(r, 32)} me@localhost"
            ),
            (
                "certificate",
                false,
                (r, _) =>
                    $"-----BEGIN CERTIFICATE-----\nMIIB{Base64(r, 45)}\n{Base64(r, 48)}\n-----END CERTIFICATE-----"
            ),
            (
                "public key",
                false,
                (r, _) =>
                    $"-----BEGIN PUBLIC KEY-----\nMFkw{Base64(r, 45)}\n-----END PUBLIC KEY-----"
            ),
            (
                "source map",
                false,
                (r, _) =>
                    $"\"mappings\":\"{string.Join(';', Enumerable.Range(0, 9).Select(_ => Pick(r, "AACDEGIKMOQSU", 8)))}\""
            ),
            (
                "minified code",
                false,
                (r, _) =>
                    $"function {Mixed(r, 2)}(e,t){{return e.{Mixed(r, 3)}({Mixed(r, 2)},{Mixed(r, 2)}.{Mixed(r, 24)})}}"
            ),
            (
                "hashed asset",
                false,
                (r, _) => $"<link href=\"/assets/main-{Mixed(r, 8)}.{Hex(r, 20)}.css\">"
            ),
            (
                "qualified name",
                false,
                (r, _) => $"using {Pascal(r)}.{Pascal(r)}.{Pascal(r)}.{Pascal(r)};"
            ),
            (
                "long identifier",
                false,
                (r, _) => $"public void {Pascal(r)}{Pascal(r)}{Pascal(r)}{r.Next(100)}()"
            ),
            ("test name", false, (r, _) => $"test_{Snake(r, 5)}_{r.Next(1000)} PASSED"),
            ("kebab name", false, (r, _) => $"name: {Kebab(r, 6)}-{r.Next(100)}"),
            ("branch", false, (r, _) => $"git switch -c sk-{Kebab(r, 5)}-{r.Next(10)}"),
            ("prefix of a word", false, (r, i) => Begins[i % Begins.Length] + Snake(r, 5)),
            (
                "too short",
                false,
                (r, i) => "see " + Begins[i % Begins.Length] + Mixed(r, 6) + " there"
            ),
            (
                "version",
                false,
                (r, _) =>
                    $"version: {r.Next(9)}.{r.Next(99)}.{r.Next(9)}-beta.{r.Next(9)}+{Hex(r, 40)}"
            ),
            (
                "time",
                false,
                (r, _) =>
                    $"2026-11-{r.Next(10, 28)}T10:{r.Next(10, 60)}:00.{r.Next(1_000_000):D6}+00:00 started"
            ),
            (
                "number",
                false,
                (r, _) => $"token_count: {r.NextInt64(1_000_000_000_000_000, long.MaxValue)}"
            ),
            (
                "address",
                false,
                (r, _) =>
                    $"https://localhost:8443/{Kebab(r, 3)}?page={r.Next(100)}&sort={Snake(r, 2)}"
            ),
            (
                "address with a user",
                false,
                (r, _) => $"ssh://git@localhost/{Kebab(r, 2)}.git and me@localhost"
            ),
            (
                "stack frame",
                false,
                (r, _) =>
                    $"   at {Pascal(r)}.{Pascal(r)}.<{Pascal(r)}>d__{r.Next(90)}.MoveNext() in /src/{Pascal(r)}.cs:line {r.Next(900)}"
            ),
            (
                "Windows path",
                false,
                (r, _) => $@"C:\Users\me\AppData\Local\{Pascal(r)}\{Uuid(r)}\{Mixed(r, 12)}.tmp"
            ),
            (
                "environment reference",
                false,
                (r, i) => $"password: {Refers(Snake(r, 3).ToUpperInvariant(), i)}"
            ),
            (
                "prose",
                false,
                (r, _) =>
                    $"The {Words[r.Next(Words.Length)]} password must be renewed by the secret token's owner: {Sentence(r)}."
            ),
            ("call", false, (r, _) => $"var token = {Snake(r, 2)}.{Pascal(r)}({Pascal(r)});"),
            ("ETag", false, (r, _) => $"ETag: W/\"{Hex(r, 16)}-{Mixed(r, 27)}\""),
            ("trace", false, (r, _) => $"traceparent: 00-{Hex(r, 32)}-{Hex(r, 16)}-01"),
            ("decoded call", true, (r, i) => $"secret = {Calls[i % Calls.Length]}({Snake(r, 2)})"),
            ("name of a secret", true, (r, _) => $"secretName: {Kebab(r, 4)}-{r.Next(10, 99)}"),
            ("model", true, (r, _) => $"tokenizer: \"{Kebab(r, 4)}-v{r.Next(1, 9)}\""),
            (
                "filled with x",
                true,
                (_, i) => $"key {Starts[i % Starts.Length]}{new string('x', 40)}"
            ),
            (
                "filled with 0",
                true,
                (_, i) => $"key {Starts[i % Starts.Length]}{new string('0', 40)}"
            ),
            (
                "alphabet",
                true,
                (_, i) =>
                    $"key {Starts[i % Starts.Length]}abcdefghijklmnopqrstuvwxyzABCDEFGHIJ1234567890"
            ),
            ("your key here", true, (_, i) => $"api_key = \"your-api-key-goes-here-{i:D4}\""),
            (
                "AWS documentation",
                true,
                (_, i) =>
                    i % 2 == 0
                        ? "AKIA" + "IOSFODNN7EXAMPLE"
                        : "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY"
            ),
            (
                "database of a tutorial",
                true,
                (_, i) =>
                    $"postgres://postgres:{(i % 2 == 0 ? "postgres" : "password")}@localhost:{5432 + i}/app"
            ),
        ];

    // What tokens begin with, before something that cannot be one.
    private static readonly string[] Begins =
    [
        "ghp_",
        "npm_",
        "hf_",
        "sk_",
        "pk_",
        "fw_",
        "re_",
        "r8_",
        "dop_v1_",
        "glpat-",
        "xapp-",
        "pul-",
        "key-",
        "pat.",
        "sk-",
        "live_",
        "test_",
        "SK",
        "EAA",
        "cio",
        "secret_",
        "lin_api_",
        "shpat_",
        "figd_",
        "ion_",
        "aio_",
        "lip_",
    ];

    private static readonly string[] Starts =
    [
        "ghp_",
        "npm_",
        "hf_",
        "sk_live_",
        "glpat-",
        "shpat_",
        "lin_api_",
        "figd_",
        "sk-ant-api03-",
        "dop_v1_",
    ];

    private static readonly string[] Calls =
    [
        "base64.b64decode",
        "Convert.FromBase64String",
        "crypto.sha256Digest",
        "hashlib.sha3_256_of",
    ];

    private static string Refers(string name, int i) =>
        (i % 8) switch
        {
            0 => $"${{{{ secrets.{name} }}}}",
            1 => $"${{{name}}}",
            2 => $"process.env.{name}_1",
            3 => $"os.environ[\"{name}_1\"]",
            4 => $"$(cat /run/secrets/{name})",
            5 => $"/run/secrets/{name}_1",
            6 => $"%{name}%",
            _ => $"{{{{ .Values.{name} }}}}",
        };

    private static string Uuid(Random r) =>
        TokenKind.Generate(
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
            r
        );

    private static string Hex(Random r, int count) => TokenKind.Generate($"[0-9a-f]{{{count}}}", r);

    private static string Mixed(Random r, int count) =>
        TokenKind.Generate($"[a-z][A-Za-z0-9]{{{count - 1}}}", r);

    private static string Pick(Random r, string of, int count) =>
        new([.. Enumerable.Range(0, count).Select(_ => of[r.Next(of.Length)])]);

    private static string Base64(Random r, int bytes)
    {
        var random = new byte[bytes];
        r.NextBytes(random);
        return Convert.ToBase64String(random);
    }

    private static string Encoded(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Sentence(Random r) => string.Join(' ', Some(r, 9));

    private static string Snake(Random r, int words) => string.Join('_', Some(r, words));

    private static string Kebab(Random r, int words) => string.Join('-', Some(r, words));

    private static string Pascal(Random r) =>
        string.Concat(Some(r, 2).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

    private static IEnumerable<string> Some(Random r, int words) =>
        Enumerable.Range(0, words).Select(_ => Words[r.Next(Words.Length)]).ToList();
}
