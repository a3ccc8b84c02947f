namespace Orchestrator.Decisions.Telegram;

/// <summary>Puts a text together that a client had to split: parts of nearly a message's full length that come right after each other.</summary>
public static class ChatParts
{
    /// <summary>How long the next part is waited for.</summary>
    public static TimeSpan WaitMax { get; } = TimeSpan.FromMilliseconds(1_500);

    private const int FullFrom = 3_900;
    private const int PartsMax = 60;

    /// <summary>How many of the updates of one chat belong together, from the first; 0 = a part may still come, wait.</summary>
    /// <param name="updates">In order, with the instant at which each came; at least one.</param>
    /// <param name="now">The instant.</param>
    public static int Count(
        IReadOnlyList<(ChatUpdate Update, DateTimeOffset At)> updates,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(updates);
        var count = 1;
        while (IsFull(updates[count - 1].Update) && count < PartsMax)
        {
            var (last, at) = updates[count - 1];
            if (count == updates.Count)
            {
                // The clock may have been set back: then nothing is waited for.
                return now - at < WaitMax && now >= at ? 0 : count;
            }
            var (next, then) = updates[count];
            if (
                next.Event != ChatEvent.Message
                || next.User != last.User
                || next.Document is not null
                || next.Text.StartsWith('/')
                || then - at > WaitMax
            )
            {
                break;
            }
            count++;
        }
        return count;
    }

    /// <summary>The parts as one message.</summary>
    public static ChatUpdate Join(IReadOnlyList<ChatUpdate> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 1)
        {
            return parts[0];
        }
        var text = string.Concat(parts.Select(p => p.Text));
        return parts[0] with
        {
            Text = text.Length > ChatUpdateReader.TextMax ? text[..ChatUpdateReader.TextMax] : text,
        };
    }

    private static bool IsFull(ChatUpdate update) =>
        update is { Event: ChatEvent.Message, Document: null }
        && update.Text.Length is >= FullFrom and <= ChatSplitter.UnitsMax;
}
