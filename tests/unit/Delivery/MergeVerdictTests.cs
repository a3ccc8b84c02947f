using CsCheck;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

public sealed class MergeVerdictTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly string Head = new('1', 40);
    private static readonly string Base = new('a', 40);

    private static readonly MergeQuestion Good = new()
    {
        Rule = new MergeRule(["ci"], 10, 100, 5) { Approvals = 1 },
        Lane = "code",
        Ruling = new PolicyRuling
        {
            Stage = "diff",
            Policy = "p",
            Verdict = Verdict.Allow,
        },
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
            Base = "main",
            BaseHead = Base,
            Mergeable = true,
            Lines = 100,
            Files = 5,
            UpdatedAt = Now.AddMinutes(-10),
            Checks = [new PullRequestCheck("run:1", "ci", "success", "", false)],
            Remarks =
            [
                Review("review:1", "alice", "changes_requested"),
                Review("review:2", "alice", "approved"),
            ],
        },
        Delivery = new DeliveryState { Head = Head, BaseCommit = Base },
        Now = Now,
    };

    // What is changed in a pull request that would merge, and the word that the reason must hold.
    private static readonly (
        string What,
        Func<MergeQuestion, MergeQuestion> Change,
        string Reason
    )[] Against =
    [
        ("no rule", q => q with { Rule = null }, "does not merge lane 'code'"),
        ("no lane", q => q with { Rule = null, Lane = "" }, "No policy"),
        ("stopped", q => q with { StoppedBy = "bob" }, "stopped by bob"),
        ("draft", q => View(q, v => v with { IsDraft = true }), "draft"),
        ("another head", q => View(q, v => v with { Head = Base }), "Somebody else changed"),
        ("conflict", q => View(q, v => v with { Mergeable = false }), "conflicts"),
        (
            "pending feedback",
            q =>
                q with
                {
                    Delivery = q.Delivery with
                    {
                        Pending = [new Feedback { Id = "line:1", Kind = "line" }],
                    },
                },
            "not worked on"
        ),
        ("no ruling", q => q with { Ruling = null }, "has not allowed"),
        (
            "people were asked",
            q =>
                q with
                {
                    Ruling = (q.Ruling ?? Good.Ruling!) with { Verdict = Verdict.NeedsApproval },
                },
            "wanted people"
        ),
        (
            "denied",
            q => q with { Ruling = (q.Ruling ?? Good.Ruling!) with { Verdict = Verdict.Deny } },
            "has not allowed"
        ),
        ("no verification", q => q with { Verification = null }, "No verify command"),
        (
            "nothing verified",
            q => q with { Verification = new VerificationReport("none", []) },
            "No verify command"
        ),
        (
            "verification failed",
            q =>
                q with
                {
                    Verification = new VerificationReport(
                        "repository",
                        [new CommandResult("make test", 1, 1, false, "")]
                    ),
                },
            "No verify command"
        ),
        (
            "verification timed out",
            q =>
                q with
                {
                    Verification = new VerificationReport(
                        "repository",
                        [new CommandResult("make test", 0, 1, true, "")]
                    ),
                },
            "No verify command"
        ),
        ("too many lines", q => View(q, v => v with { Lines = 101 }), "101 lines"),
        ("too many files", q => View(q, v => v with { Files = 6 }), "6 files"),
        ("check missing", q => View(q, v => v with { Checks = [] }), "'ci' has not reported"),
        (
            "the host's own check missing",
            q => View(q, v => v with { RequiredChecks = ["lint"] }),
            "'lint' has not reported"
        ),
        ("check failed", q => Check(q, "ci", "failure"), "'ci' failed"),
        ("another check failed", q => Check(q, "lint", "failure"), "'lint' failed"),
        ("check runs", q => Check(q, "ci", "pending"), "'ci' is not finished"),
        ("check skipped", q => Check(q, "ci", "neutral"), "'ci' was skipped"),
        (
            "only our own check",
            q =>
                View(
                    q,
                    v =>
                        v with
                        {
                            Checks = [new PullRequestCheck("status:o", "ci", "success", "", true)],
                        }
                ),
            "'ci' has not reported"
        ),
        (
            "no check at all yet",
            q =>
                View(
                    q with
                    {
                        Rule = q.Rule! with { Checks = [], QuietMinutes = 0 },
                    },
                    v => v with { Checks = [], UpdatedAt = Now.AddSeconds(-119) }
                ),
            "No check has reported"
        ),
        (
            "approved another head",
            q =>
                View(
                    q,
                    v =>
                        v with
                        {
                            Remarks =
                            [
                                Review("review:2", "alice", "approved") with
                                {
                                    Head = Base,
                                },
                            ],
                        }
                ),
            "0 of 1 approvals"
        ),
        (
            "approved by a stranger",
            q =>
                View(
                    q,
                    v =>
                        v with
                        {
                            Remarks =
                            [
                                Review("review:2", "eve", "approved") with
                                {
                                    Trusted = false,
                                },
                            ],
                        }
                ),
            "0 of 1 approvals"
        ),
        (
            "approved by ourselves",
            q =>
                View(
                    q,
                    v =>
                        v with
                        {
                            Remarks = [Review("review:2", "bot", "approved") with { Own = true }],
                        }
                ),
            "0 of 1 approvals"
        ),
        (
            "dismissed",
            q =>
                View(
                    q,
                    v =>
                        v with
                        {
                            Remarks = [.. v.Remarks, Review("review:3", "alice", "dismissed")],
                        }
                ),
            "0 of 1 approvals"
        ),
        (
            "somebody else's no",
            q =>
                View(
                    q,
                    v =>
                        v with
                        {
                            Remarks =
                            [
                                .. v.Remarks,
                                Review("review:3", "bob", "changes_requested"),
                            ],
                        }
                ),
            "bob asked for changes"
        ),
        (
            "not quiet",
            q => View(q, v => v with { UpdatedAt = Now.AddMinutes(-9) }),
            "quiet minutes"
        ),
    ];

    public static TheoryData<string> Cases => [.. Against.Select(a => a.What)];

    [Fact]
    public void What_fulfils_everything_is_merged() =>
        Assert.Equal(MergeStep.Merge, MergeVerdict.Judge(Good).Step);

    [Fact]
    public void A_base_that_moved_has_the_work_checked_again_first() =>
        Assert.Equal(
            MergeStep.Update,
            MergeVerdict.Judge(View(Good, v => v with { BaseHead = new string('b', 40) })).Step
        );

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_thing_that_is_missing_holds_the_merge_and_is_named(string what)
    {
        var (_, change, reason) = Against.Single(a => a.What == what);

        var answer = MergeVerdict.Judge(change(Good));

        Assert.Equal(MergeStep.Hold, answer.Step);
        Assert.Contains(answer.Reasons, r => r.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_else_is_wrong_too_nothing_that_holds_a_merge_is_outweighed() =>
        Gen.Int[0, Against.Length - 1]
            .Where(i => Against[i].What != "no check at all yet") // takes other demands away
            .List[1, 6]
            .Sample(picks =>
            {
                var asked = picks.Aggregate(Good, (q, i) => Against[i].Change(q));
                Assert.Equal(MergeStep.Hold, MergeVerdict.Judge(asked).Step);
            });

    [Fact]
    public void A_head_without_any_check_merges_once_the_checks_had_time_to_begin()
    {
        var asked = View(
            Good with
            {
                Rule = Good.Rule! with { Checks = [], QuietMinutes = 0 },
            },
            v => v with { Checks = [], UpdatedAt = Now.AddMinutes(-2) }
        );

        Assert.Equal(MergeStep.Merge, MergeVerdict.Judge(asked).Step);
    }

    [Fact]
    public void A_refused_merge_rests_with_the_hosts_reason_and_is_asked_for_again_later()
    {
        var refused = Good with
        {
            Delivery = Good.Delivery with
            {
                HeldHead = Head,
                HeldFor = ["The host refused the merge: protected."],
                RefusedAt = Now.AddMinutes(-14),
            },
        };

        var rests = MergeVerdict.Judge(refused);
        var again = MergeVerdict.Judge(refused with { Now = Now.AddMinutes(2) });
        var other = MergeVerdict.Judge(
            refused with
            {
                Delivery = refused.Delivery with { HeldHead = Base },
            }
        );

        Assert.Equal(MergeStep.Hold, rests.Step);
        Assert.Equal(refused.Delivery.HeldFor, rests.Reasons);
        Assert.Equal(MergeStep.Merge, again.Step);
        Assert.Equal(MergeStep.Merge, other.Step);
    }

    private static PullRequestRemark Review(string id, string by, string verdict) =>
        new()
        {
            Id = id,
            By = by,
            Verdict = verdict,
            Trusted = true,
            Head = Head,
        };

    private static MergeQuestion View(
        MergeQuestion asked,
        Func<PullRequestView, PullRequestView> change
    ) => asked with { View = change(asked.View) };

    private static MergeQuestion Check(MergeQuestion asked, string name, string status) =>
        View(
            asked,
            v =>
                v with
                {
                    Checks =
                    [
                        .. v.Checks.Where(c => c.Name != name),
                        new PullRequestCheck("run:2", name, status, "", false),
                    ],
                }
        );
}
