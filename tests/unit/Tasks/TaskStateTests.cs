using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class TaskStateTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;

    [Fact]
    public void A_run_takes_all_that_it_needs_and_forgets_the_last_one()
    {
        var before = TaskSituations.Named("Queued, backing off") with
        {
            Step = new AgentStep("x", 1, 1),
            WaitingFor = "x",
            SessionCostUsd = 2,
        };
        var fresh = Fold(before, Started(2, resume: false));
        var resumed = Fold(before, Started(2, resume: true));

        Assert.Equal(
            (TaskPhase.Preparing, 2, 2, 2, "h2", 3L, Now.AddHours(1), "claude-code", "s2"),
            (
                fresh.Phase,
                fresh.Attempt,
                fresh.TurnAttempts,
                fresh.Tries,
                fresh.Host,
                fresh.Epoch,
                fresh.Due!.Value,
                fresh.Runner,
                fresh.SessionId
            )
        );
        Assert.Equal(
            (null, null, null, ""),
            (fresh.Workspace, fresh.Agent, fresh.Step, fresh.WaitingFor)
        );
        Assert.Equal((false, false, 0m), (fresh.Resume, fresh.SessionLives, fresh.SessionCostUsd));
        Assert.Equal(
            (true, true, 2m),
            (resumed.Resume, resumed.SessionLives, resumed.SessionCostUsd)
        );
    }

    [Fact]
    public void The_base_commit_of_the_first_workspace_stays_the_task_s()
    {
        var other = TaskSituations.Workspace with { BaseCommit = new string('b', 40) };
        var state = Fold(TaskSituations.Named("Running"), new TaskFact.WorkspaceReady(1, other));

        Assert.Equal(
            (TaskSituations.Workspace.BaseCommit, other),
            (state.BaseCommit, state.Workspace)
        );
    }

    [Fact]
    public void Money_and_tokens_add_up_over_runs_and_the_last_patch_stays()
    {
        RunResult Result(string patch, string session) =>
            new()
            {
                SessionId = session,
                Usage = new RunUsage(1, 2, 4, 8, 0.5m, 0.7m),
                Diff = new DiffSummary { PatchBlob = patch },
            };
        var state = TaskSituations.Named("Running") with { Step = new AgentStep("x", 1, 1) };

        var once = Fold(state, new TaskFact.RunEnded(1, Result("p", "")));
        var twice = Fold(once, new TaskFact.RunEnded(1, Result("", "s")));

        Assert.Equal(
            (15L, 0.5m, 0.7m, "p", false),
            (once.Tokens, once.CostUsd, once.SessionCostUsd, once.PatchBlob, once.SessionLives)
        );
        Assert.Equal(
            (30L, 1.0m, 0.7m, "p", true),
            (twice.Tokens, twice.CostUsd, twice.SessionCostUsd, twice.PatchBlob, twice.SessionLives)
        );
        Assert.Null(once.Step);
        Assert.Equal(Now + TaskState.VerifyWaitMax, once.Due);
    }

    [Fact]
    public void A_bad_end_keeps_phase_and_deadline_for_the_fact_that_follows()
    {
        var state = Fold(
            TaskSituations.Named("Running"),
            new TaskFact.RunEnded(1, new RunResult { ErrorClass = ErrorClass.Network })
        );

        Assert.Equal(
            (TaskPhase.Running, ErrorClass.Network, Now.AddMinutes(33)),
            (state.Phase, state.ErrorClass, state.Due!.Value)
        );
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void A_repeat_gives_the_try_back_when_it_does_not_count(bool counts, int tries)
    {
        var state = TaskSituations.Named("Running") with
        {
            Tries = 2,
            SessionLives = true,
            Step = new AgentStep("x", 1, 1),
        };
        var fact = new TaskFact.RetryScheduled(
            1,
            ErrorClass.Network,
            Now.AddSeconds(9),
            counts,
            "f"
        );

        var after = Fold(state, fact);

        Assert.Equal(
            (TaskPhase.Queued, tries, Now.AddSeconds(9), ErrorClass.Network, "f", true, null),
            (
                after.Phase,
                after.Tries,
                after.Due!.Value,
                after.ErrorClass,
                after.Feedback,
                after.SessionLives,
                after.Step
            )
        );
        Assert.Equal(0, Fold(state with { Tries = 0 }, fact with { CountsAsTry = false }).Tries);
        Assert.Equal(0, Fold(state with { Tries = 0 }, new TaskFact.Paused("p", null)).Tries);
        Assert.False(Fold(state, fact with { ErrorClass = ErrorClass.SessionLost }).SessionLives);
        Assert.False(Fold(state with { SessionLives = false }, fact).SessionLives);
    }

    [Fact]
    public void What_ends_waits_for_nothing_and_is_not_cancelled_any_more()
    {
        var state = TaskSituations.Named("Running, cancelling") with
        {
            WaitingFor = "x",
            Step = new AgentStep("x", 1, 1),
        };
        var failure = new Failure("c", "m");
        TaskFact[] ends =
        [
            new TaskFact.Delivered(1),
            new TaskFact.Cancelled("w"),
            new TaskFact.Failed(failure, ErrorClass.Fatal),
        ];

        Assert.All(
            ends.Select(e => Fold(state, e)),
            s =>
                Assert.Equal(
                    (null, false, "", null, true),
                    (s.Due, s.Cancelling, s.WaitingFor, s.Step, s.Ended)
                )
        );
        Assert.Equal(ErrorClass.Cancelled, Fold(state, ends[1]).ErrorClass);
        Assert.Equal(
            (failure, ErrorClass.Fatal),
            (Fold(state, ends[2]).Failure, Fold(state, ends[2]).ErrorClass)
        );
    }

    [Fact]
    public void A_new_turn_begins_clean_and_keeps_the_work()
    {
        var state = TaskSituations.Named("Failed") with
        {
            PatchBlob = "p",
            Feedback = "f",
            Due = Now,
            WaitingFor = "x",
            Cancelling = true,
            Verification = TaskSituations.Red,
            Judgement = new Judgement(false, "FAILED", []),
        };

        var next = Fold(state, new TaskFact.TurnStarted(2, "reply", "ann", "and now"));

        Assert.Equal(
            (TaskPhase.Mediating, 2, "and now", 0, 0, "p", 1),
            (
                next.Phase,
                next.Turn,
                next.TurnMessage,
                next.TurnAttempts,
                next.Tries,
                next.PatchBlob,
                next.Attempt
            )
        );
        Assert.Equal(
            (null, null, ErrorClass.None, "", false, ""),
            (
                next.Due,
                next.Failure,
                next.ErrorClass,
                next.Feedback,
                next.Cancelling,
                next.WaitingFor
            )
        );
        Assert.Null(next.Verification);
        Assert.Null(next.Judgement);
    }

    [Fact]
    public void An_approval_knows_where_it_leads_and_ends_its_wait()
    {
        var asked = TaskSituations.Named("AwaitingApproval");
        var approved = Fold(asked, new TaskFact.Approved("ann", ""));
        var rejected = Fold(asked, new TaskFact.Rejected("ann", ""));

        Assert.Equal(
            ("the plan", TaskPhase.Queued, Now.AddHours(8)),
            (asked.WaitingFor, asked.ReturnTo, asked.Due!.Value)
        );
        Assert.Equal(
            (TaskPhase.Queued, null, ""),
            (approved.Phase, approved.Due, approved.WaitingFor)
        );
        Assert.Equal(
            (TaskPhase.AwaitingApproval, null, ""),
            (rejected.Phase, rejected.Due, rejected.WaitingFor)
        );
    }

    [Fact]
    public void A_pause_waits_for_its_reason_and_a_resume_ends_it()
    {
        var paused = TaskSituations.Named("Paused");
        var resumed = Fold(paused, new TaskFact.Resumed("reset"));

        Assert.Equal(("The agent's usage limit is reached.", 0), (paused.WaitingFor, paused.Tries));
        Assert.Equal(
            (TaskPhase.Queued, null, ""),
            (resumed.Phase, resumed.Due, resumed.WaitingFor)
        );
    }

    [Fact]
    public void Versions_and_instants_follow_the_facts()
    {
        var first = TaskState.Empty.After(new TaskFact.Submitted(TaskSituations.Spec), Now);
        var second = first.After(new TaskFact.CommitMade("b", "c", "me", false), Now.AddHours(1));

        Assert.Equal(
            (1L, Now, Now, 1),
            (first.Version, first.CreatedAt, first.UpdatedAt, first.Turn)
        );
        Assert.Equal(
            (2L, Now, Now.AddHours(1)),
            (second.Version, second.CreatedAt, second.UpdatedAt)
        );
    }

    [Fact]
    public void A_cancel_is_waited_for_a_minute_and_a_check_three_quarters_of_an_hour()
    {
        Assert.Equal(Now.AddMinutes(1), TaskSituations.Named("Running, cancelling").Due);
        Assert.Equal(Now.AddMinutes(45), TaskSituations.Named("Validating").Due);
    }

    [Fact]
    public void A_release_never_goes_back()
    {
        var state = TaskSituations.Named("Done") with { Attempt = 3, ReleasedAttempt = 2 };

        Assert.Equal(2, Fold(state, new TaskFact.Released(1)).ReleasedAttempt);
        Assert.Equal(3, Fold(state, new TaskFact.Released(3)).ReleasedAttempt);
        Assert.Empty(Released(state, 2).Facts);
        Assert.Empty(Released(state, 4).Facts);
        Assert.Equal([new TaskFact.Released(3)], Released(state, 3).Facts);
        // An older attempt of a task whose next one lives.
        var lives = TaskSituations.Named("Running") with
        {
            Attempt = 2,
        };
        Assert.Equal([new TaskFact.Released(1)], Released(lives, 1).Facts);
        Assert.True(Released(lives, 2).Stale);
    }

    [Fact]
    public void Title_and_kind_are_the_requester_s_or_the_plan_s()
    {
        var planned = TaskSituations.Named("Queued");
        var titled = planned with { Spec = TaskSituations.Spec with { Title = "Mine" } };
        var bare = TaskSituations.Named("Received");
        var kind = bare with { Spec = TaskSituations.Spec with { Kind = TaskKind.Analyze } };

        Assert.Equal(
            ("Fix it", "Mine", "", ""),
            (planned.Title, titled.Title, bare.Title, TaskState.Empty.Title)
        );
        Assert.Equal(
            (TaskKind.Fix, TaskKind.Analyze, TaskKind.Unknown),
            (planned.Kind, kind.Kind, TaskState.Empty.Kind)
        );
    }

    [Fact]
    public void A_run_has_the_task_s_or_the_server_s_wall_clock_and_runner()
    {
        var state = TaskSituations.Named("Queued");
        var own = state with
        {
            Spec = TaskSituations.Spec with { TimeoutSeconds = 60, Runner = "" },
        };

        Assert.Equal(
            new TaskFact.RunStarted(1, 1, "h", 1, Now.AddMinutes(33), "scripted", "s2", false),
            Offer(state, Limits)
        );
        Assert.Equal(
            new TaskFact.RunStarted(1, 1, "h", 1, Now.AddMinutes(4), "claude-code", "s2", false),
            Offer(own, Limits)
        );
        Assert.Equal(TimeSpan.FromMinutes(30), TaskDecider.RunTime(TaskState.Empty, Limits));
    }

    private static TaskFact.RunStarted Started(int attempt, bool resume) =>
        new(1, attempt, "h2", 3, Now.AddHours(1), "claude-code", "s2", resume);

    private static TaskFact.RunStarted Offer(TaskState state, TaskLimits limits) =>
        Assert.IsType<TaskFact.RunStarted>(
            Assert.Single(
                TaskDecider
                    .Decide(
                        state,
                        new TaskInput.SlotOffered(new SlotOffer("h", 1, 1), "s2", Now),
                        limits
                    )
                    .Facts
            )
        );

    private static TaskDecision Released(TaskState state, int attempt) =>
        TaskDecider.Decide(
            state,
            new TaskInput.Reported(new TaskReport.Released(attempt), Now),
            Limits
        );

    private static TaskState Fold(TaskState state, TaskFact fact) =>
        TaskSituations.Fold(state, fact);
}
