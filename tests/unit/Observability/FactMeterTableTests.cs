using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

/// <summary>Each value of a label is one of a closed set, or other, and what facts count nothing is said too.</summary>
public sealed class FactMeterTableTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly TurnClock Running = new()
    {
        Version = 5,
        Phase = TaskPhase.Running,
        PhaseSince = Start,
        TurnSince = Start,
        Kind = TaskKind.Analyze,
        Lane = TaskPriority.High,
        Host = "h1",
        Runner = "scripted",
    };

    // What a build of a later release may have written.
    private static readonly TurnClock OfALaterRelease = Running with
    {
        Kind = (TaskKind)99,
        Lane = (TaskPriority)99,
        Host = "",
        Runner = "",
    };

    public static TheoryData<TaskFact, string> Counted() =>
        new()
        {
            { Turn("reply"), "orchestrator.turns.started{cause=reply} 1" },
            { Turn("retry"), "orchestrator.turns.started{cause=retry} 1" },
            { Turn("restage"), "orchestrator.turns.started{cause=restage} 1" },
            { Turn("feedback"), "orchestrator.turns.started{cause=feedback} 1" },
            { Turn("Reply"), "orchestrator.turns.started{cause=other} 1" },
            { Turn(""), "orchestrator.turns.started{cause=other} 1" },
            { Plan(MediationMode.Fallback), "orchestrator.plans{mode=rules} 1" },
            { Plan(MediationMode.Llama), "orchestrator.plans{mode=model} 1" },
            { Ruled("request", Verdict.Allow), Said("request", "allow") },
            { Ruled("plan", Verdict.Deny), Said("plan", "deny") },
            { Ruled("diff", Verdict.NeedsApproval), Said("diff", "needs_approval") },
            { Ruled("screen", Verdict.Allow), Said("other", "allow") },
            { Ruled("", Verdict.Allow), Said("other", "allow") },
            { Ruled("plan", (Verdict)99), Said("plan", "other") },
            {
                new TaskFact.Screened(1, new Ruling(Verdict.Deny, "r", "", "")),
                Said("screen", "deny")
            },
            { Asked(), "orchestrator.approvals{step=asked} 1" },
            {
                new TaskFact.ApprovalReminded("", Start, "ann"),
                "orchestrator.approvals{step=reminded} 1"
            },
            {
                new TaskFact.ApprovalHandedOver("ann", "bob", ""),
                "orchestrator.approvals{step=handed_over} 1"
            },
            { new TaskFact.Approved("ann", ""), "orchestrator.approvals{step=approved} 1" },
            { new TaskFact.Rejected("ann", ""), "orchestrator.approvals{step=rejected} 1" },
            { Paused(""), "orchestrator.pauses{reason=usage_or_person} 1" },
            { Paused("task"), "orchestrator.pauses{reason=task_budget} 1" },
            { Paused("day"), "orchestrator.pauses{reason=day_budget} 1" },
            { Paused("week"), "orchestrator.pauses{reason=other} 1" },
            {
                new TaskFact.PullRequestOpened(new("github:a/b", 1, "", "", "")),
                "orchestrator.pull_requests{event=opened} 1"
            },
            { new TaskFact.FeedbackReceived([]), "orchestrator.pull_requests{event=feedback} 1" },
            {
                new TaskFact.MergeHeld("head", []),
                "orchestrator.pull_requests{event=merge_held} 1"
            },
            { new TaskFact.Merged("c", ""), "orchestrator.pull_requests{event=merged} 1" },
            { new TaskFact.PullRequestClosed(""), "orchestrator.pull_requests{event=closed} 1" },
            {
                new TaskFact.Throttled("full", (TaskPriority)99, 1, "ann"),
                "orchestrator.queue.refused{lane=other} 1"
            },
            {
                new TaskFact.RunEnded(1, new RunResult { ErrorClass = (ErrorClass)99 }),
                "orchestrator.runs.ended{host=h1 runner=scripted error_class=other} 1"
            },
            {
                new TaskFact.Delivered(1),
                "orchestrator.tasks.ended{type=analyze lane=high host=h1 outcome=success error_class=none} 1; "
                    + "orchestrator.task.duration{type=analyze outcome=success} 3"
            },
        };

    public static TheoryData<TaskFact> CountedAsAFactOnly() =>
        [
            new TaskFact.WorkspaceReady(1, new WorkspaceInfo("w", "c", "b", false)),
            new TaskFact.AgentStarted(1, new AgentInfo(1, "e", "1", "m", "l", "")),
            new TaskFact.Progressed(1, new AgentStep("x", 1, 1)),
            new TaskFact.Checkpointed(1, new Checkpoint()),
            new TaskFact.Judged(1, new Judgement(true, "SUCCESS", [])),
            new TaskFact.CancelRequested("ann", ""),
            new TaskFact.Released(1),
            new TaskFact.CommitMade("b", "c", "ann", false),
            new TaskFact.OverlapFound([new Overlap("t", [])]),
            new TaskFact.Staged(1, new GuardedDiff { Hash = "h" }),
            new TaskFact.ApplyStarted("h", "ann", false, "cli"),
            new TaskFact.Applied("h", "b", "c"),
            new TaskFact.ApplyRefused("h", new Failure("c", "")),
            new TaskFact.PolicyActivated("p", "ann"),
            new TaskFact.BranchPushed(1, "b", "h", "c"),
            new TaskFact.FeedbackAnswered([]),
            new TaskFact.MergeStarted("h", "squash"),
            new TaskFact.Replied(new Reply { Id = "a", Text = "x" }),
        ];

    [Theory]
    [MemberData(nameof(Counted))]
    public void A_fact_counts_as_this_besides_itself(TaskFact fact, string expected) =>
        Assert.Equal(expected, Text(Running, fact));

    [Theory]
    [MemberData(nameof(CountedAsAFactOnly))]
    public void A_fact_that_no_figure_is_about_counts_as_a_fact_only(TaskFact fact) =>
        Assert.Equal("", Text(Running, fact));

    [Fact]
    public void A_kind_and_a_lane_of_a_later_release_are_other()
    {
        Assert.Equal(
            "orchestrator.tasks.ended{type=other lane=other host= outcome=success error_class=none} 1; "
                + "orchestrator.task.duration{type=other outcome=success} 3",
            Text(OfALaterRelease, new TaskFact.Delivered(1))
        );
        Assert.Equal(
            "orchestrator.runs.ended{host= runner= error_class=none} 1; "
                + "orchestrator.runs.tokens{type=other model=m kind=input} 1",
            Text(
                OfALaterRelease,
                new TaskFact.RunEnded(
                    1,
                    new RunResult { Model = "m", Usage = new RunUsage(InputTokens: 1) }
                )
            )
        );
        Assert.Equal(
            "orchestrator.tasks.submitted{lane=other source=cli} 1; orchestrator.turns.started{cause=request} 1",
            Text(
                Running,
                new TaskFact.Submitted(
                    new TaskSpec
                    {
                        Request = "x",
                        Source = "cli",
                        Priority = (TaskPriority)99,
                    }
                )
            )
        );
    }

    // One letter for each command: it passed, it failed, it took too long.
    [Theory]
    [InlineData("", "", "none")]
    [InlineData("", "p", "passed")]
    [InlineData("", "pp", "passed")]
    [InlineData("", "f", "failed")]
    [InlineData("", "pf", "failed")]
    [InlineData("", "t", "timed_out")]
    [InlineData("", "pt", "timed_out")]
    [InlineData("", "ft", "timed_out")]
    [InlineData("x", "", "not_run")]
    [InlineData("x", "pf", "not_run")]
    public void Checks_count_by_the_worst_that_happened(
        string problem,
        string commands,
        string expected
    )
    {
        var report = new VerificationReport(
            "server",
            [.. commands.Select(c => new CommandResult("x", c == 'f' ? 1 : 0, 1, c == 't', ""))],
            problem
        );

        Assert.Equal(
            $"orchestrator.checks{{result={expected}}} 1",
            Text(Running, new TaskFact.Verified(1, report))
        );
    }

    [Fact]
    public void Facts_of_one_append_are_measured_in_their_order_and_each_with_what_the_ones_before_it_said()
    {
        var at = Start.AddSeconds(3);
        TaskFact[] facts =
        [
            new TaskFact.Submitted(
                new TaskSpec
                {
                    Request = "x",
                    Source = "cli",
                    Priority = TaskPriority.Low,
                }
            ),
            new TaskFact.PlanMade(1, new Plan { Kind = TaskKind.Fix }),
            new TaskFact.RunStarted(1, 1, "h2", 1, Start, "claude-code", "s", false),
            new TaskFact.RunEnded(
                1,
                new RunResult
                {
                    Model = "m",
                    ErrorClass = ErrorClass.Timeout,
                    Usage = new RunUsage(1, 2, 3, 4, 0.5m),
                    Diff = new DiffSummary { Secrets = [new("a", 1, "r"), new("b", 2, "r")] },
                }
            ),
            new TaskFact.Failed(new Failure("c", ""), ErrorClass.Timeout),
        ];

        var (measured, after) = FactMeter.Measure(
            TurnClock.Unknown,
            new CommittedFacts("t", 41, at, facts, TaskPhase.Failed)
        );

        Assert.Equal(
            """
            orchestrator.journal.facts{fact=submitted} 1
            orchestrator.tasks.submitted{lane=low source=cli} 1
            orchestrator.turns.started{cause=request} 1
            orchestrator.journal.facts{fact=plan_made} 1
            orchestrator.plans{mode=rules} 1
            orchestrator.journal.facts{fact=run_started} 1
            orchestrator.runs.started{host=h2 runner=claude-code} 1
            orchestrator.journal.facts{fact=run_ended} 1
            orchestrator.runs.ended{host=h2 runner=claude-code error_class=timeout} 1
            orchestrator.runs.cost{type=fix model=m} 0.5
            orchestrator.runs.tokens{type=fix model=m kind=input} 1
            orchestrator.runs.tokens{type=fix model=m kind=output} 2
            orchestrator.runs.tokens{type=fix model=m kind=cache_read} 3
            orchestrator.runs.tokens{type=fix model=m kind=cache_write} 4
            orchestrator.secrets.found{} 2
            orchestrator.journal.facts{fact=failed} 1
            orchestrator.tasks.ended{type=fix lane=low host=h2 outcome=failed error_class=timeout} 1
            orchestrator.task.duration{type=fix outcome=failed} 0
            """,
            string.Join('\n', measured)
        );
        Assert.Equal(
            new TurnClock
            {
                Version = 46,
                Phase = TaskPhase.Failed,
                PhaseSince = at,
                TurnSince = at,
                Kind = TaskKind.Fix,
                Lane = TaskPriority.Low,
                Host = "h2",
                Runner = "claude-code",
            },
            after
        );
    }

    [Fact]
    public void A_turn_that_had_no_attempt_has_no_host()
    {
        var (_, after) = FactMeter.Measure(
            Running,
            new CommittedFacts("t", 5, Start, [Turn("retry")], TaskPhase.Running)
        );

        Assert.Equal("", after.Host);
    }

    [Theory]
    [InlineData(TaskPhase.Running, TaskPhase.Validating, 5, "{phase=running} 5")]
    [InlineData(TaskPhase.InReview, TaskPhase.Done, 0, "{phase=in_review} 0")]
    // Clocks of two silos differ: no time is less than none.
    [InlineData(TaskPhase.Running, TaskPhase.Validating, -5, "{phase=running} 0")]
    [InlineData(TaskPhase.Running, TaskPhase.Running, 5, "")]
    // A task at its end is in no phase that anybody waits for.
    [InlineData(TaskPhase.Done, TaskPhase.Mediating, 5, "")]
    [InlineData(TaskPhase.Failed, TaskPhase.Mediating, 5, "")]
    [InlineData(TaskPhase.Cancelled, TaskPhase.Mediating, 5, "")]
    public void The_time_in_a_phase_is_measured_when_it_is_left(
        TaskPhase from,
        TaskPhase to,
        int seconds,
        string expected
    )
    {
        var at = Start.AddSeconds(seconds);
        var (measured, after) = FactMeter.Measure(
            Running with
            {
                Phase = from,
            },
            new CommittedFacts("t", 5, at, [new TaskFact.Resumed("ann")], to)
        );

        Assert.Equal(
            expected.Length > 0 ? "orchestrator.phase.duration" + expected : "",
            string.Join("; ", measured.Skip(1))
        );
        Assert.Equal((to, from == to ? Start : at), (after.Phase, after.PhaseSince));
    }

    private static TaskFact Turn(string kind) => new TaskFact.TurnStarted(2, kind, "ann", "");

    private static TaskFact Plan(MediationMode mode) =>
        new TaskFact.PlanMade(1, new Plan { Mode = mode });

    private static TaskFact Asked() => new TaskFact.ApprovalAsked("", TaskPhase.Queued, Start);

    private static TaskFact Paused(string budget) => new TaskFact.Paused("", null, budget);

    private static TaskFact Ruled(string stage, Verdict verdict) =>
        new TaskFact.Ruled(
            1,
            new PolicyRuling
            {
                Stage = stage,
                Policy = "p",
                Verdict = verdict,
            }
        );

    private static string Said(string stage, string verdict) =>
        $"orchestrator.policy.verdicts{{stage={stage} verdict={verdict}}} 1";

    // Without the first, which counts the fact itself.
    private static string Text(TurnClock clock, TaskFact fact) =>
        string.Join(
            "; ",
            FactMeter
                .Measure(
                    clock,
                    new CommittedFacts("t", 5, Start.AddSeconds(3), [fact], clock.Phase)
                )
                .Measured.Skip(1)
        );
}
