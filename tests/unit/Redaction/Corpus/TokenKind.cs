using System.Globalization;
using System.Text;

#pragma warning disable CA5394 // chance that can be repeated, not secrets

namespace Orchestrator.UnitTests.Redaction.Corpus;

/// <summary>A kind of secret, as its provider or the scanner it is registered with publishes it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Rule">The mark that it is expected to leave.</param>
/// <param name="Source">Where the format is published.</param>
/// <param name="Pattern">The published format: text, classes in brackets, counts in braces.</param>
/// <param name="Around">The text around it with @@ for the secret; empty where the format tells by itself.</param>
internal sealed record TokenKind(
    string Name,
    string Rule,
    string Source,
    string Pattern,
    string Around = ""
)
{
    private static readonly string[] Places =
    [
        "@@",
        "export A_VALUE=@@\n",
        "{\"value\": \"@@\"}",
        "value: '@@'",
        "curl -H \"X-Auth: @@\" https://localhost/",
        "2026-11-24T10:00:00Z warn called with @@ and failed",
        "const client = connect(\"@@\");",
        "<add key=\"a\" value=\"@@\" />",
        "  - @@ # ours",
        "(see @@)",
    ];

    /// <summary>A secret of this kind, and a text that holds it.</summary>
    public (string Secret, string Text) Example(Random chance, int index)
    {
        var secret = Generate(Pattern, chance);
        var around = Around.Length > 0 ? Around : Places[index % Places.Length];
        return (secret, around.Replace("@@", secret, StringComparison.Ordinal));
    }

    /// <summary>A text of a format.</summary>
    public static string Generate(string pattern, Random chance)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; )
        {
            var set = pattern[i] == '[' ? Set(pattern, ref i) : [pattern[i++]];
            var (min, max) =
                i < pattern.Length && pattern[i] == '{' ? Count(pattern, ref i) : (1, 1);
            for (var left = chance.Next(min, max + 1); left > 0; left--)
            {
                text.Append(set[chance.Next(set.Length)]);
            }
        }
        return text.ToString();
    }

    // [A-Za-z0-9_-]: ranges, and '-' as the last.
    private static char[] Set(string pattern, ref int i)
    {
        var end = pattern.IndexOf(']', i);
        var set = new List<char>();
        for (i++; i < end; i++)
        {
            if (i + 2 < end && pattern[i + 1] == '-')
            {
                for (var c = pattern[i]; c <= pattern[i + 2]; c++)
                {
                    set.Add(c);
                }
                i += 2;
            }
            else
            {
                set.Add(pattern[i]);
            }
        }
        i = end + 1;
        return [.. set];
    }

    private static (int Min, int Max) Count(string pattern, ref int i)
    {
        var end = pattern.IndexOf('}', i);
        var counts = pattern[(i + 1)..end]
            .Split(',')
            .Select(c => int.Parse(c, CultureInfo.InvariantCulture))
            .ToList();
        i = end + 1;
        return (counts[0], counts[^1]);
    }
}
