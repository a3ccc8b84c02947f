using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>What a task's life makes of the policy's word: the engine and the decider together.</summary>
public sealed class PolicyFlowTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly string Hash = new('d', 64);

    private static readonly PolicyDocument Team = Read(
        """
        version: 1
        name: team
        self_approval: false
        repositories:
          deny: ["/srv/secret"]
        roles:
          keeper: [ann, bob]
        lanes:
          docs:
            types: [documentation]
            write: direct
            paths: ["docs/**"]
            sandbox: required
            budget: { minutes: 5, turns: 7, cost_usd: 2 }
          code:
            types: [fix]
            write: guarded
            protect: ["src/keys/**"]
            guarded_hours: 2
            approvals:
              - name: two keepers
                count: 2
                by: [keeper]
        """
    );

    [Fact]
    public void A_denied_repository_ends_the_task_before_anything_runs_and_the_rule_is_told()
    {
        var state = Fold(
            TaskState.Empty,
            new TaskFact.Submitted(TaskSituations.Spec with { Repository = "/srv/secret" })
        );

        var decision = Decide(state, Told(new TaskReport.Screened(1, Allowed)));

        Assert.Equal(
            [typeof(TaskFact.Screened), typeof(TaskFact.Ruled), typeof(TaskFact.Failed)],
            decision.Facts.Select(f => f.GetType())
        );
        var failed = Assert.IsType<TaskFact.Failed>(decision.Facts[2]);
        Assert.Equal(
            (FailureCodes.PolicyDenied, ErrorClass.PolicyViolation),
            (failed.Failure.Code, failed.ErrorClass)
        );
        Assert.Contains(
            "repositories.deny, policy.yaml:5",
            failed.Failure.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_plans_kind_chooses_the_lane_and_its_rights_hold_for_the_turn()
    {
        var state = Planned(TaskKind.Documentation);

        Assert.Equal(TaskPhase.Queued, state.Phase);
        Assert.Equal("docs", state.Lane!.Name);
        Assert.Equal(["docs/**"], state.Lane.Paths);
        Assert.Contains(TaskState.SandboxLabel, state.HostLabels);
        Assert.Equal(TimeSpan.FromMinutes(5), TaskDecider.RunTime(state, TaskSituations.Limits));
        Assert.Equal(2m, state.Lane.CostUsdMax);
        Assert.Contains(TaskState.SandboxLabel, TaskView.Head("t", state).Labels);
    }

    [Fact]
    public void A_kind_without_a_lane_is_denied_by_name()
    {
        var decision = Decide(
            Mediating(),
            Told(new TaskReport.PlanMade(1, TaskSituations.Plan with { Kind = TaskKind.Analyze }))
        );

        var failed = Assert.IsType<TaskFact.Failed>(decision.Facts[^1]);
        Assert.Contains("analyze", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_outside_the_lane_fails_without_another_try_and_the_finding_names_rule_line_and_path()
    {
        var state = Validating(TaskKind.Documentation, Change("src/a.cs"));

        var decision = Decide(state, Told(new TaskReport.Verified(1, 1, TaskSituations.Green)));

        var after = Fold(state, [.. decision.Facts]);
        Assert.Equal(TaskPhase.Failed, after.Phase);
        Assert.Equal(ErrorClass.PolicyViolation, after.ErrorClass);
        var finding = Assert.Single(after.Judgement!.Findings, f => f.Blocking);
        Assert.Equal(WorkJudge.PolicyDenied, finding.Code);
        Assert.Contains("src/a.cs", finding.Message, StringComparison.Ordinal);
        Assert.Contains(
            "lane docs paths, policy.yaml:12",
            finding.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(Hash, after.PatchBlob); // nothing is lost
    }

    [Fact]
    public void Work_of_a_guarded_lane_waits_for_as_many_different_people_as_the_rule_wants()
    {
        var state = Staged();
        Assert.Equal((TaskPhase.AwaitingApproval, 2), (state.Phase, state.ApprovalsNeeded));
        Assert.Equal(Now.AddHours(2), state.Guarded!.Diff.Expires);

        Assert.Equal(FailureCodes.PolicyDenied, Decide(state, Yes("eve")).Refusal!.Code);
        state = Fold(state, [.. Decide(state, Yes("ann")).Facts]);
        Assert.Equal(TaskPhase.AwaitingApproval, state.Phase);
        Assert.Equal(GuardedStep.Staged, state.Guarded!.Step);
        Assert.Equal(FailureCodes.NotPossibleNow, Decide(state, Yes("ann")).Refusal!.Code);
        Assert.Equal(
            FailureCodes.NeedsApproval,
            Decide(state, new TaskInput.ApplyAsked("ann", false, "", Now)).Refusal!.Code
        );
        state = Fold(state, [.. Decide(state, Yes("bob")).Facts]);

        Assert.Equal(TaskPhase.Done, state.Phase);
        Assert.Equal(GuardedStep.Approved, state.Guarded!.Step);
        Assert.Equal(["ann", "bob"], state.ApprovedBy);
    }

    [Fact]
    public void Who_asked_for_the_task_may_not_approve_it_where_the_policy_says_so()
    {
        var state = Staged(TaskSituations.Spec with { Requester = "ann" });

        var refusal = Decide(state, Yes("ann")).Refusal!;

        Assert.Equal(FailureCodes.PolicyDenied, refusal.Code);
        Assert.Contains("somebody else", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restaged_diff_needs_all_approvals_again_and_runs_no_agent()
    {
        var state = Staged();
        state = Fold(state, [.. Decide(state, Yes("ann")).Facts]);

        state = Fold(state, [.. Decide(state, new TaskInput.RestageAsked("ann", Now)).Facts]);

        Assert.Equal((TaskPhase.Queued, 2, true), (state.Phase, state.Turn, state.CheckOnly));
        Assert.Empty(state.ApprovedBy);
        Assert.Null(state.Guarded);
        Assert.Equal("", state.BaseCommit);
        Assert.Equal(Hash, state.PatchBlob);
        Assert.Contains(TaskDecider.Owed(state), e => e is TaskEffect.JoinQueue);
    }

    [Fact]
    public void A_check_that_fails_on_the_new_base_ends_the_turn_because_no_agent_would_mend_it()
    {
        var state = Staged();
        state = Fold(state, [.. Decide(state, new TaskInput.RestageAsked("ann", Now)).Facts]);
        state = Fold(
            state,
            new TaskFact.RunStarted(2, 2, "h", 1, Now.AddMinutes(30), "scripted", "s", false),
            new TaskFact.RunEnded(2, new RunResult { Diff = Change("src/a.cs") })
        );

        var decision = Decide(state, Told(new TaskReport.Verified(2, 1, TaskSituations.Red)));

        Assert.IsType<TaskFact.Failed>(decision.Facts[^1]);
    }

    [Fact]
    public void A_run_that_its_host_stopped_for_the_lane_tells_the_rule_as_the_end_would_have()
    {
        var state = Running(TaskKind.Documentation);
        var result = new RunResult
        {
            ErrorClass = ErrorClass.PolicyViolation,
            Message = "stopped",
            Diff = Change("src/a.cs"),
        };

        var decision = Decide(state, Told(new TaskReport.RunEnded(1, 1, result)));

        Assert.Equal(
            [typeof(TaskFact.RunEnded), typeof(TaskFact.Ruled), typeof(TaskFact.Failed)],
            decision.Facts.Select(f => f.GetType())
        );
        var failed = Assert.IsType<TaskFact.Failed>(decision.Facts[2]);
        Assert.Contains("policy.yaml:12", failed.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_host_refuses_is_refused_whatever_the_policy_allows()
    {
        var state = Fold(TaskState.Empty, new TaskFact.Submitted(TaskSituations.Spec));
        var denied = new Ruling(
            Verdict.Deny,
            "allowed-roots",
            "outside",
            FailureCodes.PathOutsideRoot
        );

        var decision = Decide(state, Told(new TaskReport.Screened(1, denied)));

        var failed = Assert.IsType<TaskFact.Failed>(decision.Facts[^1]);
        Assert.Equal(FailureCodes.PathOutsideRoot, failed.Failure.Code);
    }

    [Theory]
    [InlineData("docs/a.md", "")]
    [InlineData("src/a.cs", "not among the paths")]
    [InlineData("DOCS/../src/a.cs", "not among the paths")]
    public void A_host_sees_a_path_outside_its_lane_while_the_run_lives(string path, string says)
    {
        var lane = Planned(TaskKind.Documentation).Lane!;

        var violation = LaneGuard.Violation(lane, [path]);

        Assert.Equal(says.Length == 0, violation.Length == 0);
        Assert.Contains(says, violation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_sees_a_protected_path_and_a_change_of_a_reading_lane()
    {
        Assert.Contains(
            "protected",
            LaneGuard.Violation(Planned(TaskKind.Fix).Lane!, ["src/keys/a.txt"]),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "changes nothing",
            LaneGuard.Violation(new LaneRights { Name = "read" }, ["a"]),
            StringComparison.Ordinal
        );
    }

    private static readonly Ruling Allowed = new(Verdict.Allow, "repository", "");

    private static PolicyDocument Read(string text)
    {
        var (policy, problems) = PolicyReader.Read(text, "policy.yaml");
        Assert.Empty(problems);
        return policy!;
    }

    private static TaskInput Told(TaskReport report) =>
        new TaskInput.Reported(report, Now) { Policy = Team };

    private static TaskInput Yes(string by) =>
        new TaskInput.Answered(by, true, "", Now) { Policy = Team };

    private static TaskDecision Decide(TaskState state, TaskInput told) =>
        TaskDecider.Decide(state, told, TaskSituations.Limits);

    private static TaskState Fold(TaskState state, params IReadOnlyList<TaskFact> facts) =>
        TaskSituations.Fold(state, facts);

    private static TaskState Mediating(TaskSpec? spec = null) =>
        Fold(
            TaskState.Empty,
            new TaskFact.Submitted(spec ?? TaskSituations.Spec),
            new TaskFact.Screened(1, Allowed)
        );

    private static TaskState Planned(TaskKind kind, TaskSpec? spec = null)
    {
        var state = Mediating(spec);
        var plan = new Plan { Kind = kind, Title = "Do it" };
        return Fold(state, [.. Decide(state, Told(new TaskReport.PlanMade(1, plan))).Facts]);
    }

    private static TaskState Running(TaskKind kind, TaskSpec? spec = null) =>
        Fold(
            Planned(kind, spec),
            new TaskFact.RunStarted(1, 1, "h", 1, Now.AddMinutes(33), "scripted", "s", false),
            new TaskFact.WorkspaceReady(1, TaskSituations.Workspace),
            new TaskFact.AgentStarted(1, TaskSituations.Agent)
        );

    private static TaskState Validating(TaskKind kind, DiffSummary diff, TaskSpec? spec = null) =>
        Fold(Running(kind, spec), new TaskFact.RunEnded(1, new RunResult { Diff = diff }));

    private static TaskState Staged(TaskSpec? spec = null)
    {
        var state = Validating(TaskKind.Fix, Change("src/a.cs"), spec);
        var decision = Decide(state, Told(new TaskReport.Verified(1, 1, TaskSituations.Green)));
        return Fold(state, [.. decision.Facts]);
    }

    private static DiffSummary Change(string path) =>
        new()
        {
            BaseCommit = new string('a', 40),
            PatchBlob = Hash,
            Files = [new FileChange(path, "", "M", 1, 0, "100644", "100644")],
            FilesTotal = 1,
            AddedLines = 1,
        };
}
