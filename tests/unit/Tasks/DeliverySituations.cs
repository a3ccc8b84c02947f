using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>The situations of a task whose work goes to a remote host, and what that host's adapter tells.</summary>
internal static class DeliverySituations
{
    public static readonly string Base = new('a', 40);
    public static readonly string NewBase = new('b', 40);
    public static readonly string Head = new('1', 40);
    public static readonly PullRequestRef There = new(
        "github:o/n",
        7,
        "https://github.com/o/n/pull/7",
        "orchestrator/t-fix-it",
        "main"
    );

    public static readonly TaskSpec Spec = TaskSituations.Spec with { Remote = "github:o/n" };

    public static TaskState Owed => Accepted(TaskSituations.RunningOf(Spec), 1);

    public static TaskState Pushed =>
        TaskSituations.Fold(Owed, new TaskFact.BranchPushed(1, There.Branch, Head, Base));

    public static TaskState InReview =>
        TaskSituations.Fold(Pushed, new TaskFact.PullRequestOpened(There));

    public static TaskState Merging =>
        TaskSituations.Fold(InReview, new TaskFact.MergeStarted(Head, "squash"));

    public static TaskState NextTurn =>
        TaskSituations.Fold(
            InReview,
            new TaskFact.Released(1),
            new TaskFact.FeedbackReceived([Item("review:1")]),
            new TaskFact.TurnStarted(2, TaskState.FeedbackTurn, "alice", "Change it"),
            new TaskFact.PlanMade(2, TaskSituations.Plan),
            new TaskFact.RunStarted(
                2,
                2,
                "h",
                1,
                TaskSituations.Now.AddMinutes(33),
                "scripted",
                "s2",
                false
            ),
            new TaskFact.WorkspaceReady(2, TaskSituations.Workspace),
            new TaskFact.AgentStarted(2, TaskSituations.Agent)
        );

    public static TaskState NextTurnFailed =>
        TaskSituations.Fold(
            NextTurn,
            new TaskFact.RunEnded(2, new RunResult { ErrorClass = ErrorClass.Fatal }),
            new TaskFact.Failed(new Failure("agent_failed", "x"), ErrorClass.Fatal)
        );

    /// <summary>What the remote host's adapter tells.</summary>
    public static IReadOnlyList<(string Name, Func<TaskState, TaskInput> Make)> Told =>
        [
            (
                "BranchPushed",
                s =>
                    TaskSituations.Report(
                        new TaskReport.BranchPushed(s.Turn, There.Branch, Head, Base)
                    )
            ),
            (
                "DeliveryRefused",
                s =>
                    TaskSituations.Report(
                        new TaskReport.DeliveryRefused(s.Turn, new Failure("conflict", "moved"))
                    )
            ),
            (
                "PullRequestOpened",
                s => TaskSituations.Report(new TaskReport.PullRequestOpened(s.Turn, There))
            ),
            (
                "FeedbackSeen",
                _ => TaskSituations.Report(new TaskReport.FeedbackSeen([Item("line:9")]))
            ),
            (
                "FeedbackSeen, before",
                s =>
                    TaskSituations.Report(
                        new TaskReport.FeedbackSeen([.. (s.Delivery?.Seen ?? []).Select(Item)])
                    )
            ),
            (
                "FeedbackAnswered",
                s =>
                    TaskSituations.Report(
                        new TaskReport.FeedbackAnswered([
                            .. (s.Delivery?.Unanswered ?? []).Select(i => i.Id),
                        ])
                    )
            ),
            (
                "MergeHeld",
                _ => TaskSituations.Report(new TaskReport.MergeHeld(Head, ["A draft."], false))
            ),
            (
                "MergeHeld, refused",
                _ => TaskSituations.Report(new TaskReport.MergeHeld(Head, ["Protected."], true))
            ),
            (
                "MergeHeld, another head",
                _ => TaskSituations.Report(new TaskReport.MergeHeld(Base, ["A draft."], false))
            ),
            ("MergeReady", _ => TaskSituations.Report(new TaskReport.MergeReady(Head, "squash"))),
            (
                "MergeReady, another head",
                _ => TaskSituations.Report(new TaskReport.MergeReady(Base, "squash"))
            ),
            (
                "BaseMoved",
                _ => TaskSituations.Report(new TaskReport.BaseMoved(Head, NewBase, "bundle"))
            ),
            ("Merged", _ => TaskSituations.Report(new TaskReport.Merged(NewBase, "alice"))),
            (
                "PullRequestClosed",
                _ => TaskSituations.Report(new TaskReport.PullRequestClosed("bob"))
            ),
        ];

    public static Feedback Item(string id) =>
        new()
        {
            Id = id,
            Kind = id.Split(':')[0],
            By = "alice",
            Text = "Change it",
        };

    public static TaskState Accepted(TaskState running, int attempt) =>
        TaskSituations.Fold(
            running,
            new TaskFact.RunEnded(
                attempt,
                new RunResult
                {
                    Diff = new DiffSummary
                    {
                        BaseCommit = Base,
                        PatchBlob = new string('e', 64),
                        FilesTotal = 1,
                    },
                }
            ),
            new TaskFact.Verified(attempt, TaskSituations.Green),
            new TaskFact.Judged(attempt, new Judgement(true, "SUCCESS", []))
        );
}
