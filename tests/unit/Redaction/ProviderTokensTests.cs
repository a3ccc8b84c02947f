using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

/// <summary>The published formats, each by a token that is made from what its line says.</summary>
public sealed partial class ProviderTokensTests
{
    // Of every class something, and no word that people write.
    private const string Characters = "7Kq2Zx9Mf4Tb8Wn3Jd6Rh5Vc0Pg1Ys";

    [Fact]
    public void Every_format_is_found_under_its_own_rules_name()
    {
        var redactor = new Redactor([]);
        Assert.All(
            ProviderTokens.All,
            shape =>
            {
                Assert.Matches("^[a-z0-9][a-z0-9-]*[a-z0-9]$", shape.Rule);
                var token = TokenOf(shape.Format);
                Assert.Equal(
                    $"key <[redacted:{shape.Rule}]> here",
                    redactor.Redact($"key <{token}> here")
                );
            }
        );
    }

    [Fact]
    public void No_format_stands_there_twice() =>
        Assert.Empty(
            ProviderTokens.All.GroupBy(s => s.Format).Where(g => g.Count() > 1).Select(g => g.Key)
        );

    private static string TokenOf(string format) =>
        PartOf()
            .Replace(
                format.Replace("{uuid}", "{H8}-{H4}-{H4}-{H4}-{H12}", StringComparison.Ordinal),
                part =>
                    Of(
                        part.Groups[1].Value[0],
                        int.Parse(part.Groups[2].ValueSpan, CultureInfo.InvariantCulture)
                    )
            );

    private static string Of(char kind, int length)
    {
        var taken = Characters.Where(c => Holds(kind, c)).DefaultIfEmpty('N').ToList();
        var text = new StringBuilder();
        for (var i = 0; i < length; i++)
        {
            text.Append(taken[i % taken.Count]);
        }
        return text.ToString();
    }

    private static bool Holds(char kind, char c) =>
        kind switch
        {
            'd' => char.IsAsciiDigit(c),
            'h' => char.IsAsciiHexDigitLower(c),
            'H' => char.IsAsciiHexDigit(c),
            'm' => c is 'M' or 'N' or 'O',
            'l' => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c),
            'u' => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c),
            _ => true,
        };

    [GeneratedRegex(@"\{([a-zA-Z])(\d+)[^}]*\}")]
    private static partial Regex PartOf();
}
