using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>Why a pull request is not merged by itself, word for word, and where each of the rule's limits lies.</summary>
public sealed class MergeReasonsTests
{
    private const string Head = "0123456789abcdef";
    private const string Base = "fedcba9876543210";

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly PullRequestCheck Ci = new("run:1", "ci", "success", "", false);

    // A rule that wants nothing, and a pull request that has just been pushed.
    private static readonly MergeQuestion Good = new()
    {
        Rule = new MergeRule([], 0, 0, 0),
        Lane = "code",
        Ruling = new PolicyRuling { Stage = "diff", Policy = "p" },
        Verification = new VerificationReport(
            "repository",
            [new CommandResult("make test", 0, 1, false, "")]
        ),
        View = new PullRequestView
        {
            Number = 7,
            WebAddress = "https://x/7",
            Open = true,
            Head = Head,
            BaseHead = Base,
            UpdatedAt = Now,
            Checks = [Ci],
        },
        Delivery = new DeliveryState { Head = Head, BaseCommit = Base },
        Now = Now,
    };

    [Fact]
    public void Everything_that_is_against_a_merge_is_said_in_one_order() =>
        Assert.Equal(
            [
                "Merging is stopped by bob.",
                "It is a draft.",
                "Somebody else changed the branch: that head was not checked here. Merge it by hand, or 'orchestrator retry' works on.",
                "It conflicts with its base branch.",
                "Feedback is not worked on yet.",
                "The policy has not allowed this diff.",
                "No verify command has checked this work; .orchestrator.yaml in the repository names them.",
                "101 lines changed; up to 100 merge by themselves.",
                "6 files changed; up to 5 merge by themselves.",
                "The check 'build' has not reported on cccccccccccc yet.",
                "The check 'lint' has not reported on cccccccccccc yet.",
                "The check 'ci' failed.",
                "The check 'slow' is not finished.",
                "The check 'docs' was skipped.",
                "eve asked for changes and has not approved since.",
                "1 of 2 approvals of cccccccccccc are there.",
                "10 quiet minutes are wanted; something was said or pushed at 2026-01-02 02:54 UTC.",
            ],
            Reasons(
                Good with
                {
                    Rule = new MergeRule(["build", "docs"], 10, 100, 5) { Approvals = 2 },
                    Ruling = null,
                    Verification = null,
                    StoppedBy = "bob",
                    Delivery = Good.Delivery with
                    {
                        InWork = [new Feedback { Id = "line:1", Kind = "line" }],
                    },
                    View = Good.View with
                    {
                        Head = "cccccccccccccccc",
                        IsDraft = true,
                        Mergeable = false,
                        Lines = 101,
                        Files = 6,
                        UpdatedAt = Now.AddMinutes(-10).AddSeconds(1),
                        RequiredChecks = ["lint", "build"],
                        Checks =
                        [
                            Ci with
                            {
                                Status = "failure",
                            },
                            Ci with
                            {
                                Name = "slow",
                                Status = "pending",
                            },
                            Ci with
                            {
                                Name = "docs",
                                Status = "neutral",
                            },
                            Ci with
                            {
                                Name = "build",
                                Own = true,
                            },
                        ],
                        Remarks = [Review("ann", "approved"), Review("eve", "changes_requested")],
                    },
                }
            )
        );

    [Fact]
    public void Without_a_rule_a_person_merges()
    {
        Assert.Equal(
            ["The policy does not merge lane 'code' by itself; a person merges."],
            Reasons(Good with { Rule = null })
        );
        Assert.Equal(
            ["No policy says that it may be merged by itself; a person merges."],
            Reasons(Good with { Rule = null, Lane = "" })
        );
    }

    [Theory]
    [InlineData(Verdict.Allow, "")]
    [InlineData(Verdict.Deny, "The policy has not allowed this diff.")]
    [InlineData(
        Verdict.NeedsApproval,
        "The policy wanted people to look at this diff; a person merges it."
    )]
    public void The_policy_must_have_allowed_the_diff_itself(Verdict verdict, string reason) =>
        Assert.Equal(
            Some(reason),
            Reasons(Good with { Ruling = Good.Ruling! with { Verdict = verdict } })
        );

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, 1, false)]
    [InlineData(0, 1_000_000, false)]
    [InlineData(1, 0, false)]
    [InlineData(1, 1, false)]
    [InlineData(1, 2, true)]
    [InlineData(5, 5, false)]
    [InlineData(5, 6, true)]
    public void A_limit_of_nought_is_none_and_any_other_is_the_most_that_merges(
        int max,
        int changed,
        bool held
    )
    {
        var rule = Good.Rule!;

        Assert.Equal(
            held ? [$"{changed} lines changed; up to {max} merge by themselves."] : [],
            Reasons(
                Good with
                {
                    Rule = rule with { LinesMax = max },
                    View = Good.View with { Lines = changed },
                }
            )
        );
        Assert.Equal(
            held ? [$"{changed} files changed; up to {max} merge by themselves."] : [],
            Reasons(
                Good with
                {
                    Rule = rule with { FilesMax = max },
                    View = Good.View with { Files = changed },
                }
            )
        );
    }

    // Which checks there are, which the rule names, which the host demands, and what is said of them on a new head.
    [Theory]
    [InlineData("", "", "", "No check has reported yet.")]
    [InlineData("ci", "", "", "")]
    [InlineData("ci", "ci", "", "")]
    [InlineData("ci", "", "ci", "")]
    [InlineData("ci", "ci", "ci", "")]
    [InlineData("", "ci", "", "The check 'ci' has not reported on 0123456789ab yet.")]
    [InlineData("", "", "ci", "The check 'ci' has not reported on 0123456789ab yet.")]
    [InlineData("", "ci", "ci", "The check 'ci' has not reported on 0123456789ab yet.")]
    [InlineData("lint", "ci", "", "The check 'ci' has not reported on 0123456789ab yet.")]
    [InlineData("lint", "", "ci", "The check 'ci' has not reported on 0123456789ab yet.")]
    public void A_check_that_is_wanted_must_be_there_and_where_none_is_one_is_waited_for(
        string there,
        string rule,
        string demanded,
        string reason
    ) =>
        Assert.Equal(
            Some(reason),
            Reasons(
                Good with
                {
                    Rule = Good.Rule! with { Checks = Some(rule) },
                    View = Good.View with
                    {
                        Checks = [.. Some(there).Select(n => Ci with { Name = n })],
                        RequiredChecks = Some(demanded),
                    },
                }
            )
        );

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_head_without_a_check_waits_two_minutes_for_one(int ticksLater, bool waits) =>
        Assert.Equal(
            waits ? ["No check has reported yet."] : [],
            Reasons(
                Good with
                {
                    View = Good.View with { Checks = [] },
                    Now = Now.AddMinutes(2).AddTicks(ticksLater),
                }
            )
        );

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_refused_merge_rests_for_fifteen_minutes(int ticksLater, bool rests) =>
        Assert.Equal(
            rests ? ["The host refused the merge: protected."] : [],
            Reasons(
                Good with
                {
                    Delivery = Good.Delivery with
                    {
                        HeldHead = Head,
                        HeldFor = ["The host refused the merge: protected."],
                        RefusedAt = Now,
                    },
                    Now = Now.AddMinutes(15).AddTicks(ticksLater),
                }
            )
        );

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void So_many_minutes_must_have_been_quiet(int ticksLater, bool held) =>
        Assert.Equal(
            held
                ?
                [
                    "5 quiet minutes are wanted; something was said or pushed at 2026-01-02 03:04 UTC.",
                ]
                : [],
            Reasons(
                Good with
                {
                    Rule = Good.Rule! with { QuietMinutes = 5 },
                    Now = Now.AddMinutes(5).AddTicks(ticksLater),
                }
            )
        );

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(1, 0, "0 of 1 approvals of 0123456789ab are there.")]
    [InlineData(1, 1, "")]
    [InlineData(1, 2, "")]
    [InlineData(2, 1, "1 of 2 approvals of 0123456789ab are there.")]
    [InlineData(2, 2, "")]
    public void So_many_different_people_must_have_approved(int wanted, int there, string reason) =>
        Assert.Equal(
            Some(reason),
            Reasons(
                Good with
                {
                    Rule = Good.Rule! with { Approvals = wanted },
                    View = Good.View with
                    {
                        // Each of them twice: a person counts once.
                        Remarks =
                        [
                            .. Enumerable.Range(0, there).Select(i => Review($"p{i}", "approved")),
                            .. Enumerable.Range(0, there).Select(i => Review($"P{i}", "approved")),
                        ],
                    },
                }
            )
        );

    [Fact]
    public void A_head_with_a_short_name_is_named_whole() =>
        Assert.Equal(
            ["0 of 1 approvals of abc are there."],
            Reasons(
                Good with
                {
                    Rule = Good.Rule! with { Approvals = 1 },
                    View = Good.View with { Head = "abc" },
                    Delivery = Good.Delivery with { Head = "abc" },
                }
            )
        );

    // The step must fit the reasons: held with some, merged with none.
    private static IReadOnlyList<string> Reasons(MergeQuestion asked)
    {
        var answer = MergeVerdict.Judge(asked);
        Assert.Equal(answer.Reasons.Count > 0 ? MergeStep.Hold : MergeStep.Merge, answer.Step);
        return answer.Reasons;
    }

    private static string[] Some(string text) => text.Length > 0 ? [text] : [];

    private static PullRequestRemark Review(string by, string verdict) =>
        new()
        {
            Id = "review:" + by,
            By = by,
            Verdict = verdict,
            Trusted = true,
        };
}
