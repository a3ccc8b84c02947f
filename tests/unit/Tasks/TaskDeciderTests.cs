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
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;
    private static readonly TaskSpec Spec = TaskSituations.Spec;

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
            new TaskReport.AgentStarted(99, 1, TaskSituations.Agent),
            new TaskReport.WorkspaceReady(99, 1, TaskSituations.Workspace),
            new TaskReport.RunRefused(99, 1, new Failure("x", "y"), ErrorClass.Workspace),
            new TaskReport.PlanMade(99, TaskSituations.Plan),
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
    [InlineData(TaskPhase.Preparing)]
    [InlineData(TaskPhase.Running)]
    [InlineData(TaskPhase.Validating)]
    public void D1_A_cancel_whose_host_holds_no_process_still_owes_the_release_of_the_slot(
        TaskPhase phase
    )
    {
        var asked = Play(In(phase), new TaskInput.CancelAsked("me", "", Now));

        var state = Play(asked, Report(new TaskReport.Released(asked.Attempt)));

        Assert.Equal(TaskPhase.Cancelled, state.Phase);
        Assert.Equal([new TaskEffect.Release(state.Attempt, state.Host)], TaskDecider.Owed(state));
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
    public void A_session_lost_in_a_later_try_is_followed_by_a_fresh_one_and_a_fresh_one_cannot_be_lost()
    {
        var resumed = In(TaskPhase.Running) with { Resume = true, SessionLives = true, Tries = 3 };
        var lost = Report(
            new TaskReport.RunEnded(1, 1, new RunResult { ErrorClass = ErrorClass.SessionLost })
        );

        var again = Play(resumed, lost);
        Assert.Equal((TaskPhase.Queued, 2, false), (again.Phase, again.Tries, again.SessionLives));
        Assert.Equal(TaskPhase.Failed, Play(resumed with { Resume = false }, lost).Phase);
    }

    [Fact]
    public void A_turn_that_follows_an_unreleased_attempt_still_owes_its_release()
    {
        var again = Play(In(TaskPhase.Failed), new TaskInput.RetryAsked("me", Now));

        Assert.Equal(
            [new TaskEffect.Release(1, "h"), new TaskEffect.AskMediator(2)],
            TaskDecider.Owed(again)
        );
        var resumed = Play(
            TaskSituations.Named("Queued, backing off"),
            new TaskInput.Woke(Now.AddMinutes(1))
        );
        Assert.Equal(
            [new TaskEffect.Release(1, "h"), new TaskEffect.JoinQueue(1, 1, 1)],
            TaskDecider.Owed(resumed)
        );
    }

    [Fact]
    public void A_screening_that_needs_a_person_waits_for_the_answer_and_goes_on_with_mediation()
    {
        var asked = Play(
            In(TaskPhase.Received),
            Report(new TaskReport.Screened(1, new Ruling(Verdict.NeedsApproval, "r", "It is big.")))
        );

        Assert.Equal(
            (TaskPhase.AwaitingApproval, "It is big.", Now + Limits.ApprovalRemindAfter),
            (asked.Phase, asked.WaitingFor, asked.Due!.Value)
        );
        Assert.Equal(
            TaskPhase.Mediating,
            Play(asked, new TaskInput.Answered("me", true, "", Now)).Phase
        );
        // Reminded once, then it ends by itself.
        var reminded = Play(asked, new TaskInput.Woke(asked.Due!.Value));
        Assert.Equal(
            (TaskPhase.AwaitingApproval, Now + Limits.ApprovalWaitMax),
            (reminded.Phase, reminded.Due!.Value)
        );
        Assert.Equal(
            TaskPhase.Failed,
            Play(reminded, new TaskInput.Woke(reminded.Due!.Value)).Phase
        );
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
        Assert.Equal(
            [new TaskEffect.Release(1, "h")],
            TaskDecider.Owed(TaskSituations.Named("Queued, backing off"))
        );
        foreach (var (phase, owed) in table)
        {
            Assert.Equal(owed is null ? [] : [owed], TaskDecider.Owed(In(phase)));
        }
    }

    private static TaskInput.Reported Report(TaskReport report) => new(report, Now);

    private static TaskState Play(TaskState state, TaskInput told) =>
        TaskDecider
            .Decide(state, told, Limits)
            .Facts.Aggregate(state, (s, f) => s.After(f, told.Now));

    private static TaskState In(TaskPhase phase) =>
        TaskSituations.All.First(s => s.State.Phase == phase).State;

    private static IEnumerable<TaskInput> Inputs(TaskState state) =>
        TaskSituations
            .Told.Select(t => t.Make(state))
            .Concat(
                Enum.GetValues<ErrorClass>()
                    .Select(c =>
                        Report(
                            new TaskReport.RunEnded(
                                state.Attempt,
                                state.Epoch,
                                new RunResult { ErrorClass = c }
                            )
                        )
                    )
            );
}
