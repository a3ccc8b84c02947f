using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>A Telegram on a free loopback port, and the people who talk to the bot there.</summary>
public sealed class TelegramStandIn : IAsyncDisposable
{
    /// <summary>The bot's token.</summary>
    public const string Token = "123456:TESTTOKEN_abcdefghijklmnopqrstuvwxyz012";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private readonly NodeTool tool;
    private readonly HttpClient http;

    private TelegramStandIn(NodeTool tool)
    {
        this.tool = tool;
        http = new HttpClient { BaseAddress = tool.Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => tool.Address;

    /// <summary>Starts it; it fails loudly when node is missing.</summary>
    public static async Task<TelegramStandIn> StartAsync()
    {
#pragma warning disable CA2000 // ended with the stand-in
        return new TelegramStandIn(await NodeTool.ServeAsync("telegram/stub.mjs", "0", Token));
#pragma warning restore CA2000
    }

    /// <summary>Settings of a silo whose bot lives here.</summary>
    public string[] Settings(params string[] more) =>
        [
            "--Telegram:Token",
            Token,
            "--Telegram:Address",
            Address.ToString(),
            "--Telegram:PollSeconds",
            "5",
            "--Telegram:EditEvery",
            "00:00:01",
            "--Telegram:Runner",
            "scripted",
            "--Telegram:RequestsMax",
            "1000",
            .. more,
        ];

    /// <summary>Somebody does something: <c>message</c>, <c>tap</c>, <c>edit</c>, <c>kick</c>, <c>fault</c>, <c>down</c> ...</summary>
    public async Task<JsonObject> DoAsync(string what, object how)
    {
        using var answer = await http.PostAsJsonAsync("test/" + what, how);
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
    }

    /// <summary>Somebody taps a button; what they are answered.</summary>
    public async Task<string> TapAsync(long user, JsonObject message, string data)
    {
        var tap = (string)
            (
                await DoAsync(
                    "tap",
                    new
                    {
                        chat = (long)message["chat"]!["id"]!,
                        from = user,
                        message_id = (long)message["message_id"]!,
                        data,
                    }
                )
            )["id"]!;
        return await UntilAsync(
            s => (string?)s["taps"]![tap]!["answer"],
            $"The answer to the tap of {user}"
        );
    }

    /// <summary>Somebody writes; the message's number.</summary>
    public async Task<long> SayAsync(long chat, string text, long replyTo = 0) =>
        (long)
            (
                await DoAsync(
                    "message",
                    replyTo > 0
                        ? new
                        {
                            chat,
                            text,
                            reply_to = replyTo,
                        }
                        : new { chat, text }
                )
            )["message_id"]!;

    /// <summary>All that happened.</summary>
    public async Task<JsonObject> StateAsync() =>
        JsonNode
            .Parse(await http.GetStringAsync(new Uri("test/state", UriKind.Relative)))!
            .AsObject();

    /// <summary>The bot's messages in a chat, in order.</summary>
    public async Task<IReadOnlyList<JsonObject>> ToldAsync(long chat) =>
        BotsIn(await StateAsync(), chat);

    /// <summary>The bot's messages in a chat, in order.</summary>
    public static IReadOnlyList<JsonObject> BotsIn(JsonObject state, long chat) =>
        [
            .. state["messages"]!
                .AsArray()
                .Select(m => m!.AsObject())
                .Where(m => (long)m["chat"]!["id"]! == chat && (bool)m["from"]!["is_bot"]!),
        ];

    /// <summary>What a message says: its text or caption.</summary>
    public static string Words(JsonObject message) =>
        (string?)message["text"] ?? (string?)message["caption"] ?? "";

    /// <summary>The data of a message's button whose label holds a word.</summary>
    public static string Button(JsonObject message, string label) =>
        message["reply_markup"]!["inline_keyboard"]!
            .AsArray()
            .SelectMany(row => row!.AsArray())
            .Where(b => ((string)b!["text"]!).Contains(label, StringComparison.Ordinal))
            .Select(b => (string)b!["callback_data"]!)
            .First();

    /// <summary>Waits for a message of the bot.</summary>
    public async Task<JsonObject> HearAsync(
        long chat,
        Func<JsonObject, bool> fits,
        string what,
        TimeSpan? within = null
    ) =>
        (
            await UntilAsync(
                s => BotsIn(s, chat).FirstOrDefault(fits),
                $"{what} in chat {chat}",
                within
            )
        )!;

    /// <summary>Waits for a message of the bot that holds words.</summary>
    public Task<JsonObject> HearAsync(long chat, string words) =>
        HearAsync(
            chat,
            m => Words(m).Contains(words, StringComparison.Ordinal),
            $"A message with '{words}'"
        );

    /// <summary>Waits for the bot's answer to a message.</summary>
    public Task<JsonObject> AnswerAsync(long chat, long message, TimeSpan? within = null) =>
        HearAsync(
            chat,
            m => (long?)m["reply_to_message"]?["message_id"] == message,
            $"An answer to message {message}",
            within
        );

    /// <summary>Says something and waits for the answer.</summary>
    public async Task<JsonObject> AskAsync(long chat, string text, long replyTo = 0) =>
        await AnswerAsync(chat, await SayAsync(chat, text, replyTo));

    /// <summary>Waits until something is so; with a message that says what was missing.</summary>
    public async Task<T> UntilAsync<T>(
        Func<JsonObject, T?> fits,
        string what,
        TimeSpan? within = null
    )
    {
        using var limit = new CancellationTokenSource(within ?? Deadline);
        using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
        while (true)
        {
            var state = await StateAsync();
            if (fits(state) is { } found && !Equals(found, false))
            {
                return found;
            }
            if (limit.IsCancellationRequested)
            {
                var said = string.Join(
                    "\n---\n",
                    state["messages"]!
                        .AsArray()
                        .TakeLast(12)
                        .Select(m => m!["chat"]!["id"] + ": " + Words(m.AsObject()))
                );
                throw new TimeoutException(
                    $"{what} was not there within {within ?? Deadline}. The last messages:\n{said}"
                );
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await tool.DisposeAsync();
    }
}
