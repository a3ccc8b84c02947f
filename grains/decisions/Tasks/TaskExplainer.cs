using System.Globalization;
using Orchestrator.Decisions.Failures;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>Why a task is where it is, and what a person can do.</summary>
public static class TaskExplainer
{
    /// <summary>The explanation.</summary>
    public static Explanation Explain(TaskSnapshot task, QueueExplanation queue)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(queue);
        var reasons = new List<string>();
        reasons.AddRange(
            task.Questions.Select(
                (q, n) =>
                    n < task.Assumptions.Count
                        ? $"Asked: {q} Assumed otherwise, from {Time(task.Due ?? task.UpdatedAt)} on: {task.Assumptions[n]}"
                        : $"Asked: {q}"
            )
        );
        if (task.RepliesWaiting > 0)
        {
            reasons.Add(
                task.RepliesWaiting == 1
                    ? "One reply waits for the end of this turn."
                    : $"{task.RepliesWaiting} replies wait for the end of this turn."
            );
        }
        if (task.Plan is { } plan)
        {
            reasons.Add(
                $"Mediated by {(plan.Mode == GrainInterfaces.Mediation.MediationMode.Llama ? "the model " + plan.Model : "rules: " + plan.FallbackReason)}"
            );
        }
        if (task.Attempt > 0)
        {
            reasons.Add(
                $"Turn {task.Turn}, attempt {task.Attempt} on host {task.Host}, {task.Tries} tries counted."
            );
        }
        if (task.Result is { Message.Length: > 0 } result)
        {
            reasons.Add($"The last run ended with {result.ErrorClass}: {result.Message}");
        }
        reasons.AddRange(
            task.Overlaps.Select(o =>
                $"Task {o.TaskId} touched the same paths at the same time: {string.Join(", ", o.Paths.Select(p => p.Length > 0 ? p : "the whole repository"))}. Their changes may conflict."
            )
        );
        reasons.AddRange((task.Judgement?.Findings ?? []).Select(f => f.Message));
        if (task.Policy is { } policy)
        {
            var lane = policy.Lane is { } l ? $", lane {l.Name}" : "";
            reasons.Add($"Policy {policy.Policy}{lane} says {Word(policy.Verdict)}.");
            reasons.AddRange(
                policy
                    .Rulings.Where(r => r.Verdict != Verdict.Allow)
                    .Take(10)
                    .Select(r => $"Rule {r.Rule} ({r.Source}): {r.Reason}")
            );
        }
        if (task.ApprovalsNeeded > 0)
        {
            reasons.Add(
                $"{task.ApprovedBy.Count} of {task.ApprovalsNeeded} approvals are there{(task.ApprovedBy.Count > 0 ? ": " + string.Join(", ", task.ApprovedBy) : "")}."
            );
        }
        if (task.Command is { } command)
        {
            reasons.Add(
                $"Command asked about, in {(command.Folder.Length > 0 ? command.Folder : "the worktree")}: {command.Command}"
            );
        }
        reasons.AddRange(Delivered(task));
        if (task.Guarded is { } guarded)
        {
            reasons.Add(
                $"Its diff {guarded.Diff.Hash[..Math.Min(12, guarded.Diff.Hash.Length)]} is guarded: {Word(guarded)}."
            );
        }
        return new Explanation(
            task.TaskId,
            task.Phase,
            Headline(task, queue),
            reasons,
            Steps(task)
        );
    }

    private static string Headline(TaskSnapshot task, QueueExplanation queue) =>
        task.Phase switch
        {
            TaskPhase.Queued when task.Due is { } due =>
                $"It waits until {Time(due)} before it is tried again ({task.ErrorClass}).",
            TaskPhase.Queued => queue.Reason,
            TaskPhase.Preparing => $"Host {task.Host} prepares its worktree.",
            TaskPhase.Running =>
                $"{task.AgentLabel} works on host {task.Host}{(task.Step.Length > 0 ? ": " + task.Step : ".")}",
            TaskPhase.Validating => "The orchestrator runs the verify commands on the work.",
            TaskPhase.Paused =>
                $"{task.WaitingFor} It resumes {(task.Due is { } due ? "at " + Time(due) : "when somebody says so")}.",
            TaskPhase.AwaitingApproval => $"It waits for an answer: {task.WaitingFor}",
            TaskPhase.Failed => task.Failure?.Message ?? "It failed.",
            TaskPhase.Cancelled => "It was cancelled.",
            TaskPhase.Done => "It is done.",
            TaskPhase.Delivering when task.Remote.Length > 0 =>
                $"Its work is being handed to {task.Remote}.",
            TaskPhase.InReview when task.Delivery is { MergeHead.Length: > 0 } d =>
                $"{d.PullRequest?.WebAddress} is being merged.",
            TaskPhase.InReview => $"{task.Delivery?.PullRequest?.WebAddress} is in review.",
            _ => "It was accepted and is being read.",
        };

    private static IEnumerable<string> Delivered(TaskSnapshot task)
    {
        if (task.Delivery is not { } d)
        {
            yield break;
        }
        if (d.PullRequest is { } there)
        {
            yield return d.MergeCommit.Length > 0
                ? $"{there.WebAddress} was merged as {d.MergeCommit}."
            : d.Over ? $"{there.WebAddress} was closed without a merge."
            : $"{there.WebAddress}, branch {d.Branch} at {d.Head}, checked on {d.BaseCommit}.";
        }
        if (d.Seen.Count > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Feedback caused {d.Rounds} turns; {d.Pending.Count + d.InWork.Count} points are open."
            );
        }
        if (!d.Over && d.HeldFor.Count > 0)
        {
            foreach (var reason in d.HeldFor)
            {
                yield return "Not merged by itself: " + reason;
            }
        }
    }

    private static string Word(Verdict verdict) =>
        verdict switch
        {
            Verdict.Allow => "go on",
            Verdict.Deny => "no",
            _ => "that people must approve",
        };

    private static string Word(GuardedState guarded) =>
        guarded.Step switch
        {
            GuardedStep.Staged => "it waits for approval",
            GuardedStep.Approved when guarded.Refusal is { } refusal =>
                $"approved until {Time(guarded.Diff.Expires)}, and the last try to apply it was refused: {refusal.Message}",
            GuardedStep.Approved => $"approved until {Time(guarded.Diff.Expires)}, not applied yet",
            GuardedStep.Applying => "it is being applied",
            GuardedStep.Applied => $"applied to {guarded.Branch} as {guarded.Commit}",
            _ => "rejected",
        };

    private static List<string> Steps(TaskSnapshot task) =>
        task.Phase switch
        {
            TaskPhase.Done when task.Guarded is { Step: GuardedStep.Approved } =>
            [
                $"orchestrator diff {task.TaskId}",
                $"orchestrator apply-guarded {task.TaskId}",
                $"orchestrator restage {task.TaskId}",
            ],
            TaskPhase.Done =>
            [
                $"orchestrator diff {task.TaskId}",
                $"orchestrator retry {task.TaskId}",
            ],
            TaskPhase.Failed =>
            [
                RetrySchedule.SuggestedAction(task.ErrorClass),
                $"orchestrator retry {task.TaskId}",
            ],
            TaskPhase.Cancelled => [$"orchestrator retry {task.TaskId}"],
            TaskPhase.Paused =>
            [
                $"orchestrator resume {task.TaskId}",
                $"orchestrator cancel {task.TaskId}",
            ],
            TaskPhase.AwaitingApproval when task.Questions.Count > 0 =>
            [
                $"orchestrator reply {task.TaskId} \"…\"",
                $"orchestrator approve {task.TaskId} (what is assumed stands)",
                $"orchestrator reject {task.TaskId}",
            ],
            TaskPhase.AwaitingApproval when task.Command is not null =>
            [
                $"orchestrator approve {task.TaskId} --hash {task.ApprovalHash[..Math.Min(12, task.ApprovalHash.Length)]} (the agent goes on, and may run exactly this)",
                $"orchestrator reject {task.TaskId} (the turn ends)",
                $"orchestrator reply {task.TaskId} \"…\" (say how to do without it)",
            ],
            TaskPhase.AwaitingApproval =>
            [
                .. (string[])(task.Guarded is null ? [] : [$"orchestrator diff {task.TaskId}"]),
                $"orchestrator approve {task.TaskId}",
                $"orchestrator reject {task.TaskId}",
            ],
            _ => [$"orchestrator watch {task.TaskId}", $"orchestrator cancel {task.TaskId}"],
        };

    private static string Time(DateTimeOffset at) =>
        at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
