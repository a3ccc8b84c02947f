using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>The decider's edges: what is not taken for granted about attempts, clocks, slots and who may still speak.</summary>
public sealed class TaskDeciderLimitsTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;

    [Fact]
    public void At_the_most_facts_checkpoints_are_left_out_as_progress_is()
    {
        var full = Named("Running") with { Version = Limits.FactsMax + 1 };
        var kept = Report(new TaskReport.Checkpointed(1, 1, new Checkpoint { PatchBlob = "p" }));

        Assert.Equal(TaskDecision.Nothing, Decide(full, kept));
        Assert.Single(Decide(full with { Version = Limits.FactsMax - 1 }, kept).Facts);
    }

    [Theory]
    [InlineData("Preparing", 1, 1, true)]
    [InlineData("Preparing", 2, 1, false)]
    [InlineData("Preparing", 1, 2, false)]
    [InlineData("Running", 1, 1, false)]
    public void A_host_s_word_on_its_workspace_and_agent_counts_while_it_prepares_that_very_run(
        string situation,
        int attempt,
        long epoch,
        bool counts
    )
    {
        var state = Named(situation);

        Assert.Equal(
            counts ? [new TaskFact.WorkspaceReady(attempt, TaskSituations.Workspace)] : [],
            Decide(
                state,
                Report(new TaskReport.WorkspaceReady(attempt, epoch, TaskSituations.Workspace))
            ).Facts
        );
        Assert.Equal(
            counts ? [new TaskFact.AgentStarted(attempt, TaskSituations.Agent)] : [],
            Decide(
                state,
                Report(new TaskReport.AgentStarted(attempt, epoch, TaskSituations.Agent))
            ).Facts
        );
        // Said once is enough.
        Assert.Empty(
            Decide(
                state with
                {
                    Workspace = TaskSituations.Workspace,
                },
                Report(new TaskReport.WorkspaceReady(attempt, epoch, TaskSituations.Workspace))
            ).Facts
        );
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    public void Progress_work_and_ends_of_another_attempt_or_epoch_are_echoes(
        int attempt,
        long epoch
    )
    {
        TaskReport[] reports =
        [
            new TaskReport.Progressed(attempt, epoch, new AgentStep("x", 1, 1)),
            new TaskReport.Checkpointed(attempt, epoch, new Checkpoint { PatchBlob = "p" }),
            new TaskReport.RunEnded(attempt, epoch, new RunResult()),
            new TaskReport.RunRefused(attempt, epoch, new Failure("x", "y"), ErrorClass.HostLost),
        ];
        var verified = new TaskReport.Verified(attempt, epoch, TaskSituations.Green);

        Assert.All(reports, r => Assert.True(Decide(Named("Running"), Report(r)).Stale));
        Assert.True(Decide(Named("Validating"), Report(verified)).Stale);
    }

    [Fact]
    public void What_is_said_of_a_turn_counts_in_its_phase_and_turn_alone()
    {
        var plan = Report(new TaskReport.PlanMade(2, TaskSituations.Plan));
        var screened = Report(new TaskReport.Screened(2, new Ruling(Verdict.Allow, "r", "")));

        Assert.True(Decide(Named("Mediating"), plan).Stale);
        Assert.Single(Decide(Named("Mediating") with { Turn = 2 }, plan).Facts);
        Assert.True(Decide(Named("Queued") with { Turn = 2 }, plan).Stale);
        Assert.True(Decide(Named("Received"), screened).Stale);
        Assert.Single(Decide(Named("Received") with { Turn = 2 }, screened).Facts);
        Assert.True(Decide(Named("Mediating") with { Turn = 2 }, screened).Stale);
    }

    [Fact]
    public void A_slot_is_taken_by_the_turn_it_was_offered_to_when_it_waits_for_nothing_else()
    {
        var queued = Named("Queued");
        TaskDecision Offer(TaskState state, int turn) =>
            Decide(state, new TaskInput.SlotOffered(new SlotOffer("h", 1, turn), "s", Now));

        Assert.Single(Offer(queued, 1).Facts);
        Assert.True(Offer(queued, 2).Stale);
        Assert.True(Offer(queued with { Due = Now.AddTicks(1) }, 1).Stale);
        Assert.True(Offer(Named("Paused"), 1).Stale);
        Assert.IsType<TaskFact.Failed>(Offer(queued with { Tries = 5 }, 1).Facts[0]);
        Assert.IsType<TaskFact.Failed>(Offer(queued with { TurnAttempts = 51 }, 1).Facts[0]);
    }

    [Fact]
    public void A_used_up_budget_pauses_what_is_offered_a_slot()
    {
        var limits = Limits with
        {
            Budgets = new BudgetLimits { Task = new BudgetLimit(CostUsd: 1) },
        };

        var paused = Assert.IsType<TaskFact.Paused>(
            Assert.Single(
                TaskDecider
                    .Decide(
                        Named("Queued") with
                        {
                            CostUsd = 1,
                        },
                        new TaskInput.SlotOffered(new SlotOffer("h", 1, 1), "s", Now),
                        limits
                    )
                    .Facts
            )
        );

        Assert.Equal(("task", null), (paused.Budget, paused.Until));
    }

    [Theory]
    [InlineData(0, 0, 30)]
    [InlineData(60, 0, 1)]
    [InlineData(0, 120, 2)]
    [InlineData(60, 120, 1)]
    [InlineData(180, 120, 2)]
    [InlineData(0, 7_200, 30)]
    public void A_run_takes_the_shortest_of_what_task_lane_and_settings_allow(
        int task,
        int lane,
        int minutes
    )
    {
        var state = Named("Queued") with
        {
            Spec = TaskSituations.Spec with { TimeoutSeconds = task },
            Lane = lane == 0 ? null : new LaneRights { Name = "l", RunSecondsMax = lane },
        };

        Assert.Equal(TimeSpan.FromMinutes(minutes), TaskDecider.RunTime(state, Limits));
    }

    [Fact]
    public void A_clock_that_rings_early_or_for_nothing_changes_nothing()
    {
        var running = Named("Running");
        var due = running.Due!.Value;

        Assert.Equal(TaskDecision.Nothing, Decide(running, new TaskInput.Woke(due.AddTicks(-1))));
        Assert.Single(Decide(running, new TaskInput.Woke(due)).Facts);
        Assert.Equal(
            TaskDecision.Nothing,
            Decide(running with { Due = null }, new TaskInput.Woke(due))
        );
        Assert.Equal(
            TaskDecision.Nothing,
            Decide(Named("Done") with { Due = Now }, new TaskInput.Woke(Now))
        );
    }

    [Theory]
    [InlineData("Preparing, cancelling")]
    [InlineData("Running, cancelling")]
    [InlineData("Validating, cancelling")]
    public void A_stop_that_nobody_confirmed_in_time_or_whose_host_is_lost_is_a_cancel(
        string situation
    )
    {
        var state = Named(situation);
        TaskFact[] cancelled = [new TaskFact.Cancelled("during_execution")];

        Assert.Equal(cancelled, Decide(state, new TaskInput.Woke(state.Due!.Value)).Facts);
        Assert.Equal(cancelled, Decide(state, new TaskInput.HostLost("h", 1, Now)).Facts);
        Assert.Equal(cancelled, Decide(state, Report(new TaskReport.Released(1))).Facts);
    }

    [Fact]
    public void Who_is_asked_is_reminded_by_name_and_silence_ends_as_the_question_says()
    {
        var asked = Named("AwaitingApproval") with
        {
            Due = Now,
            AskedUntil = Now.AddHours(8),
            ApprovalTo = "bob",
        };

        Assert.Equal(
            [new TaskFact.ApprovalReminded("the plan", Now.AddHours(8), "bob")],
            Decide(asked, new TaskInput.Woke(Now)).Facts
        );
        Assert.Equal(
            [typeof(TaskFact.Rejected), typeof(TaskFact.Failed)],
            Decide(asked, new TaskInput.Woke(Now.AddHours(8))).Facts.Select(f => f.GetType())
        );
        Assert.Equal(
            new TaskFact.Approved("deadline", "Nobody answered in time."),
            Decide(asked with { Questions = ["q"] }, new TaskInput.Woke(Now.AddHours(8))).Facts[0]
        );
    }

    [Fact]
    public void A_task_paused_for_its_budget_is_answered_and_any_pause_is_ended_by_whoever_resumes()
    {
        var paused = Named("Paused, budget");
        TaskDecision Answer(TaskState state, bool yes) =>
            Decide(state, new TaskInput.Answered("ann", yes, "", Now));

        Assert.Equal([new TaskFact.Resumed("ann")], Answer(paused, true).Facts);
        Assert.Equal(
            [typeof(TaskFact.Rejected), typeof(TaskFact.Failed)],
            Answer(paused, false).Facts.Select(f => f.GetType())
        );
        Assert.Equal(FailureCodes.NotPossibleNow, Answer(Named("Paused"), true).Refusal?.Code);
        Assert.Equal(
            [new TaskFact.Resumed("ann")],
            Decide(Named("Paused"), new TaskInput.ResumeAsked("ann", Now)).Facts
        );
    }

    [Fact]
    public void The_day_s_or_the_task_s_budget_is_granted_by_a_person_and_by_no_clock()
    {
        TaskState Resume(string budget, string by) =>
            TaskSituations.Fold(
                Named("Paused, budget") with
                {
                    PausedBudget = budget,
                    Turn = 3,
                },
                new TaskFact.Resumed(by)
            );

        static (int, int, string) Of(TaskState s) => (s.BudgetGrants, s.BudgetTurn, s.PausedBudget);
        Assert.Equal((1, 0, ""), Of(Resume("task", "ann")));
        Assert.Equal((0, 3, ""), Of(Resume("day", "ann")));
        Assert.Equal((0, 0, ""), Of(Resume("task", "reset")));
        Assert.Equal((0, 0, ""), Of(Resume("day", "reset")));
        Assert.Equal((0, 0, ""), Of(Resume("", "ann")));
    }

    [Fact]
    public void A_turn_more_is_possible_until_the_last_and_where_the_work_rests()
    {
        var retry = new TaskInput.RetryAsked("ann", Now);

        Assert.Equal(
            [new TaskFact.TurnStarted(2_000, "retry", "ann", "")],
            Decide(Named("Failed") with { Turn = Limits.TurnsMax - 1 }, retry).Facts
        );
        Assert.NotNull(Decide(Named("Failed") with { Turn = Limits.TurnsMax + 1 }, retry).Refusal);
        Assert.Equal(
            [new TaskFact.TurnStarted(2, "retry", "ann", "")],
            Decide(Named("InReview"), retry).Facts
        );
        Assert.Equal(FailureCodes.NotPossibleNow, Decide(Named("Queued"), retry).Refusal?.Code);
        Assert.Equal(
            FailureCodes.NotPossibleNow,
            Decide(Named("Running") with { Due = Now }, retry).Refusal?.Code
        );
    }

    [Fact]
    public void A_cancel_says_who_and_why_and_takes_the_replies_that_wait_along()
    {
        var cancel = new TaskInput.CancelAsked("ann", "wrong branch", Now);
        var asked = new TaskFact.CancelRequested("ann", "wrong branch");

        Assert.Equal([asked], Decide(Named("Running"), cancel).Facts);
        Assert.Equal(
            [asked, new TaskFact.Cancelled("before_start")],
            Decide(Named("Queued"), cancel).Facts
        );
        Assert.Equal(TaskDecision.Nothing, Decide(Named("Running, cancelling"), cancel));
        Assert.Equal(TaskDecision.Nothing, Decide(Named("Cancelled"), cancel));
        // Interrupted by a reply, and now the reply is not wanted either.
        var waiting = Named("Running, reply waiting") with
        {
            Cancelling = true,
        };
        Assert.Equal([asked], Decide(waiting, cancel).Facts);
        Assert.Empty(TaskSituations.Fold(waiting, asked).Replies);
        Assert.Single(TaskSituations.Fold(waiting, asked with { KeepsReplies = true }).Replies);
    }

    [Fact]
    public void A_commit_is_noted_whenever_no_run_lives()
    {
        var commit = new TaskFact.CommitMade("b", "c", "me", false);

        Assert.Equal([commit], Decide(Named("Done"), new TaskInput.Committed(commit, Now)).Facts);
        Assert.Equal([commit], Decide(Named("Queued"), new TaskInput.Committed(commit, Now)).Facts);
    }

    [Fact]
    public void A_host_lost_later_than_the_run_s_epoch_lost_the_run_too()
    {
        Assert.Single(Decide(Named("Running"), new TaskInput.HostLost("h", 2, Now)).Facts);
        Assert.Empty(Decide(Named("Running"), new TaskInput.HostLost("g", 2, Now)).Facts);
        Assert.Empty(Decide(Named("Done"), new TaskInput.HostLost("h", 2, Now)).Facts);
    }

    private static TaskInput.Reported Report(TaskReport report) => new(report, Now);

    private static TaskDecision Decide(TaskState state, TaskInput told) =>
        TaskDecider.Decide(state, told, Limits);

    private static TaskState Named(string name) => TaskSituations.Named(name);
}
