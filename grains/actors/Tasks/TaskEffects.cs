using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Queueing;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Policy;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Tasks;

/// <summary>Effect to call. Every target accepts at once and reports later; a returned report is its answer already.</summary>
public sealed class TaskEffects(
    IGrainFactory grains,
    IScreen screen,
    ITaskIndex index,
    ISpendingStore spending,
    IPolicySource policies,
    TaskLimits limits,
    PullRequestRules delivery,
    TimeProvider time
)
{
    // A host that stands still must not hold up whoever cancels. The call may arrive yet, and harms nobody.
    private static readonly TimeSpan HostMax = TimeSpan.FromSeconds(1);

    private const int LiveMax = 1_000;

    /// <summary>The pool that every task waits in.</summary>
    public const string Pool = "default";

    /// <summary>Asks the queue for a place.</summary>
    public Task<Failure?> AdmitAsync(
        string taskId,
        TaskSpec spec,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Queue.AdmitAsync(taskId, spec.Priority, spec.Requester, cancellationToken);
    }

    /// <summary>The spec, with the remote repository that the configuration knows for its repository.</summary>
    public TaskSpec WithRemote(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return
            spec.Remote.Length == 0
            && spec.Repository.Length > 0
            && delivery.Remotes.TryGetValue(spec.Repository, out var remote)
            ? spec with
            {
                Remote = remote,
            }
            : spec;
    }

    /// <summary>Gives back a place that nothing came of.</summary>
    public Task WithdrawAsync(string taskId, CancellationToken cancellationToken) =>
        Queue.LeaveAsync(taskId, cancellationToken);

    /// <summary>The day's spending as the task sees it; null when no budget needs it.</summary>
    public async Task<DaySpending?> SpendingAsync(
        TaskState state,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        return limits.Budgets.CountDays && state.Spec is { } spec
            ? await spending.ReadAsync(
                SpendingScopes.DayOf(time.GetUtcNow()),
                spec.Requester,
                spec.Repository,
                cancellationToken
            )
            : null;
    }

    /// <summary>What is told, with the policy where it has a word in it.</summary>
    public async Task<TaskInput> WithPolicyAsync(
        TaskState state,
        TaskInput told,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!PolicyVerdict.Matters(state, told))
        {
            return told;
        }
        var policy = await policies.CurrentAsync(cancellationToken);
        return told with
        {
            Policy = policy,
            FirstTime =
                policy.AsksFirstTime
                && (
                    await index.ListAsync(
                        TaskPhase.Done,
                        state.Spec!.Requester,
                        null,
                        1,
                        cancellationToken
                    )
                )
                    .Tasks
                    .Count == 0,
        };
    }

    /// <summary>What is told, with the claims of the tasks that it could show to be met.</summary>
    public async Task<TaskInput> WithOthersAsync(
        string taskId,
        TaskState state,
        TaskInput told,
        CancellationToken cancellationToken
    )
    {
        if (!OverlapVerdict.Matters(state, told, limits))
        {
            return told;
        }
        var live = await index.ListInPhasesAsync(
            [TaskPhase.Preparing, TaskPhase.Running, TaskPhase.Validating],
            "",
            LiveMax,
            cancellationToken
        );
        return told with
        {
            Others =
            [
                .. live.Where(h => h.TaskId != taskId && h.Repository == state.Spec!.Repository)
                    .Select(h => new PathClaim(h.TaskId, h.Paths)),
            ],
        };
    }

    private IQueueGrain Queue => grains.GetGrain<IQueueGrain>(Pool);

    /// <summary>Carries out one effect. Idempotent by the effect's value and the task's id.</summary>
    public async Task<TaskReport?> CarryOutAsync(
        string taskId,
        TaskState state,
        TaskEffect effect,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        switch (effect)
        {
            case TaskEffect.Screen e:
                return new TaskReport.Screened(
                    e.Turn,
                    await screen.ScreenAsync(state.Spec!, cancellationToken)
                );
            case TaskEffect.AskMediator e:
                await grains
                    .GetGrain<IMediatorGrain>(JournalPartitions.Of(taskId))
                    .MediateAsync(
                        taskId,
                        e.Turn,
                        state.MediatedSpec,
                        state.MediatedWords,
                        EarlierTurns.TextOf(state),
                        cancellationToken
                    );
                return null;
            case TaskEffect.JoinQueue:
                await Queue.JoinAsync(Ticket(taskId, state), cancellationToken);
                return null;
            case TaskEffect.StartRun e:
                return Refused(
                    state,
                    await Runner(e.Host).StartAsync(Order(taskId, state), cancellationToken)
                );
            case TaskEffect.Verify e:
                return Refused(
                    state,
                    await Runner(e.Host).VerifyAsync(Check(taskId, state), cancellationToken)
                );
            case TaskEffect.StopRun e:
                await Runner(e.Host)
                    .CancelAsync(taskId, e.Attempt, cancellationToken)
                    .WaitAsync(HostMax, time, cancellationToken);
                return null;
            case TaskEffect.Release e:
                if (!TaskDecider.Owed(state).Any(o => o is TaskEffect.JoinQueue))
                {
                    // A turn that waits for its next slot keeps its place.
                    await Queue.LeaveAsync(taskId, cancellationToken);
                }
                // Not waited for: the host may be gone, and the turn is wanted elsewhere. The Released report settles it;
                // without one the scanner has it asked for again.
                Runner(e.Host).ReleaseAsync(taskId, e.Attempt, cancellationToken).Ignore();
                return null;
            case TaskEffect.TendPullRequest:
                await grains.GetGrain<IPullRequestGrain>(taskId).WakeAsync(cancellationToken);
                return null;
            case TaskEffect.Apply e:
                // A host that cannot now is asked again: the apply stays owed.
                var taken = await Runner(e.Host)
                    .ApplyAsync(Bring(taskId, state), cancellationToken);
                return taken.Accepted
                    ? null
                    : throw new InvalidOperationException(
                        $"Host {e.Host} does not apply the diff now: {taken.Refusal}"
                    );
            case TaskEffect.LeaveQueue:
                await Queue.LeaveAsync(taskId, cancellationToken);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException($"No way to carry out {effect}.");
        }
    }

    private IRunnerGrain Runner(string host) => grains.GetGrain<IRunnerGrain>(host);

    private static TaskReport.RunRefused? Refused(TaskState state, RunAnswer answer) =>
        answer.Accepted
            ? null
            : new TaskReport.RunRefused(
                state.Attempt,
                state.Epoch,
                new Failure(FailureCodes.Unavailable, answer.Refusal),
                ErrorClass.HostLost
            );

    private QueueTicket Ticket(string taskId, TaskState state) =>
        new(
            taskId,
            state.Turn,
            state.Priority,
            state.Spec!.Requester,
            state.Spec.Repository,
            state.UpdatedAt,
            state.HostLabels
        )
        {
            Runner = state.Spec.Runner.Length > 0 ? state.Spec.Runner : limits.DefaultRunner,
            Paths = state.Paths,
        };

    private RunOrder Order(string taskId, TaskState state) =>
        new()
        {
            TaskId = taskId,
            Turn = state.Turn,
            Attempt = state.Attempt,
            Epoch = state.Epoch,
            Deadline = (state.Due ?? state.UpdatedAt) - limits.HostGrace,
            SilenceSecondsMax = (int)limits.SilenceMax.TotalSeconds,
            Spec = state.Spec! with { Script = state.Script },
            Prompt = PromptWriter.Write(state),
            Attachments = state.Attachments,
            Kind = state.Kind,
            ReadOnly = state.Plan?.ReadOnly ?? true,
            Runner = state.Runner,
            SessionId = state.SessionId,
            Resume = state.Resume,
            SessionCostUsd = state.SessionCostUsd,
            SessionBlob = state.SessionBlob,
            StartPatchBlob = state.PatchBlob,
            BaseCommit = state.BaseCommit,
            CostUsdMax = Least(
                Budgets.RunCostMax(state, limits.Budgets),
                state.Lane?.CostUsdMax ?? 0
            ),
            Lane = state.Lane,
            Sandbox = LaneSandbox.Of(state.Lane),
            GrantedCommands = [.. state.AllowedCommands.Select(c => c.Hash)],
            CheckOnly = state.CheckOnly,
            BaseBundle = state.BaseBundle,
            MergeWork = state.PatchBlob.Length > 0 && MovedBase(state),
        };

    private static bool MovedBase(TaskState state) =>
        state is { PatchBase.Length: > 0, BaseCommit.Length: > 0 }
        && state.PatchBase != state.BaseCommit;

    // 0 = no limit.
    private static decimal Least(decimal one, decimal other) =>
        one > 0 && other > 0 ? Math.Min(one, other) : Math.Max(one, other);

    private static ApplyOrder Bring(string taskId, TaskState state) =>
        new()
        {
            TaskId = taskId,
            Diff = state.Guarded!.Diff,
            PatchBlob = state.Guarded.Diff.Hash,
            Repository = state.Spec!.Repository,
            ThreeWay = state.Guarded.ThreeWay,
            At = state.Guarded.Since ?? state.UpdatedAt,
            Title = state.Title,
            Kind = state.Kind,
        };

    private static VerifyOrder Check(string taskId, TaskState state) =>
        new()
        {
            TaskId = taskId,
            Attempt = state.Attempt,
            Epoch = state.Epoch,
            Spec = state.Spec!,
            BaseCommit = state.BaseCommit,
            Diff = state.Result!.Diff,
            BaseBundle = state.BaseBundle,
        };
}
