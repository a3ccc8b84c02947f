using System.Globalization;
using Orchestrator.Decisions.Tasks;

namespace Orchestrator.Decisions.Telegram;

/// <summary>What a message asks for.</summary>
/// <param name="Verb">What.</param>
/// <param name="TaskId">The task it names; empty = none.</param>
/// <param name="Text">What follows; for an unknown command its name.</param>
public sealed record ChatOrder(ChatVerb Verb, string TaskId = "", string Text = "")
{
    /// <summary>Options as they were typed, without their hyphens: <c>push</c>, <c>no-branch</c>, <c>release</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>What lines of their own say about the work; <see cref="Text"/> is what is left.</summary>
    public ChatWishes Wishes { get; init; } = ChatWishes.None;

    /// <summary>With a fork: the turn whose end it begins from, 1 or more; null = the last one that has ended.</summary>
    public int? Turn { get; init; }

    /// <summary>Only what happened in so long a time; null = not said.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>What is wrong with it; empty = nothing. The command's usage is the cure.</summary>
    public string Problem { get; init; } = "";
}

/// <summary>Reads a message's words.</summary>
public static class ChatOrderReader
{
    private static readonly TimeSpan SinceMax = TimeSpan.FromDays(365);
    private const int TurnDigitsMax = 6;
    private static readonly string[] Known = ["push", "no-branch", "release"];

    /// <summary>The order.</summary>
    /// <param name="text">The message.</param>
    /// <param name="bot">The bot's own user name, without '@'; a command to another bot is nothing to us.</param>
    /// <param name="about">The task that the answered message is about; empty = none.</param>
    public static ChatOrder Read(string text, string bot, string about)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(bot);
        ArgumentNullException.ThrowIfNull(about);
        var trimmed = text.Trim();
        if (trimmed.Length < 2 || trimmed[0] != '/' || !char.IsAsciiLetter(trimmed[1]))
        {
            return Wished(
                about.Length > 0
                    ? new ChatOrder(ChatVerb.Reply, about, trimmed)
                    : new ChatOrder(ChatVerb.Plain, "", trimmed)
            );
        }
        var end = trimmed.AsSpan().IndexOfAny(" \t\r\n");
        var head = end < 0 ? trimmed[1..] : trimmed[1..end];
        var rest = end < 0 ? "" : trimmed[end..].Trim();
        var at = head.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0 && !head[(at + 1)..].Equals(bot, StringComparison.OrdinalIgnoreCase))
        {
            return new ChatOrder(ChatVerb.Nothing);
        }
        var name = at >= 0 ? head[..at] : head;
        return ChatVerbs.Find(name) is { } command
            ? Arguments(command, rest, about)
            : new ChatOrder(ChatVerb.Unknown, "", name.Length > 40 ? name[..40] : name);
    }

    private static ChatOrder Arguments(ChatCommand command, string rest, string about)
    {
        var order = new ChatOrder(command.Verb, "", rest);
        if (command.TakesTask)
        {
            var (first, after) = Split(rest);
            // Answering a message about a task names it; an id that is typed all the same is the one that counts.
            order = LooksLikeId(first, about)
                ? order with
                {
                    TaskId = first,
                    Text = after,
                }
                : order with
                {
                    TaskId = about,
                };
            if (order.TaskId.Length == 0)
            {
                return order with { Problem = "no-task" };
            }
        }
        if (command.Verb is ChatVerb.Reject or ChatVerb.Start)
        {
            return order;
        }
        return command.Verb == ChatVerb.Fork ? Wished(Turned(order))
            : command.TakesText ? Wished(order)
            : Options(order);
    }

    private static ChatOrder Wished(ChatOrder order)
    {
        var wishes = ChatWishes.Read(order.Text);
        return order with { Text = wishes.Text, Wishes = wishes };
    }

    // A number that comes first is the turn; more digits than any turn has are words.
    private static ChatOrder Turned(ChatOrder order)
    {
        var (first, after) = Split(order.Text);
        return
            first.Length <= TurnDigitsMax
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var turn)
            ? order with
            {
                Turn = turn,
                Text = after,
            }
            : order;
    }

    // Without an answered message the first word is meant as the id, however wrong it is.
    private static bool LooksLikeId(string word, string about) =>
        word.Length > 0
        && !word.StartsWith("--", StringComparison.Ordinal)
        && (
            about.Length == 0
                ? SubmissionReader.IsId(word)
                : word.StartsWith(GrainInterfaces.Tasks.TaskIds.Prefix, StringComparison.Ordinal)
        );

    private static ChatOrder Options(ChatOrder order)
    {
        var options = new List<string>();
        var words = new List<string>();
        var parts = order.Text.Split(
            (char[]?)null,
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        for (var i = 0; i < parts.Length; i++)
        {
            // Phones make one long dash of two hyphens.
            var word = parts[i].Replace("—", "--", StringComparison.Ordinal);
            if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                words.Add(parts[i]);
                continue;
            }
            var name = word[2..].ToLowerInvariant();
            var value = "";
            if (name.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
            {
                (name, value) = (name[..equals], name[(equals + 1)..]);
            }
            if (name == "since")
            {
                value =
                    value.Length > 0 ? value
                    : i + 1 < parts.Length ? parts[++i]
                    : "";
                if (Span(value) is not { } since)
                {
                    return order with { Problem = "since" };
                }
                order = order with { Since = since };
                continue;
            }
            if (!Known.Contains(name))
            {
                return order with { Problem = "option" };
            }
            options.Add(name);
        }
        return order with { Text = string.Join(' ', words), Options = options };
    }

    private static TimeSpan? Span(string text)
    {
        if (
            text.Length < 2
            || !int.TryParse(
                text[..^1],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var number
            )
            || number > SinceMax.TotalMinutes
        )
        {
            return null;
        }
        TimeSpan? span = char.ToLowerInvariant(text[^1]) switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => null,
        };
        return span > SinceMax ? null : span;
    }

    private static (string First, string After) Split(string text)
    {
        var end = text.AsSpan().IndexOfAny(" \t\r\n");
        return end < 0 ? (text, "") : (text[..end], text[end..].Trim());
    }
}
