using System.Text;

namespace Orchestrator.Decisions.Telegram;

/// <summary>Several notices as one message.</summary>
public static class ChatDigest
{
    private const int LineMax = 180;

    /// <summary>The first line of each, and how many there are, in the language of the first; nobody answers it, so it is about no task.</summary>
    public static ChatSend Of(IReadOnlyList<ChatSend> notices)
    {
        ArgumentNullException.ThrowIfNull(notices);
        var text = new StringBuilder(
            ChatWords.Say(
                notices.Count > 0 ? notices[0].Language : ChatWords.English,
                "digest",
                notices.Count
            )
        );
        foreach (var notice in notices)
        {
            var lines = notice.Text.Split('\n', 3);
            var title = lines.Length > 1 ? " — " + lines[1] : "";
            text.Append('\n').Append(ChatSplitter.Cut(lines[0] + title, LineMax));
        }
        return new ChatSend { Text = ChatSplitter.Cut(text.ToString(), ChatSplitter.UnitsMax) };
    }
}
