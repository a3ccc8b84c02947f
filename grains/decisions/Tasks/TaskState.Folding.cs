using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <content>How each fact changes the state.</content>
public sealed partial record TaskState
{
    /// <summary>The state after an entry.</summary>
    public TaskState After(TaskFact fact, DateTimeOffset at)
    {
        var next = Fold(fact);
        next = fact switch
        {
            TaskFact.RunEnded when next.Phase == TaskPhase.Validating => next with
            {
                Due = at + VerifyWaitMax,
            },
            TaskFact.CancelRequested => next with { Due = at + StopWaitMax },
            TaskFact.Judged { Judgement.Accepted: true } => next with { AcceptedAt = at },
            TaskFact.ApplyStarted when next.Guarded is { } guarded => next with
            {
                Guarded = guarded with { Since = at },
            },
            TaskFact.TurnStarted { Kind: FeedbackTurn } when next.Delivery is { } delivery =>
                next with
                {
                    Delivery = delivery with
                    {
                        RoundsAt = [.. delivery.RoundsAt.TakeLast(RoundsKept - 1), at],
                    },
                },
            TaskFact.MergeHeld { Refused: true } when next.Delivery is { } delivery => next with
            {
                Delivery = delivery with { RefusedAt = at },
            },
            _ => next,
        };
        return next with
        {
            Said = Saying(fact, next.Turn),
            Version = Version + 1,
            UpdatedAt = at,
            CreatedAt = Version == 0 ? at : CreatedAt,
        };
    }

    private TaskState Fold(TaskFact fact) =>
        fact switch
        {
            TaskFact.Submitted f => this with
            {
                Phase = TaskPhase.Received,
                Spec = f.Spec,
                Turn = 1,
                Priority = f.Spec.Priority,
                Constraints = f.Spec.Constraints,
                Attachments = f.Spec.Attachments,
                Speaker = f.Spec.Requester,
                Script = f.Spec.Script,
                Memory = f.Spec.Earlier,
                BaseCommit = f.Spec.StartCommit,
                BaseBundle = f.Spec.StartBundle,
                PatchBlob = f.Spec.StartPatchBlob,
                PatchBase = f.Spec.StartPatchBlob.Length > 0 ? f.Spec.StartCommit : "",
                AcceptedPatch = f.Spec.StartPatchAccepted ? f.Spec.StartPatchBlob : "",
            },
            TaskFact.Screened => this with { Phase = TaskPhase.Mediating },
            TaskFact.PlanMade f => this with
            {
                Phase = TaskPhase.Queued,
                Plan = f.Plan,
                FirstTitle = FirstTitle.Length > 0 ? FirstTitle : f.Plan.Title,
                Due = null,
                Paths = f.Plan.ReadOnly ? Paths : PathClaims.Add(Paths, f.Plan.TargetFiles),
            },
            TaskFact.RunStarted f => this with
            {
                Phase = TaskPhase.Preparing,
                Attempt = f.Attempt,
                TurnAttempts = TurnAttempts + 1,
                Tries = Tries + 1,
                Host = f.Host,
                Epoch = f.Epoch,
                Due = f.Deadline,
                Runner = f.Runner,
                SessionId = f.SessionId,
                Resume = f.Resume,
                SessionLives = f.Resume,
                SessionBlob = f.Resume ? SessionBlob : "",
                SessionCostUsd = f.Resume ? SessionCostUsd : 0,
                Workspace = null,
                Agent = null,
                Step = null,
                WaitingFor = "",
            },
            TaskFact.WorkspaceReady f => this with
            {
                Workspace = f.Workspace,
                BaseCommit = BaseCommit.Length > 0 ? BaseCommit : f.Workspace.BaseCommit,
            },
            TaskFact.AgentStarted f => this with { Phase = TaskPhase.Running, Agent = f.Agent },
            TaskFact.Progressed f => this with { Step = f.Step },
            TaskFact.Checkpointed f => this with
            {
                PatchBlob = f.Checkpoint.PatchBlob.Length > 0 ? f.Checkpoint.PatchBlob : PatchBlob,
                PatchBase = f.Checkpoint.PatchBlob.Length > 0 ? BaseNow : PatchBase,
                SessionLives = SessionLives || f.Checkpoint.SessionBlob.Length > 0,
                SessionBlob =
                    f.Checkpoint.SessionBlob.Length > 0 ? f.Checkpoint.SessionBlob : SessionBlob,
                Paths = PathClaims.Add(Paths, f.Checkpoint.Paths),
            },
            TaskFact.RunEnded f => AfterRun(f.Result),
            TaskFact.RetryScheduled f => this with
            {
                Phase = TaskPhase.Queued,
                Due = f.Due,
                ErrorClass = f.ErrorClass,
                Feedback = f.Feedback,
                Tries = f.CountsAsTry ? Tries : Math.Max(0, Tries - 1),
                SessionLives = SessionLives && f.ErrorClass != ErrorClass.SessionLost,
                Step = null,
            },
            TaskFact.Verified f => this with { Verification = f.Report },
            TaskFact.Judged f => this with
            {
                Judgement = f.Judgement,
                Phase = f.Judgement.Accepted ? TaskPhase.Delivering : Phase,
                AcceptedPatch = f.Judgement.Accepted ? Result?.Diff.PatchBlob ?? "" : AcceptedPatch,
            },
            TaskFact.Delivered => Ending(TaskPhase.Done),
            TaskFact.Paused f => this with
            {
                Phase = TaskPhase.Paused,
                Due = f.Until,
                WaitingFor = f.Reason,
                PausedBudget = f.Budget,
                // The run that ended in the pause is nobody's try; a pause before a run has none to give back.
                Tries = RunLives ? Math.Max(0, Tries - 1) : Tries,
            },
            TaskFact.Resumed f => AfterPause(f.By) with
            {
                Phase = TaskPhase.Queued,
                Due = null,
                WaitingFor = "",
                PausedBudget = "",
            },
            TaskFact.ApprovalAsked f => this with
            {
                Phase = TaskPhase.AwaitingApproval,
                ReturnTo = f.ReturnTo,
                Due = f.RemindAt ?? f.Deadline,
                AskedUntil = f.Deadline,
                ApprovalTo = "",
                WaitingFor = f.What,
                ApprovalsNeeded = Math.Max(1, f.Approvals),
                ApprovalRoles = f.Roles,
                ApprovalHash = f.Hash,
                ApprovedBy = [],
                Questions = f.Questions,
                Assumptions = f.Assumptions,
                Command = f.Command,
                AskedCommands = AskedCommands + (f.Command is null ? 0 : 1),
                // The run that ended in the question is nobody's try.
                Tries = f.Command is null ? Tries : Math.Max(0, Tries - 1),
            },
            TaskFact.ApprovalReminded => this with { Due = AskedUntil },
            TaskFact.ApprovalHandedOver f => this with { ApprovalTo = f.To },
            TaskFact.Replied f => AfterReply(f.Reply),
            TaskFact.Approved f => AfterYes(f),
            TaskFact.Rejected => Answered() with
            {
                Guarded = Guarded is null ? null : Guarded with { Step = GuardedStep.Rejected },
            },
            TaskFact.Ruled f => this with { Ruling = f.Ruling, Lane = f.Ruling.Lane ?? Lane },
            TaskFact.Staged f => this with { Guarded = new GuardedState { Diff = f.Diff } },
            TaskFact.ApplyStarted f => this with
            {
                Guarded = Guarded is null
                    ? null
                    : Guarded with
                    {
                        Step = GuardedStep.Applying,
                        AppliedBy = f.By,
                        ThreeWay = f.ThreeWay,
                        Refusal = null,
                    },
            },
            TaskFact.Applied f => this with
            {
                Guarded = Guarded is null
                    ? null
                    : Guarded with
                    {
                        Step = GuardedStep.Applied,
                        Branch = f.Branch,
                        Commit = f.Commit,
                    },
            },
            TaskFact.ApplyRefused f => this with
            {
                Guarded = Guarded is null
                    ? null
                    : Guarded with
                    {
                        Step = GuardedStep.Approved,
                        Refusal = f.Failure,
                    },
            },
            TaskFact.BranchPushed
            or TaskFact.PullRequestOpened
            or TaskFact.FeedbackReceived
            or TaskFact.FeedbackAnswered
            or TaskFact.MergeHeld
            or TaskFact.MergeStarted
            or TaskFact.Merged
            or TaskFact.PullRequestClosed => AfterDelivery(fact),
            TaskFact.CancelRequested f => this with
            {
                Cancelling = true,
                Replies = f.KeepsReplies ? Replies : [],
            },
            TaskFact.Cancelled => Ending(TaskPhase.Cancelled) with
            {
                ErrorClass = ErrorClass.Cancelled,
            },
            TaskFact.Failed f => Ending(TaskPhase.Failed) with
            {
                Failure = f.Failure,
                ErrorClass = f.ErrorClass,
            },
            TaskFact.Released f => this with
            {
                ReleasedAttempt = Math.Max(ReleasedAttempt, f.Attempt),
            },
            TaskFact.TurnStarted f => NextTurn(f),
            TaskFact.OverlapFound f => this with { Overlaps = [.. Overlaps, .. f.With] },
            _ => this,
        };

    private TaskState AfterRun(RunResult result) =>
        this with
        {
            // A check brings no answer of an agent: the one that was there stays.
            Result = CheckOnly
                ? (Result ?? new RunResult()) with
                {
                    ErrorClass = result.ErrorClass,
                    Message = result.Message,
                    Diff = result.Diff,
                }
                : result,
            ResultTurn = CheckOnly ? ResultTurn : Turn,
            Phase = result.ErrorClass == ErrorClass.None ? TaskPhase.Validating : Phase,
            ErrorClass = result.ErrorClass,
            Step = null,
            SessionLives = result.SessionId.Length > 0 || SessionLives,
            SessionBlob = result.SessionBlob.Length > 0 ? result.SessionBlob : SessionBlob,
            SessionCostUsd = Math.Max(SessionCostUsd, result.Usage.SessionCostUsd),
            CostUsd = CostUsd + result.Usage.CostUsd,
            Tokens =
                Tokens
                + result.Usage.InputTokens
                + result.Usage.OutputTokens
                + result.Usage.CacheReadTokens
                + result.Usage.CacheWriteTokens,
            PatchBlob = result.Diff.PatchBlob.Length > 0 ? result.Diff.PatchBlob : PatchBlob,
            PatchBase = result.Diff.PatchBlob.Length > 0 ? BaseNow : PatchBase,
            Paths = PathClaims.Add(
                Paths,
                result
                    .Diff.Files.SelectMany(f => (string[])[f.Path, f.OldPath])
                    .Where(p => p.Length > 0)
            ),
            Verification = null,
            Judgement = null,
        };

    // The clock grants nothing.
    private TaskState AfterPause(string by) =>
        (PausedBudget, by) switch
        {
            (Budgets.OfTask, not "reset") => this with { BudgetGrants = BudgetGrants + 1 },
            (Budgets.OfDay, not "reset") => this with { BudgetTurn = Turn },
            _ => this,
        };

    private TaskState Ending(TaskPhase phase) =>
        this with
        {
            Command = null,
            Phase = phase,
            Due = null,
            PausedBudget = "",
            Cancelling = false,
            WaitingFor = "",
            Step = null,
            ApprovalsNeeded = 0,
            ApprovalRoles = [],
            ApprovalHash = "",
            AskedUntil = null,
            ApprovalTo = "",
            Questions = [],
            Assumptions = [],
        };

    // Enough different people: it goes on where it was asked. A fact of before counts were kept is enough by itself.
    private TaskState AfterYes(TaskFact.Approved fact)
    {
        if (Questions.Count > 0)
        {
            return Clear(fact);
        }
        IReadOnlyList<string> by = [.. ApprovedBy, fact.By];
        return by.Count < ApprovalsNeeded
            ? this with
            {
                ApprovedBy = by,
            }
            : Answered() with
            {
                Phase = ReturnTo,
                ApprovedBy = by,
                Feedback = Command is null ? Feedback : CommandVerdict.Told(Command),
                AllowedCommands = Command is null ? AllowedCommands : [.. AllowedCommands, Command],
                Guarded =
                    Guarded is { Step: GuardedStep.Staged } && Guarded.Diff.Hash == ApprovalHash
                        ? Guarded with
                        {
                            Step = GuardedStep.Approved,
                        }
                        : Guarded,
            };
    }

    private TaskState Answered() =>
        this with
        {
            Command = null,
            Questions = [],
            Assumptions = [],
            Due = null,
            WaitingFor = "",
            ApprovalsNeeded = 0,
            ApprovalRoles = [],
            ApprovalHash = "",
            AskedUntil = null,
            ApprovalTo = "",
        };

    private TaskState Turned(TaskFact.TurnStarted fact) =>
        this with
        {
            Phase = fact.Kind == Restage ? TaskPhase.Queued : TaskPhase.Mediating,
            CheckOnly = fact.Kind == Restage,
            BaseCommit =
                fact.BaseCommit.Length > 0 ? fact.BaseCommit
                : fact.Kind == Restage ? ""
                : BaseCommit,
            BaseBundle = fact.BaseBundle.Length > 0 ? fact.BaseBundle : BaseBundle,
            Delivery = Talk(fact),
            ApprovalsNeeded = 0,
            ApprovalRoles = [],
            ApprovalHash = "",
            AskedUntil = null,
            ApprovalTo = "",
            ApprovedBy = [],
            Command = null,
            AskedCommands = 0,
            AllowedCommands = [],
            Guarded = null,
            Turn = fact.Turn,
            TurnAttempts = 0,
            Tries = 0,
            Due = null,
            Failure = null,
            ErrorClass = ErrorClass.None,
            Feedback = "",
            Cancelling = false,
            WaitingFor = "",
            Verification = null,
            Judgement = null,
        };
}
