using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>What is read of a pull request holds all that was said and where, and its limits are exact.</summary>
public sealed class FeedbackReaderTests
{
    private const string Head = "0123456789abcdef";

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly FeedbackRules Rules = new("orchestrator", []);

    private static readonly PullRequestRemark Line = new()
    {
        Id = "line:2",
        By = "alice",
        Trusted = true,
        Text = "Rename it",
        Path = "src/a.cs",
        Line = 12,
        Head = Head,
        WebAddress = "https://x/7#2",
    };

    [Fact]
    public void A_remark_is_read_with_its_author_its_place_and_its_address() =>
        Assert.Equal(
            new Feedback
            {
                Id = "line:2",
                Kind = "line",
                By = "alice",
                Text = "Rename it",
                Path = "src/a.cs",
                Line = 12,
                Head = Head,
                WebAddress = "https://x/7#2",
            },
            Assert.Single(Read(View(Line)))
        );

    [Fact]
    public void A_failed_check_is_read_with_its_name_and_the_hosts_words() =>
        Assert.Equal(
            new Feedback
            {
                Id = $"check:{Head}:ci",
                Kind = "check",
                By = "ci",
                Text = "it broke",
                Head = Head,
            },
            Assert.Single(
                Read(
                    View() with
                    {
                        Checks =
                        [
                            new PullRequestCheck("run:1", "ci", "failure", "it broke", false),
                        ],
                    }
                )
            )
        );

    [Fact]
    public void A_conflict_is_known_by_head_and_base_and_names_the_paths() =>
        Assert.Equal(
            new Feedback
            {
                Id = $"conflict:{Head}:fedc",
                Kind = "conflict",
                By = "base branch",
                Text = "src/a.cs\nsrc/b.cs",
                Head = Head,
            },
            FeedbackReader.Conflict(Head, new BaseCheck("fedc", false, ["src/a.cs", "src/b.cs"]))
        );

    [Theory]
    [InlineData("@orchestrator", true)]
    [InlineData("@orchestrator rename it", true)]
    [InlineData("@ORCHESTRATOR, rename it", true)]
    [InlineData("rename it, @orchestrator", true)]
    [InlineData("rename it\n@orchestrator\nplease", true)]
    [InlineData("@orchestrators rename it", false)]
    [InlineData("@orchestrator2", false)]
    [InlineData("@orchestrator_x", false)]
    [InlineData("@orchestrator-x", false)]
    [InlineData("@orchestrato", false)]
    [InlineData("orchestrator, rename it", false)]
    [InlineData("/orchestrator", true)]
    [InlineData("/orchestrator rename it", true)]
    [InlineData("/Orchestrator: rename it", true)]
    [InlineData("hello\n\t/orchestrator", true)]
    [InlineData("/orchestrators rename it", false)]
    [InlineData("/orchestrator2", false)]
    [InlineData("/orchestrator_x", false)]
    [InlineData("/orchestrator-x", false)]
    [InlineData("/orchestrato", false)]
    [InlineData("> /orchestrator rename it", false)]
    [InlineData("  > please @orchestrator", false)]
    [InlineData("thanks", false)]
    [InlineData("I think so", false)]
    [InlineData("", false)]
    public void A_comment_asks_when_it_says_the_name_as_a_word(string text, bool asks) =>
        Assert.Equal(asks, Read(View(Line with { Id = "comment:3", Text = text })).Count == 1);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(19_999, 19_999)]
    [InlineData(20_000, 20_000)]
    [InlineData(20_001, 20_000)]
    [InlineData(65_536, 20_000)]
    public void A_remark_has_at_most_twenty_thousand_characters(int said, int read) =>
        Assert.Equal(
            new string('x', read),
            Assert.Single(Read(View(Line with { Text = new string('x', said) }))).Text
        );

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(1, true)]
    public void A_failed_check_waits_half_an_hour_for_those_that_run(int ticksLater, bool read)
    {
        var view = View() with
        {
            Checks =
            [
                new PullRequestCheck("run:1", "ci", "failure", "it broke", false),
                new PullRequestCheck("run:2", "slow", "pending", "", false),
            ],
        };

        Assert.Equal(TimeSpan.FromMinutes(30), FeedbackReader.OthersWait);
        Assert.Equal(
            read,
            FeedbackReader
                .Read(
                    view,
                    new DeliveryState { Head = Head },
                    Rules,
                    Now.AddMinutes(30).AddTicks(ticksLater)
                )
                .Count == 1
        );
    }

    [Fact]
    public void Nobody_waits_for_a_check_of_our_own() =>
        Assert.Single(
            Read(
                View() with
                {
                    Checks =
                    [
                        new PullRequestCheck("run:1", "ci", "failure", "it broke", false),
                        new PullRequestCheck("status:o", "orchestrator", "pending", "", true),
                    ],
                }
            )
        );

    [Fact]
    public void What_was_seen_is_not_read_again_and_the_rest_keeps_its_order() =>
        Assert.Equal(
            ["line:2", "review:4", $"check:{Head}:ci"],
            FeedbackReader
                .Read(
                    View(
                        Line,
                        Line with
                        {
                            Id = "line:3",
                        },
                        Line with
                        {
                            Id = "review:4",
                            Verdict = "changes_requested",
                        },
                        Line with
                        {
                            Id = "other:5",
                        }
                    ) with
                    {
                        Checks =
                        [
                            new PullRequestCheck("run:1", "ci", "failure", "", false),
                            new PullRequestCheck("run:2", "lint", "failure", "", false),
                            new PullRequestCheck("run:3", "docs", "neutral", "", false),
                        ],
                    },
                    new DeliveryState { Head = Head, Seen = ["line:3", $"check:{Head}:lint"] },
                    Rules,
                    Now
                )
                .Select(f => f.Id)
        );

    private static IReadOnlyList<Feedback> Read(PullRequestView view) =>
        FeedbackReader.Read(view, new DeliveryState { Head = Head }, Rules, Now);

    private static PullRequestView View(params IReadOnlyList<PullRequestRemark> remarks) =>
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
