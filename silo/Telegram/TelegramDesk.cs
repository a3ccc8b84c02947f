using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Telegram;
using Orchestrator.Silo.Intake;

namespace Orchestrator.Silo.Telegram;

/// <summary>Answers updates: who may, what is meant, and who does it.</summary>
internal sealed partial class TelegramDesk(
    ITelegramStore store,
    TelegramHost host,
    ChatGate gate,
    DoorRefusals refusals,
    DeskWork work,
    DeskTalk talk,
    DeskActs acts,
    DeskViews views,
    TimeProvider time,
    ILogger<TelegramDesk> logger
) : IChatDesk
{
    private static readonly TimeSpan AskNameEvery = TimeSpan.FromMinutes(1);
    private DateTimeOffset askedName;

    /// <inheritdoc />
    public async Task<IReadOnlyList<ChatSend>> HandleAsync(
        ChatUpdate update,
        IReadOnlyList<long> parts,
        DateTimeOffset at,
        bool again,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(parts);
        if (update.Event == ChatEvent.Removed)
        {
            LogRemoved(logger, update.Chat);
            return [];
        }
        if (update.Event == ChatEvent.Other || update.ByBot || update.User <= 0)
        {
            return [];
        }
        var about =
            update.ReplyTo > 0 && update.Event != ChatEvent.Tap
                ? await store.FindTaskAsync(update.Chat, update.ReplyTo, cancellationToken)
                : null;
        var role = await gate.RoleOfAsync(update.User, cancellationToken);
        var language = await gate.LanguageOfAsync(update, cancellationToken);
        var caller = new DeskCaller(update, parts, role, language, at, again);
        return update.Event == ChatEvent.Tap
            ? await TapAsync(caller, cancellationToken)
            : await MessageAsync(caller, about, cancellationToken);
    }

    /// <inheritdoc />
    public Task<string> LanguageOfAsync(ChatUpdate update, CancellationToken cancellationToken) =>
        gate.LanguageOfAsync(update, cancellationToken);

    private async Task<IReadOnlyList<ChatSend>> MessageAsync(
        DeskCaller caller,
        string? about,
        CancellationToken cancellationToken
    )
    {
        var update = caller.Update;
        var order = ChatOrderReader.Read(
            update.Text,
            await NameAsync(update.Text, cancellationToken),
            about ?? ""
        );
        // In a group people talk to each other: only commands and answers to our messages are meant for the bot.
        if (
            order.Verb == ChatVerb.Nothing
            || update.InGroup && order.Verb is ChatVerb.Plain or ChatVerb.Unknown
        )
        {
            return [];
        }
        if (order is { Verb: ChatVerb.Start, Text.Length: > 0 })
        {
            return await PairAsync(caller, order.Text, cancellationToken);
        }
        var needed = order.Verb == ChatVerb.Start ? ChatRole.Read : ChatVerbs.RoleOf(order.Verb);
        switch (ChatAccess.Judge(update, caller.Role, needed, gate.Groups))
        {
            case AccessVerdict.Stranger:
                return await StrangerAsync(caller);
            case AccessVerdict.ForeignChat:
                return [DeskAnswers.Say(caller, "foreign-chat", update.Chat)];
            case AccessVerdict.RoleTooSmall:
                var name = ChatVerbs.Of(order.Verb)?.Name ?? "task";
                await RefusedAsync(caller, "/" + name, needed);
                return
                [
                    DeskAnswers.Say(
                        caller,
                        "role-too-small",
                        name,
                        Name(needed),
                        Name(caller.Role)
                    ),
                ];
            default:
                break;
        }
        if (update.Event == ChatEvent.Edited)
        {
            return [DeskAnswers.Say(caller, "edited")];
        }
        if (update.ReplyTo > 0 && about is null && order.Verb == ChatVerb.Plain)
        {
            return [DeskAnswers.Say(caller, "unknown-about")];
        }
        return order.Problem.Length > 0
            ? [Usage(caller, order)]
            : await DoAsync(caller, order, cancellationToken);
    }

    private Task<IReadOnlyList<ChatSend>> DoAsync(
        DeskCaller caller,
        ChatOrder order,
        CancellationToken token
    ) =>
        order.Verb switch
        {
            ChatVerb.Start => Told(DeskAnswers.Say(caller, "welcome")),
            ChatVerb.Help => Told(
                DeskAnswers.Text(caller, ChatViews.Help(caller.Role, caller.Language))
            ),
            ChatVerb.Unknown => Told(DeskAnswers.Say(caller, "unknown-command", order.Text)),
            ChatVerb.Plain => work.PlainAsync(caller, order, token),
            ChatVerb.Task => work.SubmitAsync(caller, null, order, token),
            ChatVerb.Documentation => work.SubmitAsync(caller, "documentation", order, token),
            ChatVerb.CodeReview => work.SubmitAsync(caller, "code_review", order, token),
            ChatVerb.BugFix => work.SubmitAsync(caller, "fix", order, token),
            ChatVerb.Analyze => work.SubmitAsync(caller, "analyze", order, token),
            ChatVerb.Fork => talk.ForkAsync(caller, order, token),
            ChatVerb.Reply => talk.ReplyAsync(caller, order, token),
            ChatVerb.Cancel => acts.CancelAsync(caller, order.TaskId, token),
            ChatVerb.Retry => acts.RetryAsync(caller, order.TaskId, token),
            ChatVerb.Approve => acts.AnswerAsync(
                caller,
                order.TaskId,
                true,
                order.Text.Split(' ')[0],
                "",
                token
            ),
            ChatVerb.Reject => acts.AnswerAsync(caller, order.TaskId, false, "", order.Text, token),
            ChatVerb.Commit => acts.CommitAsync(caller, order, false, token),
            ChatVerb.CommitAll => acts.CommitAsync(caller, order, true, token),
            ChatVerb.Estop => acts.StopAsync(caller, order, token),
            ChatVerb.Language => LanguageAsync(caller, order.Text, token),
            ChatVerb.Status => views.StatusAsync(caller, token),
            ChatVerb.Hosts => views.HostsAsync(caller, token),
            ChatVerb.List => views.ListAsync(caller, order.Text, token),
            ChatVerb.Show => views.ShowAsync(caller, order.TaskId, token),
            ChatVerb.Progress => views.ProgressAsync(caller, order, token),
            ChatVerb.Diff => views.DiffAsync(caller, order.TaskId, token),
            ChatVerb.GitStatus => views.RepositoryAsync(caller, order.TaskId, token),
            _ => throw new System.Diagnostics.UnreachableException(order.Verb.ToString()),
        };

    private async Task<IReadOnlyList<ChatSend>> TapAsync(DeskCaller caller, CancellationToken token)
    {
        var update = caller.Update;
        var data = ButtonData.Read(update.TapData);
        var needed = data.Act switch
        {
            ButtonAct.Approve or ButtonAct.Reject => ChatRole.Operate,
            ButtonAct.Diff or ButtonAct.More or ButtonAct.Unknown => ChatRole.Read,
            _ => ChatRole.Submit,
        };
        var verdict = ChatAccess.Judge(update, caller.Role, needed, gate.Groups);
        if (verdict != AccessVerdict.Granted)
        {
            await RefusedAsync(caller, $"button {data.Act} {data.Subject}", needed);
            return
            [
                DeskAnswers.Tap(
                    caller,
                    verdict == AccessVerdict.RoleTooSmall
                        ? ChatWords.Say(
                            caller.Language,
                            "tap-too-small",
                            Name(needed),
                            Name(caller.Role)
                        )
                        : ChatWords.Say(caller.Language, "stranger", update.User)
                ),
            ];
        }
        if (data.Act is ButtonAct.Go or ButtonAct.Forget)
        {
            return await work.ConfirmedAsync(caller, data, token);
        }
        var task =
            data.Subject.Length > 0
                ? data.Subject
                : await store.FindTaskAsync(update.Chat, update.Message, token) ?? "";
        var told = data.Act switch
        {
            _ when task.Length == 0 => [DeskAnswers.Say(caller, "button-old")],
            ButtonAct.Approve => await acts.AnswerAsync(caller, task, true, data.Hash, "", token),
            ButtonAct.Reject => await acts.AnswerAsync(caller, task, false, data.Hash, "", token),
            ButtonAct.Diff => await views.DiffAsync(caller, task, token),
            ButtonAct.Retry => await acts.RetryAsync(caller, task, token),
            ButtonAct.Cancel => await acts.CancelAsync(caller, task, token),
            ButtonAct.More => await views.ShowAsync(caller, task, token),
            _ => [DeskAnswers.Say(caller, "button-old")],
        };
        // The button stops waiting with the first line; the whole stands in the chat.
        return [DeskAnswers.Tap(caller, told[0].Text.Split('\n')[0]), .. told];
    }

    private async Task<IReadOnlyList<ChatSend>> PairAsync(
        DeskCaller caller,
        string code,
        CancellationToken token
    )
    {
        // A code is used up by one person; asked again after a crash, the one that it let in is in.
        var role = await store.PairAsync(
            ChatAccess.HashOf(code),
            caller.Update.User,
            time.GetUtcNow(),
            token
        );
        gate.Forget();
        if (role is null && caller is { Again: true, Role: not ChatRole.None })
        {
            role = Name(caller.Role);
        }
        if (role is not null)
        {
            LogPaired(logger, caller.Update.User, role);
            return [DeskAnswers.Say(caller, "paired", role)];
        }
        await RefusedAsync(caller, "a wrong pairing code", ChatRole.Read);
        return gate.TellsStranger(caller.Update.User)
            ? [DeskAnswers.Say(caller, "code-wrong")]
            : [];
    }

    private async Task<IReadOnlyList<ChatSend>> LanguageAsync(
        DeskCaller caller,
        string wanted,
        CancellationToken token
    )
    {
        var known = string.Join(", ", ChatWords.Languages);
        if (wanted.Length == 0)
        {
            return [DeskAnswers.Say(caller, "language-now", caller.Language, known)];
        }
        var language = wanted.ToLowerInvariant();
        if (!ChatWords.Speaks(language))
        {
            return [DeskAnswers.Say(caller, "language-unknown", wanted, known)];
        }
        await store.ChooseLanguageAsync(caller.Update.User, language, token);
        return [DeskAnswers.Say(caller with { Language = language }, "language-set")];
    }

    private async Task<IReadOnlyList<ChatSend>> StrangerAsync(DeskCaller caller)
    {
        var told = !caller.Update.InGroup && gate.TellsStranger(caller.Update.User);
        if (told)
        {
            await RefusedAsync(caller, "a message", ChatRole.Read);
        }
        return told ? [DeskAnswers.Say(caller, "stranger", caller.Update.User)] : [];
    }

    private async Task RefusedAsync(DeskCaller caller, string what, ChatRole needed)
    {
        LogRefused(logger, caller.Update.User, caller.Update.Chat, what);
        await refusals.RecordAsync(
            "telegram",
            $"{ChatAccess.RequesterOf(caller.Update.User)}: {what}",
            new Failure(
                FailureCodes.Forbidden,
                $"It takes the role '{Name(needed)}' in an allowed chat; the user has '{Name(caller.Role)}' in chat {caller.Update.Chat}."
            )
        );
    }

    private static ChatSend Usage(DeskCaller caller, ChatOrder order)
    {
        var command = ChatVerbs.Of(order.Verb)!;
        return DeskAnswers.Say(
            caller,
            "usage-" + order.Problem,
            command.Name,
            command.Usage(caller.Language)
        );
    }

    // Needed only to tell a command to another bot of a group.
    private async Task<string> NameAsync(string text, CancellationToken token)
    {
        var head = text.AsSpan(0, Math.Min(text.Length, 100));
        if (
            host.BotName.Length == 0
            && head.Contains('@')
            && time.GetUtcNow() - askedName > AskNameEvery
        )
        {
            askedName = time.GetUtcNow();
            await host.WhoAsync(token);
        }
        return host.BotName;
    }

    private static Task<IReadOnlyList<ChatSend>> Told(params ChatSend[] sends) =>
        Task.FromResult<IReadOnlyList<ChatSend>>(sends);

    internal static string Name(ChatRole role) => role.ToString().ToLowerInvariant();

    [LoggerMessage(
        2811,
        LogLevel.Warning,
        "Telegram user {User} in chat {Chat} was refused: {What}"
    )]
    private static partial void LogRefused(ILogger logger, long user, long chat, string what);

    [LoggerMessage(2812, LogLevel.Information, "Telegram user {User} was let in as {Role}")]
    private static partial void LogPaired(ILogger logger, long user, string role);

    [LoggerMessage(2813, LogLevel.Information, "The bot was put out of chat {Chat}")]
    private static partial void LogRemoved(ILogger logger, long chat);
}
