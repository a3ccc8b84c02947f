using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Simulation;

/// <summary>What must hold in every simulated world, as sentences. A broken one ends the simulation with its sentence.</summary>
internal static class Invariants
{
    /// <summary>Fails the simulation.</summary>
    public static void Hold(bool holds, string sentence, string detail = "")
    {
        if (!holds)
        {
            throw new SimulationException($"{sentence} {detail}".TrimEnd());
        }
    }

    /// <summary>After a decision, before it is recorded.</summary>
    public static void OnDecision(TaskState state, TaskInput told, TaskDecision decision)
    {
        Hold(decision.Refusal is null || decision.Facts.Count == 0, "A refusal records nothing.");
        if (told is TaskInput.Reported { Report: var report })
        {
            Hold(decision.Refusal is null, "A report is never refused.");
            Hold(
                decision.Facts.Count == 0 || !IsStale(state, report),
                "A report of another turn, attempt or epoch records nothing.",
                report.ToString()
            );
        }
    }

    /// <summary>After an append.</summary>
    public static void OnAppend(
        TaskState before,
        IReadOnlyList<TaskFact> facts,
        TaskState after,
        TaskState read,
        TaskLimits limits
    )
    {
        Hold(
            after with
            {
                Paths = read.Paths,
                Said = read.Said,
                Memory = read.Memory,
                Constraints = read.Constraints,
                Attachments = read.Attachments,
                Replies = read.Replies,
                ReplyMarks = read.ReplyMarks,
            } == read
                && after.Paths.SequenceEqual(read.Paths)
                && after.Said.SequenceEqual(read.Said)
                && after.Memory.SequenceEqual(read.Memory)
                && after.Constraints.SequenceEqual(read.Constraints)
                && after.Attachments.SequenceEqual(read.Attachments)
                && after.Replies.SequenceEqual(read.Replies)
                && after.ReplyMarks.SequenceEqual(read.ReplyMarks),
            "The live state is the fold of the stored facts."
        );
        Hold(after.Attempt - before.Attempt is 0 or 1, "Attempts grow one by one.");
        Hold(after.Tries <= limits.TriesMax, "A turn has no more tries than the limit.");
        Hold(
            after.TurnAttempts <= limits.AttemptsPerTurnMax,
            "A turn has no more attempts than the limit."
        );
        Hold(after.ReleasedAttempt <= after.Attempt, "Only what ran is released.");
        Hold(!after.Ended || after.Due is null, "What ended waits for nothing.");
        Hold(!after.Ended || !after.Cancelling, "What ended is no longer to be cancelled.");
        var state = before;
        foreach (var fact in facts)
        {
            Hold(
                !state.Ended
                    || fact is TaskFact.Released or TaskFact.TurnStarted or TaskFact.CommitMade,
                "After its end a task records releases, commits and a new turn only.",
                fact.GetType().Name
            );
            Hold(
                fact is not TaskFact.RunStarted || !state.RunLives,
                "An attempt starts only when none lives."
            );
            Hold(
                !state.Cancelling
                    || fact
                        is not (
                            TaskFact.Delivered
                            or TaskFact.Failed
                            or TaskFact.RunStarted
                            or TaskFact.RetryScheduled
                            or TaskFact.Paused
                        ),
                "An acknowledged cancel ends in Cancelled.",
                fact.GetType().Name
            );
            state = state.After(fact, DateTimeOffset.UnixEpoch);
        }
    }

    /// <summary>When the world is quiet for good.</summary>
    public static void AtEnd(string task, TaskState state, IReadOnlyList<TaskFact> facts)
    {
        var waitsForAHost = state.Phase == TaskPhase.Queued && state.Spec!.Labels.Count > 0;
        Hold(
            state.Ended || waitsForAHost,
            "Every task ends or waits for a reason that has a name.",
            $"{task} is {state.Phase}, due {state.Due:u}"
        );
        Hold(
            facts
                .OfType<TaskFact.RunStarted>()
                .Select(f => f.Attempt)
                .SequenceEqual(Enumerable.Range(1, facts.OfType<TaskFact.RunStarted>().Count())),
            "Attempts are numbered from one without a gap."
        );
        Hold(
            state.ReleasedAttempt == state.Attempt,
            "What ended is released by its host.",
            $"{task}: {state.ReleasedAttempt} of {state.Attempt}"
        );
    }

    private static bool IsStale(TaskState state, TaskReport report) =>
        report switch
        {
            TaskReport.Screened r => r.Turn != state.Turn,
            TaskReport.PlanMade r => r.Turn != state.Turn,
            TaskReport.WorkspaceReady r => r.Attempt != state.Attempt || r.Epoch != state.Epoch,
            TaskReport.AgentStarted r => r.Attempt != state.Attempt || r.Epoch != state.Epoch,
            TaskReport.Progressed r => r.Attempt != state.Attempt || r.Epoch != state.Epoch,
            TaskReport.RunEnded r => r.Attempt != state.Attempt || r.Epoch != state.Epoch,
            TaskReport.RunRefused r => r.Attempt != state.Attempt || r.Epoch != state.Epoch,
            TaskReport.Verified r => r.Attempt != state.Attempt || r.Epoch != state.Epoch,
            _ => false,
        };
}

/// <summary>An invariant does not hold.</summary>
internal sealed class SimulationException(string message) : Exception(message)
{
    public SimulationException()
        : this("") { }

    public SimulationException(string message, Exception inner)
        : this(message + inner.Message) { }
}
