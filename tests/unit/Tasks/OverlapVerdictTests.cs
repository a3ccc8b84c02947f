using Orchestrator.Decisions.Queueing;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>Tasks that touch the same paths are told so, once for each thing.</summary>
public sealed class OverlapVerdictTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;
    private static readonly PathClaim Other = new("task_other", ["src/a.cs"]);

    [Fact]
    public void A_run_begins_with_the_word_of_whom_it_meets_by_what_was_declared()
    {
        var facts = Decide(Queued("src"), Slot() with { Others = [Other] });

        Assert.Equal(["OverlapFound", "RunStarted"], facts.Select(f => f.GetType().Name));
        Assert.Equal("task_other", ((TaskFact.OverlapFound)facts[0]).With.Single().TaskId);
        Assert.Single(Decide(Queued("docs"), Slot() with { Others = [Other] }));
        Assert.Single(Decide(Queued("src"), Slot()));
    }

    [Fact]
    public void Work_that_shows_an_overlap_says_it_and_the_same_is_not_said_again()
    {
        var running = TaskSituations.Named("Running");
        var kept = Checkpoint(running, "src/a.cs") with { Others = [Other] };

        var facts = Decide(running, kept);
        Assert.Equal(["OverlapFound", "Checkpointed"], facts.Select(f => f.GetType().Name));
        var told = TaskSituations.Fold(running, facts);
        Assert.Equal(["src/a.cs"], told.Overlaps.Single().Paths);

        Assert.Equal(["Checkpointed"], Decide(told, kept).Select(f => f.GetType().Name));
        Assert.Equal(
            ["OverlapFound", "RunEnded"],
            Decide(
                    told,
                    End(told, "src/b.cs") with
                    {
                        Others = [Other with { Paths = ["src/a.cs", "src/b.cs"] }],
                    }
                )
                .Select(f => f.GetType().Name)
        );
    }

    [Fact]
    public void A_stale_report_says_nothing_and_a_task_remembers_so_many()
    {
        var running = TaskSituations.Named("Running");
        var stale = new TaskInput.Reported(
            new TaskReport.Checkpointed(
                running.Attempt + 1,
                1,
                new Checkpoint { FilesTotal = 1, Paths = ["src/a.cs"] }
            ),
            Now
        )
        {
            Others = [Other],
        };
        Assert.Empty(Decide(running, stale));
        Assert.Empty(Decide(running with { Paths = ["src"] }, stale));

        var full = running with
        {
            Overlaps =
            [
                .. Enumerable
                    .Range(0, OverlapVerdict.RememberedMax)
                    .Select(i => new Overlap("t" + i, ["x"])),
            ],
        };
        Assert.Single(Decide(full, Checkpoint(full, "src/a.cs") with { Others = [Other] }));
    }

    [Fact]
    public void Others_are_asked_for_when_they_could_matter_and_never_otherwise()
    {
        var queued = Queued("src");
        var running = TaskSituations.Named("Running") with { Spec = queued.Spec };

        Assert.True(OverlapVerdict.Matters(queued, Slot(), Limits));
        Assert.False(OverlapVerdict.Matters(queued with { Paths = [] }, Slot(), Limits));
        Assert.False(
            OverlapVerdict.Matters(queued, Slot(), Limits with { Overlap = OverlapMode.Off })
        );
        Assert.False(
            OverlapVerdict.Matters(
                queued with
                {
                    Spec = queued.Spec! with { Repository = "" },
                },
                Slot(),
                Limits
            )
        );
        Assert.True(OverlapVerdict.Matters(running, Checkpoint(running, "a"), Limits));
        Assert.False(OverlapVerdict.Matters(running, Checkpoint(running), Limits));
        Assert.True(OverlapVerdict.Matters(running, End(running, "a"), Limits));
        Assert.False(OverlapVerdict.Matters(running, End(running), Limits));
        Assert.False(OverlapVerdict.Matters(running, new TaskInput.Woke(Now), Limits));
    }

    [Fact]
    public void What_a_task_touches_is_what_was_planned_and_what_was_done_and_nothing_once_it_ended()
    {
        var planned = Queued("src");
        var done = TaskSituations.Fold(
            planned,
            new TaskFact.RunEnded(
                1,
                new RunResult
                {
                    Diff = new DiffSummary
                    {
                        Files = [new FileChange("docs/new.md", "docs/old.md", "R", 1, 1, "", "")],
                    },
                }
            )
        );

        Assert.Equal(["docs/new.md", "docs/old.md", "src"], done.Paths);
        Assert.Equal(done.Paths, TaskView.Head("t", done).Paths);
        Assert.Empty(TaskView.Head("t", done with { Phase = TaskPhase.Failed }).Paths);
        Assert.Empty(Queued("src", readOnly: true).Paths);
    }

    private static IReadOnlyList<TaskFact> Decide(TaskState state, TaskInput told) =>
        TaskDecider.Decide(state, told, Limits).Facts;

    private static TaskState Queued(string target, bool readOnly = false) =>
        TaskSituations.Fold(
            TaskSituations.Named("Mediating") is var mediating
                ? mediating with
                {
                    Spec = mediating.Spec! with { Repository = "/r" },
                }
                : mediating,
            new TaskFact.PlanMade(
                1,
                new Plan
                {
                    Kind = TaskKind.Fix,
                    Title = "t",
                    TargetFiles = [target],
                    ReadOnly = readOnly,
                }
            )
        );

    private static TaskInput.SlotOffered Slot() => new(new SlotOffer("h", 1, 1), "s2", Now);

    private static TaskInput.Reported Checkpoint(TaskState state, params string[] paths) =>
        new(
            new TaskReport.Checkpointed(
                state.Attempt,
                state.Epoch,
                new Checkpoint { FilesTotal = paths.Length, Paths = paths }
            ),
            Now
        );

    private static TaskInput.Reported End(TaskState state, params string[] paths) =>
        new(
            new TaskReport.RunEnded(
                state.Attempt,
                state.Epoch,
                new RunResult
                {
                    ErrorClass = ErrorClass.None,
                    Diff = new DiffSummary
                    {
                        FilesTotal = paths.Length,
                        Files = [.. paths.Select(p => new FileChange(p, "", "M", 1, 1, "", ""))],
                    },
                }
            ),
            Now
        );
}
