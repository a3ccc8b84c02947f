using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Delivery;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Telegram;

/// <summary>Shows things to people who ask; changes nothing.</summary>
internal sealed class DeskViews(
    IGrainFactory grains,
    IJournal journal,
    ITaskIndex index,
    IHostRegistry registry,
    StorePulse pulse,
    ServerStatus status,
    UserRepository repositories,
    DeskAnswers answers,
    TimeProvider time
)
{
    private const int ListMax = 20;
    private const int FactsBack = 300;

    /// <summary><c>/status</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> StatusAsync(
        DeskCaller caller,
        CancellationToken token
    ) => DeskAnswers.Long(caller, ChatViews.Status(await status.ReadAsync(token), caller.Language));

    /// <summary><c>/hosts</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> HostsAsync(
        DeskCaller caller,
        CancellationToken token
    )
    {
        var hosts = await HostViews.ListAsync(grains, registry, token);
        return hosts.Count == 0
            ? [DeskAnswers.Say(caller, "hosts-none")]
            : DeskAnswers.Long(caller, ChatViews.Hosts(hosts, caller.Language));
    }

    /// <summary><c>/list</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> ListAsync(
        DeskCaller caller,
        string phase,
        CancellationToken token
    )
    {
        var wanted = phase.Length > 0 ? Submissions.PhaseOf(phase) : null;
        if (phase.Length > 0 && wanted is null)
        {
            return
            [
                DeskAnswers.Say(caller, "list-phase", phase, string.Join(", ", Submissions.Phases)),
            ];
        }
        var own = caller.Role == ChatRole.Submit ? caller.Requester : null;
        var page = await index.ListAsync(wanted, own, null, ListMax, token);
        return page.Tasks.Count == 0
            ? [DeskAnswers.Say(caller, "list-empty", phase.Length > 0 ? $" ({phase})" : "")]
            : DeskAnswers.Long(caller, ChatViews.List(page.Tasks, caller.Language));
    }

    /// <summary><c>/show</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> ShowAsync(
        DeskCaller caller,
        string taskId,
        CancellationToken token
    )
    {
        var (task, refusal) = await answers.FindAsync(caller, taskId, token);
        if (task is null)
        {
            return [refusal!];
        }
        var explained = await TaskExplanations.OfAsync(grains, pulse, task, token);
        return DeskAnswers.Long(caller, ChatViews.Task(task, explained, caller.Language), taskId);
    }

    /// <summary><c>/progress</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> ProgressAsync(
        DeskCaller caller,
        ChatOrder order,
        CancellationToken token
    )
    {
        var (task, refusal) = await answers.FindAsync(caller, order.TaskId, token);
        if (task is null)
        {
            return [refusal!];
        }
        var facts = await journal.ReadTaskAsync(
            task.TaskId,
            Math.Max(0, task.Version - FactsBack),
            2 * FactsBack,
            token
        );
        var lines = ChatProgress.Lines(
            facts,
            caller.Language,
            order.Since is { } since ? time.GetUtcNow() - since : null
        );
        return lines.Count == 0
            ? [DeskAnswers.Say(caller, "progress-empty", task.TaskId)]
            :
            [
                DeskAnswers.Text(
                    caller,
                    $"{ChatCards.Icon(task.Phase)} {task.TaskId} · {ChatCards.Word(task.Phase, caller.Language)}\n{string.Join('\n', lines)}",
                    task.TaskId
                ) with
                {
                    Buttons = task.Phase
                        is TaskPhase.Done
                            or TaskPhase.Failed
                            or TaskPhase.Cancelled
                        ? []
                        : ChatCards.Living(task.TaskId, caller.Language),
                },
            ];
    }

    /// <summary><c>/diff</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> DiffAsync(
        DeskCaller caller,
        string taskId,
        CancellationToken token
    )
    {
        var (task, refusal) = await answers.FindAsync(caller, taskId, token);
        return task is null ? [refusal!]
            : task.Result?.Diff is { PatchBlob.Length: > 0, FilesTotal: > 0 } diff
                ?
                [
                    ChatCards.Patch(taskId, diff, caller.Language) with
                    {
                        ReplyTo = caller.Update.Message,
                    },
                ]
            : [DeskAnswers.Say(caller, "no-diff", taskId)];
    }

    /// <summary><c>/git_status</c>.</summary>
    public async Task<IReadOnlyList<ChatSend>> RepositoryAsync(
        DeskCaller caller,
        string taskId,
        CancellationToken token
    )
    {
        var (task, refusal) = await answers.FindAsync(caller, taskId, token);
        if (task is null)
        {
            return [refusal!];
        }
        if (task.Repository.Length == 0)
        {
            return [DeskAnswers.Say(caller, "no-repository", taskId)];
        }
        try
        {
            return DeskAnswers.Long(
                caller,
                ChatViews.Repository(
                    await repositories.StatusAsync(task.Repository, token),
                    caller.Language
                ),
                taskId
            );
        }
        catch (Exception e) when (e is DeliveryException or GitException)
        {
            return [DeskAnswers.Say(caller, "refused", e.Message)];
        }
    }
}
