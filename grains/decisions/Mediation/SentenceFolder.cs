using System.Text.RegularExpressions;

namespace Orchestrator.Decisions.Mediation;

/// <summary>The folder that a sentence names.</summary>
public static partial class SentenceFolder
{
    private const int CharactersMax = 32_000;

    /// <summary>
    /// The folder of "in /path" or "in C:\path" (quoted when it has blanks), without the words and marks around it; empty when
    /// the sentence names none.
    /// </summary>
    public static string Of(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var match = FolderWord()
            .Match(sentence.Length > CharactersMax ? sentence[..CharactersMax] : sentence);
        if (!match.Success)
        {
            return "";
        }
        var quoted = match.Groups["quoted"];
        var folder = quoted.Success
            ? quoted.Value
            : match.Groups["bare"].Value.TrimEnd('.', ',', ':', ';', '!', '?', ')', '"', '\'');
        // "in /" and "in C:\" name no folder of a project.
        return folder.Trim('/', '\\').Length > 2 || (folder.Length > 1 && folder[0] == '/')
            ? folder
            : "";
    }

    [GeneratedRegex(
        """(?<![\p{L}\p{N}])in\s+(?:["'](?<quoted>(?:/|[A-Za-z]:[\\/])[^"'\r\n]{1,1000})["']|(?<bare>(?:/|[A-Za-z]:[\\/])[^\s"']{1,1000}))""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex FolderWord();
}
