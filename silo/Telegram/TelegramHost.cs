using System.Text.Json;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Telegram;
using Orchestrator.Grains.Telegram;
using Telegram.Bot;
using Telegram.Bot.Exceptions;
using Telegram.Bot.Requests;
using Telegram.Bot.Types;
using Telegram.Bot.Types.ReplyMarkups;

namespace Orchestrator.Silo.Telegram;

/// <summary>The Bot API by Telegram.Bot. What it throws for network and host becomes an answer; nothing is tried again here.</summary>
internal sealed class TelegramHost : IChatHost, IDisposable
{
    private const int LimitMax = 100;
    private const int AnswerBytesMax = 64 * 1024 * 1024;
    private const int FileBytesMax = 20 * 1024 * 1024;
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollSlack = TimeSpan.FromSeconds(15);

    private readonly TelegramOptions options;
    private readonly HttpClient? http;
    private readonly TelegramBotClient? client;

    /// <summary>Creates it; nothing is called before it is asked for.</summary>
    public TelegramHost(IOptions<TelegramOptions> settings)
    {
        options = settings.Value;
        Door = TelegramSetup.DoorOf(options);
        if (!Door.IsOpen)
        {
            return;
        }
#pragma warning disable CA2000 // the client owns its handler
        http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = TimeSpan.FromSeconds(10),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
#pragma warning restore CA2000
        client = new TelegramBotClient(
            new TelegramBotClientOptions(
                options.Token,
                options.Address.Length > 0 ? options.Address.TrimEnd('/') : null
            )
            {
                // Retries are the sender's, which knows the pace and survives a crash.
                RetryCount = 0,
                RetryThreshold = 0,
            },
            http
        );
    }

    /// <inheritdoc />
    public ChatDoor Door { get; }

    /// <summary>The bot's user name; empty before the host was prepared.</summary>
    public string BotName { get; private set; } = "";

    /// <inheritdoc />
    public async Task<ChatAnswer> PrepareAsync(CancellationToken cancellationToken)
    {
        var me = await WhoAsync(cancellationToken);
        if (!me.Done)
        {
            return me;
        }
        foreach (var language in ChatWords.Languages)
        {
            // Without a language it is what those see whose language has no list of its own.
            string?[] codes = language == options.Language ? [null, language] : [language];
            foreach (var code in codes)
            {
                var told = await CommandsAsync(language, code, cancellationToken);
                if (!told.Done)
                {
                    return told;
                }
            }
        }
        return await CallAsync(
            async (c, token) =>
            {
                if (Door.Webhook)
                {
                    await c.SetWebhook(
                        options.WebhookUrl,
                        allowedUpdates: Wanted(),
                        secretToken: options.WebhookSecret,
                        cancellationToken: token
                    );
                }
                else
                {
                    await c.DeleteWebhook(cancellationToken: token);
                }
                return 0;
            },
            cancellationToken
        );
    }

    private Task<ChatAnswer> CommandsAsync(
        string language,
        string? code,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            async (c, token) =>
            {
                await c.SetMyCommands(
                    ChatVerbs.All.Select(v => new BotCommand(
                        v.Name,
                        ChatWords.Say(language, "help." + v.Name)
                    )),
                    languageCode: code,
                    cancellationToken: token
                );
                return 0;
            },
            cancellationToken
        );

    /// <summary>Asks the host who we are.</summary>
    public Task<ChatAnswer> WhoAsync(CancellationToken cancellationToken) =>
        CallAsync(
            async (c, token) =>
            {
                BotName = (await c.GetMe(token)).Username ?? "";
                return 0;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<ChatPoll> PollAsync(long offset, CancellationToken cancellationToken)
    {
        var updates = new List<(long, ReadOnlyMemory<byte>)>();
        var answer = await CallAsync(
            async (c, token) =>
            {
                // As plain JSON: an update of a kind that the library does not know must not stop all that follow.
                var raw = await c.SendRequest(
                    new RawUpdates
                    {
                        Offset = offset,
                        Timeout = options.PollSeconds,
                        Limit = LimitMax,
                        AllowedUpdates = ChatUpdateReader.Wanted,
                    },
                    token
                );
                foreach (var update in raw)
                {
                    var body = JsonSerializer.SerializeToUtf8Bytes(update);
                    if (ChatUpdateReader.IdOf(body) is { } id)
                    {
                        updates.Add((id, body));
                    }
                }
                return 0;
            },
            cancellationToken,
            TimeSpan.FromSeconds(options.PollSeconds) + PollSlack
        );
        return new ChatPoll(answer, updates);
    }

    /// <inheritdoc />
    public Task<ChatAnswer> SendAsync(
        long chat,
        ChatSend send,
        ReadOnlyMemory<byte> document,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            async (c, token) =>
            {
                switch (send.Kind)
                {
                    case ChatSendKind.TapAnswer:
                        await c.AnswerCallbackQuery(
                            send.TapId,
                            ChatSplitter.Cut(send.Text, 190),
                            cancellationToken: token
                        );
                        return 0;
                    case ChatSendKind.Document:
                        using (var stream = new MemoryStream(document.ToArray()))
                        {
                            return (
                                await c.SendDocument(
                                    chat,
                                    InputFile.FromStream(stream, send.FileName),
                                    send.Text,
                                    replyParameters: Reply(send),
                                    replyMarkup: Keyboard(send),
                                    cancellationToken: token
                                )
                            ).MessageId;
                        }
                    default:
                        return (
                            await c.SendMessage(
                                chat,
                                send.Text,
                                replyParameters: Reply(send),
                                replyMarkup: Keyboard(send),
                                linkPreviewOptions: LinkPreviewOptions.Disabled,
                                cancellationToken: token
                            )
                        ).MessageId;
                }
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<ChatAnswer> EditAsync(
        long chat,
        long messageId,
        ChatSend send,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            async (c, token) =>
                send.Kind == ChatSendKind.Document
                    ? (
                        await c.EditMessageCaption(
                            chat,
                            (int)messageId,
                            send.Text,
                            replyMarkup: Keyboard(send),
                            cancellationToken: token
                        )
                    ).MessageId
                    : (
                        await c.EditMessageText(
                            chat,
                            (int)messageId,
                            send.Text,
                            replyMarkup: Keyboard(send),
                            linkPreviewOptions: LinkPreviewOptions.Disabled,
                            cancellationToken: token
                        )
                    ).MessageId,
            cancellationToken
        );

    /// <summary>Fetches a document that somebody sent; at most 20 MiB, which is what the host gives.</summary>
    public async Task<(byte[]? Bytes, string Problem)> FetchAsync(
        string fileId,
        CancellationToken cancellationToken
    )
    {
        byte[]? bytes = null;
        var answer = await CallAsync(
            async (c, token) =>
            {
                using var buffer = new MemoryStream();
                var file = await c.GetFile(fileId, token);
                if (file.FileSize > FileBytesMax)
                {
                    return 0;
                }
                await c.DownloadFile(file.FilePath!, buffer, token);
                bytes = buffer.ToArray();
                return 0;
            },
            cancellationToken
        );
        return (bytes, answer.Words);
    }

    /// <inheritdoc />
    public void Dispose() => http?.Dispose();

    private async Task<ChatAnswer> CallAsync(
        Func<TelegramBotClient, CancellationToken, Task<int>> call,
        CancellationToken cancellationToken,
        TimeSpan? longest = null
    )
    {
        if (client is null)
        {
            return new ChatAnswer(404, 0, "No bot is configured (Telegram:Token).");
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longest ?? CallMax);
        try
        {
            return new ChatAnswer(200, await call(client, limit.Token));
        }
        catch (ApiRequestException e)
        {
            return new ChatAnswer(
                e.ErrorCode,
                0,
                e.Message,
                e.Parameters?.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ChatAnswer(0, 0, "No answer in time.");
        }
        catch (RequestException e)
        {
            // Some other answer than the API's: a proxy's page, half a body, a cut connection.
            return new ChatAnswer(
                (int)(e.HttpStatusCode ?? 0) is var status and >= 500 ? status : 0,
                0,
                Words(e)
            );
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return new ChatAnswer(0, 0, Words(e));
        }
    }

    // The address of a call holds the token, and some messages hold the address.
    private string Words(Exception e) =>
        (e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message).Replace(
            options.Token,
            "(token)",
            StringComparison.Ordinal
        );

    private static ReplyParameters? Reply(ChatSend send) =>
        send.ReplyTo > 0
            ? new ReplyParameters { MessageId = (int)send.ReplyTo, AllowSendingWithoutReply = true }
            : null;

    private static InlineKeyboardMarkup? Keyboard(ChatSend send) =>
        send.Buttons.Count == 0
            ? null
            : new InlineKeyboardMarkup(
                send.Buttons.Select(row =>
                    row.Select(b => InlineKeyboardButton.WithCallbackData(b.Label, b.Data))
                )
            );

    private static IEnumerable<global::Telegram.Bot.Types.Enums.UpdateType> Wanted() =>
        [
            global::Telegram.Bot.Types.Enums.UpdateType.Message,
            global::Telegram.Bot.Types.Enums.UpdateType.EditedMessage,
            global::Telegram.Bot.Types.Enums.UpdateType.CallbackQuery,
            global::Telegram.Bot.Types.Enums.UpdateType.MyChatMember,
        ];

    /// <summary>getUpdates whose updates stay JSON.</summary>
    private sealed class RawUpdates() : RequestBase<JsonElement[]>("getUpdates")
    {
        public long Offset { get; init; }

        public int Timeout { get; init; }

        public int Limit { get; init; }

        public IReadOnlyList<string> AllowedUpdates { get; init; } = [];
    }
}
