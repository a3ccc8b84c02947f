using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Metrics;

/// <summary>The numbers of one ended turn.</summary>
/// <param name="Kind">The task's kind.</param>
/// <param name="Outcome"><c>success</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="ErrorClass">Why it failed; <see cref="ErrorClass.None"/> on success.</param>
/// <param name="Seconds">From the turn's first fact to its end.</param>
/// <param name="PhaseSeconds">Time spent in each phase of the turn; the sum is <paramref name="Seconds"/>.</param>
public sealed record EndedTurn(
    TaskKind Kind,
    string Outcome,
    ErrorClass ErrorClass,
    double Seconds,
    IReadOnlyDictionary<TaskPhase, double> PhaseSeconds
)
{
    /// <summary>True when a fact ends a turn.</summary>
    public static bool IsEnd(TaskFact fact) =>
        fact is TaskFact.Delivered or TaskFact.Failed or TaskFact.Cancelled;

    /// <summary>The turn that ends with a fact; null when that fact ends none.</summary>
    /// <param name="entries">Facts of its task in order: all, or those from the one that began the turn.</param>
    /// <param name="endSequence">Number of the fact that ends it.</param>
    /// <param name="kind">The task's kind as the facts before said it; null = the given ones are all.</param>
    public static EndedTurn? Of(
        IReadOnlyList<JournalEntry> entries,
        long endSequence,
        TaskKind? kind = null
    )
    {
        ArgumentNullException.ThrowIfNull(entries);
        var state = TaskState.Empty;
        var began = default(DateTimeOffset);
        var since = default(DateTimeOffset);
        var phases = new Dictionary<TaskPhase, double>();
        foreach (var entry in entries)
        {
            if (entry.Fact is TaskFact.Submitted or TaskFact.TurnStarted)
            {
                phases.Clear();
                began = since = entry.At;
            }
            var left = state.Phase;
            state = state.After(entry.Fact, entry.At);
            if (state.Phase != left || IsEnd(entry.Fact))
            {
                var spent = (entry.At - since).TotalSeconds;
                if (spent > 0)
                {
                    phases[left] = phases.GetValueOrDefault(left) + spent;
                }
                since = entry.At;
            }
            if (entry.Sequence == endSequence)
            {
                return IsEnd(entry.Fact)
                    ? new EndedTurn(
                        kind ?? state.Kind,
                        OutcomeOf(entry.Fact),
                        ClassOf(entry.Fact),
                        (entry.At - began).TotalSeconds,
                        phases
                    )
                    : null;
            }
        }
        return null;
    }

    private static string OutcomeOf(TaskFact fact) =>
        fact switch
        {
            TaskFact.Delivered => "success",
            TaskFact.Cancelled => "cancelled",
            _ => "failed",
        };

    private static ErrorClass ClassOf(TaskFact fact) =>
        fact switch
        {
            TaskFact.Failed f => f.ErrorClass,
            TaskFact.Cancelled => ErrorClass.Cancelled,
            _ => ErrorClass.None,
        };
}
