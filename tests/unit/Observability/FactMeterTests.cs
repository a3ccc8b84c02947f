using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

public sealed class FactMeterTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly TurnClock Running = new()
    {
        Version = 5,
        Phase = TaskPhase.Running,
        PhaseSince = Start,
        TurnSince = Start.AddSeconds(-10),
        Kind = TaskKind.CodeReview,
        Lane = TaskPriority.High,
        Host = "h1",
        Runner = "scripted",
    };

    public static TheoryData<TaskFact, string> Table() =>
        new()
        {
            {
                new TaskFact.Submitted(
                    new TaskSpec
                    {
                        Request = "x",
                        Priority = TaskPriority.Low,
                        Source = "cli",
                    }
                ),
                "orchestrator.tasks.submitted{lane=low source=cli} 1; orchestrator.turns.started{cause=request} 1"
            },
            {
                new TaskFact.TurnStarted(2, "reply", "ann", "words"),
                "orchestrator.turns.started{cause=reply} 1"
            },
            {
                new TaskFact.TurnStarted(2, "something else", "ann", ""),
                "orchestrator.turns.started{cause=other} 1"
            },
            {
                new TaskFact.Screened(1, new Ruling(Verdict.NeedsApproval, "r", "", "")),
                "orchestrator.policy.verdicts{stage=screen verdict=needs_approval} 1"
            },
            {
                new TaskFact.Ruled(
                    1,
                    new PolicyRuling
                    {
                        Stage = "diff",
                        Policy = "p",
                        Verdict = Verdict.Deny,
                    }
                ),
                "orchestrator.policy.verdicts{stage=diff verdict=deny} 1"
            },
            {
                new TaskFact.PlanMade(1, new Plan { Mode = MediationMode.Llama }),
                "orchestrator.plans{mode=model} 1"
            },
            {
                new TaskFact.RunStarted(1, 1, "h2", 1, Start, "claude-code", "s", false),
                "orchestrator.runs.started{host=h2 runner=claude-code} 1"
            },
            {
                new TaskFact.RetryScheduled(1, ErrorClass.UsageLimit, Start, false, "words"),
                "orchestrator.retries{error_class=usage_limit} 1"
            },
            {
                new TaskFact.RetryScheduled(1, (ErrorClass)999, Start, false, ""),
                "orchestrator.retries{error_class=other} 1"
            },
            {
                new TaskFact.Verified(
                    1,
                    new VerificationReport("server", [new("make test", 1, 2, false, "words")])
                ),
                "orchestrator.checks{result=failed} 1"
            },
            {
                new TaskFact.Verified(1, new VerificationReport("none", [])),
                "orchestrator.checks{result=none} 1"
            },
            { new TaskFact.Approved("ann", "words"), "orchestrator.approvals{step=approved} 1" },
            {
                new TaskFact.Paused("words", null, "day"),
                "orchestrator.pauses{reason=day_budget} 1"
            },
            { new TaskFact.Merged("c", "ann"), "orchestrator.pull_requests{event=merged} 1" },
            {
                new TaskFact.Throttled("queue_full", TaskPriority.High, 5, "ann"),
                "orchestrator.queue.refused{lane=high} 1"
            },
            {
                new TaskFact.IntakeRefused("file", "n", new Failure("c", "words"), "d"),
                "orchestrator.intake.refused{} 1"
            },
            { new TaskFact.Resumed("ann"), "" },
            {
                new TaskFact.Cancelled("before_start"),
                "orchestrator.tasks.ended{type=code_review lane=high host=h1 outcome=cancelled error_class=cancelled} 1; orchestrator.task.duration{type=code_review outcome=cancelled} 13"
            },
            {
                new TaskFact.Failed(new Failure("c", "words"), ErrorClass.Timeout),
                "orchestrator.tasks.ended{type=code_review lane=high host=h1 outcome=failed error_class=timeout} 1; orchestrator.task.duration{type=code_review outcome=failed} 13"
            },
        };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_fact_says_this_in_numbers(TaskFact fact, string expected)
    {
        var (measured, after) = FactMeter.Measure(Running, Append(fact, Running.Phase));

        var submitted = fact is TaskFact.Submitted or TaskFact.TurnStarted;
        Assert.Equal(
            $"orchestrator.journal.facts{{fact={FactMeter.NameOf(fact)}}} 1"
                + (expected.Length > 0 ? "; " + expected : ""),
            Text(measured)
        );
        Assert.Equal(6, after.Version);
        Assert.Equal(submitted ? Start.AddSeconds(3) : Running.TurnSince, after.TurnSince);
        Assert.DoesNotContain("words", Text(measured), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_counts_its_money_and_tokens_and_no_number_that_a_counter_cannot_take()
    {
        var result = new RunResult
        {
            Model = "m",
            ErrorClass = ErrorClass.None,
            Usage = new RunUsage(1, 2, 0, -4, 0.5m),
        };

        var (measured, _) = FactMeter.Measure(
            Running,
            Append(new TaskFact.RunEnded(1, result), TaskPhase.Validating)
        );

        Assert.Equal(
            "orchestrator.journal.facts{fact=run_ended} 1; "
                + "orchestrator.runs.ended{host=h1 runner=scripted error_class=none} 1; "
                + "orchestrator.runs.cost{type=code_review model=m} 0.5; "
                + "orchestrator.runs.tokens{type=code_review model=m kind=input} 1; "
                + "orchestrator.runs.tokens{type=code_review model=m kind=output} 2; "
                + "orchestrator.phase.duration{phase=running} 3",
            Text(measured)
        );
    }

    [Fact]
    public void A_phase_is_measured_when_it_is_left_and_its_times_add_up_to_the_turns()
    {
        (double At, TaskPhase Phase, TaskFact Fact)[] life =
        [
            (0, TaskPhase.Received, new TaskFact.Submitted(new TaskSpec { Request = "x" })),
            (1, TaskPhase.Mediating, new TaskFact.Screened(1, new Ruling(default, "", "", ""))),
            (3, TaskPhase.Queued, new TaskFact.PlanMade(1, new Plan { Kind = TaskKind.Fix })),
            (
                7,
                TaskPhase.Preparing,
                new TaskFact.RunStarted(1, 1, "h", 1, Start, "scripted", "s", false)
            ),
            (15, TaskPhase.Failed, new TaskFact.Failed(new Failure("c", ""), ErrorClass.Fatal)),
            (100, TaskPhase.Mediating, new TaskFact.TurnStarted(2, "retry", "ann", "")),
            (107, TaskPhase.Cancelled, new TaskFact.Cancelled("before_start")),
        ];
        var clock = TurnClock.Unknown;
        var all = new List<Measurement>();
        foreach (var (at, phase, fact) in life)
        {
            var (measured, after) = FactMeter.Measure(
                clock,
                new CommittedFacts("t", clock.Version, Start.AddSeconds(at), [fact], phase)
            );
            all.AddRange(measured);
            clock = after;
        }

        var phases = all.Where(m => m.Metric == MetricCatalogue.PhaseDuration).ToList();
        Assert.Equal(
            ["received 1", "mediating 2", "queued 4", "preparing 8", "mediating 7"],
            phases.Select(p => $"{p.Labels[0]} {p.Value}")
        );
        Assert.Equal(
            [15.0, 7.0],
            all.Where(m => m.Metric == MetricCatalogue.TurnDuration).Select(m => m.Value)
        );
        Assert.Equal(
            ["fix medium h failed fatal", "fix medium  cancelled cancelled"],
            all.Where(m => m.Metric == MetricCatalogue.Ended)
                .Select(m => string.Join(' ', m.Labels))
        );
    }

    [Fact]
    public void Of_a_task_whose_beginning_nobody_saw_no_time_is_made_up()
    {
        var (measured, after) = FactMeter.Measure(
            TurnClock.Unknown,
            new CommittedFacts("t", 41, Start, [new TaskFact.Delivered(3)], TaskPhase.Done)
        );

        Assert.DoesNotContain(measured, m => m.Metric.Kind == MetricKind.Histogram);
        Assert.Equal((42, TaskPhase.Done), (after.Version, after.Phase));
    }

    [Fact]
    public void Every_kind_of_fact_has_a_label_and_every_measurement_as_many_labels_as_its_metric()
    {
        var kinds = typeof(TaskFact).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(TaskFact)));

        Assert.All(kinds, k => Assert.Matches("^[a-z_]+$", FactMeter.Snake(k.Name)));
        Assert.All(
            Table()
                .SelectMany(row =>
                    FactMeter.Measure(Running, Append(row.Data.Item1, TaskPhase.Done)).Measured
                ),
            m =>
                Assert.Equal(
                    m.Metric.Labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length,
                    m.Labels.Count
                )
        );
    }

    private static CommittedFacts Append(TaskFact fact, TaskPhase phase) =>
        new("t", 5, Start.AddSeconds(3), [fact], phase);

    private static string Text(IEnumerable<Measurement> measured) => string.Join("; ", measured);
}
