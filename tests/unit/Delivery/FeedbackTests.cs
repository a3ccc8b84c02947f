using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

public sealed class FeedbackTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly string Head = DeliverySituations.Head;
    private static readonly FeedbackRules Rules = new("orchestrator", []);

    [Theory]
    [InlineData("review:1", "changes_requested", "", true)]
    [InlineData("review:1", "approved", "@orchestrator well done", false)]
    [InlineData("review:1", "commented", "@orchestrator look", false)]
    [InlineData("line:1", "", "rename this", true)]
    [InlineData("line:1", "", "", false)]
    [InlineData("comment:1", "", "what do you think, bob?", false)]
    [InlineData("comment:1", "", "please @orchestrator rename it", true)]
    [InlineData("comment:1", "", "please @Orchestrator: rename it", true)]
    [InlineData("comment:1", "", "mail@orchestrators.example", false)]
    [InlineData("comment:1", "", "mail bob@orchestrator.example", false)]
    [InlineData("comment:1", "", "@orchestrator-fan says so, but (@orchestrator) do it", true)]
    [InlineData("comment:1", "", "@orchestrator-fan said so", false)]
    [InlineData("comment:1", "", "> @orchestrator rename it\nI do not think so", false)]
    [InlineData("comment:1", "", "hello\n  /orchestrator rename it", true)]
    [InlineData("comment:1", "", "see /orchestrator", false)]
    public void Some_words_ask_for_work(string id, string verdict, string text, bool asks)
    {
        var remark = Said(id) with { Verdict = verdict, Text = text };

        Assert.Equal(asks, Read(View([remark])).Count == 1);
    }

    [Theory]
    [InlineData(false, true, "", true)]
    [InlineData(true, true, "", false)]
    [InlineData(false, false, "", false)]
    [InlineData(false, false, "ALICE", true)]
    [InlineData(false, true, "bob", false)]
    [InlineData(true, true, "alice", false)]
    public void Only_those_who_may_are_heard(bool own, bool trusted, string from, bool heard)
    {
        var remark = Said("line:1") with { Own = own, Trusted = trusted, Text = "change it" };
        var rules = Rules with { From = from.Length > 0 ? [from] : [] };

        Assert.Equal(
            heard,
            FeedbackReader.Read(View([remark]), new DeliveryState(), rules, Now).Count == 1
        );
    }

    [Fact]
    public void What_was_recorded_is_not_read_again() =>
        Assert.Empty(
            FeedbackReader.Read(
                View([Said("line:1") with { Text = "x" }]),
                new DeliveryState { Seen = ["line:1"] },
                Rules,
                Now
            )
        );

    [Fact]
    public void Failed_checks_of_our_head_ask_for_work_once_all_are_done()
    {
        PullRequestCheck[] checks =
        [
            new("run:1", "ci", "failure", "it broke", false),
            new("run:2", "lint", "success", "", false),
            new("status:own", "orchestrator", "failure", "", true),
        ];
        var view = View([]) with { Checks = checks };
        var running = view with
        {
            Checks = [.. checks, new PullRequestCheck("run:3", "slow", "pending", "", false)],
        };

        var item = Assert.Single(Read(view));
        Assert.Equal(($"check:{Head}:ci", "check", "it broke"), (item.Id, item.Kind, item.Text));
        Assert.Empty(Read(running));
        Assert.Single(
            FeedbackReader.Read(
                running,
                new DeliveryState { Head = Head },
                Rules,
                running.UpdatedAt + FeedbackReader.OthersWait + TimeSpan.FromSeconds(1)
            )
        );
        Assert.Empty(Read(view with { Head = DeliverySituations.Base }));
    }

    [Fact]
    public void A_turn_names_every_point_as_a_quotation()
    {
        Feedback[] items =
        [
            .. Enumerable
                .Range(1, 300)
                .Select(i => new Feedback
                {
                    Id = $"line:{i}",
                    Kind = "line",
                    By = "alice",
                    Path = "src/a.cs",
                    Line = i,
                    Text = $"point {i}\n### not a heading\n" + new string('x', 5_000),
                }),
        ];

        var text = FeedbackText.Message(items);

        Assert.All(
            items,
            i =>
                Assert.Contains(
                    $"src/a.cs:{i.Line}:\n> point {i.Line}\n",
                    text,
                    StringComparison.Ordinal
                )
        );
        Assert.DoesNotContain("\n### not a heading", text, StringComparison.Ordinal);
        Assert.True(text.Length < 120_000, $"{text.Length} characters");
    }

    [Fact]
    public void Feedback_causes_one_turn_and_said_again_none()
    {
        var told = Seen("line:1", "review:2");

        var facts = Decide(DeliverySituations.InReview, told);
        var after = TaskSituations.Fold(DeliverySituations.InReview, facts);

        var turn = Assert.Single(facts.OfType<TaskFact.TurnStarted>());
        Assert.Equal((2, "feedback", "alice"), (turn.Turn, turn.Kind, turn.By));
        Assert.Equal(["line:1", "review:2"], after.Delivery!.InWork.Select(i => i.Id));
        Assert.Empty(after.Delivery.Pending);
        Assert.Empty(Decide(after, told));
    }

    [Fact]
    public void What_is_said_while_a_turn_runs_waits_for_its_push_and_is_then_the_next_turn()
    {
        var running = DeliverySituations.NextTurn;
        var told = TaskSituations.Fold(running, Decide(running, Seen("line:8", "line:9")));
        var accepted = DeliverySituations.Accepted(told, 2);

        var facts = Decide(
            accepted,
            new TaskReport.BranchPushed(
                2,
                DeliverySituations.There.Branch,
                new string('2', 40),
                DeliverySituations.Base
            )
        );
        var after = TaskSituations.Fold(accepted, facts);

        Assert.Equal(["BranchPushed", "TurnStarted"], facts.Select(f => f.GetType().Name));
        Assert.Equal(3, after.Turn);
        Assert.Equal(["line:8", "line:9"], after.Delivery!.InWork.Select(i => i.Id));
        Assert.Equal(["review:1"], after.Delivery.Unanswered.Select(i => i.Id));
    }

    [Fact]
    public void After_so_many_rounds_a_person_is_asked_and_a_yes_goes_on()
    {
        var state = DeliverySituations.InReview with
        {
            Delivery = DeliverySituations.InReview.Delivery! with { Rounds = 10 },
        };

        var facts = Decide(state, Seen("line:1"));
        var asked = TaskSituations.Fold(state, facts);
        var yes = TaskSituations.Fold(asked, new TaskFact.Approved("bob", ""));

        Assert.IsType<TaskFact.ApprovalAsked>(facts[^1]);
        Assert.Equal(TaskPhase.AwaitingApproval, asked.Phase);
        Assert.Equal((TaskPhase.Mediating, 2), (yes.Phase, yes.Turn));
    }

    [Fact]
    public void Too_many_rounds_within_an_hour_ask_a_person_and_an_hour_later_they_do_not()
    {
        var at = TaskSituations.Now;
        var state = DeliverySituations.InReview with
        {
            Delivery = DeliverySituations.InReview.Delivery! with
            {
                Rounds = 4,
                RoundsAt = [.. Enumerable.Range(0, 4).Select(i => at.AddMinutes(-i))],
            },
        };

        Assert.IsType<TaskFact.ApprovalAsked>(Decide(state, Seen("line:1"))[^1]);
        Assert.IsType<TaskFact.TurnStarted>(
            TaskDecider
                .Decide(
                    state,
                    new TaskInput.Reported(Seen("line:1"), at.AddHours(1)),
                    TaskSituations.Limits
                )
                .Facts[^1]
        );
    }

    [Fact]
    public void A_conflict_starts_the_turn_on_the_new_base_and_has_the_work_merged_onto_it()
    {
        var told = Seen("conflict:1:2") with
        {
            BaseCommit = DeliverySituations.NewBase,
            BaseBundle = "bundle",
        };

        var after = TaskSituations.Fold(
            DeliverySituations.InReview,
            Decide(DeliverySituations.InReview, told)
        );

        Assert.Equal(
            (DeliverySituations.NewBase, "bundle", DeliverySituations.Base),
            (after.BaseCommit, after.BaseBundle, after.PatchBase)
        );
    }

    private static IReadOnlyList<TaskFact> Decide(TaskState state, TaskReport report) =>
        TaskDecider.Decide(state, TaskSituations.Report(report), TaskSituations.Limits).Facts;

    private static TaskReport.FeedbackSeen Seen(params string[] ids) =>
        new([.. ids.Select(DeliverySituations.Item)]);

    private static IReadOnlyList<Feedback> Read(PullRequestView view) =>
        FeedbackReader.Read(view, new DeliveryState { Head = Head }, Rules, Now);

    private static PullRequestRemark Said(string id) =>
        new()
        {
            Id = id,
            By = "alice",
            Trusted = true,
        };

    private static PullRequestView View(IReadOnlyList<PullRequestRemark> remarks) =>
        new()
        {
            Number = 7,
            WebAddress = "https://x/7",
            Open = true,
            Head = Head,
            UpdatedAt = Now,
            Remarks = remarks,
        };
}
