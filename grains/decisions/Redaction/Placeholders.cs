using System.Buffers;

namespace Orchestrator.Decisions.Redaction;

/// <summary>
/// What has the shape of a secret and is none: an example out of documentation, a call, the name of a thing. The redactor
/// does not ask, for a mark too many costs nothing.
/// </summary>
internal static class Placeholders
{
    private const int TailMax = 16;
    private const int MemberDigitsMax = 2;
    private const int NameTailMax = 16;
    private const int NameMin = 20;
    private const int WordsMax = 200;
    private const int SequenceMin = 10;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz_-"
    );

    private static readonly SearchValues<char> MemberCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."
    );

    // Hardly a random token holds one of them; of the shortest one in a million places of a text does.
    private static readonly string[] Words =
    [
        "example",
        "xxxx",
        "your-",
        "your_",
        "placeholder",
        "changeme",
        "change-me",
        "change_me",
        "dummy",
        "-here",
        "_here",
        "redacted",
        "insert",
        "replace",
        "not-a-secret",
        "notasecret",
    ];

    // What documentation and a developer's own database take for a password.
    private static readonly HashSet<string> Passwords = new(StringComparer.OrdinalIgnoreCase)
    {
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "changeme",
        "example",
        "postgres",
        "mysql",
        "root",
        "admin",
        "guest",
        "user",
        "test",
        "mypassword",
        "yourpassword",
        "xxx",
        "***",
        "", // "..." without its points
    };

    // A name that ends so says where a secret lies or what it is called.
    private static readonly string[] Names =
    [
        "name",
        "ref",
        "izer",
        "path",
        "file",
        "dir",
        "url",
        "uri",
        "type",
        "kind",
        "field",
        "label",
        "prefix",
        "format",
        "class",
        "publickeytoken",
    ];

    /// <summary>Whether a finding is none.</summary>
    public static bool Is(string text, RedactionFinding found)
    {
        var value = text.AsSpan(found.Start, found.Length);
        return found.Rule switch
        {
            Redactor.Literal or "private-key" or "putty-key" => false,
            "url-password" or "connection-string" => Passwords.Contains(
                value.TrimEnd(",.").ToString()
            )
                || IsRepeated(value)
                || HasWord(value)
                || IsWholeCall(value),
            "bearer" => HasWord(value) || IsRepeated(value) || IsCall(text, found),
            "assignment" => HasWord(value)
                || IsRepeated(value)
                || IsSequence(value)
                || IsCall(text, found)
                || IsMember(value)
                || IsOfAName(text, found),
            _ => HasWord(value) || IsRepeated(value) || IsSequence(value) || IsName(value),
        };
    }

    // In a long one chance would write a word.
    private static bool HasWord(ReadOnlySpan<char> value)
    {
        value = value[..Math.Min(value.Length, WordsMax)];
        foreach (var word in Words)
        {
            if (value.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }

    // xxxxxxxxxxxxxxxx, 00000000-0000-0000-0000-000000000000, abcabcabcabc
    private static bool IsRepeated(ReadOnlySpan<char> value)
    {
        var tail = value[^Math.Min(value.Length, TailMax)..];
        var distinct = 0;
        for (var i = 0; i < tail.Length; i++)
        {
            distinct += tail[..i].Contains(tail[i]) ? 0 : 1;
        }
        return distinct < 1 + (tail.Length / 4);
    }

    // ghp_token_of_the_whole_company: a random token has a digit or an upper case letter so far.
    private static bool IsName(ReadOnlySpan<char> value) =>
        value.Length >= NameMin && !value[^NameMin..].ContainsAnyExcept(NameCharacters);

    // abcdefghijklm, 0123456789: each the one behind the last.
    private static bool IsSequence(ReadOnlySpan<char> value)
    {
        var run = 1;
        for (var i = 1; i < value.Length && run < SequenceMin; i++)
        {
            var follows = value[i] == value[i - 1] + 1 || (value[i] == '0' && value[i - 1] == '9');
            run = follows ? run + 1 : 1;
        }
        return run >= SequenceMin;
    }

    // token = base64.b64decode(, key = keys.sha256[
    private static bool IsCall(string text, RedactionFinding found)
    {
        var end = found.Start + found.Length;
        return end < text.Length
            && text[end] is '(' or '['
            && !text.AsSpan(found.Start, found.Length).ContainsAny("+/=-!@#%^*~".AsSpan());
    }

    // password = Convert.ToHexString(bytes);
    private static bool IsWholeCall(ReadOnlySpan<char> value)
    {
        var open = value.IndexOf('(');
        return open > 0 && value[^1] == ')' && !value[..open].ContainsAnyExcept(MemberCharacters);
    }

    // inputTokens: meter1.usedTokens
    private static bool IsMember(ReadOnlySpan<char> value)
    {
        var (dots, digits, start) = (0, 0, true);
        foreach (var c in value)
        {
            if ((start && !char.IsAsciiLetter(c)) || !MemberCharacters.Contains(c))
            {
                return false;
            }
            start = c == '.';
            dots += start ? 1 : 0;
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        }
        return dots > 0 && digits <= MemberDigitsMax && !start;
    }

    // secretName: my-app-tls-2024, tokenizer = bert-base-uncased-v2
    private static bool IsOfAName(string text, RedactionFinding found)
    {
        var end = found.Start;
        while (
            end > 0
            && text[end - 1] is ' ' or '\t' or '"' or '\'' or '`' or ':' or '=' or '>' or '\\'
        )
        {
            end--;
        }
        var start = Math.Max(0, end - NameTailMax);
        var before = text.AsSpan(start, end - start);
        foreach (var name in Names)
        {
            if (before.EndsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }
}
