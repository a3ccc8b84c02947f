using System.Text.RegularExpressions;

namespace Orchestrator.Decisions.Tickets;

/// <summary>Keys of tickets: <c>ENG-12</c>.</summary>
public static partial class TicketKeys
{
    /// <summary>Tickets that are taken from words, at most.</summary>
    public const int FoundMax = 5;

    private const int LookedAtMax = 4_000;

    /// <summary>True for a key as people write it: letters, digits and <c>_</c>, a dash, a number; at most 60 characters.</summary>
    public static bool IsKey(string key) => key is { Length: <= 60 } && Key().IsMatch(key);

    /// <summary>True for what a host may be asked for: a key, or an id of its own.</summary>
    public static bool IsReference(string reference) =>
        IsKey(reference) || (reference is { Length: 36 } && Id().IsMatch(reference));

    /// <summary>The part before the number, or null for what is no key.</summary>
    public static string? PrefixOf(string key) => IsKey(key) ? key[..key.LastIndexOf('-')] : null;

    /// <summary>
    /// Tickets that words name, as <c>linear:ENG-12</c>, in order, at most <see cref="FoundMax"/>. Only keys of configured teams
    /// and projects count: <c>UTF-8</c> and <c>ISO-8601</c> look the same. A branch's <c>eng-12-add-retry</c> counts too.
    /// </summary>
    /// <param name="rules">Of each host.</param>
    /// <param name="texts">A request, a title, a branch; of each the first 4,000 characters.</param>
    public static IReadOnlyList<string> In(
        IEnumerable<TicketRules> rules,
        params ReadOnlySpan<string> texts
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        var known = rules
            .SelectMany(r => r.Repositories.Keys.Where(p => p != "*").Select(p => (p, r.Kind)))
            .GroupBy(r => r.p, StringComparer.OrdinalIgnoreCase)
            // A prefix that two hosts use names no ticket for certain.
            .Where(g => g.Count() == 1)
            .ToDictionary(g => g.Key, g => g.First().Kind, StringComparer.OrdinalIgnoreCase);
        var found = new List<string>();
        foreach (var text in texts)
        {
            foreach (var match in Named().Matches(LookedAt(text)).Cast<Match>())
            {
                if (
                    found.Count < FoundMax
                    && known.TryGetValue(match.Groups["prefix"].Value, out var kind)
                    && $"{kind}:{match.Value.ToUpperInvariant()}" is var ticket
                    && !found.Contains(ticket)
                )
                {
                    found.Add(ticket);
                }
            }
        }
        return found;
    }

    /// <summary>Splits <c>linear:ENG-1</c>; null for anything else.</summary>
    public static (string Kind, string Key)? Split(string ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        var colon = ticket.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && IsReference(ticket[(colon + 1)..])
            ? (ticket[..colon], ticket[(colon + 1)..])
            : null;
    }

    // Not half a key: its first digits name another ticket.
    private static string LookedAt(string text)
    {
        if (text.Length <= LookedAtMax)
        {
            return text;
        }
        var end = LookedAtMax;
        while (
            end > 0
            && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')
            && char.IsAsciiDigit(text[end - 1])
        )
        {
            end--;
        }
        return text[..end];
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_]{0,40}-[0-9]{1,10}\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z")]
    private static partial Regex Id();

    // Looks around, which the engine without backtracking cannot; what it may go back over is 50 characters.
    [GeneratedRegex(
        @"(?<![A-Za-z0-9_-])(?<prefix>[A-Za-z][A-Za-z0-9_]{0,40})-[0-9]{1,10}(?![A-Za-z0-9_])",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Named();
}
