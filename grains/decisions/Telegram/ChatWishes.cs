namespace Orchestrator.Decisions.Telegram;

/// <summary>
/// What lines of their own say about a piece of work: <c>constraint: no new dependency</c> (as often as wanted),
/// <c>type: fix</c>, <c>priority: high</c>, by the names that the command line has for them. Only lines before and after all other
/// words count, so that what somebody pastes is not taken apart. Nothing is judged here: the door that takes the work does.
/// </summary>
/// <param name="Text">The other words, verbatim.</param>
/// <param name="Constraints">In their order, one that was left empty too.</param>
/// <param name="Type">As written, in lower case; null = not said. Said twice, the last one counts.</param>
/// <param name="Priority">As written, in lower case; null = not said. Said twice, the last one counts.</param>
public sealed record ChatWishes(
    string Text,
    IReadOnlyList<string> Constraints,
    string? Type,
    string? Priority
)
{
    private static readonly string[] Names = ["constraint", "type", "priority"];

    /// <summary>Nothing but words.</summary>
    public static ChatWishes None { get; } = new("", [], null, null);

    /// <summary>Takes a text apart.</summary>
    public static ChatWishes Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.Split('\n');
        var first = 0;
        while (first < lines.Length && (IsBlank(lines[first]) || IsWish(lines[first])))
        {
            first++;
        }
        var end = lines.Length;
        while (end > first && (IsBlank(lines[end - 1]) || IsWish(lines[end - 1])))
        {
            end--;
        }
        var wishes = new ChatWishes(string.Join('\n', lines[first..end]).Trim(), [], null, null);
        return lines[..first].Concat(lines[end..]).Where(IsWish).Aggregate(wishes, With);
    }

    private static ChatWishes With(ChatWishes wishes, string line)
    {
        var (name, value) = Split(line);
        return name switch
        {
            "type" => wishes with { Type = value.ToLowerInvariant() },
            "priority" => wishes with { Priority = value.ToLowerInvariant() },
            _ => wishes with { Constraints = [.. wishes.Constraints, value] },
        };
    }

    private static bool IsBlank(string line) => string.IsNullOrWhiteSpace(line);

    private static bool IsWish(string line) => Names.Contains(Split(line).Name);

    // Phones begin a line with a capital letter.
    private static (string Name, string Value) Split(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? ("", "")
            : (line[..colon].Trim().ToLowerInvariant(), line[(colon + 1)..].Trim());
    }
}
