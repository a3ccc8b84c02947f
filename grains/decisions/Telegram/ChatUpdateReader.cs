using System.Text.Json;
using Orchestrator.Decisions.Webhooks;

namespace Orchestrator.Decisions.Telegram;

/// <summary>Reads an update of the Bot API. What is not there, or of another kind, is empty; it never fails.</summary>
public static class ChatUpdateReader
{
    /// <summary>Kinds of updates that are asked for.</summary>
    public static IReadOnlyList<string> Wanted { get; } =
    ["message", "edited_message", "callback_query", "my_chat_member"];

    /// <summary>Longest text that is read, characters: a request's own limit and a little, so that one beyond it is seen to be.</summary>
    public const int TextMax = 210_000;

    private const int NameMax = 300;
    private const int IdMax = 300;

    /// <summary>The number of an update; null when the body is none.</summary>
    public static long? IdOf(ReadOnlyMemory<byte> body)
    {
        using var json = HookJson.Parse(body);
        return json is null ? null
            : Number(json.RootElement, "update_id") is var id and > 0 ? id
            : null;
    }

    /// <summary>The update; an empty one when the body is none.</summary>
    public static ChatUpdate Read(ReadOnlyMemory<byte> body)
    {
        using var json = HookJson.Parse(body);
        if (json is null)
        {
            return new ChatUpdate();
        }
        var root = json.RootElement;
        var id = Number(root, "update_id");
        if (root.At("message") is { } message)
        {
            return Message(message, id, ChatEvent.Message);
        }
        if (root.At("edited_message") is { } edited)
        {
            return Message(edited, id, ChatEvent.Edited);
        }
        if (root.At("callback_query") is { } tap)
        {
            return Tap(tap, id);
        }
        return root.At("my_chat_member") is { } member
            ? Membership(member, id)
            : new ChatUpdate { Id = id };
    }

    private static ChatUpdate Message(JsonElement m, long id, ChatEvent what)
    {
        var text = m.Text(TextMax, "text");
        return new ChatUpdate
        {
            Id = id,
            Event = what,
            Chat = Number(m, "chat", "id"),
            User = Number(m, "from", "id"),
            ByBot = IsTrue(m, "from", "is_bot"),
            Language = Language(m),
            Message = Number(m, "message_id"),
            Text = text.Length > 0 ? text : m.Text(TextMax, "caption"),
            ReplyTo = Number(m, "reply_to_message", "message_id"),
            Document = m.At("document") is { } d
                ? new ChatDocument(
                    d.Text(IdMax, "file_id"),
                    d.Text(NameMax, "file_name"),
                    Number(d, "file_size"),
                    d.Text(NameMax, "mime_type")
                )
                : null,
        };
    }

    private static ChatUpdate Tap(JsonElement t, long id) =>
        new()
        {
            Id = id,
            Event = ChatEvent.Tap,
            Chat = Number(t, "message", "chat", "id"),
            User = Number(t, "from", "id"),
            ByBot = IsTrue(t, "from", "is_bot"),
            Language = Language(t),
            Message = Number(t, "message", "message_id"),
            ReplyTo = Number(t, "message", "reply_to_message", "message_id"),
            TapId = t.Text(IdMax, "id"),
            TapData = t.Text(IdMax, "data"),
        };

    private static ChatUpdate Membership(JsonElement m, long id) =>
        new()
        {
            Id = id,
            Event = m.Text(NameMax, "new_chat_member", "status") is "kicked" or "left"
                ? ChatEvent.Removed
                : ChatEvent.Other,
            Chat = Number(m, "chat", "id"),
            User = Number(m, "from", "id"),
        };

    // "pt-br" is Portuguese.
    private static string Language(JsonElement m)
    {
        var code = m.Text(NameMax, "from", "language_code");
        return
            code.Length >= 2
            && char.IsAsciiLetter(code[0])
            && char.IsAsciiLetter(code[1])
            && (code.Length == 2 || code[2] == '-')
            ? code[..2].ToLowerInvariant()
            : "";
    }

    private static bool IsTrue(JsonElement m, params ReadOnlySpan<string> path) =>
        m.At(path) is { ValueKind: JsonValueKind.True };

    private static long Number(JsonElement root, params ReadOnlySpan<string> path) =>
        root.At(path) is { ValueKind: JsonValueKind.Number } value
        && value.TryGetInt64(out var number)
            ? number
            : 0;
}
