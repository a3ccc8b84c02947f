using Orchestrator.Decisions.Runners;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

public sealed class LapseWatchTests
{
    [Fact]
    public void A_host_is_dead_only_when_two_looks_in_a_row_find_the_same_epoch_lapsed()
    {
        var watch = new LapseWatch();

        Assert.Empty(watch.Look([("a", 1), ("b", 4)]));
        Assert.Equal([("a", 1L)], watch.Look([("a", 1), ("b", 5)]));
        Assert.Empty(watch.Look([]));
        Assert.Empty(watch.Look([("a", 1)]));
    }

    [Theory]
    [InlineData(2, 7, false)]
    [InlineData(2, 6, true)]
    [InlineData(1, 7, true)]
    [InlineData(1, 9, true)]
    [InlineData(3, 7, false)]
    public void A_report_is_stale_when_its_attempt_or_epoch_is_older(
        int attempt,
        long epoch,
        bool stale
    )
    {
        var now = DateTimeOffset.UnixEpoch;
        var state = TaskState
            .Empty.After(new TaskFact.Submitted(new TaskSpec { Request = "x" }), now)
            .After(new TaskFact.RunStarted(1, 2, "box", 7, now, "scripted", "s", false), now);

        Assert.Equal(
            stale,
            ReportFence.IsStale(state, new TaskReport.RunEnded(attempt, epoch, new RunResult()))
        );
        // A verification is anybody's work.
        Assert.False(
            ReportFence.IsStale(
                state,
                new TaskReport.Verified(attempt, epoch, new VerificationReport("none", [], ""))
            )
        );
    }
}
