using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>The table of a task's life: what is told in which phase, and what is recorded for it. Pure.</summary>
public static class TaskDecider
{
    /// <summary>What an input means in a state: facts, a refusal, or nothing.</summary>
    public static TaskDecision Decide(TaskState state, TaskInput told, TaskLimits limits)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(told);
        ArgumentNullException.ThrowIfNull(limits);
        if (
            state.Version >= limits.FactsMax
            && told
                is TaskInput.Reported { Report: TaskReport.Progressed or TaskReport.Checkpointed }
        )
        {
            return TaskDecision.Nothing;
        }
        return ReplyVerdict.Follow(
            state,
            told,
            OverlapVerdict.Lead(state, told, Answer(state, told, limits))
        );
    }

    private static TaskDecision Answer(TaskState state, TaskInput told, TaskLimits limits) =>
        told switch
        {
            TaskInput.Submit i => Submit(state, i),
            TaskInput.Reported i => Reported(state, i, limits),
            TaskInput.SlotOffered i => SlotOffered(state, i, limits),
            TaskInput.Woke i => Woke(state, i, limits),
            TaskInput.HostLost i => HostLost(state, i, limits),
            TaskInput.Committed i => Committed(state, i),
            _ => Asked(state, told, limits),
        };

    /// <summary>What must happen next in a state. After a crash it is derived again; each effect is settled by the fact it brings back.</summary>
    public static IReadOnlyList<TaskEffect> Owed(TaskState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var owed = new List<TaskEffect>(2);
        if (state.RunLives && state.Cancelling)
        {
            owed.Add(new TaskEffect.StopRun(state.Attempt, state.Host));
            return owed;
        }
        if (!state.RunLives && state.Attempt > state.ReleasedAttempt)
        {
            // Whatever came after it: the host drops the last attempt before the next one is taken on.
            owed.Add(new TaskEffect.Release(state.Attempt, state.Host));
        }
        if (state.Guarded is { Step: GuardedStep.Applying } guarded)
        {
            owed.Add(new TaskEffect.Apply(guarded.Diff.Hash, state.Host, guarded.ThreeWay));
        }
        if (DeliveryVerdict.Owed(state) is { } tend)
        {
            owed.Add(tend);
        }
        switch (state.Phase)
        {
            case TaskPhase.Received:
                owed.Add(new TaskEffect.Screen(state.Turn));
                break;
            case TaskPhase.Mediating:
                owed.Add(new TaskEffect.AskMediator(state.Turn));
                break;
            case TaskPhase.Queued when state.Due is null:
                owed.Add(new TaskEffect.JoinQueue(state.Turn, state.Tries, state.Attempt));
                break;
            case TaskPhase.Preparing or TaskPhase.Running:
                owed.Add(new TaskEffect.StartRun(state.Attempt, state.Host, state.Epoch));
                break;
            case TaskPhase.Validating:
                owed.Add(new TaskEffect.Verify(state.Attempt, state.Host, state.Epoch));
                break;
            case TaskPhase.Done or TaskPhase.Failed or TaskPhase.Cancelled when state.Attempt == 0:
                // Never ran: only the place in the queue is to give back. Harmless when repeated.
                owed.Add(new TaskEffect.LeaveQueue(0));
                break;
            default:
                break;
        }
        return owed;
    }

    private static TaskDecision Submit(TaskState state, TaskInput.Submit told)
    {
        if (state.Spec is null)
        {
            return told.Refusal is null
                ? TaskDecision.Of(new TaskFact.Submitted(told.Spec))
                : new TaskDecision([], told.Refusal);
        }
        return SameRequest.Is(state.Spec, told.Spec)
            ? TaskDecision.Nothing
            : TaskDecision.Refuse(
                FailureCodes.Conflict,
                "A task with this id or idempotency key exists with another content. Use a new key, or send the same content."
            );
    }

    private static TaskDecision Reported(
        TaskState state,
        TaskInput.Reported told,
        TaskLimits limits
    ) =>
        told.Report switch
        {
            TaskReport.Screened r when state.Phase == TaskPhase.Received && r.Turn == state.Turn =>
                PolicyVerdict.Screened(state, r, told, limits),
            TaskReport.PlanMade r when state.Phase == TaskPhase.Mediating && r.Turn == state.Turn =>
                PolicyVerdict.Planned(state, r, told, limits),
            TaskReport.WorkspaceReady r
                when Preparing(state, r.Attempt, r.Epoch) && state.Workspace is null =>
                TaskDecision.Of(new TaskFact.WorkspaceReady(r.Attempt, r.Workspace)),
            TaskReport.AgentStarted r when Preparing(state, r.Attempt, r.Epoch) => TaskDecision.Of(
                new TaskFact.AgentStarted(r.Attempt, r.Agent)
            ),
            TaskReport.Progressed r
                when state.Phase == TaskPhase.Running && Live(state, r.Attempt, r.Epoch) =>
                TaskDecision.Of(new TaskFact.Progressed(r.Attempt, r.Step)),
            TaskReport.Checkpointed r
                when state.Phase == TaskPhase.Running && Live(state, r.Attempt, r.Epoch) =>
                TaskDecision.Of(new TaskFact.Checkpointed(r.Attempt, r.Checkpoint)),
            TaskReport.RunEnded r when InRun(state) && Live(state, r.Attempt, r.Epoch) =>
                RunVerdict.Ended(state, r, told, limits),
            TaskReport.RunRefused r when state.RunLives && Live(state, r.Attempt, r.Epoch) =>
                RunVerdict.Refused(state, r, told.Now, limits),
            TaskReport.Verified r
                when state.Phase == TaskPhase.Validating && Live(state, r.Attempt, r.Epoch) =>
                RunVerdict.Verified(state, r, told, limits),
            TaskReport.Released r => Released(state, r),
            TaskReport.Applied or TaskReport.ApplyRefused => GuardedVerdict.Reported(
                state,
                told.Report
            ),
            _ => DeliveryVerdict.Reported(state, told.Report, told.Now, limits),
        };

    private static bool Preparing(TaskState state, int attempt, long epoch) =>
        state.Phase == TaskPhase.Preparing && Live(state, attempt, epoch);

    private static bool InRun(TaskState state) =>
        state.Phase is TaskPhase.Preparing or TaskPhase.Running;

    private static bool Live(TaskState state, int attempt, long epoch) =>
        attempt == state.Attempt && epoch == state.Epoch;

    private static TaskDecision Released(TaskState state, TaskReport.Released report)
    {
        if (report.Attempt <= state.ReleasedAttempt || report.Attempt > state.Attempt)
        {
            return TaskDecision.Echo;
        }
        if (!state.RunLives || report.Attempt < state.Attempt)
        {
            return TaskDecision.Of(new TaskFact.Released(report.Attempt));
        }
        // The host holds no process of an attempt that is to be stopped: it is gone, its end was lost. Its release stays
        // owed: the queue still counts the attempt's slot, and its worktree may be there.
        return state.Cancelling
            ? TaskDecision.Of(new TaskFact.Cancelled(RunVerdict.DuringExecution))
            : TaskDecision.Echo;
    }

    private static TaskDecision SlotOffered(
        TaskState state,
        TaskInput.SlotOffered told,
        TaskLimits limits
    )
    {
        if (
            state.Phase != TaskPhase.Queued
            || told.Offer.Turn != state.Turn
            || state.Due > told.Now
        )
        {
            return TaskDecision.Echo;
        }
        if (state.Tries >= limits.TriesMax || state.TurnAttempts >= limits.AttemptsPerTurnMax)
        {
            return TaskDecision.Of(RunVerdict.OutOfTries(state, limits));
        }
        if (Budgets.Reached(state, told.Spending, limits.Budgets, told.Now) is { } stop)
        {
            return TaskDecision.Of(new TaskFact.Paused(stop.Reason, stop.Until, stop.Scope));
        }
        var runner = state.Spec!.Runner.Length > 0 ? state.Spec.Runner : limits.DefaultRunner;
        // A session that nobody kept a copy of lies on the host that ran it, and there alone.
        var resume =
            state.SessionLives
            && state.SessionId.Length > 0
            && state.Runner == runner
            && (state.SessionBlob.Length > 0 || state.Host == told.Offer.Host);
        return TaskDecision.Of(
            new TaskFact.RunStarted(
                state.Turn,
                state.Attempt + 1,
                told.Offer.Host,
                told.Offer.Epoch,
                told.Now + RunTime(state, limits) + limits.HostGrace,
                runner,
                resume ? state.SessionId : told.NewSessionId,
                resume
            )
        );
    }

    /// <summary>The wall clock of a run of this task.</summary>
    public static TimeSpan RunTime(TaskState state, TaskLimits limits)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        var seconds = state.Spec?.TimeoutSeconds ?? 0;
        var wanted = seconds > 0 ? TimeSpan.FromSeconds(seconds) : limits.RunTimeMax;
        var lane = TimeSpan.FromSeconds(state.Lane?.RunSecondsMax ?? 0);
        return lane > TimeSpan.Zero && lane < wanted ? lane : wanted;
    }

    private static TaskDecision Woke(TaskState state, TaskInput.Woke told, TaskLimits limits)
    {
        if (state.Due is null || state.Due > told.Now)
        {
            return TaskDecision.Nothing;
        }
        return state.Phase switch
        {
            // The back-off is over: the turn may join the queue.
            TaskPhase.Queued => TaskDecision.Of(new TaskFact.Resumed("backoff")),
            TaskPhase.Paused => TaskDecision.Of(new TaskFact.Resumed("reset")),
            TaskPhase.AwaitingApproval when state.Questions.Count > 0 => TaskDecision.Of(
                new TaskFact.Approved("deadline", "Nobody answered in time.")
            ),
            TaskPhase.AwaitingApproval => TaskDecision.Of(
                new TaskFact.Rejected("deadline", "Nobody answered in time."),
                new TaskFact.Failed(
                    new Failure(
                        FailureCodes.TimedOut,
                        "Nobody answered the approval in time. Retry the task to ask again."
                    ),
                    ErrorClass.Timeout
                )
            ),
            TaskPhase.Preparing
            or TaskPhase.Running
            or TaskPhase.Validating when state.Cancelling => TaskDecision.Of(
                new TaskFact.Cancelled(RunVerdict.DuringExecution)
            ),
            TaskPhase.Preparing or TaskPhase.Running or TaskPhase.Validating => RunVerdict.Silent(
                state,
                told.Now,
                limits
            ),
            _ => TaskDecision.Nothing,
        };
    }

    private static TaskDecision HostLost(
        TaskState state,
        TaskInput.HostLost told,
        TaskLimits limits
    )
    {
        if (!state.RunLives || state.Host != told.Host || state.Epoch > told.Epoch)
        {
            return TaskDecision.Nothing;
        }
        return state.Cancelling
            ? TaskDecision.Of(new TaskFact.Cancelled(RunVerdict.DuringExecution))
            : RunVerdict.Lost(state, told.Now, limits);
    }

    private static TaskDecision Committed(TaskState state, TaskInput.Committed told) =>
        state.Spec is null ? NotFound()
        : state.RunLives ? NotNow(state, "commit")
        : TaskDecision.Of(told.Commit);

    private static TaskDecision Asked(TaskState state, TaskInput told, TaskLimits limits)
    {
        if (state.Spec is null)
        {
            return NotFound();
        }
        return told switch
        {
            TaskInput.CancelAsked i => Cancel(state, i),
            TaskInput.Replied i => ReplyVerdict.Told(state, i, limits),
            TaskInput.RetryAsked i when state.Turn >= limits.TurnsMax => TaskDecision.Refuse(
                FailureCodes.NotPossibleNow,
                $"The task has had {state.Turn} turns, the most allowed. Submit a new task."
            ),
            TaskInput.RetryAsked
            or TaskInput.RestageAsked when state.Guarded is { Step: GuardedStep.Applying } =>
                NotNow(state, "start another turn of"),
            TaskInput.RetryAsked i when state.Ended || state.Phase == TaskPhase.InReview =>
                TaskDecision.Of(
                    new TaskFact.TurnStarted(state.Turn + 1, TaskState.RetryTurn, i.By, "")
                ),
            TaskInput.RetryAsked when state.Phase == TaskPhase.Queued && state.Due is not null =>
                TaskDecision.Of(new TaskFact.Resumed("retry")),
            TaskInput.ResumeAsked i when state.Phase == TaskPhase.Paused => TaskDecision.Of(
                new TaskFact.Resumed(i.By)
            ),
            TaskInput.Answered i when state.Phase == TaskPhase.AwaitingApproval =>
                GuardedVerdict.Answer(state, i),
            TaskInput.Answered i when state.PausedBudget.Length > 0 => i.Yes
                ? TaskDecision.Of(new TaskFact.Resumed(i.By))
                : GuardedVerdict.No(i),
            TaskInput.ApplyAsked i => GuardedVerdict.Apply(state, i),
            TaskInput.RestageAsked i => GuardedVerdict.Restage(state, i),
            TaskInput.RetryAsked => NotNow(state, "retry"),
            TaskInput.ResumeAsked => NotNow(state, "resume"),
            TaskInput.Answered => NotNow(state, "answer"),
            _ => TaskDecision.Nothing,
        };
    }

    private static TaskDecision Cancel(TaskState state, TaskInput.CancelAsked told) =>
        state switch
        {
            { Phase: TaskPhase.Cancelled } or { Cancelling: true, Replies.Count: 0 } =>
                TaskDecision.Nothing,
            { Ended: true } => NotNow(state, "cancel"),
            { RunLives: true } => TaskDecision.Of(
                new TaskFact.CancelRequested(told.By, told.Reason)
            ),
            _ => TaskDecision.Of(
                new TaskFact.CancelRequested(told.By, told.Reason),
                new TaskFact.Cancelled(
                    state.TurnAttempts == 0 ? RunVerdict.BeforeStart : RunVerdict.DuringExecution
                )
            ),
        };

    private static TaskDecision NotFound() =>
        TaskDecision.Refuse(
            FailureCodes.NotFound,
            "There is no such task. 'orchestrator list' shows the tasks there are."
        );

    internal static TaskDecision NotNow(TaskState state, string verb) =>
        TaskDecision.Refuse(
            FailureCodes.NotPossibleNow,
            $"Cannot {verb} a task that is {state.Phase}. 'orchestrator explain' says what it waits for."
        );
}
