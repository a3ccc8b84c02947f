using System.Globalization;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Simulation;

public sealed class SimulationTests
{
    private const int SeedsMax = 2_000;

    /// <summary>ORCHESTRATOR_SIMULATION_SEEDS=100000 is the long form; =17..17 plays one seed.</summary>
    [Fact]
    public void Every_seed_keeps_every_invariant()
    {
        var (from, to) = Seeds();
        for (var seed = from; seed <= to; seed++)
        {
            _ = new SimulatedWorld(seed, new SimulatedDecisions()).Run();
        }
    }

    [Fact]
    public void The_same_seed_plays_the_same_world_and_another_seed_another_one()
    {
        var traces = Enumerable
            .Range(1, 20)
            .Select(s => new SimulatedWorld(s, new SimulatedDecisions()).Run())
            .ToList();

        Assert.Equal(20, traces.Distinct().Count());
        Assert.Equal(
            traces,
            Enumerable
                .Range(1, 20)
                .Select(s => new SimulatedWorld(s, new SimulatedDecisions()).Run())
        );
    }

    [Fact]
    public void A_decider_that_believes_an_older_attempt_is_caught() =>
        AssertCaught(
            "A report of another turn, attempt or epoch records nothing.",
            new SimulatedDecisions
            {
                Decide = (state, told, limits) =>
                    TaskDecider.Decide(
                        state,
                        told is TaskInput.Reported { Report: TaskReport.RunEnded r } reported
                            ? reported with
                            {
                                Report = r with { Attempt = state.Attempt, Epoch = state.Epoch },
                            }
                            : told,
                        limits
                    ),
            }
        );

    [Fact]
    public void A_decider_that_tries_for_ever_is_caught() =>
        AssertCaught(
            "A turn has no more tries than the limit.",
            new SimulatedDecisions
            {
                Decide = (state, told, limits) =>
                    told is TaskInput.Reported { Report: TaskReport.RunEnded r }
                    && state.Phase == TaskPhase.Running
                    && r.Attempt == state.Attempt
                    && r.Epoch == state.Epoch
                    && !state.Cancelling
                        ? TaskDecision.Of(
                            new TaskFact.RunEnded(r.Attempt, r.Result),
                            new TaskFact.RetryScheduled(
                                r.Attempt,
                                ErrorClass.Network,
                                told.Now,
                                true,
                                ""
                            )
                        )
                        : TaskDecider.Decide(state, told, limits with { TriesMax = 1_000 }),
            }
        );

    [Fact]
    public void A_decider_that_forgets_a_cancel_is_caught() =>
        AssertCaught(
            "An acknowledged cancel ends in Cancelled.",
            new SimulatedDecisions
            {
                Decide = (state, told, limits) =>
                    TaskDecider.Decide(
                        told is TaskInput.Reported { Report: TaskReport.RunEnded }
                            ? state with
                            {
                                Cancelling = false,
                            }
                            : state,
                        told,
                        limits
                    ),
            }
        );

    [Fact]
    public void A_debt_that_is_forgotten_is_caught() =>
        AssertCaught(
            "Every task ends or waits for a reason that has a name.",
            new SimulatedDecisions
            {
                Owed = state =>
                    state.Phase == TaskPhase.Mediating && state.Version % 7 == 2
                        ? []
                        : TaskDecider.Owed(state),
            }
        );

    [Fact]
    public void A_release_that_is_not_owed_is_caught() =>
        AssertCaught(
            "What ended is released by its host.",
            new SimulatedDecisions
            {
                Owed = state =>
                    [.. TaskDecider.Owed(state).Where(e => e is not TaskEffect.Release)],
            }
        );

    private static void AssertCaught(string sentence, SimulatedDecisions broken)
    {
        var caught = Assert.Throws<SimulationException>(() =>
        {
            for (var seed = 1; seed <= 300; seed++)
            {
                _ = new SimulatedWorld(seed, broken).Run();
            }
        });

        Assert.Contains(sentence, caught.Message, StringComparison.Ordinal);
    }

    private static (int From, int To) Seeds()
    {
        var text = Environment.GetEnvironmentVariable("ORCHESTRATOR_SIMULATION_SEEDS") ?? "";
        if (text.Length == 0)
        {
            return (1, SeedsMax);
        }
        var ends = text.Split("..");
        var last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
        return (ends.Length > 1 ? int.Parse(ends[0], CultureInfo.InvariantCulture) : 1, last);
    }
}
