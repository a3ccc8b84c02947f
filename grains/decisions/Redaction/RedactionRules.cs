using System.Buffers;

namespace Orchestrator.Decisions.Redaction;

/// <summary>
/// What a secret looks like. A rule has an anchor, a short text that a vectorized search finds, and a look at what stands
/// around it. Nothing is read further than <see cref="HitMax"/> behind an anchor.
/// </summary>
internal static partial class RedactionRules
{
    /// <summary>A hit ends at most so many characters after its anchor.</summary>
    public const int HitMax = 20_000;

    /// <summary>A rule looks at most so many characters before its anchor.</summary>
    public const int BehindMax = 16;

    private const int TokenMax = 2_048;
    private const int JwtPartMax = 6_000;
    private const int KeyBodyMax = 16_384;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    private static readonly SearchValues<char> Upper = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    );

    private static readonly SearchValues<char> Lower = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz"
    );

    private static readonly SearchValues<char> UpperDigits = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    );

    private static readonly SearchValues<char> Alnum = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    );

    private static readonly SearchValues<char> Word = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
    );

    private static readonly SearchValues<char> UrlSafe = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    );

    private static readonly SearchValues<char> Base64 = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
    );

    private static readonly SearchValues<char> Credentials = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=._~-"
    );

    private static readonly SearchValues<char> Assigned = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-.!@#%^*~"
    );

    private static readonly SearchValues<char> PemBody = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\\:,.- \t\r\n"
    );

    private static readonly SearchValues<char> PemTitle = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ "
    );

    private static readonly SearchValues<char> NotPassword = SearchValues.Create(
        ";'\"<>{}$\\ \t\r\n\u0001"
    );

    private static readonly SearchValues<char> NotUrlPassword = SearchValues.Create(
        "/@'\" \t\r\n\u0001"
    );

    private static readonly SearchValues<char> NotUrlUser = SearchValues.Create(
        ":/@'\" \t\r\n\u0001"
    );

    // Values that name where a secret lies are none.
    private static readonly string[] References =
    [
        "/",
        ".",
        "~",
        "-",
        "#",
        "process.",
        "os.environ",
        "env.",
        "secrets.",
        "var.",
        "config.",
        "vault",
    ];

    private static readonly Rule[] All =
    [
        new("private-key", "-----BEGIN ", false, false, PrivateKey),
        new("aws-key", "AKIA", false, true, (t, at) => Exactly(t, at, 4, UpperDigits, 16)),
        new("aws-key", "ASIA", false, true, (t, at) => Exactly(t, at, 4, UpperDigits, 16)),
        Token("github-token", "ghp_", Alnum, 36),
        Token("github-token", "gho_", Alnum, 36),
        Token("github-token", "ghu_", Alnum, 36),
        Token("github-token", "ghs_", Alnum, 36),
        Token("github-token", "ghr_", Alnum, 36),
        Token("github-token", "github_pat_", Word, 22),
        Token("gitlab-token", "glpat-", UrlSafe, 20),
        Token("gitlab-token", "glrt-", UrlSafe, 20),
        Token("slack-token", "xoxa-", UrlSafe, 10),
        Token("slack-token", "xoxb-", UrlSafe, 10),
        Token("slack-token", "xoxo-", UrlSafe, 10),
        Token("slack-token", "xoxp-", UrlSafe, 10),
        Token("slack-token", "xoxr-", UrlSafe, 10),
        Token("slack-token", "xoxs-", UrlSafe, 10),
        Token("anthropic-key", "sk-ant-", UrlSafe, 16),
        new("openai-key", "sk-", false, true, OpenAi),
        Token("google-key", "AIza", UrlSafe, 35),
        Token("google-key", "GOCSPX-", UrlSafe, 20),
        new("google-key", "ya29.", false, true, (t, at) => AtLeast(t, at, 5, UrlSafe, 20)),
        Token("stripe-key", "sk_live_", Alnum, 16),
        Token("stripe-key", "sk_test_", Alnum, 16),
        Token("stripe-key", "rk_live_", Alnum, 16),
        Token("stripe-key", "rk_test_", Alnum, 16),
        Token("stripe-key", "whsec_", Base64, 24),
        Token("npm-token", "npm_", Alnum, 36),
        Token("pypi-token", "pypi-", UrlSafe, 50),
        Token("huggingface-token", "hf_", Alnum, 30),
        Token("digitalocean-token", "dop_v1_", Alnum, 40),
        Token("shopify-token", "shpat_", Alnum, 32),
        Token("linear-key", "lin_api_", Alnum, 32),
        new("telegram-token", ":AA", false, false, Telegram),
        Token("orchestrator-token", "orc_", UrlSafe, 43),
        new("sendgrid-key", "SG.", false, true, SendGrid),
        new("jwt", "eyJ", false, true, Jwt),
        new("bearer", "bearer", true, true, (t, at) => Scheme(t, at, 6)),
        new("bearer", "basic", true, true, (t, at) => Scheme(t, at, 5)),
        new("bearer", "authorization", true, true, Authorization),
        new("url-password", "://", false, false, UrlPassword),
        new("connection-string", "password", true, true, (t, at) => Pair(t, at, 8)),
        new("connection-string", "pwd", true, true, (t, at) => Pair(t, at, 3)),
        new("connection-string", "accountkey", true, true, (t, at) => Pair(t, at, 10)),
        new("connection-string", "sharedaccesskey", true, true, (t, at) => Pair(t, at, 15)),
        Named("secret"),
        Named("token"),
        Named("password"),
        Named("passwd"),
        Named("api_key"),
        Named("api-key"),
        Named("apikey"),
        Named("access_key"),
        Named("access-key"),
        Named("accesskey"),
        Named("credential"),
    ];

    private static readonly SearchValues<string> Anchors = SearchValues.Create(
        [.. All.Select(r => r.Anchor).Distinct()],
        StringComparison.OrdinalIgnoreCase
    );

    private static readonly Rule[][] ByFirst = Index();

    /// <summary>The names that marks carry.</summary>
    public static IEnumerable<string> Names => All.Select(r => r.Name).Distinct();

    private delegate (int Start, int End) Look(ReadOnlySpan<char> text, int at);

    /// <summary>Adds the hits whose anchor lies in a range.</summary>
    public static void Scan(
        ReadOnlySpan<char> text,
        int from,
        int to,
        int boundary,
        List<RedactionHit> hits
    )
    {
        var at = from;
        while (at < to && text[at..].IndexOfAny(Anchors) is var next and >= 0)
        {
            at += next;
            if (at >= to)
            {
                return;
            }
            var free = at == 0 || at == boundary || !Word.Contains(text[at - 1]);
            foreach (var rule in ByFirst[(text[at] | ' ') & 127])
            {
                if ((free || !rule.Bounded) && rule.Stands(text[at..]))
                {
                    var (start, end) = rule.Look(text, at);
                    if (end > start)
                    {
                        hits.Add(new RedactionHit(at, start, end, rule.Name));
                        boundary = Math.Max(boundary, end);
                    }
                }
            }
            at++;
        }
    }

    private static Rule[][] Index()
    {
        var index = new Rule[128][];
        for (var first = 0; first < index.Length; first++)
        {
            index[first] = [.. All.Where(r => (r.Anchor[0] | ' ') == first)];
        }
        return index;
    }

    private static Rule Token(string name, string anchor, SearchValues<char> body, int min) =>
        new(name, anchor, false, true, (t, at) => AtLeast(t, at, anchor.Length, body, min));

    private static Rule Named(string name) =>
        new("assignment", name, true, false, (t, at) => Assignment(t, at + name.Length));

    private sealed record Rule(string Name, string Anchor, bool AnyCase, bool Bounded, Look Look)
    {
        public bool Stands(ReadOnlySpan<char> rest) =>
            rest.StartsWith(
                Anchor,
                AnyCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal
            );
    }
}
