using System.Collections;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What each fact about a pull request changes in a state of which everything is known, and what it leaves.</summary>
public sealed class DeliveryStateTests
{
    private static readonly string NewHead = new('2', 40);
    private static readonly string Commit = new('9', 40);

    private static readonly DeliveryState Full = new()
    {
        PullRequest = DeliverySituations.There,
        PushedTurn = 3,
        Branch = "orchestrator/t-fix-it",
        Head = DeliverySituations.Head,
        BaseCommit = DeliverySituations.Base,
        Pending = [DeliverySituations.Item("p")],
        InWork = [DeliverySituations.Item("w")],
        Unanswered = [DeliverySituations.Item("u")],
        Seen = ["u", "w", "p"],
        Rounds = 2,
        RoundsAt = [TaskSituations.Now],
        HeldFor = ["a check is red"],
        HeldHead = DeliverySituations.Head,
        MergeHead = DeliverySituations.Head,
        MergeMethod = "squash",
        RefusedAt = TaskSituations.Now,
    };

    private static TaskState State => DeliverySituations.InReview with { Delivery = Full };

    public static TheoryData<string> Facts => [.. Cases.Select(c => c.Name)];

    private static IReadOnlyList<(string Name, TaskFact Fact, DeliveryState Then)> Cases =>
        [
            (
                "a push answers with the work of its feedback and clears what was held or refused before it",
                new TaskFact.BranchPushed(
                    4,
                    "orchestrator/other",
                    NewHead,
                    DeliverySituations.NewBase
                ),
                Full with
                {
                    PushedTurn = 4,
                    Branch = "orchestrator/other",
                    Head = NewHead,
                    BaseCommit = DeliverySituations.NewBase,
                    Unanswered = [DeliverySituations.Item("u"), DeliverySituations.Item("w")],
                    InWork = [],
                    HeldFor = [],
                    HeldHead = "",
                    MergeHead = "",
                    RefusedAt = null,
                }
            ),
            (
                "the pull request",
                new TaskFact.PullRequestOpened(DeliverySituations.There with { Number = 8 }),
                Full with
                {
                    PullRequest = DeliverySituations.There with { Number = 8 },
                }
            ),
            (
                "feedback waits and is known",
                new TaskFact.FeedbackReceived([
                    DeliverySituations.Item("x"),
                    DeliverySituations.Item("y"),
                ]),
                Full with
                {
                    Pending =
                    [
                        DeliverySituations.Item("p"),
                        DeliverySituations.Item("x"),
                        DeliverySituations.Item("y"),
                    ],
                    Seen = ["u", "w", "p", "x", "y"],
                }
            ),
            (
                "what was answered is no more owed, what is not its own stays",
                new TaskFact.FeedbackAnswered(["u", "w"]),
                Full with
                {
                    Unanswered = [],
                }
            ),
            ("an answer to something else", new TaskFact.FeedbackAnswered(["elsewhere"]), Full),
            (
                "a merge that must wait",
                new TaskFact.MergeHeld(NewHead, ["quiet period", "one approval"]),
                Full with
                {
                    HeldFor = ["quiet period", "one approval"],
                    HeldHead = NewHead,
                    MergeHead = "",
                }
            ),
            (
                "a merge that the host refused",
                new TaskFact.MergeHeld(NewHead, ["protected"]) { Refused = true },
                Full with
                {
                    HeldFor = ["protected"],
                    HeldHead = NewHead,
                    MergeHead = "",
                    RefusedAt = Later,
                }
            ),
            (
                "a merge begins",
                new TaskFact.MergeStarted(NewHead, "rebase"),
                Full with
                {
                    MergeHead = NewHead,
                    MergeMethod = "rebase",
                    HeldFor = [],
                    HeldHead = NewHead,
                }
            ),
            (
                "merged",
                new TaskFact.Merged(Commit, "alice"),
                Full with
                {
                    MergeCommit = Commit,
                    Over = true,
                    OverBy = "alice",
                    HeldFor = [],
                }
            ),
            (
                "closed",
                new TaskFact.PullRequestClosed("bob"),
                Full with
                {
                    Over = true,
                    OverBy = "bob",
                    MergeHead = "",
                }
            ),
            (
                "a turn of feedback takes what waits into work and counts as a round",
                new TaskFact.TurnStarted(4, TaskState.FeedbackTurn, "alice", "Change it"),
                Full with
                {
                    MergeHead = "",
                    Pending = [],
                    InWork = [DeliverySituations.Item("w"), DeliverySituations.Item("p")],
                    Rounds = 3,
                    RoundsAt = [TaskSituations.Now, Later],
                }
            ),
            (
                "any other turn leaves it waiting",
                new TaskFact.TurnStarted(4, "reply", "alice", "And this"),
                Full with
                {
                    MergeHead = "",
                }
            ),
            ("a fact about something else", new TaskFact.Released(1), Full),
        ];

    private static DateTimeOffset Later => TaskSituations.Now.AddMinutes(5);

    [Theory]
    [MemberData(nameof(Facts))]
    public void Each_fact_changes_its_part_and_no_other(string name)
    {
        var (_, fact, then) = Cases.Single(c => c.Name == name);

        Assert.Equal(Text(then), Text(State.After(fact, Later).Delivery!));
    }

    [Fact]
    public void Before_the_first_push_nothing_is_known_and_each_fact_begins_it()
    {
        var first = TaskSituations.Fold(
            DeliverySituations.Owed,
            new TaskFact.FeedbackReceived([DeliverySituations.Item("x")])
        );

        Assert.Null(DeliverySituations.Owed.Delivery);
        Assert.Equal(
            Text(new DeliveryState { Pending = [DeliverySituations.Item("x")], Seen = ["x"] }),
            Text(first.Delivery!)
        );
        Assert.Null(
            TaskSituations
                .Fold(
                    DeliverySituations.Owed,
                    new TaskFact.TurnStarted(2, TaskState.FeedbackTurn, "alice", "x")
                )
                .Delivery
        );
    }

    [Fact]
    public void Of_what_was_seen_and_of_the_instants_of_rounds_only_the_newest_are_kept()
    {
        var many = Enumerable.Range(0, DeliveryState.SeenMax).Select(n => $"old-{n}").ToList();
        var instants = Enumerable
            .Range(0, 60)
            .Select(n => TaskSituations.Now.AddMinutes(-n))
            .ToList();
        var state = State with { Delivery = Full with { Seen = many, RoundsAt = instants } };

        var seen = state
            .After(new TaskFact.FeedbackReceived([DeliverySituations.Item("new")]), Later)
            .Delivery!.Seen;
        var rounds = state
            .After(new TaskFact.TurnStarted(4, TaskState.FeedbackTurn, "a", "b"), Later)
            .Delivery!.RoundsAt;

        Assert.Equal((DeliveryState.SeenMax, "old-1", "new"), (seen.Count, seen[0], seen[^1]));
        Assert.Equal((50, instants[11], Later), (rounds.Count, rounds[0], rounds[^1]));
    }

    [Theory]
    [InlineData(TaskPhase.Delivering, true, TaskPhase.InReview)]
    [InlineData(TaskPhase.Delivering, false, TaskPhase.Delivering)]
    [InlineData(TaskPhase.Running, true, TaskPhase.Running)]
    public void Pushed_work_is_in_review_once_it_has_a_pull_request(
        TaskPhase phase,
        bool opened,
        TaskPhase then
    )
    {
        var state = State with
        {
            Phase = phase,
            Due = Later,
            Delivery = opened ? Full : Full with { PullRequest = null },
        };

        var pushed = state.After(
            new TaskFact.BranchPushed(4, "b", NewHead, DeliverySituations.Base),
            Later
        );

        Assert.Equal(then, pushed.Phase);
        Assert.Equal(then == TaskPhase.InReview ? null : Later, pushed.Due);
        Assert.Equal(
            phase == TaskPhase.Delivering ? TaskPhase.InReview : phase,
            state.After(new TaskFact.PullRequestOpened(DeliverySituations.There), Later).Phase
        );
    }

    [Theory]
    [InlineData("github:o/n", "patch", false, false, true)]
    [InlineData("github:o/n", "", true, false, true)]
    [InlineData("github:o/n", "", false, false, false)]
    [InlineData("", "patch", true, false, false)]
    [InlineData("github:o/n", "patch", true, true, false)]
    public void Work_is_owed_to_the_remote_host_while_it_has_some_and_its_pull_request_is_not_over(
        string remote,
        string patch,
        bool opened,
        bool over,
        bool owed
    )
    {
        var state = TaskState.Empty with
        {
            Spec = TaskSituations.Spec with { Remote = remote },
            Result = new RunResult { Diff = new DiffSummary { PatchBlob = patch } },
            Delivery = Full with
            {
                PullRequest = opened ? DeliverySituations.There : null,
                Over = over,
            },
        };

        Assert.Equal(owed, state.DeliveryOwed);
        Assert.Equal(opened && !over, state.PullRequestOpen);
        Assert.Equal(
            remote.Length > 0 && patch.Length > 0,
            (state with { Delivery = null }).DeliveryOwed
        );
        Assert.False((state with { Delivery = null }).PullRequestOpen);
        Assert.False((state with { Spec = null }).DeliveryOwed);
    }

    // Records compare their lists by reference.
    private static string Text(DeliveryState state) =>
        string.Join(
            '\n',
            typeof(DeliveryState)
                .GetProperties()
                .Select(p => $"{p.Name} = {Text(p.GetValue(state))}")
        );

    private static string Text(object? value) =>
        value is IEnumerable list and not string
            ? $"[{string.Join(" | ", list.Cast<object>())}]"
            : $"{value}";
}
