using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>The comment, the title and the status of a pull request, word for word.</summary>
public sealed class PullRequestCommentTests
{
    private static readonly CommandResult Passed = new("make test", 0, 1, false, "");
    private static readonly CommandResult Broken = new("make test", 1, 1, false, "");
    private static readonly CommandResult Late = new("make test", 0, 600, true, "");

    private static readonly TaskState Bare = new() { Turn = 1, Phase = TaskPhase.Running };

    private static readonly TaskState Rich = new()
    {
        Phase = TaskPhase.InReview,
        Turn = 2,
        Attempt = 3,
        CostUsd = 1234.5m,
        Tokens = 56_789,
        Verification = new VerificationReport("repository", [Passed, Passed, Broken]),
        Ruling = new PolicyRuling { Stage = "diff", Policy = "my_policy@0f3a" },
        Delivery = new DeliveryState
        {
            Head = "0123456789abcdef",
            BaseCommit = "fedcba9876543210",
            Seen = ["line:1", "line:2", "line:3", "line:4"],
            Rounds = 2,
            Pending = [Item("line:2"), Item("line:3")],
            InWork = [Item("line:4")],
            HeldFor = ["The check 'c_i' failed.", "It is a draft."],
        },
    };

    // Where a task is, in words; what ended the pull request goes before the phase.
    private static readonly (string Words, TaskState State)[] Places =
    [
        (
            "merged as `0123456789ab` by a\\_b.",
            In(TaskPhase.Done, new() { MergeCommit = "0123456789abcdef", OverBy = "a_b" })
        ),
        ("merged as `0123`.", In(TaskPhase.InReview, new() { MergeCommit = "0123", Over = true })),
        (
            "closed without a merge by a\\_b.",
            In(TaskPhase.Failed, new() { Over = true, OverBy = "a_b" })
        ),
        (
            "closed without a merge.",
            In(TaskPhase.InReview, new() { Over = true, MergeHead = "0123" })
        ),
        (
            "is being merged.",
            In(TaskPhase.InReview, new() { MergeHead = "0123", HeldFor = ["It is a draft."] })
        ),
        ("in review.", In(TaskPhase.InReview, new() { HeldFor = ["It is a draft."] })),
        ("in review, nothing is known against a merge.", In(TaskPhase.InReview, new())),
        ("in review, nothing is known against a merge.", In(TaskPhase.InReview, null)),
        (
            "waits for an answer: the p\\_lan (`orchestrator approve`)",
            In(TaskPhase.AwaitingApproval, new()) with
            {
                WaitingFor = "the p_lan",
            }
        ),
        (
            "the last turn failed; feedback or a retry works on.",
            In(TaskPhase.Failed, new() { MergeHead = "0123", HeldFor = ["It is a draft."] })
        ),
        (
            "cancelled; this pull request is left as it is.",
            In(TaskPhase.Cancelled, new() { HeldFor = ["It is a draft."] })
        ),
        (
            "paused: the p\\_lan",
            In(TaskPhase.Paused, new() { MergeHead = "0123" }) with
            {
                WaitingFor = "the p_lan",
            }
        ),
        ("turn 4 is under way.", In(TaskPhase.Running, new() { MergeHead = "0123" })),
        ("turn 4 is under way.", In(TaskPhase.Queued, new())),
    ];

    [Fact]
    public void A_comment_says_where_the_task_is_what_it_cost_and_why_it_is_not_merged() =>
        Assert.Equal(
            """
            **Task `t1`**: in review.

            | | |
            |---|---|
            | Turn | 2 |
            | Head | `0123456789ab` |
            | Checked on | `fedcba987654` |
            | Checks here | 2 of 3 verify commands passed |
            | Policy | my\_policy@ZERO0f3a: allowed |
            | Cost | 1234.50 USD, 56789 tokens, 3 attempts |
            | Feedback | 2 rounds, 3 points open |
            | Artifact | `results/t1.json` |

            **Not merged by itself because**

            - The check 'c\_i' failed.
            - It is a draft.

            <details>folded</details>

            <!-- orchestrator:sticky=t1 -->

            """.Replace("ZERO", "\u200b", StringComparison.Ordinal),
            PullRequestText.Sticky("t1", Rich, "`results/t1.json`", "<details>folded</details>\n")
        );

    [Fact]
    public void What_is_not_known_has_no_row()
    {
        const string Expected = """
            **Task `t1`**: turn 1 is under way.

            | | |
            |---|---|
            | Turn | 1 |
            | Checks here | no verify command |
            | Cost | 0.00 USD, 0 tokens, 0 attempts |

            <!-- orchestrator:sticky=t1 -->

            """;

        Assert.Equal(Expected, PullRequestText.Sticky("t1", Bare, ""));
        Assert.Equal(
            Expected,
            PullRequestText.Sticky(
                "t1",
                Bare with
                {
                    Delivery = new DeliveryState(),
                    Verification = new VerificationReport("none", []),
                },
                ""
            )
        );
        // Short names of commits are kept whole.
        Assert.Equal(
            Expected.Replace(
                "| Checks here",
                "| Head | `abc` |\n| Checked on | `0123456789ab` |\n| Checks here",
                StringComparison.Ordinal
            ),
            PullRequestText.Sticky(
                "t1",
                Bare with
                {
                    Delivery = new DeliveryState { Head = "abc", BaseCommit = "0123456789ab" },
                },
                ""
            )
        );
    }

    [Fact]
    public void A_failed_turn_is_told_as_a_quotation_until_the_pull_request_is_over()
    {
        var failed = Bare with
        {
            Phase = TaskPhase.Failed,
            Failure = new Failure(FailureCodes.AgentFailed, "The agent ended.\n# Badly."),
        };

        Assert.Equal(
            """
            **Task `t1`**: the last turn failed; feedback or a retry works on.

            | | |
            |---|---|
            | Turn | 1 |
            | Checks here | no verify command |
            | Cost | 0.00 USD, 0 tokens, 0 attempts |

            **The last turn failed**

            > The agent ended.
            > # Badly.

            <!-- orchestrator:sticky=t1 -->

            """,
            PullRequestText.Sticky("t1", failed, "")
        );
        // Nor is an earlier turn's failure told of another phase.
        Assert.All(
            (TaskState[])
                [
                    failed with
                    {
                        Delivery = new DeliveryState { Over = true, HeldFor = ["It is a draft."] },
                    },
                    failed with
                    {
                        Phase = TaskPhase.Running,
                    },
                    failed with
                    {
                        Failure = null,
                    },
                ],
            s => Assert.DoesNotContain("\n**", Sticky(s), StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Each_place_of_a_task_has_its_words() =>
        Assert.All(
            Places,
            p =>
                Assert.StartsWith(
                    $"**Task `t1`**: {p.Words}\n\n| | |\n",
                    Sticky(p.State),
                    StringComparison.Ordinal
                )
        );

    [Theory]
    [InlineData(Verdict.Allow, "allowed")]
    [InlineData(Verdict.Deny, "denied")]
    [InlineData(Verdict.NeedsApproval, "people were asked")]
    public void The_policys_row_says_its_word(Verdict verdict, string word) =>
        Assert.Contains(
            $"\n| Policy | p: {word} |\n",
            Sticky(
                Bare with
                {
                    Ruling = new PolicyRuling
                    {
                        Stage = "diff",
                        Policy = "p",
                        Verdict = verdict,
                    },
                }
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_command_that_failed_or_ran_out_of_time_has_not_passed()
    {
        Assert.Equal("0 of 1 verify commands passed", Row([Broken]));
        Assert.Equal("0 of 1 verify commands passed", Row([Late]));
        Assert.Equal("1 of 2 verify commands passed", Row([Passed, Late]));
        Assert.Equal("2 of 2 verify commands passed", Row([Passed, Passed]));

        static string Row(CommandResult[] commands) =>
            Sticky(Bare with { Verification = new VerificationReport("repository", commands) })
                .Split('\n')
                .Single(l => l.StartsWith("| Checks here | ", StringComparison.Ordinal))[
                "| Checks here | ".Length..^" |".Length
            ];
    }

    [Fact]
    public void Feedback_has_its_row_from_the_first_point_on()
    {
        Assert.Equal(
            "| Feedback | 0 rounds, 0 points open |",
            Feedback(new DeliveryState { Seen = ["line:1"] })
        );
        Assert.Equal(
            "| Feedback | 1 rounds, 1 points open |",
            Feedback(
                new DeliveryState
                {
                    Seen = ["line:1"],
                    Rounds = 1,
                    InWork = [Item("line:1")],
                }
            )
        );
        Assert.Null(Feedback(new DeliveryState()));

        static string? Feedback(DeliveryState delivery) =>
            Sticky(Bare with { Delivery = delivery })
                .Split('\n')
                .SingleOrDefault(l => l.StartsWith("| Feedback", StringComparison.Ordinal));
    }

    [Fact]
    public void A_status_says_what_was_checked_and_whether_the_work_was_accepted()
    {
        Assert.Equal(
            ("success", "Turn 3: 2 of 2 verify commands passed; policy allows it"),
            Status(true, new VerificationReport("repository", [Passed, Passed]))
        );
        Assert.Equal(
            ("success", "Turn 3: accepted without a verify command"),
            Status(true, new VerificationReport("none", []))
        );
        Assert.Equal(("success", "Turn 3: accepted without a verify command"), Status(true, null));
        Assert.Equal(
            ("success", "Turn 3: accepted; 1 of 2 verify commands passed"),
            Status(true, new VerificationReport("repository", [Passed, Broken]))
        );
        Assert.Equal(
            ("failure", "Turn 3: not accepted; 1 of 2 verify commands passed"),
            Status(false, new VerificationReport("repository", [Passed, Broken]))
        );
        Assert.Equal(("failure", "Turn 3: not accepted; no verify command"), Status(false, null));

        static (string State, string Text) Status(bool accepted, VerificationReport? report) =>
            PullRequestText.Status(
                new TaskState
                {
                    Turn = 3,
                    Verification = report,
                    Judgement = new Judgement(accepted, accepted ? "SUCCESS" : "FAILED", []),
                }
            );
    }

    [Theory]
    [InlineData("Mine", "Plan's", "Fix it", "Mine")]
    [InlineData("", "Plan's", "Fix it", "Plan's")]
    [InlineData("", "", "Fix\r\n  it ", "Fix it")]
    [InlineData("", "", " \n ", "Work of a task")]
    public void A_title_is_the_requesters_the_plans_or_the_request_in_one_line(
        string title,
        string first,
        string request,
        string expected
    ) =>
        Assert.Equal(
            expected,
            PullRequestText.Title(
                new TaskState
                {
                    Spec = new TaskSpec { Request = request, Title = title },
                    FirstTitle = first,
                }
            )
        );

    [Theory]
    [InlineData(199, 199)]
    [InlineData(200, 200)]
    [InlineData(201, 200)]
    [InlineData(5_000, 200)]
    public void A_title_has_at_most_two_hundred_characters(int asked, int shown) =>
        Assert.Equal(
            new string('x', shown),
            PullRequestText.Title(
                new TaskState { Spec = new TaskSpec { Request = new string('x', asked) } }
            )
        );

    [Fact]
    public void A_task_that_is_not_known_yet_has_a_title_too() =>
        Assert.Equal("Work of a task", PullRequestText.Title(TaskState.Empty));

    private static string Sticky(TaskState state) =>
        PullRequestText.Sticky("t1", state, "`results/t1.json`");

    private static TaskState In(TaskPhase phase, DeliveryState? delivery) =>
        new()
        {
            Phase = phase,
            Turn = 4,
            Delivery = delivery,
        };

    private static Feedback Item(string id) => new() { Id = id, Kind = "line" };
}
