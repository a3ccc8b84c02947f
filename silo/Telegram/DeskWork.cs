using System.Globalization;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Policy;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Intake;

namespace Orchestrator.Silo.Telegram;

/// <summary>Takes requests. Each has an id that follows from its update, so that it is taken once however often it is handled.</summary>
internal sealed class DeskWork(
    IWebhookInbox inbox,
    IPolicySource policies,
    DeskIntake intake,
    IOptions<TelegramOptions> settings
)
{
    private readonly TelegramOptions options = settings.Value;

    /// <summary>Words without a command: a request, which is asked about first where it could do harm.</summary>
    public async Task<IReadOnlyList<ChatSend>> PlainAsync(
        DeskCaller caller,
        ChatOrder order,
        CancellationToken token
    )
    {
        if (caller.Update is { Text.Length: 0, Document: null })
        {
            return [DeskAnswers.Say(caller, "only-text")];
        }
        if (intake.Unfit(caller, order.Text) is { } unfit)
        {
            return [unfit];
        }
        var (spec, failure) = intake.SpecOf(caller, null, order, "");
        if (spec is null)
        {
            return [DeskAnswers.Say(caller, "refused", failure!.Message)];
        }
        if (await RiskOfAsync(caller, order, spec, token) is not { } risk)
        {
            return await SubmitAsync(caller, null, order, token);
        }
        var subject = string.Create(
            CultureInfo.InvariantCulture,
            $"{caller.Parts[0]}-{caller.Parts[^1]}"
        );
        return
        [
            DeskAnswers.Say(caller, "confirm", risk.Repository, risk.Why) with
            {
                Buttons =
                [
                    [
                        ChatCards.Button(caller.Language, ButtonAct.Go, "button-go", subject),
                        ChatCards.Button(
                            caller.Language,
                            ButtonAct.Forget,
                            "button-forget",
                            subject
                        ),
                    ],
                ],
            },
        ];
    }

    /// <summary>What was asked about is wanted, or not.</summary>
    public async Task<IReadOnlyList<ChatSend>> ConfirmedAsync(
        DeskCaller caller,
        ButtonData data,
        CancellationToken token
    )
    {
        if (data.Act == ButtonAct.Forget)
        {
            var words = ChatWords.Say(caller.Language, "forgotten");
            return [DeskAnswers.Tap(caller, words), DeskAnswers.Text(caller, words)];
        }
        var ends = data.Subject.Split('-').Select(TelegramOptions.Number).ToList();
        var parts = new List<ChatUpdate>();
        for (
            var id = ends[0] ?? 0;
            ends.Count == 2 && id > 0 && id <= ends[1] && id - ends[0] < 200;
            id++
        )
        {
            var body = await inbox.FindBodyAsync(
                TelegramNames.Source,
                id.ToString(CultureInfo.InvariantCulture),
                token
            );
            // Others' messages may lie between the parts of one text.
            if (
                body is { } there
                && ChatUpdateReader.Read(there) is var part
                && part.Chat == caller.Update.Chat
                && part.User == caller.Update.User
                && part.Event == ChatEvent.Message
            )
            {
                parts.Add(part);
            }
        }
        if (parts.Count == 0)
        {
            var gone = ChatWords.Say(caller.Language, "confirm-gone");
            return [DeskAnswers.Tap(caller, gone), DeskAnswers.Text(caller, gone)];
        }
        var whole = ChatParts.Join(parts);
        var told = await SubmitAsync(
            caller with
            {
                Update = whole,
                Parts = [.. parts.Select(p => p.Id)],
            },
            null,
            ChatOrderReader.Read(whole.Text, "", ""),
            token
        );
        return [DeskAnswers.Tap(caller, told[0].Text.Split('\n')[0]), .. told];
    }

    /// <summary>Takes a request.</summary>
    public async Task<IReadOnlyList<ChatSend>> SubmitAsync(
        DeskCaller caller,
        string? type,
        ChatOrder order,
        CancellationToken token
    )
    {
        if (intake.Unfit(caller, order.Text) is { } unfit)
        {
            return [unfit];
        }
        if (type is not null && order.Wishes.Type is not null)
        {
            return [DeskAnswers.Say(caller, "type-twice", ChatVerbs.Of(order.Verb)!.Name)];
        }
        var key = DeskIntake.KeyOf(caller);
        return await intake.TakeOnceAsync(
            caller,
            Submissions.IdOf(caller.Requester, key),
            () => intake.SpecOf(caller, type, order, key),
            task => DeskIntake.Accepted(caller, task),
            token
        );
    }

    // Null: nothing needs to be asked. By the kind of work that fixed rules read, as the policy's lane has it.
    private async Task<(string Repository, string Why)?> RiskOfAsync(
        DeskCaller caller,
        ChatOrder order,
        TaskSpec spec,
        CancellationToken token
    )
    {
        if (options.Confirm == ConfirmWhen.Never)
        {
            return null;
        }
        var text = order.Text;
        var kind = order.Wishes.Type is null ? SentenceReader.KindOf(text) : spec.Kind;
        var readOnly =
            kind is not (TaskKind.Fix or TaskKind.Documentation)
            || SentenceReader.ForbidsWriting(text);
        var policy = await policies.CurrentAsync(token);
        var lane = PolicyEngine
            .OnPlan(
                policy,
                new PolicyRequest(
                    caller.Requester,
                    spec.Repository,
                    spec.BaseBranch,
                    kind,
                    readOnly,
                    "",
                    "",
                    false
                ),
                []
            )
            .Lane;
        var risky = lane?.Write == LaneWrite.Direct && spec.Repository.Length > 0;
        return risky || options.Confirm == ConfirmWhen.Always
            ? (
                spec.Repository.Length > 0
                    ? Path.GetFileName(spec.Repository)
                    : ChatWords.Say(caller.Language, "confirm-anywhere"),
                lane is null
                    ? ChatViews.Kind(kind, caller.Language)
                    : ChatWords.Say(caller.Language, "confirm-lane", lane.Name)
            )
            : null;
    }
}
