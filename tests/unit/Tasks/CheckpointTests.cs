using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>Where the next attempt goes on: the session and the work that hosts kept.</summary>
public sealed class CheckpointTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;

    [Fact]
    public void A_checkpoint_is_where_the_next_attempt_goes_on_and_an_empty_one_takes_nothing_away()
    {
        var running = TaskSituations.Named("Running");

        var kept = Fold(
            running,
            new TaskFact.Checkpointed(1, new Checkpoint { PatchBlob = "p", SessionBlob = "s" })
        );
        var empty = Fold(kept, new TaskFact.Checkpointed(1, new Checkpoint()));

        Assert.Equal(("p", "s", true), (kept.PatchBlob, kept.SessionBlob, kept.SessionLives));
        Assert.Equal(("p", "s", true), (empty.PatchBlob, empty.SessionBlob, empty.SessionLives));
        Assert.False(Fold(running, new TaskFact.Checkpointed(1, new Checkpoint())).SessionLives);
        Assert.Equal(
            "e",
            Fold(kept, new TaskFact.RunEnded(1, new RunResult { SessionBlob = "e" })).SessionBlob
        );
        var begun = new TaskFact.RunStarted(1, 2, "h2", 1, Now, "scripted", "s2", false);
        Assert.Equal("", Fold(kept, begun).SessionBlob);
        Assert.Equal("s", Fold(kept, begun with { Resume = true }).SessionBlob);
    }

    [Theory]
    [InlineData("", "", false, "s2", false)]
    [InlineData("s1", "scripted", true, "s1", true)]
    [InlineData("s1", "scripted", false, "s2", false)]
    [InlineData("", "scripted", true, "s2", false)]
    [InlineData("s1", "claude-code", true, "s2", false)]
    public void A_session_is_continued_when_it_lives_and_the_runner_is_the_same(
        string session,
        string runner,
        bool lives,
        string expected,
        bool resume
    )
    {
        var state = TaskSituations.Named("Queued") with
        {
            SessionId = session,
            Runner = runner,
            SessionLives = lives,
            SessionBlob = "kept",
        };

        var started = Offer(state, Limits);

        Assert.Equal((expected, resume), (started.SessionId, started.Resume));
    }

    [Theory]
    [InlineData("", "h", true)]
    [InlineData("", "other", false)]
    [InlineData("kept", "other", true)]
    public void A_session_that_nobody_kept_is_continued_on_the_host_that_has_it(
        string blob,
        string host,
        bool resume
    )
    {
        var state = TaskSituations.Named("Queued") with
        {
            SessionId = "s1",
            Runner = "scripted",
            SessionLives = true,
            SessionBlob = blob,
            Host = host,
        };

        Assert.Equal(resume, Offer(state, Limits).Resume);
    }

    private static TaskFact.RunStarted Offer(TaskState state, TaskLimits limits) =>
        Assert.IsType<TaskFact.RunStarted>(
            Assert.Single(
                TaskDecider
                    .Decide(
                        state,
                        new TaskInput.SlotOffered(new SlotOffer("h", 1, 1), "s2", Now),
                        limits
                    )
                    .Facts
            )
        );

    private static TaskState Fold(TaskState state, TaskFact fact) =>
        TaskSituations.Fold(state, fact);
}
