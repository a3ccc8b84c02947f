using System.Buffers;

namespace Orchestrator.Decisions.Redaction;

/// <summary>What stands around an anchor: each look gives where the secret starts and ends, or nothing.</summary>
internal static partial class RedactionRules
{
    // How far a run of characters goes, at most so many.
    private static int Run(ReadOnlySpan<char> text, int at, SearchValues<char> of, int max)
    {
        var rest = text[at..Math.Min(text.Length, at + max)];
        var end = rest.IndexOfAnyExcept(of);
        return end < 0 ? rest.Length : end;
    }

    // The same for all but some characters; a mark ends it too.
    private static int RunWithout(ReadOnlySpan<char> text, int at, SearchValues<char> not, int max)
    {
        var rest = text[at..Math.Min(text.Length, at + max)];
        var end = rest.IndexOfAny(not);
        rest = end < 0 ? rest : rest[..end];
        var mark = rest.IndexOf(Redactor.MarkStart, StringComparison.Ordinal);
        return mark < 0 ? rest.Length : mark;
    }

    private static char At(ReadOnlySpan<char> text, int at) => at < text.Length ? text[at] : '\0';

    // White space, as it is or as JSON escapes it.
    private static int Blanks(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end < at + 8)
        {
            if (char.IsWhiteSpace(At(text, end)))
            {
                end++;
            }
            else if (At(text, end) == '\\' && At(text, end + 1) is 't' or 'n' or 'r')
            {
                end += 2;
            }
            else
            {
                break;
            }
        }
        return end;
    }

    // A quote, escaped or not.
    private static int Quote(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end < at + 4 && At(text, end) == '\\')
        {
            end++;
        }
        return At(text, end) is '"' or '\'' or '`' ? end + 1 : at;
    }

    // 123456789:AA…: the number is the bot's public name.
    private static (int, int) Telegram(ReadOnlySpan<char> text, int at)
    {
        var digits = 0;
        while (digits <= 10 && at > digits && char.IsAsciiDigit(text[at - digits - 1]))
        {
            digits++;
        }
        var run = Run(text, at + 1, UrlSafe, TokenMax);
        return digits is >= 8 and <= 10 && run >= 35 ? (at + 1, at + 1 + run) : default;
    }

    // "Bearer x" in a header or a sentence: words after it are no secret.
    private static (int, int) Scheme(ReadOnlySpan<char> text, int at, int length)
    {
        var start = Blanks(text, at + length);
        var run = Run(text, start, Credentials, TokenMax);
        var value = text.Slice(start, run);
        var random =
            value.ContainsAny(Digits)
            || value.Contains('=')
            || (run > 1 && value[1..].ContainsAny(Upper));
        return start > at + length && run >= 16 && random ? (start, start + run) : default;
    }

    // The header itself: whatever it holds is a secret.
    private static (int, int) Authorization(ReadOnlySpan<char> text, int at)
    {
        var end = Quote(text, at + 13);
        end = Blanks(text, end);
        if (At(text, end) is not (':' or '='))
        {
            return default;
        }
        end = Quote(text, Blanks(text, end + 1));
        var scheme = Run(text, end, Alnum, 16);
        var start = Blanks(text, end + scheme);
        if (scheme == 0 || start == end + scheme)
        {
            return default;
        }
        var run = Run(text, start, Credentials, TokenMax);
        return run >= 8 ? (start, start + run) : default;
    }

    private static (int, int) UrlPassword(ReadOnlySpan<char> text, int at)
    {
        if (at == 0 || !Alnum.Contains(text[at - 1]))
        {
            return default;
        }
        var colon = at + 3 + RunWithout(text, at + 3, NotUrlUser, 100);
        if (
            At(text, colon) != ':'
            || text[..(colon + 1)].EndsWith(Redactor.MarkStart, StringComparison.Ordinal)
        )
        {
            return default;
        }
        var start = colon + 1;
        var run = RunWithout(text, start, NotUrlPassword, 1_024);
        var reference = At(text, start) is '$' or '<' or '{' or '%';
        return run >= 3 && !reference && At(text, start + run) == '@'
            ? (start, start + run)
            : default;
    }

    // A pair of a connection string: it ends with ';' or follows one.
    private static (int, int) Pair(ReadOnlySpan<char> text, int at, int length)
    {
        var equals = Blanks(text, at + length);
        if (At(text, equals) != '=')
        {
            return default;
        }
        var start = Blanks(text, equals + 1);
        var run = RunWithout(text, start, NotPassword, 1_024);
        var after = At(text, start + run);
        var follows = at > 0 && text[at - 1] == ';' || at > 1 && text[at - 2] == ';';
        var ends =
            after == ';'
            || follows && (after is '\0' or '"' or '\'' or '\\' || char.IsWhiteSpace(after));
        // A path, or base64 that begins like one.
        var path = run > 0 && text[start] == '/' && (run < 40 || text[start + run - 1] != '=');
        return run >= 6 && ends && !path ? (start, start + run) : default;
    }

    // NAME = VALUE, "NAME": "VALUE", NAME => VALUE: the value must look random.
    private static (int, int) Assignment(ReadOnlySpan<char> text, int at)
    {
        var end = at + Run(text, at, UrlSafe, 20);
        end = Blanks(text, Quote(text, end));
        var sign = At(text, end);
        if (sign is not ('=' or ':'))
        {
            return default;
        }
        var arrow = (sign, At(text, end + 1)) is (':', '=') or ('=', '>');
        var start = Quote(text, Blanks(text, end + (arrow ? 2 : 1)));
        var run = Run(text, start, Assigned, TokenMax);
        var value = text.Slice(start, run);
        return run >= RandomHead && value.ContainsAny(Digits) && LooksRandom(value[..RandomHead])
            ? (start, start + run)
            : default;
    }

    // Judged by its first characters, so that a value cut shorter is judged alike.
    private static bool LooksRandom(ReadOnlySpan<char> head)
    {
        foreach (var reference in References)
        {
            if (head.StartsWith(reference, StringComparison.Ordinal))
            {
                return false;
            }
        }
        // Of hex digits fewer are different; but then nothing else is written with them either.
        var least = head.ContainsAnyExcept(Hex) ? 3.0 : 2.25;
        return (head.ContainsAny(Upper) || head.ContainsAny(Lower)) && Entropy(head) >= least;
    }

    // Bits for each character, of a text of RandomHead characters.
    private static double Entropy(ReadOnlySpan<char> head)
    {
        var entropy = 0.0;
        foreach (var c in head)
        {
            entropy += Bits[head.Count(c)];
        }
        return entropy;
    }

    // A value that only its own name tells: "auth": "...", :_auth=...
    private static (int, int) Value(
        ReadOnlySpan<char> text,
        int at,
        SearchValues<char> body,
        int min
    )
    {
        var sign = Blanks(text, Quote(text, at));
        if (At(text, sign) is not (':' or '='))
        {
            return default;
        }
        var start = Quote(text, Blanks(text, sign + 1));
        var run = Run(text, start, body, TokenMax);
        return run >= min ? (start, start + run) : default;
    }

    // The number of lines, then the key.
    private static (int, int) PuttyKey(ReadOnlySpan<char> text, int at)
    {
        var body = Blanks(text, at + 14);
        body += Run(text, body, Digits, 4);
        var end = Lines(text, body);
        return end > body ? (at, end) : default;
    }

    // The whole key, or what a cut left of it after its first line.
    private static (int, int) PrivateKey(ReadOnlySpan<char> text, int at)
    {
        var title = at + 11;
        var body = title + Run(text, title, PemTitle, 40);
        if (
            !text[title..body].Contains("PRIVATE KEY", StringComparison.Ordinal)
            || !text[body..].StartsWith("-----", StringComparison.Ordinal)
        )
        {
            return default;
        }
        body += 5;
        var rest = text.Slice(body, Run(text, body, PemBody, KeyBodyMax));
        var last = rest.IndexOf("-----END ", StringComparison.Ordinal);
        if (last >= 0)
        {
            var foot = body + last + 9;
            foot += Run(text, foot, PemTitle, 40);
            return (
                at,
                text[foot..].StartsWith("-----", StringComparison.Ordinal) ? foot + 5 : foot
            );
        }
        var end = Lines(text, body);
        return end > body ? (at, end) : default;
    }

    // Lines of base64, as far as they go.
    private static int Lines(ReadOnlySpan<char> text, int body)
    {
        var end = body;
        while (end - body < KeyBodyMax)
        {
            var line = end;
            while (line - end < 4 && At(text, line) is '\r' or '\n' or '\\' or 'n' or 'r')
            {
                line++;
            }
            var run = Run(text, line, Base64, 128);
            if (run < 16)
            {
                break;
            }
            end = line + run;
        }
        return end;
    }
}
