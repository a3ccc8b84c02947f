using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What ends a turn, what repeats it and what pauses it, by the reason that its run gave.</summary>
public sealed class RunRetryTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;

    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 60)]
    [InlineData(3, 120)]
    [InlineData(4, 240)]
    [InlineData(9, 240)]
    public void A_usage_limit_met_again_is_probed_half_as_often_and_every_four_hours_at_least(
        int attempts,
        int minutes
    )
    {
        var result = new RunResult { ErrorClass = ErrorClass.UsageLimit };

        Assert.Equal(
            Now.AddMinutes(minutes),
            Assert
                .IsType<TaskFact.Paused>(
                    End(Running with { TurnAttempts = attempts, Tries = 1 }, result).Facts[1]
                )
                .Until
        );
    }

    [Theory]
    [InlineData(ErrorClass.CheckFailed)]
    [InlineData(ErrorClass.Workspace)]
    public void A_turn_that_only_checks_is_not_tried_again_for_what_it_would_find_again(
        ErrorClass errorClass
    )
    {
        var result = new RunResult { ErrorClass = errorClass };
        var check = Running with { CheckOnly = true };

        _ = Failed(End(check, result));
        _ = Assert.IsType<TaskFact.RetryScheduled>(End(Running, result).Facts[1]);
        _ = Assert.IsType<TaskFact.RetryScheduled>(
            End(check, new RunResult { ErrorClass = ErrorClass.Network }).Facts[1]
        );
    }

    [Fact]
    public void A_retry_says_what_no_fact_before_it_has_told()
    {
        TaskFact.RetryScheduled Again(TaskInput input) =>
            Assert.IsType<TaskFact.RetryScheduled>(Decide(Running, input, Limits).Facts[^1]);
        TaskInput Refused(string why) =>
            new TaskInput.Reported(
                new TaskReport.RunRefused(1, 1, new Failure("c", why), ErrorClass.Workspace),
                Now
            );

        Assert.Equal("The folder is held.", Again(Refused("The folder is held.")).Reason);
        Assert.Equal(new string('x', 500), Again(Refused(new string('x', 501))).Reason);
        Assert.Contains(
            "was lost during attempt 1",
            Again(new TaskInput.HostLost(Running.Host, Running.Epoch, Now)).Reason,
            StringComparison.Ordinal
        );
        Assert.Equal(
            "",
            Assert
                .IsType<TaskFact.RetryScheduled>(
                    End(
                        Running,
                        new RunResult { ErrorClass = ErrorClass.Network, Message = "no" }
                    ).Facts[1]
                )
                .Reason
        );
    }

    [Fact]
    public void A_refused_run_is_tried_again_or_cancelled_as_one_that_ended()
    {
        var refused = new TaskInput.Reported(
            new TaskReport.RunRefused(
                1,
                1,
                new Failure("unavailable", "busy"),
                ErrorClass.HostLost
            ),
            Now
        );

        Assert.Equal(
            [new TaskFact.Cancelled("during_execution")],
            Decide(Running with { Cancelling = true }, refused, Limits).Facts
        );
        Assert.Equal(
            [new TaskFact.Failed(new Failure("unavailable", "busy"), ErrorClass.HostLost)],
            Decide(Running with { TurnAttempts = 50 }, refused, Limits).Facts
        );
    }

    [Fact]
    public void Tools_that_the_kind_keeps_shut_are_not_tried_again()
    {
        var state = TaskSituations.Named("Validating") with
        {
            Result = new RunResult { Denials = ["Write"] },
        };

        var failed = Failed(
            Decide(
                state,
                new TaskInput.Reported(new TaskReport.Verified(1, 1, TaskSituations.Green), Now),
                Limits
            )
        );

        Assert.Equal(
            (
                ErrorClass.PermissionBlock,
                "The agent stopped, and the checks after it did not pass: 1 tool calls were denied: Write."
            ),
            (failed.ErrorClass, failed.Failure.Message)
        );
    }

    [Fact]
    public void A_check_that_ends_while_the_task_is_cancelled_is_kept_and_the_task_cancelled()
    {
        var state = TaskSituations.Named("Validating, cancelling");

        Assert.Equal(
            [
                new TaskFact.Verified(1, TaskSituations.Green),
                new TaskFact.Cancelled("during_execution"),
            ],
            Decide(
                state,
                new TaskInput.Reported(new TaskReport.Verified(1, 1, TaskSituations.Green), Now),
                Limits
            ).Facts
        );
    }

    [Fact]
    public void A_task_s_budget_used_up_in_a_run_pauses_it_only_where_one_is_set()
    {
        var result = new RunResult { ErrorClass = ErrorClass.Budget };
        var budget = Limits with
        {
            Budgets = new BudgetLimits { Task = new BudgetLimit(CostUsd: 1) },
        };

        Assert.Equal(
            new TaskFact.Paused(
                "The task's budget was used up during a run. Resuming grants it as much again; Budgets:Task sets it.",
                null,
                "task"
            ),
            Decide(Running, Ended(result), budget).Facts[1]
        );
        _ = Failed(End(Running, result));
    }

    [Fact]
    public void One_tool_kept_shut_among_other_findings_is_enough_not_to_try_again()
    {
        var state = TaskSituations.Named("Validating") with
        {
            Result = new RunResult { Denials = ["Write"] },
        };

        Assert.Equal(
            ErrorClass.PermissionBlock,
            Failed(
                Decide(
                    state,
                    new TaskInput.Reported(new TaskReport.Verified(1, 1, TaskSituations.Red), Now),
                    Limits
                )
            ).ErrorClass
        );
    }

    [Fact]
    public void Only_rejected_work_is_given_back_to_the_agent_with_words()
    {
        var refused = new TaskReport.RunRefused(1, 1, new Failure("x", "y"), ErrorClass.HostLost);

        Assert.All(
            (TaskInput[])
                [
                    Ended(new RunResult { ErrorClass = ErrorClass.Network }),
                    new TaskInput.Reported(refused, Now),
                    new TaskInput.HostLost("h", 1, Now),
                    new TaskInput.Woke(Now.AddHours(1)),
                ],
            told =>
                Assert.Equal(
                    "",
                    Assert
                        .IsType<TaskFact.RetryScheduled>(Decide(Running, told, Limits).Facts[^1])
                        .Feedback
                )
        );
    }

    [Fact]
    public void A_policy_judges_unfinished_work_only_where_it_stopped_the_run()
    {
        var (policy, problems) = PolicyReader.Read(
            """
            version: 1
            name: team
            lanes:
              code: {types: [fix], write: direct, paths: ["docs/**"]}
            """,
            "policy.yaml"
        );
        Assert.Empty(problems);
        var state = Running with
        {
            Lane = new LaneRights
            {
                Name = "code",
                Write = LaneWrite.Direct,
                Paths = ["docs/**"],
            },
        };
        TaskFact End(ErrorClass errorClass, string path) =>
            Decide(
                state,
                Ended(
                    new RunResult
                    {
                        ErrorClass = errorClass,
                        Message = "Stopped.",
                        Diff = new DiffSummary
                        {
                            Files = [new FileChange(path, "", "M", 1, 0, "100644", "100644")],
                            FilesTotal = 1,
                        },
                    }
                ) with
                {
                    Policy = policy,
                },
                Limits
            ).Facts[^1];

        Assert.IsType<TaskFact.RetryScheduled>(End(ErrorClass.Network, "src/a.cs"));
        Assert.Contains(
            "policy.yaml:4",
            Assert
                .IsType<TaskFact.Failed>(End(ErrorClass.PolicyViolation, "src/a.cs"))
                .Failure.Message,
            StringComparison.Ordinal
        );
        // Stopped for what the policy does not know: the host's own words stand.
        var other = Assert.IsType<TaskFact.Failed>(End(ErrorClass.PolicyViolation, "docs/a.md"));
        Assert.Equal(FailureCodes.PolicyDenied, other.Failure.Code);
        Assert.StartsWith("Stopped.", other.Failure.Message, StringComparison.Ordinal);
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
