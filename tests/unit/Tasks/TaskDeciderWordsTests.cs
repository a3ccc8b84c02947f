using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>The decider at its limits, and the words that it records and answers.</summary>
public sealed class TaskDeciderWordsTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;
    private static readonly TaskSpec Spec = TaskSituations.Spec;

    [Fact]
    public void At_the_most_facts_only_progress_is_left_out()
    {
        var full = In(TaskPhase.Running) with { Version = Limits.FactsMax };
        var progress = Report(new TaskReport.Progressed(1, 1, new AgentStep("x", 1, 1)));
        var end = Report(new TaskReport.RunEnded(1, 1, new RunResult()));

        Assert.Equal(TaskDecision.Nothing, TaskDecider.Decide(full, progress, Limits));
        Assert.NotEmpty(TaskDecider.Decide(full, end, Limits).Facts);
        Assert.Single(
            TaskDecider.Decide(full with { Version = Limits.FactsMax - 1 }, progress, Limits).Facts
        );
    }

    [Theory]
    [InlineData(TaskPhase.Done)]
    [InlineData(TaskPhase.Failed)]
    [InlineData(TaskPhase.Cancelled)]
    public void A_task_that_ended_before_it_ever_ran_owes_its_place_in_the_queue(TaskPhase phase) =>
        Assert.Equal(
            [new TaskEffect.LeaveQueue(0)],
            TaskDecider.Owed(In(TaskPhase.Queued) with { Phase = phase })
        );

    [Theory]
    [InlineData("", FailureCodes.PolicyDenied)]
    [InlineData("outside_roots", "outside_roots")]
    public void A_denied_request_fails_with_the_code_of_its_rule(string code, string expected)
    {
        var ruling = new Ruling(Verdict.Deny, "r", "why") { Code = code };

        var state = Play(In(TaskPhase.Received), Report(new TaskReport.Screened(1, ruling)));

        Assert.Equal(
            (TaskPhase.Failed, new Failure(expected, "why"), ErrorClass.Config),
            (state.Phase, state.Failure, state.ErrorClass)
        );
    }

    [Fact]
    public void A_slot_offered_at_the_very_moment_the_back_off_ends_is_taken()
    {
        var waiting = TaskSituations.Named("Queued, backing off");
        var offer = new SlotOffer("h", 1, waiting.Turn);

        Assert.IsType<TaskFact.RunStarted>(
            Assert.Single(
                TaskDecider
                    .Decide(
                        waiting,
                        new TaskInput.SlotOffered(offer, "s", waiting.Due!.Value),
                        Limits
                    )
                    .Facts
            )
        );
    }

    [Fact]
    public void What_is_recorded_and_answered_says_why_in_these_words()
    {
        var due = TaskSituations.Named("Queued, backing off");
        var waiting = In(TaskPhase.AwaitingApproval);
        var noTime = new Failure(
            FailureCodes.TimedOut,
            "Nobody answered the approval in time. Retry the task to ask again."
        );
        var refused = new Failure(FailureCodes.PolicyDenied, "me said no. Too big");
        (TaskState State, TaskInput Told, TaskFact[] Facts)[] facts =
        [
            (due, new TaskInput.Woke(due.Due!.Value), [new TaskFact.Resumed("backoff")]),
            (due, new TaskInput.RetryAsked("me", Now), [new TaskFact.Resumed("retry")]),
            (
                In(TaskPhase.Paused),
                new TaskInput.Woke(In(TaskPhase.Paused).Due!.Value),
                [new TaskFact.Resumed("reset")]
            ),
            (
                waiting,
                new TaskInput.Woke(waiting.Due!.Value),
                [
                    new TaskFact.Rejected("deadline", "Nobody answered in time."),
                    new TaskFact.Failed(noTime, ErrorClass.Timeout),
                ]
            ),
            (
                waiting,
                new TaskInput.Answered("me", false, "Too big", Now),
                [
                    new TaskFact.Rejected("me", "Too big"),
                    new TaskFact.Failed(refused, ErrorClass.PermissionBlock),
                ]
            ),
            (
                In(TaskPhase.Failed),
                new TaskInput.RetryAsked("me", Now),
                [new TaskFact.TurnStarted(2, "retry", "me", "")]
            ),
        ];
        foreach (var (state, told, expected) in facts)
        {
            Assert.Equal(expected, TaskDecider.Decide(state, told, Limits).Facts);
        }

        const string other =
            "A task with this id or idempotency key exists with another content. Use a new key, or send the same content.";
        const string none = "There is no such task. 'orchestrator list' shows the tasks there are.";
        var commit = new TaskFact.CommitMade("b", "c", "me", false);
        var last = In(TaskPhase.Failed) with { Turn = Limits.TurnsMax };
        (TaskState State, TaskInput Told, string Code, string Words)[] refusals =
        [
            (
                In(TaskPhase.Done),
                new TaskInput.Submit(Spec with { Request = "Other" }, null, Now),
                FailureCodes.Conflict,
                other
            ),
            (TaskState.Empty, new TaskInput.RetryAsked("me", Now), FailureCodes.NotFound, none),
            (TaskState.Empty, new TaskInput.Committed(commit, Now), FailureCodes.NotFound, none),
            Refused(TaskPhase.Running, new TaskInput.Committed(commit, Now), "commit"),
            Refused(TaskPhase.Running, new TaskInput.RetryAsked("me", Now), "retry"),
            Refused(TaskPhase.Running, new TaskInput.ResumeAsked("me", Now), "resume"),
            Refused(TaskPhase.Running, new TaskInput.Answered("me", true, "", Now), "answer"),
            Refused(TaskPhase.Done, new TaskInput.CancelAsked("me", "", Now), "cancel"),
            (
                last,
                new TaskInput.RetryAsked("me", Now),
                FailureCodes.NotPossibleNow,
                $"The task has had {Limits.TurnsMax} turns, the most allowed. Submit a new task."
            ),
        ];
        foreach (var (state, told, code, words) in refusals)
        {
            var decision = TaskDecider.Decide(state, told, Limits);
            Assert.Equal((code, words), (decision.Refusal?.Code, decision.Refusal?.Message));
            Assert.Empty(decision.Facts);
        }
    }

    private static (TaskState, TaskInput, string, string) Refused(
        TaskPhase phase,
        TaskInput told,
        string verb
    ) =>
        (
            In(phase),
            told,
            FailureCodes.NotPossibleNow,
            $"Cannot {verb} a task that is {phase}. 'orchestrator explain' says what it waits for."
        );

    private static TaskInput.Reported Report(TaskReport report) => new(report, Now);

    private static TaskState Play(TaskState state, TaskInput told) =>
        TaskDecider
            .Decide(state, told, Limits)
            .Facts.Aggregate(state, (s, f) => s.After(f, told.Now));

    private static TaskState In(TaskPhase phase) =>
        TaskSituations.All.First(s => s.State.Phase == phase).State;
}
