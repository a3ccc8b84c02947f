using System.Globalization;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What follows from a reply, and when one that waits gets its turn. Part of the decider's table.</summary>
internal static class ReplyVerdict
{
    /// <summary>Accepts a reply: told twice, it counts once; who may not have the work done may not have it changed either.</summary>
    public static TaskDecision Told(TaskState state, TaskInput.Replied told, TaskLimits limits)
    {
        var reply = told.Reply;
        var mark = ReplyMark.Of(reply);
        if (state.ReplyMarks.FirstOrDefault(m => m.Id == reply.Id) is { } before)
        {
            return before == mark
                ? TaskDecision.Nothing
                : TaskDecision.Refuse(
                    FailureCodes.Conflict,
                    "A reply with this id or idempotency key was sent before with another content. Use a new key, or send the same content."
                );
        }
        if (Refusal(state, told, limits) is { } refusal)
        {
            return new TaskDecision([], refusal);
        }
        var replied = new TaskFact.Replied(reply);
        if (state is { Phase: TaskPhase.AwaitingApproval, Questions.Count: > 0 })
        {
            return TaskDecision.Of(
                replied,
                new TaskFact.Approved(reply.By, "answered")
                {
                    From = reply.From,
                    ReplyId = reply.Id,
                }
            );
        }
        // A person was waited for, and a person spoke: what was asked about is not what is wanted any more.
        if (state.Phase == TaskPhase.AwaitingApproval)
        {
            return TaskDecision.Of(
                replied,
                Begin(state, state.Replies.Count > 0 ? state.Replies[0] : reply)
            );
        }
        return !reply.Interrupt || state.Rests || state.Cancelling ? TaskDecision.Of(replied)
            : state.RunLives ? TaskDecision.Of(replied, Interruption(reply))
            : TaskDecision.Of(
                replied,
                Interruption(reply),
                new TaskFact.Cancelled(
                    state.TurnAttempts == 0 ? RunVerdict.BeforeStart : RunVerdict.DuringExecution
                )
            );
    }

    /// <summary>The decision, followed by the next waiting reply's turn when it leaves the task at rest.</summary>
    public static TaskDecision Follow(TaskState state, TaskInput told, TaskDecision decision)
    {
        if (
            decision.Facts.Count == 0
            || (state.Replies.Count == 0 && !decision.Facts.Any(f => f is TaskFact.Replied))
        )
        {
            return decision;
        }
        var after = decision.Facts.Aggregate(state, (s, f) => s.After(f, told.Now));
        return
            after is { Rests: true, Replies.Count: > 0 }
            && after.Guarded is not { Step: GuardedStep.Applying }
            ? decision with
            {
                Facts = [.. decision.Facts, Begin(after, after.Replies[0])],
            }
            : decision;
    }

    private static TaskFact.TurnStarted Begin(TaskState state, Reply reply) =>
        new(state.Turn + 1, TaskState.ReplyTurn, reply.By, "") { ReplyId = reply.Id };

    private static TaskFact.CancelRequested Interruption(Reply reply) =>
        new(reply.By, "Interrupted by a reply.") { KeepsReplies = true };

    private static Failure? Refusal(TaskState state, TaskInput.Replied told, TaskLimits limits)
    {
        if (state.Turn + state.Replies.Count >= limits.TurnsMax)
        {
            return new(
                FailureCodes.NotPossibleNow,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The task has had {state.Turn} turns and has {state.Replies.Count} waiting, the most allowed. Submit a new task, or fork this one."
                )
            );
        }
        if (state.Replies.Count >= limits.RepliesWaitingMax)
        {
            return new(
                FailureCodes.QueueFull,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{state.Replies.Count} replies wait for their turn already, the most allowed. Send it again when some are answered."
                ),
                "",
                RetryAfterSeconds: 60
            );
        }
        if (state.Guarded is { Step: GuardedStep.Applying })
        {
            return TaskDecider.NotNow(state, "reply to").Refusal;
        }
        var constraints = state
            .Constraints.Concat(state.Replies.SelectMany(r => r.Constraints))
            .Union(told.Reply.Constraints)
            .Count();
        if (constraints > limits.ConstraintsMax)
        {
            return new(
                FailureCodes.InvalidRequest,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The task would have {constraints} constraints, the most allowed are {limits.ConstraintsMax}. Say it in the text instead."
                )
            );
        }
        var files =
            state.Attachments.Count
            + state.Replies.Sum(r => r.Attachments.Count)
            + told.Reply.Attachments.Count;
        if (files > Attachment.PerTaskMax)
        {
            return new(
                FailureCodes.InvalidRequest,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The task would have {files} attachments, the most allowed are {Attachment.PerTaskMax}."
                )
            );
        }
        return told.Policy is { } policy && told.Reply.By != state.Spec!.Requester
            ? Foreign(state, told, policy)
            : null;
    }

    // Somebody else's task: the policy must let the speaker have work done in its repository.
    private static Failure? Foreign(TaskState state, TaskInput told, PolicyDocument policy)
    {
        var spec = state.Spec!;
        var by = ((TaskInput.Replied)told).Reply.By;
        var ruling = PolicyEngine.OnRequest(
            policy,
            new PolicyRequest(
                by,
                spec.Repository,
                spec.BaseBranch,
                state.Kind,
                state.Plan?.ReadOnly ?? false,
                "",
                spec.Model,
                told.FirstTime
            )
        );
        return ruling.Verdict == Verdict.Deny
            ? PolicyVerdict.Denied(ruling.Rulings[0], ErrorClass.PolicyViolation).Failure
            : null;
    }
}
