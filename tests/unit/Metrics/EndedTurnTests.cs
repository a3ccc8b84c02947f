using Orchestrator.Decisions.Metrics;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Metrics;

public sealed class EndedTurnTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly JournalEntry[] Life =
    [
        Entry(1, 0, new TaskFact.Submitted(new TaskSpec { Request = "x" })),
        Entry(2, 2, new TaskFact.Screened(1, new Ruling(Verdict.Allow, "", "", ""))),
        Entry(
            3,
            5,
            new TaskFact.Failed(new Failure(FailureCodes.TimedOut, "slow"), ErrorClass.Timeout)
        ),
        Entry(4, 100, new TaskFact.TurnStarted(2, "retry", "ann", "")),
        Entry(5, 107, new TaskFact.Cancelled("before_start")),
    ];

    [Fact]
    public void A_turn_counts_from_its_own_start_and_its_phases_add_up_to_its_time()
    {
        var turn = EndedTurn.Of(Life, 3)!;

        Assert.Equal(
            ("failed", ErrorClass.Timeout, 5.0),
            (turn.Outcome, turn.ErrorClass, turn.Seconds)
        );
        Assert.Equal(2, turn.PhaseSeconds[TaskPhase.Received]);
        Assert.Equal(3, turn.PhaseSeconds[TaskPhase.Mediating]);
        Assert.Equal(turn.Seconds, turn.PhaseSeconds.Values.Sum());
    }

    [Fact]
    public void A_later_turn_holds_nothing_of_the_pause_before_it()
    {
        var turn = EndedTurn.Of(Life, 5)!;

        Assert.Equal(("cancelled", 7.0), (turn.Outcome, turn.Seconds));
        Assert.Equal(7, turn.PhaseSeconds.Values.Sum());
    }

    [Fact]
    public void From_its_beginning_a_turn_has_the_numbers_that_it_has_from_all_facts()
    {
        var beginnings = new TurnBeginnings();
        foreach (var entry in Life.Where(e => e.Sequence <= 4))
        {
            beginnings.Note(entry);
        }
        var begun = beginnings.Of("t")!;

        var all = EndedTurn.Of(Life, 5)!;
        var own = EndedTurn.Of([.. Life.Skip(3)], 5, begun.Kind)!;

        Assert.Equal(4, begun.Sequence);
        Assert.Equal(all with { PhaseSeconds = own.PhaseSeconds }, own);
        Assert.Equal(all.PhaseSeconds, own.PhaseSeconds);
        Assert.Null(beginnings.Of("unknown"));
    }

    [Fact]
    public void A_fact_that_ends_no_turn_has_no_numbers()
    {
        Assert.Null(EndedTurn.Of(Life, 2));
        Assert.Null(EndedTurn.Of(Life, 99));
    }

    private static JournalEntry Entry(long sequence, double seconds, TaskFact fact) =>
        new("t", sequence, Start.AddSeconds(seconds), fact, sequence);
}
