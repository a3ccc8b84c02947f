using CsCheck;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class TaskDeciderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TaskLimits Limits = new();
    private static readonly TaskSpec Spec = new() { Request = "Fix it", Runner = "scripted" };

    public static TheoryData<TaskPhase> Phases => [.. Enum.GetValues<TaskPhase>()];

    [Fact]
    public void A_submission_is_received_and_owes_its_screening()
    {
        var state = Play(TaskState.Empty, new TaskInput.Submit(Spec, null, Now));

        Assert.Equal(TaskPhase.Received, state.Phase);
        Assert.Equal([new TaskEffect.Screen(1)], TaskDecider.Owed(state));
    }

    [Fact]
    public void A_full_queue_refuses_and_records_nothing()
    {
        var refusal = new Failure(FailureCodes.QueueFull, "full", "", 5);

        var decision = TaskDecider.Decide(
            TaskState.Empty,
            new TaskInput.Submit(Spec, refusal, Now),
            Limits
        );

        Assert.Empty(decision.Facts);
        Assert.Equal(refusal, decision.Refusal);
    }

    [Fact]
    public void Submitting_twice_is_submitting_once()
    {
        var state = In(TaskPhase.Received);

        Assert.Equal(
            TaskDecision.Nothing,
            TaskDecider.Decide(state, new TaskInput.Submit(Spec, null, Now), Limits)
        );
        Assert.Equal(
            FailureCodes.Conflict,
            TaskDecider
                .Decide(
                    state,
                    new TaskInput.Submit(Spec with { Request = "Other" }, null, Now),
                    Limits
                )
                .Refusal?.Code
        );
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public void A_report_of_another_attempt_records_nothing_in_any_phase(TaskPhase phase)
    {
        var state = In(phase);
        TaskReport[] reports =
        [
            new TaskReport.RunEnded(99, 1, new RunResult()),
            new TaskReport.RunEnded(state.Attempt, 7, new RunResult()),
            new TaskReport.Verified(99, 1, new VerificationReport("none", [])),
            new TaskReport.AgentStarted(99, 1, Agent),
            new TaskReport.WorkspaceReady(99, 1, Workspace),
            new TaskReport.RunRefused(99, 1, new Failure("x", "y"), ErrorClass.Workspace),
            new TaskReport.PlanMade(99, Plan),
            new TaskReport.Screened(99, new Ruling(Verdict.Allow, "r", "")),
        ];

        foreach (var report in reports)
        {
            var decision = TaskDecider.Decide(state, new TaskInput.Reported(report, Now), Limits);
            Assert.Empty(decision.Facts);
            Assert.True(decision.Stale, $"{report.GetType().Name} in {phase}");
        }
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public void Every_phase_answers_every_input_without_an_exception(TaskPhase phase)
    {
        var state = In(phase);
        foreach (var input in Inputs(state))
        {
            var decision = TaskDecider.Decide(state, input, Limits);
            var after = decision.Facts.Aggregate(state, (s, f) => s.After(f, Now));
            Assert.Equal(state.Version + decision.Facts.Count, after.Version);
            _ = TaskDecider.Owed(after);
        }
    }

    [Theory]
    [InlineData(TaskPhase.Received, "before_start")]
    [InlineData(TaskPhase.Mediating, "before_start")]
    [InlineData(TaskPhase.Queued, "before_start")]
    [InlineData(TaskPhase.Paused, "during_execution")]
    public void Cancelling_what_does_not_run_is_over_at_once(TaskPhase phase, string when)
    {
        var state = Play(In(phase), new TaskInput.CancelAsked("me", "", Now));

        Assert.Equal(TaskPhase.Cancelled, state.Phase);
        var decision = TaskDecider.Decide(
            In(phase),
            new TaskInput.CancelAsked("me", "", Now),
            Limits
        );
        Assert.Equal(new TaskFact.Cancelled(when), decision.Facts[^1]);
    }

    [Theory]
    [InlineData(TaskPhase.Preparing)]
    [InlineData(TaskPhase.Running)]
    [InlineData(TaskPhase.Validating)]
    public void Cancelling_a_live_run_owes_its_stop_and_waits_for_the_end(TaskPhase phase)
    {
        var state = Play(In(phase), new TaskInput.CancelAsked("me", "", Now));

        Assert.Equal(phase, state.Phase);
        Assert.Equal([new TaskEffect.StopRun(1, "h")], TaskDecider.Owed(state));
    }

    [Fact]
    public void A_cancelled_run_that_ends_is_cancelled_with_its_result_kept()
    {
        var cancelling = Play(In(TaskPhase.Running), new TaskInput.CancelAsked("me", "", Now));

        var state = Play(
            cancelling,
            Report(
                new TaskReport.RunEnded(
                    1,
                    1,
                    new RunResult { ErrorClass = ErrorClass.Cancelled, ResultText = "half" }
                )
            )
        );

        Assert.Equal(TaskPhase.Cancelled, state.Phase);
        Assert.Equal("half", state.Result!.ResultText);
        Assert.Equal([new TaskEffect.Release(1, "h")], TaskDecider.Owed(state));
    }

    [Fact]
    public void D16_A_usage_limit_pauses_until_its_reset_and_counts_no_try()
    {
        var reset = Now.AddHours(3);

        var state = Play(
            In(TaskPhase.Running),
            Report(
                new TaskReport.RunEnded(
                    1,
                    1,
                    new RunResult { ErrorClass = ErrorClass.UsageLimit, ResetAt = reset }
                )
            )
        );

        Assert.Equal((TaskPhase.Paused, reset, 0), (state.Phase, state.Due!.Value, state.Tries));
        Assert.Equal(TaskPhase.Queued, Play(state, new TaskInput.Woke(reset)).Phase);
        Assert.Equal(TaskPhase.Paused, Play(state, new TaskInput.Woke(reset.AddSeconds(-1))).Phase);
    }

    [Fact]
    public void A_lost_host_queues_the_turn_again_without_counting_a_try()
    {
        var state = Play(In(TaskPhase.Running), new TaskInput.HostLost("h", 1, Now));

        Assert.Equal((TaskPhase.Queued, 0), (state.Phase, state.Tries));
        Assert.Equal(1, state.Attempt);
    }

    [Fact]
    public void A_host_lost_in_an_older_epoch_does_not_touch_a_newer_attempt()
    {
        var state = In(TaskPhase.Running) with { Epoch = 5 };

        Assert.Empty(TaskDecider.Decide(state, new TaskInput.HostLost("h", 4, Now), Limits).Facts);
    }

    [Theory]
    [InlineData(ErrorClass.Auth)]
    [InlineData(ErrorClass.Fatal)]
    [InlineData(ErrorClass.Refusal)]
    [InlineData(ErrorClass.MaxTurns)]
    [InlineData(ErrorClass.Billing)]
    public void A_class_that_waiting_does_not_cure_fails_at_the_first_run(ErrorClass errorClass)
    {
        var state = Play(
            In(TaskPhase.Running),
            Report(new TaskReport.RunEnded(1, 1, new RunResult { ErrorClass = errorClass }))
        );

        Assert.Equal((TaskPhase.Failed, errorClass), (state.Phase, state.ErrorClass));
    }

    [Fact]
    public void Rejected_work_is_tried_again_with_its_findings_and_fails_after_the_last_try()
    {
        var state = In(TaskPhase.Validating);
        var red = new VerificationReport(
            "repository",
            [new CommandResult("make test", 1, 1, false, "it broke")]
        );

        var again = Play(state, Report(new TaskReport.Verified(1, 1, red)));
        Assert.Equal(TaskPhase.Queued, again.Phase);
        Assert.Contains("it broke", again.Feedback, StringComparison.Ordinal);

        var last = Play(state with { Tries = 3 }, Report(new TaskReport.Verified(1, 1, red)));
        Assert.Equal(
            (TaskPhase.Failed, FailureCodes.CheckFailed),
            (last.Phase, last.Failure!.Code)
        );
    }

    [Fact]
    public void Accepted_work_without_remote_delivery_is_done_in_one_append()
    {
        var state = Play(
            In(TaskPhase.Validating),
            Report(new TaskReport.Verified(1, 1, new VerificationReport("none", [])))
        );

        Assert.Equal(TaskPhase.Done, state.Phase);
    }

    [Fact]
    public void A_released_attempt_owes_nothing_more()
    {
        var state = Play(In(TaskPhase.Done), Report(new TaskReport.Released(1)));

        Assert.Empty(TaskDecider.Owed(state));
        Assert.Empty(TaskDecider.Decide(state, Report(new TaskReport.Released(1)), Limits).Facts);
    }

    [Fact]
    public void Attempts_only_grow_and_tries_stay_in_bounds_whatever_is_told()
    {
        Gen.Int[0, 1_000_000]
            .Array[1, 60]
            .Sample(choices =>
            {
                var state = TaskState.Empty;
                foreach (var choice in choices)
                {
                    var inputs = Inputs(state).ToList();
                    var before = state;
                    state = Play(state, inputs[choice % inputs.Count]);
                    Assert.True(state.Attempt >= before.Attempt);
                    Assert.InRange(state.Tries, 0, Limits.TriesMax);
                    Assert.True(state.ReleasedAttempt <= state.Attempt);
                    Assert.True(!state.Ended || state.Due is null);
                }
            });
    }

    [Fact]
    public void A_restart_owes_exactly_what_was_outstanding()
    {
        (TaskPhase Phase, TaskEffect? Owed)[] table =
        [
            (TaskPhase.None, null),
            (TaskPhase.Received, new TaskEffect.Screen(1)),
            (TaskPhase.Mediating, new TaskEffect.AskMediator(1)),
            (TaskPhase.Queued, new TaskEffect.JoinQueue(1, 0, 0)),
            (TaskPhase.Preparing, new TaskEffect.StartRun(1, "h", 1)),
            (TaskPhase.Running, new TaskEffect.StartRun(1, "h", 1)),
            (TaskPhase.Validating, new TaskEffect.Verify(1, "h", 1)),
            (TaskPhase.Paused, new TaskEffect.Release(1, "h")),
            (TaskPhase.Done, new TaskEffect.Release(1, "h")),
            (TaskPhase.Failed, new TaskEffect.Release(1, "h")),
            (TaskPhase.Cancelled, new TaskEffect.Release(1, "h")),
        ];
        foreach (var (phase, owed) in table)
        {
            Assert.Equal(owed is null ? [] : [owed], TaskDecider.Owed(In(phase)));
        }
    }

    private static Plan Plan =>
        new()
        {
            Kind = TaskKind.Fix,
            Title = "Fix it",
            AgentType = "bug_fix",
        };

    private static AgentInfo Agent => new(42, "/x", "1", "m", "scripted agent, no AI", "");

    private static WorkspaceInfo Workspace => new("/w", new string('a', 40), "main", false);

    private static TaskInput.Reported Report(TaskReport report) => new(report, Now);

    private static TaskState Play(TaskState state, TaskInput told) =>
        TaskDecider
            .Decide(state, told, Limits)
            .Facts.Aggregate(state, (s, f) => s.After(f, told.Now));

    private static TaskState In(TaskPhase phase)
    {
        var state = TaskState.Empty;
        TaskInput[] way =
        [
            new TaskInput.Submit(Spec, null, Now),
            Report(new TaskReport.Screened(1, new Ruling(Verdict.Allow, "r", ""))),
            Report(new TaskReport.PlanMade(1, Plan)),
            new TaskInput.SlotOffered(new SlotOffer("h", 1, 1), "s", Now),
            Report(new TaskReport.WorkspaceReady(1, 1, Workspace)),
            Report(new TaskReport.AgentStarted(1, 1, Agent)),
        ];
        TaskPhase[] reached =
        [
            TaskPhase.Received,
            TaskPhase.Mediating,
            TaskPhase.Queued,
            TaskPhase.Preparing,
            TaskPhase.Preparing,
            TaskPhase.Running,
        ];
        for (var i = 0; i < way.Length && phase != TaskPhase.None; i++)
        {
            state = Play(state, way[i]);
            if (reached[i] == phase)
            {
                return state;
            }
        }
        return phase switch
        {
            TaskPhase.None => TaskState.Empty,
            TaskPhase.Validating => Play(
                state,
                Report(new TaskReport.RunEnded(1, 1, new RunResult()))
            ),
            TaskPhase.Done => Play(
                In(TaskPhase.Validating),
                Report(new TaskReport.Verified(1, 1, new VerificationReport("none", [])))
            ),
            TaskPhase.Failed => Play(
                state,
                Report(
                    new TaskReport.RunEnded(1, 1, new RunResult { ErrorClass = ErrorClass.Fatal })
                )
            ),
            TaskPhase.Cancelled => Play(
                Play(state, new TaskInput.CancelAsked("me", "", Now)),
                Report(
                    new TaskReport.RunEnded(
                        1,
                        1,
                        new RunResult { ErrorClass = ErrorClass.Cancelled }
                    )
                )
            ),
            TaskPhase.Paused => Play(
                state,
                Report(
                    new TaskReport.RunEnded(
                        1,
                        1,
                        new RunResult { ErrorClass = ErrorClass.UsageLimit }
                    )
                )
            ),
            _ => state with { Phase = phase },
        };
    }

    private static IEnumerable<TaskInput> Inputs(TaskState s)
    {
        yield return new TaskInput.Submit(Spec, null, Now);
        yield return Report(new TaskReport.Screened(s.Turn, new Ruling(Verdict.Allow, "r", "")));
        yield return Report(new TaskReport.Screened(s.Turn, new Ruling(Verdict.Deny, "r", "no")));
        yield return Report(new TaskReport.PlanMade(s.Turn, Plan));
        yield return new TaskInput.SlotOffered(new SlotOffer("h", 1, s.Turn), "s", Now);
        yield return Report(new TaskReport.WorkspaceReady(s.Attempt, s.Epoch, Workspace));
        yield return Report(new TaskReport.AgentStarted(s.Attempt, s.Epoch, Agent));
        yield return Report(
            new TaskReport.Progressed(s.Attempt, s.Epoch, new AgentStep("x", 1, 1))
        );
        foreach (var errorClass in Enum.GetValues<ErrorClass>())
        {
            yield return Report(
                new TaskReport.RunEnded(
                    s.Attempt,
                    s.Epoch,
                    new RunResult { ErrorClass = errorClass }
                )
            );
        }
        yield return Report(
            new TaskReport.RunRefused(
                s.Attempt,
                s.Epoch,
                new Failure("x", "y"),
                ErrorClass.Workspace
            )
        );
        yield return Report(
            new TaskReport.Verified(s.Attempt, s.Epoch, new VerificationReport("none", []))
        );
        yield return Report(
            new TaskReport.Verified(
                s.Attempt,
                s.Epoch,
                new VerificationReport("none", [], "broken")
            )
        );
        yield return Report(new TaskReport.Released(s.Attempt));
        yield return new TaskInput.Woke(Now.AddDays(2));
        yield return new TaskInput.CancelAsked("me", "", Now);
        yield return new TaskInput.RetryAsked("me", Now);
        yield return new TaskInput.ResumeAsked("me", Now);
        yield return new TaskInput.Answered("me", true, "", Now);
        yield return new TaskInput.Answered("me", false, "", Now);
        yield return new TaskInput.HostLost("h", 1, Now);
        yield return new TaskInput.Committed(new TaskFact.CommitMade("b", "c", "me", false), Now);
    }
}
