using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class TaskViewTests
{
    // Situation, what explain says first, the first thing to do.
    private static readonly (string Situation, string Headline, string Step)[] Table =
    [
        ("Received", "It was accepted and is being read.", "orchestrator watch t"),
        ("Mediating", "It was accepted and is being read.", "orchestrator watch t"),
        ("Queued", "2 tasks are ahead of it.", "orchestrator watch t"),
        (
            "Queued, backing off",
            "It waits until 2026-01-02 03:04:07Z before it is tried again (Network).",
            "orchestrator watch t"
        ),
        ("Preparing", "Host h prepares its worktree.", "orchestrator watch t"),
        ("Running", "scripted agent, no AI works on host h.", "orchestrator watch t"),
        (
            "Validating",
            "The orchestrator runs the verify commands on the work.",
            "orchestrator watch t"
        ),
        (
            "Delivering, to a remote host",
            "Its work is being handed to github:o/n.",
            "orchestrator watch t"
        ),
        ("InReview", "https://github.com/o/n/pull/7 is in review.", "orchestrator watch t"),
        (
            "InReview, merging",
            "https://github.com/o/n/pull/7 is being merged.",
            "orchestrator watch t"
        ),
        ("Done", "It is done.", "orchestrator diff t"),
        ("AwaitingApproval", "It waits for an answer: the plan", "orchestrator approve t"),
        (
            "Paused",
            "The agent's usage limit is reached. It resumes at 2026-01-02 06:04:05Z.",
            "orchestrator resume t"
        ),
        ("Failed", "x", "Read the message and the artifact's stderr, then retry."),
        ("Cancelled", "It was cancelled.", "orchestrator retry t"),
    ];

    [Fact]
    public void Every_situation_is_explained_and_has_a_next_step() =>
        Assert.Equal(
            Table,
            Table.Select(row =>
            {
                var explained = TaskExplainer.Explain(
                    Snapshot(row.Situation),
                    new QueueExplanation(3, "2 tasks are ahead of it.")
                );
                return (row.Situation, explained.Headline, explained.NextSteps[0]);
            })
        );

    [Fact]
    public void A_snapshot_is_what_the_state_says_and_nothing_before_the_first_fact()
    {
        var state = TaskSituations.Named("Running");
        var snapshot = Snapshot("Running");

        Assert.Null(TaskView.Snapshot("t", TaskState.Empty));
        Assert.Equal(
            (
                "t",
                state.Version,
                TaskPhase.Running,
                "Fix it",
                TaskKind.Fix,
                1,
                1,
                1,
                "h",
                "scripted"
            ),
            (
                snapshot.TaskId,
                snapshot.Version,
                snapshot.Phase,
                snapshot.Title,
                snapshot.Kind,
                snapshot.Turn,
                snapshot.Attempt,
                snapshot.Tries,
                snapshot.Host,
                snapshot.Runner
            )
        );
        Assert.Equal("scripted", Snapshot("Received").Runner);
    }

    [Fact]
    public void A_question_lasts_until_its_end_whenever_somebody_is_reminded()
    {
        var remind = DateTimeOffset.UnixEpoch.AddHours(4);
        var state = TaskSituations.Named("Running") with
        {
            Phase = TaskPhase.AwaitingApproval,
            Due = remind,
            AskedUntil = remind.AddDays(3),
        };

        Assert.Equal(remind.AddDays(3), TaskView.Snapshot("t", state)!.Due);
        Assert.Equal(remind, TaskView.Head("t", state).Due);
        Assert.Equal(remind, TaskView.Snapshot("t", state with { Phase = TaskPhase.Running })!.Due);
    }

    [Fact]
    public void A_head_names_the_host_only_while_it_holds_the_attempt_and_says_what_is_owed()
    {
        var running = TaskView.Head("t", TaskSituations.Named("Running"));
        var done = TaskView.Head("t", TaskSituations.Named("Done"));
        var never = TaskView.Head(
            "t",
            TaskSituations.Named("Queued") with
            {
                Phase = TaskPhase.Cancelled,
            }
        );

        Assert.Equal(("h", 1L, true), (running.Host, running.Epoch, running.Owes));
        Assert.Equal(("", 0L, true), (done.Host, done.Epoch, done.Owes));
        Assert.False(never.Owes);
        Assert.False(TaskView.Head("t", TaskSituations.Named("AwaitingApproval")).Owes);
    }

    private static TaskSnapshot Snapshot(string situation) =>
        TaskView.Snapshot("t", TaskSituations.Named(situation))!;
}
