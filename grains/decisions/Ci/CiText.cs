using System.Globalization;
using System.Text;

namespace Orchestrator.Decisions.Ci;

/// <summary>Texts of a change (names, and what is said of them) for the log of a CI system, which takes orders from its lines.</summary>
public static class CiText
{
    private const int CharactersMax = 2_000;

    /// <summary>
    /// One line that orders nothing: control, format and separator characters become <c>\u{HEX}</c>, and <c>##</c>, with which
    /// orders to runners of GitHub (<c>##[</c>) and Azure (<c>##vso[</c>) begin anywhere in a line, becomes <c># #</c>. At most
    /// 2,000 characters. The caller's line must not begin with it: <c>::</c> orders there.
    /// </summary>
    public static string Plain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (plain.Length >= CharactersMax)
            {
                plain.Append('…');
                break;
            }
            if (Acts(rune))
            {
                plain.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
            }
            else
            {
                if (rune.Value == '#' && plain.Length > 0 && plain[^1] == '#')
                {
                    plain.Append(' ');
                }
                plain.Append(rune.ToString());
            }
        }
        return plain.ToString();
    }

    /// <summary>
    /// Text inside Markdown that makes no markup, link, mention or table: whatever is no letter, digit or space becomes a
    /// character reference.
    /// </summary>
    public static string Markdown(string text)
    {
        var safe = new StringBuilder();
        foreach (var rune in Plain(text).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value == ' ')
            {
                safe.Append(rune.ToString());
            }
            else
            {
                safe.Append(CultureInfo.InvariantCulture, $"&#{rune.Value};");
            }
        }
        return safe.ToString();
    }

    // Bidirectional marks make a name look like another one; the replacement character stands for bytes that are no text.
    private static bool Acts(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse;
}
