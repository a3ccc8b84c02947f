namespace Orchestrator.Decisions.Settings;

/// <summary>The content of a <c>.env</c> file.</summary>
/// <param name="Values">Name to value; a later line wins.</param>
/// <param name="Problems">One sentence per line that cannot be read.</param>
public sealed record EnvText(
    IReadOnlyDictionary<string, string> Values,
    IReadOnlyList<string> Problems
)
{
    /// <summary>The file's name.</summary>
    public const string FileName = ".env";

    /// <summary>Longest file, in characters.</summary>
    public const int CharactersMax = 262_144;

    private const int ProblemsMax = 20;

    /// <summary>
    /// Reads <c>NAME=value</c> lines. <c>export </c> before a name, blank lines and lines with <c>#</c> are fine; 'single quotes' are
    /// literal, "double quotes" know \n \t \" \\; a blank and <c>#</c> end an unquoted value. Nothing is expanded or run.
    /// </summary>
    public static EnvText Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var problems = new List<string>();
        if (text.Length > CharactersMax)
        {
            problems.Add(
                $"{FileName} has {text.Length} characters; at most {CharactersMax} are read. Keep settings only in it."
            );
            return new EnvText(values, problems);
        }
        var number = 0;
        foreach (var raw in text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            if (line.StartsWith("export ", StringComparison.Ordinal))
            {
                line = line[7..].TrimStart();
            }
            var at = line.IndexOf('=', StringComparison.Ordinal);
            var name = at > 0 ? line[..at].TrimEnd() : "";
            var problem =
                !IsName(name) ? "is no NAME=value"
                : Value(line[(at + 1)..].Trim(), out var value) is { } wrong ? wrong
                : Keep(values, name, value);
            if (problem is not null && problems.Count < ProblemsMax)
            {
                // The line itself may hold a secret: it is named by its number only.
                problems.Add(
                    $"{FileName}, line {number}: it {problem}. Example: MAX_QUEUE_SIZE=50"
                );
            }
        }
        return new EnvText(values, problems);
    }

    private static string? Keep(Dictionary<string, string> values, string name, string value)
    {
        values[name] = value;
        return null;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 200
        && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':' or '.' or '-');

    private static string? Value(string text, out string value)
    {
        value = "";
        if (text.Length == 0)
        {
            return null;
        }
        if (text[0] is '\'' or '"')
        {
            return Quoted(text, text[0], out value);
        }
        var comment = text.IndexOf(" #", StringComparison.Ordinal);
        value = text[0] == '#' ? "" : (comment >= 0 ? text[..comment] : text).TrimEnd();
        return null;
    }

    private static string? Quoted(string text, char quote, out string value)
    {
        var kept = new System.Text.StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            var c = text[i];
            if (c == quote)
            {
                value = kept.ToString();
                var rest = text[(i + 1)..].TrimStart();
                return rest.Length == 0 || rest[0] == '#'
                    ? null
                    : "goes on after the closing quote";
            }
            if (c == '\\' && quote == '"' && i + 1 < text.Length)
            {
                i++;
                kept.Append(
                    text[i] switch
                    {
                        'n' => "\n",
                        't' => "\t",
                        '"' => "\"",
                        '\\' => "\\",
                        var other => "\\" + other,
                    }
                );
                continue;
            }
            kept.Append(c);
        }
        value = "";
        return "has a quote that does not end";
    }
}
