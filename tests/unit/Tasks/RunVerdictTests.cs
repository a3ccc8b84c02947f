using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class RunVerdictTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;

    [Theory]
    [InlineData(ErrorClass.Auth, FailureCodes.AgentAuth)]
    [InlineData(ErrorClass.Config, FailureCodes.RunnerUnavailable)]
    [InlineData(ErrorClass.ModelNotFound, FailureCodes.RunnerUnavailable)]
    [InlineData(ErrorClass.Fatal, FailureCodes.AgentFailed)]
    [InlineData(ErrorClass.Billing, FailureCodes.AgentFailed)]
    public void A_run_that_may_not_be_repeated_fails_with_the_code_of_its_class(
        ErrorClass errorClass,
        string code
    )
    {
        var failed = Failed(
            End(Running, new RunResult { ErrorClass = errorClass, Message = "M." })
        );

        Assert.Equal(
            (code, $"M. {RetrySchedule.SuggestedAction(errorClass)}", errorClass),
            (failed.Failure.Code, failed.Failure.Message, failed.ErrorClass)
        );
    }

    [Theory]
    [InlineData(ErrorClass.Timeout, FailureCodes.TimedOut)]
    [InlineData(ErrorClass.Workspace, FailureCodes.RepositoryUnusable)]
    [InlineData(ErrorClass.Network, FailureCodes.AgentFailed)]
    public void A_run_that_may_be_repeated_fails_with_the_code_of_its_class_at_the_last_try(
        ErrorClass errorClass,
        string code
    )
    {
        var retries = RetrySchedule.RetriesMax(errorClass);
        var result = new RunResult { ErrorClass = errorClass, ExitCode = 7 };

        _ = Assert.IsType<TaskFact.RetryScheduled>(
            End(Running with { Tries = retries }, result).Facts[1]
        );
        var failed = Failed(End(Running with { Tries = retries + 1 }, result));
        Assert.Equal(code, failed.Failure.Code);
        Assert.StartsWith(
            "The agent ended with exit code 7. ",
            failed.Failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_limit_of_tries_ends_what_its_class_would_still_repeat()
    {
        var result = new RunResult { ErrorClass = ErrorClass.Network };
        var limits = Limits with { TriesMax = 2 };

        _ = Assert.IsType<TaskFact.RetryScheduled>(
            Decide(Running with { Tries = 1 }, Ended(result), limits).Facts[1]
        );
        _ = Failed(Decide(Running with { Tries = 2 }, Ended(result), limits));
    }

    [Fact]
    public void A_lost_host_repeats_whatever_the_tries_until_the_limit_of_attempts()
    {
        var lost = new TaskInput.HostLost("h", 1, Now);
        var many = Running with { Tries = 4, TurnAttempts = 49 };

        var retry = Assert.IsType<TaskFact.RetryScheduled>(
            Assert.Single(Decide(many, lost, Limits).Facts)
        );
        Assert.Equal(
            (1, ErrorClass.HostLost, Now, false, ""),
            (retry.Attempt, retry.ErrorClass, retry.Due, retry.CountsAsTry, retry.Feedback)
        );
        var failed = Failed(Decide(many with { TurnAttempts = 50 }, lost, Limits));
        Assert.Equal(
            (FailureCodes.Unavailable, "Host h was lost during attempt 1."),
            (failed.Failure.Code, failed.Failure.Message)
        );
    }

    [Fact]
    public void A_silent_host_repeats_and_says_so_at_the_last_attempt()
    {
        var failed = Failed(
            Decide(Running with { TurnAttempts = 50 }, new TaskInput.Woke(Now.AddHours(1)), Limits)
        );

        Assert.Equal(
            (
                FailureCodes.TimedOut,
                "Host h did not report the end of attempt 1 in time.",
                ErrorClass.HostLost
            ),
            (failed.Failure.Code, failed.Failure.Message, failed.ErrorClass)
        );
    }

    [Theory]
    [InlineData("h", 1, true)]
    [InlineData("h", 2, true)]
    [InlineData("h", 0, false)]
    [InlineData("other", 1, false)]
    public void Only_the_loss_of_the_attempt_s_own_host_and_epoch_counts(
        string host,
        long epoch,
        bool counts
    ) =>
        Assert.Equal(
            counts,
            Decide(Running, new TaskInput.HostLost(host, epoch, Now), Limits).Facts.Count > 0
        );

    [Fact]
    public void A_host_lost_while_its_work_is_checked_changes_nothing() =>
        Assert.Equal(
            TaskDecision.Nothing,
            Decide(TaskSituations.Named("Validating"), new TaskInput.HostLost("h", 1, Now), Limits)
        );

    [Fact]
    public void A_usage_limit_without_a_reset_time_in_the_future_pauses_as_long_as_set()
    {
        foreach (var reset in (DateTimeOffset?[])[null, Now, Now.AddHours(-1)])
        {
            var result = new RunResult { ErrorClass = ErrorClass.UsageLimit, ResetAt = reset };
            Assert.Equal(
                new TaskFact.Paused("The agent's usage limit is reached.", Now.AddMinutes(30)),
                End(Running, result).Facts[1]
            );
        }
    }

    [Fact]
    public void A_repeat_waits_for_its_class_and_neighbours_differ()
    {
        var result = new RunResult { ErrorClass = ErrorClass.RateLimit };
        var waits = Enumerable
            .Range(0, 50)
            .Select(i =>
                (
                    (TaskFact.RetryScheduled)
                        End(Running with { CreatedAt = Now.AddTicks(i) }, result).Facts[1]
                ).Due - Now
            )
            .ToList();

        Assert.All(
            waits,
            w => Assert.InRange(w, TimeSpan.FromSeconds(1.7), TimeSpan.FromSeconds(2.7))
        );
        Assert.True(waits.Distinct().Count() > 40);
        Assert.True(waits.Max() - waits.Min() > TimeSpan.FromSeconds(0.5));
        var second = (TaskFact.RetryScheduled)End(Running with { Tries = 2 }, result).Facts[1];
        Assert.InRange(second.Due - Now, TimeSpan.FromSeconds(3.4), TimeSpan.FromSeconds(5.4));
        var zero = (TaskFact.RetryScheduled)End(Running with { Tries = 0 }, result).Facts[1];
        Assert.InRange(zero.Due - Now, TimeSpan.FromSeconds(1.7), TimeSpan.FromSeconds(2.7));
    }

    [Fact]
    public void Work_that_fails_its_checks_says_which_and_keeps_the_feedback()
    {
        var state = TaskSituations.Named("Validating") with { Tries = 3 };
        var red = new VerificationReport(
            "repository",
            [
                new CommandResult("make test", 1, 1, false, new string('x', 5_000)),
                new CommandResult("make lint", 2, 1, false, ""),
            ]
        );

        var facts = Decide(
            state,
            new TaskInput.Reported(new TaskReport.Verified(1, 1, red), Now),
            Limits
        ).Facts;
        var failure = ((TaskFact.Failed)facts[2]).Failure;

        Assert.Equal(
            (
                FailureCodes.CheckFailed,
                "The agent stopped, and the checks after it did not pass: `make test` ended with exit code 1. `make lint` ended with exit code 2.",
                4_000
            ),
            (failure.Code, failure.Message, failure.Detail.Length)
        );
        Assert.Equal(ErrorClass.CheckFailed, ((TaskFact.Failed)facts[2]).ErrorClass);
        var retry = (TaskFact.RetryScheduled)
            Decide(
                state with
                {
                    Tries = 2,
                },
                new TaskInput.Reported(new TaskReport.Verified(1, 1, TaskSituations.Red), Now),
                Limits
            ).Facts[2];
        Assert.Contains("it broke", retry.Feedback, StringComparison.Ordinal);
        Assert.True(retry.CountsAsTry);
    }

    [Fact]
    public void A_detail_of_exactly_the_limit_is_kept_whole()
    {
        var state = TaskSituations.Named("Validating") with { Tries = 3 };
        VerificationReport Report(int length) =>
            new("r", [new CommandResult("m", 1, 1, false, new string('x', length))]);
        string Detail(int length) =>
            (
                (TaskFact.Failed)
                    Decide(
                        state,
                        new TaskInput.Reported(new TaskReport.Verified(1, 1, Report(length)), Now),
                        Limits
                    ).Facts[2]
            )
                .Failure
                .Detail;
        var rest = Detail(0).Length;

        Assert.Equal(4_000, Detail(4_000 - rest).Length);
        Assert.EndsWith("\n", Detail(4_000 - rest), StringComparison.Ordinal);
        Assert.EndsWith("x", Detail(4_001 - rest), StringComparison.Ordinal);
    }

    [Fact]
    public void A_turn_without_tries_or_attempts_left_fails_when_a_slot_is_offered()
    {
        var offer = new TaskInput.SlotOffered(new SlotOffer("h", 1, 1), "s", Now);
        var queued = TaskSituations.Named("Queued");

        var failed = Failed(
            Decide(
                queued with
                {
                    Tries = 4,
                    TurnAttempts = 6,
                    ErrorClass = ErrorClass.Killed,
                },
                offer,
                Limits
            )
        );
        Assert.Equal(
            (
                FailureCodes.AgentFailed,
                "Turn 1 used up its 4 tries (6 attempts). Retry starts a new turn.",
                ErrorClass.Killed
            ),
            (failed.Failure.Code, failed.Failure.Message, failed.ErrorClass)
        );
        Assert.Equal(
            ErrorClass.Fatal,
            Failed(Decide(queued with { TurnAttempts = 50 }, offer, Limits)).ErrorClass
        );
        Assert.Single(
            Decide(queued with { Tries = 3, TurnAttempts = 49 }, offer, Limits)
                .Facts.OfType<TaskFact.RunStarted>()
        );
    }

    private static TaskState Running => TaskSituations.Named("Running");

    private static TaskDecision Decide(TaskState state, TaskInput told, TaskLimits limits) =>
        TaskDecider.Decide(state, told, limits);

    private static TaskInput.Reported Ended(RunResult result) =>
        new(new TaskReport.RunEnded(1, 1, result), Now);

    private static TaskDecision End(TaskState state, RunResult result) =>
        Decide(state, Ended(result), Limits);

    private static TaskFact.Failed Failed(TaskDecision decision) =>
        Assert.IsType<TaskFact.Failed>(decision.Facts[^1]);
}
