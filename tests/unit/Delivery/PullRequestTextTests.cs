using CsCheck;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

public sealed class PullRequestTextTests
{
    [Fact]
    public void The_body_says_request_work_checks_policy_and_how_to_go_on()
    {
        var state = DeliverySituations.Owed with
        {
            Spec = DeliverySituations.Spec with { Tickets = ["linear:ENG-1"] },
            Verification = TaskSituations.Red,
            Result = DeliverySituations.Owed.Result! with
            {
                ResultText = "I fixed it.",
                AgentLabel = "scripted agent, no AI",
                Diff = DeliverySituations.Owed.Result!.Diff with
                {
                    Files = [new FileChange("src/a.cs", "", "modified", 1, 0, "", "")],
                },
            },
        };

        var body = PullRequestText.Body("t1", state, "orchestrator");

        Assert.All(
            (string[])
                [
                    "```text\nFix it\n```",
                    "scripted agent, no AI says:\n\n> I fixed it.",
                    "- ` src/a.cs `",
                    "| ` make test ` | 1 | 1.0 |",
                    "No policy ruled",
                    "- linear:ENG-1",
                    "`@orchestrator`",
                    "<!-- orchestrator:task=t1 -->",
                ],
            part => Assert.Contains(part, body, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_title_stays_about_what_was_asked_first_whatever_a_later_turn_is_about()
    {
        var spec = DeliverySituations.Spec with { Title = "" };
        var plan = DeliverySituations.Owed.Plan!;
        var asked = TaskSituations.Fold(
            TaskState.Empty,
            new TaskFact.Submitted(spec),
            new TaskFact.PlanMade(1, plan with { Title = "Append a line" })
        );
        var later = TaskSituations.Fold(
            asked with
            {
                Phase = TaskPhase.Done,
            },
            new TaskFact.TurnStarted(2, "reply", "ann", ""),
            new TaskFact.PlanMade(2, plan with { Title = "The work is in review. Change it" })
        );

        Assert.Equal(("Append a line", "Append a line"), (asked.Title, later.Title));
        Assert.Equal("Append a line", PullRequestText.Title(later));
        Assert.Equal("Mine", (later with { Spec = spec with { Title = "Mine" } }).Title);
    }

    [Fact]
    public void Nothing_that_was_written_ends_its_fence_or_takes_the_marker_away() =>
        Gen.OneOf(
                Gen.String[Gen.Char["`~#<>!-|@*_[]()\n ab"], 0, 400],
                Gen.Const(new string('`', 50)),
                Gen.Const("<!-- orchestrator:task=other -->"),
                Gen.Const(new string('x', 100_000))
            )
            .Sample(text =>
            {
                var state = DeliverySituations.Owed with
                {
                    Spec = DeliverySituations.Spec with { Request = text },
                    Result = DeliverySituations.Owed.Result! with { ResultText = text },
                };

                var body = PullRequestText.Body("t1", state, "orchestrator");

                Assert.True(body.Length <= 60_000, $"{body.Length} characters");
                Assert.EndsWith("<!-- orchestrator:task=t1 -->\n", body, StringComparison.Ordinal);
                // The request's fence is longer than any in it: the first line like it is its end.
                var lines = body.Split('\n');
                var fence = lines[2][..^"text".Length];
                var end = Array.IndexOf(lines, fence, 3);
                Assert.All(fence, c => Assert.Equal('`', c));
                Assert.Equal("", lines[end + 1]);
                Assert.StartsWith("### ", lines[end + 2], StringComparison.Ordinal);
            });

    [Fact]
    public void The_comment_says_where_the_task_is_and_why_it_is_not_merged()
    {
        var held = TaskSituations.Fold(
            DeliverySituations.InReview,
            new TaskFact.MergeHeld(DeliverySituations.Head, ["The check 'ci' failed."])
        );
        var merged = TaskSituations.Fold(
            held,
            new TaskFact.Merged(DeliverySituations.NewBase, "alice"),
            new TaskFact.Delivered(1)
        );

        Assert.Contains("- The check 'ci' failed.", Sticky(held), StringComparison.Ordinal);
        Assert.Contains(
            "merged as `bbbbbbbbbbbb` by alice",
            Sticky(merged),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("Not merged", Sticky(merged), StringComparison.Ordinal);
        Assert.Contains(
            "The last turn failed",
            Sticky(DeliverySituations.NextTurnFailed),
            StringComparison.Ordinal
        );
        Assert.Contains("<!-- orchestrator:sticky=t1 -->", Sticky(held), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_in_the_comment_mentions_nobody_and_closes_no_marker()
    {
        var state = TaskSituations.Fold(
            DeliverySituations.InReview,
            new TaskFact.MergeHeld(DeliverySituations.Head, ["@alice | [x](http://y) <!--"])
        );

        var text = Sticky(state);

        Assert.DoesNotContain("@alice", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[x](", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("comment:1", "comment:1")]
    [InlineData("check:1:--> x", "check:1:____x")]
    public void An_answers_marker_cannot_be_ended_from_within(string id, string plain) =>
        Assert.Equal(
            $"<!-- orchestrator:answer=t1:2:{plain} -->",
            PullRequestText.AnswerMarker("t1", id, 2)
        );

    [Fact]
    public void A_line_of_merges_is_served_in_order_per_base_and_the_silent_lose_their_place()
    {
        var now = TaskSituations.Now;
        var silence = TimeSpan.FromMinutes(60);
        IReadOnlyList<MergePlace> line = [];
        line = MergeLine.Enter(line, "a", "main", now, silence);
        line = MergeLine.Enter(line, "b", "main", now.AddMinutes(1), silence);
        line = MergeLine.Enter(line, "c", "release", now.AddMinutes(1), silence);

        Assert.Equal("a", MergeLine.First(line, "main")?.TaskId);
        Assert.Equal("c", MergeLine.First(line, "release")?.TaskId);
        line = MergeLine.Enter(line, "b", "main", now.AddMinutes(60.5), silence);
        Assert.Equal("b", MergeLine.First(line, "main")?.TaskId);
        Assert.Equal(["b", "c"], line.Select(p => p.TaskId));
        line = MergeLine.Leave(line, "b");
        Assert.Null(MergeLine.First(line, "main"));
    }

    [Theory]
    [InlineData("github:owner/name", true)]
    [InlineData("github:owner/name.git-x_1", true)]
    [InlineData("gitlab:group/sub/name", true)]
    [InlineData("github:name", false)]
    [InlineData("owner/name", false)]
    [InlineData("github:../name", false)]
    [InlineData("github:owner/..", false)]
    [InlineData("github:owner/na me", false)]
    [InlineData("GitHub:owner/name", false)]
    [InlineData("github:owner//name", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_remote_repository_is_read_or_refused(string? text, bool good) =>
        Assert.Equal(good ? text : null, RemoteRepository.Parse(text)?.ToString());

    private static string Sticky(Orchestrator.Decisions.Tasks.TaskState state) =>
        PullRequestText.Sticky("t1", state, "`results/t1.json`");
}
