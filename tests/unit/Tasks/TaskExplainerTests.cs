using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>Every sentence that an explanation may hold, and the commands it ends with.</summary>
public sealed class TaskExplainerTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskSnapshot Bare = new() { TaskId = "t" };

    [Fact]
    public void A_task_of_which_nothing_is_known_has_no_reasons() => Assert.Empty(Reasons(Bare));

    [Fact]
    public void Questions_are_told_with_what_is_assumed_and_from_when()
    {
        var asked = Bare with
        {
            Questions = ["Which?", "When?"],
            Assumptions = ["All."],
            UpdatedAt = Now,
        };

        Assert.Equal(
            ["Asked: Which? Assumed otherwise, from 2026-01-02 03:04:05Z on: All.", "Asked: When?"],
            Reasons(asked)
        );
        Assert.StartsWith(
            "Asked: Which? Assumed otherwise, from 2026-01-02 04:04:05Z on:",
            Reasons(asked with { Due = Now.AddHours(1) })[0],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(1, "One reply waits for the end of this turn.")]
    [InlineData(2, "2 replies wait for the end of this turn.")]
    public void Replies_that_wait_are_counted(int waiting, string words) =>
        Assert.Equal([words], Reasons(Bare with { RepliesWaiting = waiting }));

    [Fact]
    public void Who_mediated_which_attempt_on_which_host_and_how_it_ended_is_told()
    {
        var plan = new Plan { Mode = MediationMode.Llama, Model = "small" };

        Assert.Equal(["Mediated by the model small"], Reasons(Bare with { Plan = plan }));
        Assert.Equal(
            ["Mediated by rules: It is down."],
            Reasons(
                Bare with
                {
                    Plan = new Plan
                    {
                        Mode = MediationMode.Fallback,
                        FallbackReason = "It is down.",
                    },
                }
            )
        );
        Assert.Equal(
            ["Turn 2, attempt 3 on host h, 1 tries counted."],
            Reasons(Bare with { Turn = 2, Attempt = 3, Host = "h", Tries = 1 })
        );
        Assert.Equal(
            ["The last run ended with Network: It broke."],
            Reasons(
                Bare with
                {
                    Result = new RunResult
                    {
                        ErrorClass = ErrorClass.Network,
                        Message = "It broke.",
                    },
                }
            )
        );
        Assert.Empty(Reasons(Bare with { Result = new RunResult() }));
        Assert.Equal(
            ["One.", "Two."],
            Reasons(
                Bare with
                {
                    Judgement = new Judgement(
                        false,
                        "FAILED",
                        [new Finding("a", true, "One."), new Finding("b", false, "Two.")]
                    ),
                }
            )
        );
        Assert.Equal(
            [
                "Task other touched the same paths at the same time: a, the whole repository. Their changes may conflict.",
            ],
            Reasons(Bare with { Overlaps = [new Overlap("other", ["a", ""])] })
        );
    }

    [Theory]
    [InlineData(Verdict.Allow, "go on")]
    [InlineData(Verdict.Deny, "no")]
    [InlineData(Verdict.NeedsApproval, "that people must approve")]
    public void What_the_policy_says_is_told_with_ten_of_its_objections(
        Verdict verdict,
        string word
    )
    {
        var ruling = new PolicyRuling
        {
            Stage = "diff",
            Policy = "team@1",
            Verdict = verdict,
            Rulings =
            [
                new Ruling(Verdict.Allow, "fine", "ok"),
                .. Enumerable
                    .Range(1, 11)
                    .Select(i => new Ruling(Verdict.Deny, $"r{i}", "why") { Source = "p:3" }),
            ],
        };

        Assert.Equal(
            [
                $"Policy team@1 says {word}.",
                .. Enumerable.Range(1, 10).Select(i => $"Rule r{i} (p:3): why"),
            ],
            Reasons(Bare with { Policy = ruling })
        );
        Assert.Equal(
            $"Policy team@1, lane code says {word}.",
            Reasons(Bare with { Policy = ruling with { Lane = new LaneRights { Name = "code" } } })[
                0
            ]
        );
    }

    [Fact]
    public void Approvals_are_counted_by_name()
    {
        Assert.Equal(["0 of 2 approvals are there."], Reasons(Bare with { ApprovalsNeeded = 2 }));
        Assert.Equal(
            ["2 of 3 approvals are there: ann, bob."],
            Reasons(Bare with { ApprovalsNeeded = 3, ApprovedBy = ["ann", "bob"] })
        );
    }

    [Theory]
    [InlineData(GuardedStep.Staged, "it waits for approval")]
    [InlineData(GuardedStep.Approved, "approved until 2026-01-02 03:04:05Z, not applied yet")]
    [InlineData(GuardedStep.Applying, "it is being applied")]
    [InlineData(GuardedStep.Applied, "applied to main as c")]
    [InlineData(GuardedStep.Rejected, "rejected")]
    public void Where_a_guarded_diff_stands_is_told(GuardedStep step, string words)
    {
        var guarded = new GuardedState
        {
            Diff = new GuardedDiff { Hash = "0123456789abcdef", Expires = Now },
            Step = step,
            Branch = "main",
            Commit = "c",
        };

        Assert.Equal(
            [$"Its diff 0123456789ab is guarded: {words}."],
            Reasons(Bare with { Guarded = guarded })
        );
        Assert.StartsWith(
            "Its diff short is",
            Reasons(
                Bare with
                {
                    Guarded = guarded with { Diff = guarded.Diff with { Hash = "short" } },
                }
            )[0],
            StringComparison.Ordinal
        );
        Assert.Equal(
            [
                "Its diff 0123456789ab is guarded: approved until 2026-01-02 03:04:05Z, and the last try to apply it was refused: moved.",
            ],
            Reasons(
                Bare with
                {
                    Guarded = guarded with
                    {
                        Step = GuardedStep.Approved,
                        Refusal = new Failure("conflict", "moved"),
                    },
                }
            )
        );
    }

    [Fact]
    public void How_the_pull_request_stands_is_told()
    {
        var open = new DeliveryState
        {
            PullRequest = DeliverySituations.There,
            Branch = "b",
            Head = "h",
            BaseCommit = "c",
        };
        const string url = "https://github.com/o/n/pull/7";

        Assert.Empty(Reasons(Bare with { Delivery = new DeliveryState() }));
        Assert.Equal(
            [$"{url}, branch b at h, checked on c."],
            Reasons(Bare with { Delivery = open })
        );
        Assert.Equal(
            [$"{url} was merged as m."],
            Reasons(Bare with { Delivery = open with { MergeCommit = "m", Over = true } })
        );
        Assert.Equal(
            [$"{url} was closed without a merge."],
            Reasons(Bare with { Delivery = open with { Over = true, HeldFor = ["x"] } })
        );
        Assert.Equal(
            [
                "Feedback caused 2 turns; 3 points are open.",
                "Not merged by itself: A draft.",
                "Not merged by itself: Red.",
            ],
            Reasons(
                Bare with
                {
                    Delivery = new DeliveryState
                    {
                        Seen = ["line:1"],
                        Rounds = 2,
                        Pending = [DeliverySituations.Item("line:1")],
                        InWork =
                        [
                            DeliverySituations.Item("line:2"),
                            DeliverySituations.Item("line:3"),
                        ],
                        HeldFor = ["A draft.", "Red."],
                    },
                }
            )
        );
    }

    [Fact]
    public void The_headline_says_what_it_does_or_waits_for()
    {
        (TaskSnapshot Task, string Words)[] table =
        [
            (Bare with { Phase = TaskPhase.Queued }, "2 are ahead."),
            (
                Bare with
                {
                    Phase = TaskPhase.Running,
                    AgentLabel = "agent",
                    Host = "h",
                },
                "agent works on host h."
            ),
            (
                Bare with
                {
                    Phase = TaskPhase.Running,
                    AgentLabel = "agent",
                    Host = "h",
                    Step = "Edit a",
                },
                "agent works on host h: Edit a"
            ),
            (
                Bare with
                {
                    Phase = TaskPhase.Paused,
                    WaitingFor = "Spent.",
                },
                "Spent. It resumes when somebody says so."
            ),
            (Bare with { Phase = TaskPhase.Failed }, "It failed."),
            (Bare with { Phase = TaskPhase.Delivering }, "It was accepted and is being read."),
        ];

        Assert.All(
            table,
            row =>
                Assert.Equal(
                    row.Words,
                    TaskExplainer
                        .Explain(row.Task, new QueueExplanation(3, "2 are ahead."))
                        .Headline
                )
        );
    }

    [Fact]
    public void The_next_steps_are_the_commands_that_help_in_that_phase()
    {
        var guarded = new GuardedState
        {
            Diff = new GuardedDiff { Hash = "h" },
            Step = GuardedStep.Approved,
        };
        (TaskSnapshot Task, string[] Steps)[] table =
        [
            (Bare with { Phase = TaskPhase.Running }, ["watch", "cancel"]),
            (Bare with { Phase = TaskPhase.Done }, ["diff", "retry"]),
            (
                Bare with
                {
                    Phase = TaskPhase.Done,
                    Guarded = guarded,
                },
                ["diff", "apply-guarded", "restage"]
            ),
            (
                Bare with
                {
                    Phase = TaskPhase.Done,
                    Guarded = guarded with { Step = GuardedStep.Applied },
                },
                ["diff", "retry"]
            ),
            (Bare with { Phase = TaskPhase.Cancelled }, ["retry"]),
            (Bare with { Phase = TaskPhase.Paused }, ["resume", "cancel"]),
            (Bare with { Phase = TaskPhase.AwaitingApproval }, ["approve", "reject"]),
            (
                Bare with
                {
                    Phase = TaskPhase.AwaitingApproval,
                    Guarded = guarded,
                },
                ["diff", "approve", "reject"]
            ),
        ];

        Assert.All(
            table,
            row =>
                Assert.Equal(
                    row.Steps.Select(s => $"orchestrator {s} t"),
                    Explain(row.Task).NextSteps
                )
        );
        Assert.Equal(
            "orchestrator retry t",
            Explain(Bare with { Phase = TaskPhase.Failed }).NextSteps[1]
        );
        Assert.Equal(
            [
                "orchestrator reply t \"…\"",
                "orchestrator approve t (what is assumed stands)",
                "orchestrator reject t",
            ],
            Explain(Bare with { Phase = TaskPhase.AwaitingApproval, Questions = ["q"] }).NextSteps
        );
    }

    private static IReadOnlyList<string> Reasons(TaskSnapshot task) => Explain(task).Reasons;

    private static GrainInterfaces.Api.Explanation Explain(TaskSnapshot task) =>
        TaskExplainer.Explain(task, new QueueExplanation(0, ""));
}
