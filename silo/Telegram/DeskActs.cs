using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Delivery;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Telegram;

/// <summary>Acts on tasks for people. Where an act has no id of its own, one that was begun before is looked for in the journal before it is done again.</summary>
internal sealed class DeskActs(
    IGrainFactory grains,
    IJournal journal,
    RecordedCommits commits,
    DoorRefusals refusals,
    DeskAnswers answers
)
{
    private const int FactsBack = 200;
    private const int HashShown = 12;

    /// <summary><c>/cancel</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> CancelAsync(
        DeskCaller caller,
        string taskId,
        CancellationToken token
    )
    {
        var (task, refusal) = await FindAsync(caller, taskId, token);
        if (task is null)
        {
            return [refusal!];
        }
        var done = await WasDoneAsync(
            caller,
            task,
            f => f is TaskFact.CancelRequested c && c.By == caller.Requester,
            token
        );
        if (!done && task.Phase is TaskPhase.Done or TaskPhase.Failed or TaskPhase.Cancelled)
        {
            return
            [
                DeskAnswers.Say(
                    caller,
                    "cancel-ended",
                    taskId,
                    ChatCards.Word(task.Phase, caller.Language)
                ),
            ];
        }
        var answer = done
            ? null
            : await Grain(taskId).CancelAsync(caller.Requester, "by Telegram", token);
        return answer?.Failure is { } failure
            ? [DeskAnswers.Refused(caller, failure, taskId)]
            : [About(caller, "cancelled", taskId)];
    }

    /// <summary><c>/retry</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> RetryAsync(
        DeskCaller caller,
        string taskId,
        CancellationToken token
    )
    {
        var (task, refusal) = await FindAsync(caller, taskId, token);
        if (task is null)
        {
            return [refusal!];
        }
        var done = await WasDoneAsync(
            caller,
            task,
            f => f is TaskFact.TurnStarted { Kind: "retry" } t && t.By == caller.Requester,
            token
        );
        var answer = done ? null : await Grain(taskId).RetryAsync(caller.Requester, token);
        return answer?.Failure is { } failure
            ? [DeskAnswers.Refused(caller, failure, taskId)]
            : [About(caller, "retried", taskId)];
    }

    /// <summary>A yes or no. With a hash it is about the diff that somebody looked at, and no other.</summary>
    public async Task<IReadOnlyList<ChatSend>> AnswerAsync(
        DeskCaller caller,
        string taskId,
        bool yes,
        string hash,
        string note,
        CancellationToken token
    )
    {
        var (task, refusal) = await FindAsync(caller, taskId, token);
        if (task is null)
        {
            return [refusal!];
        }
        var key = yes ? "approved" : "rejected";
        if (
            await WasDoneAsync(
                caller,
                task,
                f =>
                    f is TaskFact.Approved a && yes && a.By == caller.Requester
                    || f is TaskFact.Rejected r && !yes && r.By == caller.Requester,
                token
            )
        )
        {
            return [About(caller, key, taskId)];
        }
        if (task.Phase != TaskPhase.AwaitingApproval)
        {
            return
            [
                DeskAnswers.Say(
                    caller,
                    "stale-question",
                    taskId,
                    ChatCards.Word(task.Phase, caller.Language)
                ),
            ];
        }
        // The decider lets a no through whatever it is about; a no to another diff or command than the one that was seen is none.
        var now = task.ApprovalHash.Length > 0 ? task.ApprovalHash : task.Guarded?.Diff.Hash ?? "";
        if (
            hash.Length >= HashShown
            && now.Length > 0
            && !now.StartsWith(hash, StringComparison.OrdinalIgnoreCase)
        )
        {
            return [Stale(caller, now, hash, taskId)];
        }
        var answer = await Grain(taskId)
            .DecideAsync(
                new ApprovalAnswer(
                    caller.Requester,
                    yes,
                    note.Length > 1_000 ? note[..1_000] : note,
                    hash,
                    $"telegram chat {caller.Update.Chat}"
                ),
                token
            );
        if (answer.Failure is not { } failure)
        {
            return [About(caller, key, taskId)];
        }
        if (failure.Code == FailureCodes.PolicyDenied)
        {
            await refusals.RecordAsync(
                "telegram",
                $"{ChatAccess.RequesterOf(caller.Update.User)}: {key} {taskId}",
                failure
            );
        }
        return failure.Code == FailureCodes.Conflict && hash.Length >= HashShown && now.Length > 0
            ? [Stale(caller, now, hash, taskId)]
            : [DeskAnswers.Refused(caller, failure, taskId)];
    }

    /// <summary><c>/commit</c>, <c>/commit_all</c>. Asked again, it finds the commit that is there.</summary>
    public async Task<IReadOnlyList<ChatSend>> CommitAsync(
        DeskCaller caller,
        ChatOrder order,
        bool staged,
        CancellationToken token
    )
    {
        var (task, refusal) = await FindAsync(caller, order.TaskId, token);
        if (task is null)
        {
            return [refusal!];
        }
        try
        {
            var made = await commits.CommitAsync(
                task,
                new CommitRequest
                {
                    NoBranch = order.Options.Contains("no-branch"),
                    Push = order.Options.Contains("push"),
                },
                staged,
                caller.Requester,
                token
            );
            var commit = made.Commit[..Math.Min(HashShown, made.Commit.Length)];
            var pushed = made.Pushed ? ChatWords.Say(caller.Language, "pushed") : "";
            return
            [
                made.AlreadyThere && !caller.Again
                    ? DeskAnswers.Say(caller, "committed-again", commit, made.Branch)
                    : DeskAnswers.Say(caller, "committed", commit, made.Branch, pushed),
            ];
        }
        catch (DeliveryException e)
        {
            return [DeskAnswers.Refused(caller, e.Failure, task.TaskId)];
        }
        catch (GitException e)
        {
            return [DeskAnswers.Say(caller, "refused", e.Message)];
        }
    }

    /// <summary><c>/estop</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> StopAsync(
        DeskCaller caller,
        ChatOrder order,
        CancellationToken token
    )
    {
        var release = order.Options.Contains("release");
        var answer = await grains
            .GetGrain<IQueueGrain>(TaskEffects.Pool)
            .StopAllAsync(!release, caller.Requester, token);
        var key = release ? "released" : "estop";
        return [DeskAnswers.Say(caller, answer.Changed || caller.Again ? key : key + "-again")];
    }

    private ITaskGrain Grain(string taskId) => grains.GetGrain<ITaskGrain>(taskId);

    // Their own tasks, or everybody's for those who operate; a reader acts on none.
    private async Task<(TaskSnapshot? Task, ChatSend? Refusal)> FindAsync(
        DeskCaller caller,
        string taskId,
        CancellationToken token
    )
    {
        var (task, refusal) = await answers.FindAsync(caller, taskId, token);
        return caller.Role >= ChatRole.Submit
            ? (task, refusal)
            : (null, DeskAnswers.Say(caller, "no-task", taskId));
    }

    private async Task<bool> WasDoneAsync(
        DeskCaller caller,
        TaskSnapshot task,
        Func<TaskFact, bool> isIt,
        CancellationToken token
    ) =>
        caller.Again
        && (
            await journal.ReadTaskAsync(
                task.TaskId,
                Math.Max(0, task.Version - FactsBack),
                2 * FactsBack,
                token
            )
        ).Any(f => f.At >= caller.At && isIt(f.Fact));

    private static ChatSend Stale(DeskCaller caller, string now, string hash, string taskId) =>
        DeskAnswers.Say(caller, "stale", now[..HashShown], hash[..HashShown], taskId);

    private static ChatSend About(DeskCaller caller, string key, string taskId) =>
        DeskAnswers.Text(caller, ChatWords.Say(caller.Language, key, taskId), taskId);
}
