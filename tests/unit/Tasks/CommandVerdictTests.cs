using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Runners;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>A command that a person must allow: what is asked, whose yes counts for what, and what comes after it.</summary>
public sealed class CommandVerdictTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;

    private static readonly AskedCommand Remove = new(
        "rm -r docs",
        "src",
        CommandText.Hash("src", "rm -r docs")
    );

    private static TaskState Running => TaskSituations.Named("Running");

    [Fact]
    public void The_question_carries_the_command_its_hash_the_lane_s_people_and_when_it_ends()
    {
        var state = Running with
        {
            Lane = new LaneRights
            {
                Name = "code",
                AskCommands = ["git push"],
                AskApprovals = 2,
                AskRoles = ["keeper"],
            },
        };

        var facts = Decide(state, Reported(AskedSituations.End(state))).Facts;

        Assert.Equal(2, facts.Count);
        Assert.IsType<TaskFact.RunEnded>(facts[0]);
        var asked = Assert.IsType<TaskFact.ApprovalAsked>(facts[1]);
        Assert.Equal(AskedSituations.Push, asked.Command);
        Assert.Equal(
            CommandText.QuestionHash(AskedSituations.Push.Hash, state.Attempt),
            asked.Hash
        );
        Assert.Equal((2, TaskPhase.Queued), (asked.Approvals, asked.ReturnTo));
        Assert.Equal(["keeper"], asked.Roles);
        Assert.Equal(Now + Limits.ApprovalWaitMax, asked.Deadline);
        Assert.Equal(Now + Limits.ApprovalRemindAfter, asked.RemindAt);
        Assert.Equal(
            "The agent wants to run a command that a person must allow: git push origin main",
            asked.What
        );
    }

    [Fact]
    public void The_run_is_nobody_s_try_and_its_work_and_session_are_kept()
    {
        var asked = AskedSituations.Asking;

        Assert.Equal(TaskPhase.AwaitingApproval, asked.Phase);
        Assert.Equal((Running.Tries - 1, Running.TurnAttempts), (asked.Tries, asked.TurnAttempts));
        Assert.Equal(("b1", true), (asked.SessionBlob, asked.SessionLives));
        Assert.Equal(AskedSituations.Push, asked.Command);
        Assert.Contains(
            TaskDecider.Owed(asked),
            e => e is TaskEffect.Release r && r.Attempt == asked.Attempt
        );
    }

    [Fact]
    public void A_yes_lets_the_next_run_go_on_in_the_session_with_exactly_this_command()
    {
        var asked = AskedSituations.Asking;

        var after = TaskSituations.Fold(asked, Decide(asked, Yes("you")).Facts);

        Assert.Equal((TaskPhase.Queued, null), (after.Phase, after.Command));
        Assert.Equal([AskedSituations.Push], after.AllowedCommands);
        Assert.Equal("", after.ApprovalHash);
        var started = Assert.IsType<TaskFact.RunStarted>(
            Assert.Single(
                Decide(
                    after,
                    new TaskInput.SlotOffered(new SlotOffer("other", 1, after.Turn), "new", Now)
                ).Facts
            )
        );
        Assert.True(started.Resume);
        var prompt = PromptWriter.Write(TaskSituations.Fold(after, started));
        Assert.Contains("A person has allowed the command", prompt, StringComparison.Ordinal);
        Assert.Contains("\ngit push origin main\n", prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_allowed_ends_with_the_turn()
    {
        var allowed = TaskSituations.Fold(AskedSituations.Asking, new TaskFact.Approved("you", ""));

        var next = TaskSituations.Fold(
            allowed,
            new TaskFact.TurnStarted(2, TaskState.RetryTurn, "you", "")
        );

        Assert.Empty(next.AllowedCommands);
        Assert.Equal((0, null, ""), (next.AskedCommands, next.Command, next.Feedback));
    }

    [Fact]
    public void A_yes_to_an_earlier_question_about_the_same_command_is_none_to_this_one()
    {
        var first = AskedSituations.Asking;
        var again = AskedSituations.Ask(Rerun(Allow(first)), AskedSituations.Push);

        var old = Decide(again, Yes("you") with { Hash = first.ApprovalHash });

        Assert.NotEqual(first.ApprovalHash, again.ApprovalHash);
        Assert.Equal(FailureCodes.Conflict, old.Refusal?.Code);
        Assert.Equal(
            $"The question is {again.ApprovalHash[..12]} now, about another command or another run than the one you looked at. Look at it again: orchestrator show.",
            old.Refusal?.Message
        );
        Assert.Single(Decide(again, Yes("you") with { Hash = again.ApprovalHash[..12] }).Facts);
    }

    [Fact]
    public void Each_command_is_asked_about_by_itself_and_the_yeses_of_a_turn_add_up()
    {
        var second = AskedSituations.Ask(Rerun(Allow(AskedSituations.Asking)), Remove);

        Assert.Equal((2, Remove), (second.AskedCommands, second.Command));
        Assert.Equal(
            "The agent wants to run a command that a person must allow: rm -r docs (in src)",
            second.WaitingFor
        );
        Assert.Equal([AskedSituations.Push], second.AllowedCommands);
        Assert.Equal([AskedSituations.Push, Remove], Allow(second).AllowedCommands);
    }

    [Fact]
    public void A_turn_that_has_asked_as_often_as_it_may_ends_and_says_so()
    {
        var state = Running;
        for (var i = 0; i < Limits.AskedCommandsMax; i++)
        {
            state = Rerun(Allow(AskedSituations.Ask(state, AskedSituations.Push)));
        }

        var facts = Decide(state, Reported(AskedSituations.End(state, Remove))).Facts;

        var failed = Assert.IsType<TaskFact.Failed>(facts[^1]);
        Assert.Equal(
            (ErrorClass.CommandAsked, FailureCodes.NeedsApproval),
            (failed.ErrorClass, failed.Failure.Code)
        );
        Assert.StartsWith(
            "Turn 1 asked about 5 commands, the most allowed, and wants another: rm -r docs (in src).",
            failed.Failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_no_and_silence_end_the_turn_and_allow_nothing()
    {
        var asked = AskedSituations.Asking;
        foreach (
            var told in (TaskInput[])
                [
                    new TaskInput.Answered("you", false, "never", Now),
                    new TaskInput.Woke(asked.AskedUntil!.Value),
                ]
        )
        {
            var after = TaskSituations.Fold(asked, Decide(asked, told).Facts);
            Assert.Equal((TaskPhase.Failed, null), (after.Phase, after.Command));
            Assert.Empty(after.AllowedCommands);
        }
    }

    [Fact]
    public void Who_may_not_answer_is_refused_and_too_few_people_allow_nothing()
    {
        var policy = PolicyReader
            .Read(
                """
                version: 1
                name: team
                self_approval: false
                roles: {keeper: [ann, bob]}
                lanes:
                  code:
                    types: [fix]
                    write: direct
                    commands: {ask: [git push], approvals: 2, by: [keeper]}
                """,
                "policy.yaml"
            )
            .Policy!;
        var running = Running with
        {
            Lane = new LaneRights
            {
                Name = "code",
                AskApprovals = 2,
                AskRoles = ["keeper"],
            },
        };
        var asked = AskedSituations.Ask(running, AskedSituations.Push);

        TaskDecision By(TaskState state, string who) =>
            Decide(state, Yes(who) with { Policy = policy });
        Assert.Equal(FailureCodes.PolicyDenied, By(asked, "eve").Refusal?.Code);
        var one = TaskSituations.Fold(asked, By(asked, "ann").Facts);
        Assert.Equal(TaskPhase.AwaitingApproval, one.Phase);
        Assert.Empty(one.AllowedCommands);
        Assert.NotNull(one.Command);
        var both = TaskSituations.Fold(one, By(one, "bob").Facts);
        Assert.Equal((TaskPhase.Queued, 1), (both.Phase, both.AllowedCommands.Count));
    }

    [Fact]
    public void People_see_the_command_and_how_to_answer()
    {
        var task = TaskView.Snapshot("task_1", AskedSituations.Ask(Running, Remove))!;

        Assert.Equal(Remove, task.Command);
        Assert.Equal(64, task.ApprovalHash.Length);
        var explained = TaskExplainer.Explain(task, new QueueExplanation(0, ""));
        Assert.Contains("Command asked about, in src: rm -r docs", explained.Reasons);
        Assert.Equal(
            $"orchestrator approve task_1 --hash {task.ApprovalHash[..12]} (the agent goes on, and may run exactly this)",
            explained.NextSteps[0]
        );
    }

    private static TaskState Allow(TaskState asked) =>
        TaskSituations.Fold(asked, Decide(asked, Yes("you")).Facts);

    private static TaskState Rerun(TaskState queued) =>
        TaskSituations.Fold(
            queued,
            [
                .. Decide(
                    queued,
                    new TaskInput.SlotOffered(new SlotOffer("h", 1, queued.Turn), "s2", Now)
                ).Facts,
                new TaskFact.AgentStarted(queued.Attempt + 1, TaskSituations.Agent),
            ]
        );

    private static TaskInput.Answered Yes(string by) => new(by, true, "", Now);

    private static TaskInput.Reported Reported(TaskReport report) => new(report, Now);

    private static TaskDecision Decide(TaskState state, TaskInput told) =>
        TaskDecider.Decide(state, told, Limits);
}
