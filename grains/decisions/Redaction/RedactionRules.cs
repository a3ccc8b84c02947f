using System.Buffers;

namespace Orchestrator.Decisions.Redaction;

/// <summary>
/// What a secret looks like. Formats that providers publish are <see cref="ProviderTokens"/>, looked for where
/// <see cref="TokenPlaces"/> says. Other rules have an anchor, a short text that a vectorized search finds, and a look at
/// what stands around it. Nothing is read further than <see cref="HitMax"/> behind an anchor.
/// </summary>
internal static partial class RedactionRules
{
    /// <summary>A hit ends at most so many characters after its anchor.</summary>
    public const int HitMax = 20_000;

    /// <summary>A rule looks at most so many characters before its anchor.</summary>
    public const int BehindMax = 16;

    private const int TokenMax = TokenShape.PartMax;
    private const int AnchorsMax = 16; // of one search; measured
    private const int KeyBodyMax = 16_384;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef-");

    private static readonly SearchValues<char> Upper = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    );

    private static readonly SearchValues<char> Lower = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz"
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

    private const int RandomHead = 16;

    // What one of so many equal characters adds.
    private static readonly double[] Bits =
    [
        .. Enumerable
            .Range(0, RandomHead + 1)
            .Select(count => -Math.Log2(count / (double)RandomHead) / RandomHead),
    ];

    // Values that name where a secret lies are none.
    private static readonly string[] References =
    [
        "/",
        ".",
        "~",
        "--",
        "#",
        "process.",
        "os.environ",
        "env.",
        "secrets.",
        "var.",
        "config.",
        "vault",
    ];

    private static readonly Rule[] Anchored =
    [
        new("private-key", "-----BEGIN ", false, false, PrivateKey),
        new("putty-key", "Private-Lines:", false, true, PuttyKey),
        new("telegram-token", ":AA", false, false, Telegram),
        new("bearer", "bearer", true, true, (t, at) => Scheme(t, at, 6)),
        new("bearer", "basic", true, true, (t, at) => Scheme(t, at, 5)),
        new("bearer", "ssws", true, true, (t, at) => Scheme(t, at, 4)),
        new("bearer", "authorization", true, true, Authorization),
        new("url-password", "://", false, false, UrlPassword),
        new("connection-string", "password", true, true, (t, at) => Pair(t, at, 8)),
        new("connection-string", "pwd", true, true, (t, at) => Pair(t, at, 3)),
        new("connection-string", "accountkey", true, true, (t, at) => Pair(t, at, 10)),
        new("connection-string", "sharedaccesskey", true, true, (t, at) => Pair(t, at, 15)),
        new("registry-auth", "\"auth", false, false, (t, at) => Value(t, at + 5, Base64, 16)),
        new("registry-auth", ":_auth", false, false, (t, at) => Value(t, at + 6, Base64, 16)),
        new("jwk", "\"d\"", false, false, (t, at) => Value(t, at + 2, UrlSafe, 43)),
        Named("secret"),
        Named("token"),
        Named("password"),
        Named("passwd"),
        Named("passphrase"),
        Named("api_key"),
        Named("api-key"),
        Named("apikey"),
        Named("app_key"),
        Named("auth_key"),
        Named("account_key"),
        Named("access_key"),
        Named("access-key"),
        Named("accesskey"),
        Named("private_key"),
        Named("privatekey"),
        Named("signing_key"),
        Named("encryption_key"),
        Named("subscription_key"),
        Named("credential"),
        // Formats that do not begin with a run long enough to be looked for as a token.
        .. ProviderTokens
            .All.Where(s => s.RunMin < TokenPlaces.RunMin)
            .Select(s => new Rule(
                s.Rule,
                s.Prefix[..Math.Min(s.Prefix.Length, 12)],
                false,
                true,
                (t, at) => (at, s.End(t, at))
            )),
    ];

    // The search slows down more than in proportion to what it looks for: several for few are faster than one for all.
    private static readonly SearchValues<string>[] Anchors =
    [
        .. Searches(anyCase: true, StringComparison.OrdinalIgnoreCase),
        .. Searches(anyCase: false, StringComparison.Ordinal),
    ];

    private static readonly Rule[][] ByFirst = Index();

    private static readonly TokenIndex Tokens = new(
        ProviderTokens.All.Where(s => s.RunMin >= TokenPlaces.RunMin)
    );

    /// <summary>The names that marks carry.</summary>
    public static IEnumerable<string> Names =>
        Anchored.Select(r => r.Name).Concat(ProviderTokens.All.Select(s => s.Rule)).Distinct();

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
        var places = new TokenPlaces(text, from, to);
        var token = places.Next();
        Span<int> next = stackalloc int[Anchors.Length];
        next.Fill(from - 1);
        var anchor = NextAnchor(text, from, to, next);
        var at = from;
        while (true)
        {
            var place = Math.Min(anchor, token);
            // Where a hit ended, though no blank is between, another may begin.
            place = boundary >= at && boundary < place ? boundary : place;
            if (place >= to)
            {
                return;
            }
            var before = hits.Count;
            if (place == 0 || place == boundary || !Word.Contains(text[place - 1]))
            {
                Tokens.Look(text, place, hits);
            }
            if (place == anchor)
            {
                LookAround(text, place, boundary, hits);
            }
            for (var i = before; i < hits.Count; i++)
            {
                boundary = Math.Max(boundary, hits[i].End);
            }
            at = place + 1;
            anchor = anchor < at ? NextAnchor(text, at, to, next) : anchor;
            while (token < at)
            {
                token = places.Next();
            }
        }
    }

    // Of each search its next place is kept.
    private static int NextAnchor(ReadOnlySpan<char> text, int at, int to, Span<int> next)
    {
        var first = to;
        for (var i = 0; i < next.Length; i++)
        {
            if (next[i] < at)
            {
                var found = at < to ? text[at..].IndexOfAny(Anchors[i]) : -1;
                next[i] = found < 0 ? to : Math.Min(to, at + found);
            }
            first = Math.Min(first, next[i]);
        }
        return first;
    }

    private static IEnumerable<SearchValues<string>> Searches(
        bool anyCase,
        StringComparison comparison
    ) =>
        Anchored
            .Where(r => r.AnyCase == anyCase)
            .Select(r => r.Anchor)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Chunk(AnchorsMax)
            .Select(anchors => SearchValues.Create(anchors, comparison));

    private static void LookAround(
        ReadOnlySpan<char> text,
        int at,
        int boundary,
        List<RedactionHit> hits
    )
    {
        var free = at == 0 || at == boundary || !Word.Contains(text[at - 1]);
        foreach (var rule in ByFirst[(text[at] | ' ') & 127])
        {
            if ((free || !rule.Bounded) && rule.Stands(text[at..]))
            {
                var (start, end) = rule.Look(text, at);
                if (end > start)
                {
                    hits.Add(new RedactionHit(at, start, end, rule.Name));
                }
            }
        }
    }

    private static Rule[][] Index()
    {
        var index = new Rule[128][];
        for (var first = 0; first < index.Length; first++)
        {
            index[first] = [.. Anchored.Where(r => (r.Anchor[0] | ' ') == first)];
        }
        return index;
    }

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
