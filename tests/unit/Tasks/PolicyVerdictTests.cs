using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What the policy's word on a request, a plan and the work comes to, and in which words people are asked.</summary>
public sealed class PolicyVerdictTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;
    private static readonly string Hash = new('d', 64);

    private static readonly PolicyDocument Team = Read(
        """
        version: 1
        name: team
        repositories:
          allow: ["/srv/**"]
          base_branches: {allow: [main]}
        lanes:
          code: {types: [fix], write: direct, questions: 2, model: small}
          care: {types: [analyze], write: guarded, guarded_hours: 2}
          docs: {types: [documentation], write: guarded}
          read: {types: [summarize], write: none}
        rules:
          - {name: risky, verdict: ask, when: {risk: high}, at: plan, because: it is risky}
          - {name: first, verdict: ask, when: {first_time: true}, at: plan, approvals: 2, because: it is the first}
          - {name: keys, verdict: ask, when: {paths: ["keys/**"]}, because: keys}
          - {name: vault, verdict: ask, when: {paths: ["keys/vault/**"]}, because: the vault}
          - {name: big, verdict: ask, when: {files_over: 1}, because: it is big}
          - {name: long, verdict: ask, when: {lines_over: 1}, because: it is long}
        """
    );

    private static readonly TaskSpec Spec = TaskSituations.Spec with
    {
        Repository = "/srv/app",
        BaseBranch = "main",
        Requester = "ann",
    };

    [Fact]
    public void The_policy_is_looked_up_only_where_it_has_a_word()
    {
        var state = TaskSituations.Named("Running");
        TaskInput[] matter =
        [
            Told(new TaskReport.Screened(1, Rule(Verdict.Allow))),
            Told(new TaskReport.PlanMade(1, TaskSituations.Plan)),
            Told(new TaskReport.Verified(1, 1, TaskSituations.Green)),
            Told(End(ErrorClass.PolicyViolation)),
            new TaskInput.Answered("a", true, "", Now),
            new TaskInput.HandOverAsked("a", "b", "", Now),
            new TaskInput.Replied(new Reply { Id = "r", Text = "t" }, Now),
        ];
        TaskInput[] others =
        [
            Told(End(ErrorClass.None)),
            Told(new TaskReport.Released(1)),
            new TaskInput.Answered("a", false, "", Now),
            new TaskInput.Woke(Now),
            new TaskInput.RetryAsked("a", Now),
        ];

        Assert.All(matter, i => Assert.True(PolicyVerdict.Matters(state, i)));
        Assert.All(others, i => Assert.False(PolicyVerdict.Matters(state, i)));
        Assert.All(matter, i => Assert.False(PolicyVerdict.Matters(TaskState.Empty, i)));
    }

    [Fact]
    public void Without_a_policy_the_host_s_word_on_a_request_counts_alone()
    {
        var allow = new TaskReport.Screened(1, Rule(Verdict.Allow));
        var ask = new TaskReport.Screened(1, Rule(Verdict.NeedsApproval));

        Assert.Equal(
            [new TaskFact.Screened(1, allow.Ruling)],
            Decide(Received(), Told(allow)).Facts
        );
        var facts = Decide(Received(), Told(ask)).Facts;
        Assert.Equal(new TaskFact.Screened(1, ask.Ruling), facts[0]);
        var asked = Assert.IsType<TaskFact.ApprovalAsked>(facts[1]);
        Assert.Equal(
            ("why", TaskPhase.Mediating, Now + Limits.ApprovalWaitMax),
            (asked.What, asked.ReturnTo, asked.Deadline)
        );
    }

    [Fact]
    public void The_stricter_of_host_and_policy_counts()
    {
        var allow = new TaskReport.Screened(1, Rule(Verdict.Allow));
        var ask = new TaskReport.Screened(1, Rule(Verdict.NeedsApproval));
        var deny = new TaskReport.Screened(1, Rule(Verdict.Deny));
        var outside = Received(Spec with { Repository = "/home/x" });

        Assert.Equal(
            [new TaskFact.Screened(1, allow.Ruling)],
            Decide(Received(), Told(allow, Team)).Facts
        );
        var facts = Decide(Received(), Told(ask, Team)).Facts;
        var ruled = Assert.IsType<TaskFact.Ruled>(facts[1]);
        Assert.Equal(
            (1, Verdict.NeedsApproval, 1, ask.Ruling),
            (
                ruled.Turn,
                ruled.Ruling.Verdict,
                ruled.Ruling.Approvals,
                ruled.Ruling.Rulings.Single()
            )
        );
        Assert.Equal(("why", TaskPhase.Mediating, 1), Asked(facts[2]));
        Assert.Equal(
            [typeof(TaskFact.Screened), typeof(TaskFact.Ruled), typeof(TaskFact.Failed)],
            Decide(outside, Told(ask, Team)).Facts.Select(f => f.GetType())
        );
        Assert.Equal(
            [
                new TaskFact.Screened(1, deny.Ruling),
                new TaskFact.Failed(
                    new Failure(FailureCodes.PolicyDenied, "why"),
                    ErrorClass.Config
                ),
            ],
            Decide(outside, Told(deny, Team)).Facts
        );
    }

    [Fact]
    public void The_branch_judged_is_the_one_asked_for_or_the_one_that_is_worked_on()
    {
        var frozen = Received(Spec with { BaseBranch = "frozen" });
        var none = Received(Spec with { BaseBranch = "" });
        var allow = new TaskReport.Screened(1, Rule(Verdict.Allow));
        TaskState On(string branch) =>
            none with
            {
                Workspace = TaskSituations.Workspace with { Branch = branch },
            };

        Assert.IsType<TaskFact.Failed>(Decide(frozen, Told(allow, Team)).Facts[^1]);
        Assert.Single(Decide(On("main"), Told(allow, Team)).Facts);
        Assert.IsType<TaskFact.Failed>(Decide(On("frozen"), Told(allow, Team)).Facts[^1]);
    }

    [Fact]
    public void A_plan_s_kind_risk_and_model_and_a_requester_s_first_time_are_judged()
    {
        var state = Mediating();

        Assert.Equal(
            [typeof(TaskFact.PlanMade), typeof(TaskFact.Ruled)],
            Plan(state, Of(TaskKind.Fix)).Facts.Select(f => f.GetType())
        );
        Assert.Equal(
            (
                "'risky' asks about this: it is risky. (rule risky, policy.yaml:12)",
                TaskPhase.Queued,
                1
            ),
            Asked(Plan(state, Of(TaskKind.Fix) with { Risk = "high" }).Facts[^1])
        );
        Assert.Equal(
            (
                "'first' asks about this: it is the first. (rule first, policy.yaml:13)",
                TaskPhase.Queued,
                2
            ),
            Asked(Plan(state, Of(TaskKind.Fix), first: true).Facts[^1])
        );
        Assert.IsType<TaskFact.Failed>(
            Plan(Mediating(Spec with { Model = "large" }), Of(TaskKind.Fix)).Facts[^1]
        );
        Assert.IsType<TaskFact.Failed>(Plan(state, Of(TaskKind.CodeReview)).Facts[^1]);
        Assert.Equal(
            [new TaskFact.PlanMade(1, TaskSituations.Plan)],
            Decide(state, Told(new TaskReport.PlanMade(1, TaskSituations.Plan))).Facts
        );
    }

    [Fact]
    public void As_many_questions_as_the_lane_allows_are_asked_once_before_anything_runs()
    {
        var plan = Of(TaskKind.Fix) with
        {
            Questions = ["Which?", "When?", "Why?"],
            Assumptions = ["All.", "Now.", "Because."],
        };
        var state = Mediating();

        var facts = Plan(state, plan).Facts;
        Assert.Equal(
            [typeof(TaskFact.PlanMade), typeof(TaskFact.Ruled), typeof(TaskFact.ApprovalAsked)],
            facts.Select(f => f.GetType())
        );
        var asked = (TaskFact.ApprovalAsked)facts[2];
        Assert.Equal(
            ("Answer by a reply: Which? When?", TaskPhase.Mediating, Now + Limits.QuestionsWaitMax),
            (asked.What, asked.ReturnTo, asked.Deadline)
        );
        Assert.Equal(["Which?", "When?"], asked.Questions);
        Assert.Equal(["All.", "Now."], asked.Assumptions);
        // Asked once: what it came to is planned with.
        Assert.Equal(2, Plan(state with { Clarified = "Which? All." }, plan).Facts.Count);
        // Who asks fewer than allowed asks those.
        Assert.Equal(
            ["Which?"],
            (
                (TaskFact.ApprovalAsked)Plan(state, plan with { Questions = ["Which?"] }).Facts[2]
            ).Questions
        );
        // No question is worth asking about what is denied, and this lane asks none.
        Assert.IsType<TaskFact.Failed>(
            Plan(Mediating(Spec with { Model = "large" }), plan).Facts[^1]
        );
        Assert.Equal(2, Plan(state, plan with { Kind = TaskKind.Documentation }).Facts.Count);
    }

    [Fact]
    public void Work_that_people_are_to_look_at_is_staged_with_all_they_need_to_judge_it()
    {
        var care = Verified(TaskKind.Analyze, "src/a.cs").Facts;
        var staged = Assert.IsType<TaskFact.Staged>(care[3]);

        Assert.Equal(
            [
                typeof(TaskFact.Verified),
                typeof(TaskFact.Judged),
                typeof(TaskFact.Ruled),
                typeof(TaskFact.Staged),
                typeof(TaskFact.ApprovalAsked),
            ],
            care.Select(f => f.GetType())
        );
        Assert.Equal(
            (1, Hash, "base", "main", Now.AddHours(2), 1),
            (
                staged.Turn,
                staged.Diff.Hash,
                staged.Diff.BaseCommit,
                staged.Diff.Branch,
                staged.Diff.Expires,
                staged.Diff.Approvals
            )
        );
        Assert.StartsWith("team", staged.Diff.Policy, StringComparison.Ordinal);
        Assert.EndsWith("(policy.yaml:8)", staged.Diff.Rule, StringComparison.Ordinal);
        Assert.Equal(Hash, ((TaskFact.ApprovalAsked)care[4]).Hash);
        Assert.Equal(
            (TaskPhase.Delivering, Now + Limits.ApprovalWaitMax),
            (((TaskFact.ApprovalAsked)care[4]).ReturnTo, ((TaskFact.ApprovalAsked)care[4]).Deadline)
        );
        // Where the lane does not say how long, the settings do.
        Assert.Equal(
            Now + Limits.GuardedFor,
            Assert
                .IsType<TaskFact.Staged>(Verified(TaskKind.Documentation, "a.md").Facts[3])
                .Diff.Expires
        );
        Assert.Equal(
            [
                typeof(TaskFact.Verified),
                typeof(TaskFact.Judged),
                typeof(TaskFact.Ruled),
                typeof(TaskFact.Delivered),
            ],
            Verified(TaskKind.Fix, "src/a.cs").Facts.Select(f => f.GetType())
        );
    }

    [Fact]
    public void A_question_names_three_of_its_reasons_each_with_rule_and_line()
    {
        var facts = Verified(TaskKind.Fix, "keys/vault/a", "keys/b").Facts;

        Assert.Equal(3, ((TaskFact.ApprovalAsked)facts[^1]).What.Split("(rule ").Length - 1);
        Assert.StartsWith(
            "'big' asks about this: it is big. (rule big, policy.yaml:16) '",
            ((TaskFact.ApprovalAsked)facts[^1]).What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_answer_in_a_reading_lane_is_no_work_when_it_left_earlier_work_alone()
    {
        var state = Validating(TaskKind.Summarize, "src/a.cs");

        Assert.IsType<TaskFact.Failed>(Check(state).Facts[^1]);
        Assert.IsType<TaskFact.Delivered>(Check(state with { AcceptedPatch = Hash }).Facts[^1]);
        // In a lane that writes, earlier work is judged again.
        Assert.IsType<TaskFact.ApprovalAsked>(
            Check(Validating(TaskKind.Analyze, "src/a.cs") with { AcceptedPatch = Hash }).Facts[^1]
        );
        Assert.IsType<TaskFact.Delivered>(Check(state with { Result = null }).Facts[^1]);
    }

    [Theory]
    [InlineData("", "", FailureCodes.PolicyDenied, "why")]
    [InlineData("code", "", "code", "why")]
    [InlineData("", "p.yaml:3", FailureCodes.PolicyDenied, "why (rule r, p.yaml:3)")]
    public void A_denial_names_its_code_and_where_its_rule_stands(
        string code,
        string source,
        string expected,
        string words
    )
    {
        var ruling = new Ruling(Verdict.Deny, "r", "why") { Code = code, Source = source };

        Assert.Equal(
            new TaskFact.Failed(new Failure(expected, words), ErrorClass.Config),
            Decide(Received(), Told(new TaskReport.Screened(1, ruling))).Facts[^1]
        );
    }

    private static (string, TaskPhase, int) Asked(TaskFact fact)
    {
        var asked = Assert.IsType<TaskFact.ApprovalAsked>(fact);
        Assert.Equal(("", Now + Limits.ApprovalWaitMax), (asked.Hash, asked.Deadline));
        return (asked.What, asked.ReturnTo, asked.Approvals);
    }

    private static Plan Of(TaskKind kind) => TaskSituations.Plan with { Kind = kind };

    private static TaskDecision Plan(TaskState state, Plan plan, bool first = false) =>
        Decide(state, Told(new TaskReport.PlanMade(1, plan), Team) with { FirstTime = first });

    private static TaskState Received(TaskSpec? spec = null) =>
        TaskSituations.Fold(TaskState.Empty, new TaskFact.Submitted(spec ?? Spec));

    private static TaskState Mediating(TaskSpec? spec = null) =>
        TaskSituations.Fold(Received(spec), new TaskFact.Screened(1, Rule(Verdict.Allow)));

    private static TaskState Validating(TaskKind kind, params string[] paths)
    {
        var planned = TaskSituations.Fold(Mediating(), Plan(Mediating(), Of(kind)).Facts);
        return TaskSituations.Fold(
            planned,
            new TaskFact.RunStarted(1, 1, "h", 1, Now.AddMinutes(33), "scripted", "s", false),
            new TaskFact.WorkspaceReady(1, TaskSituations.Workspace),
            new TaskFact.AgentStarted(1, TaskSituations.Agent),
            new TaskFact.RunEnded(
                1,
                new RunResult
                {
                    Diff = new DiffSummary
                    {
                        BaseCommit = "base",
                        PatchBlob = Hash,
                        Files =
                        [
                            .. paths.Select(p => new FileChange(
                                p,
                                "",
                                "M",
                                1,
                                0,
                                "100644",
                                "100644"
                            )),
                        ],
                        FilesTotal = paths.Length,
                        AddedLines = paths.Length,
                    },
                }
            )
        );
    }

    private static TaskDecision Verified(TaskKind kind, params string[] paths) =>
        Check(Validating(kind, paths));

    private static TaskDecision Check(TaskState state) =>
        Decide(state, Told(new TaskReport.Verified(1, 1, TaskSituations.Green), Team));

    private static TaskReport.RunEnded End(ErrorClass errorClass) =>
        new(1, 1, new RunResult { ErrorClass = errorClass });

    private static Ruling Rule(Verdict verdict) => new(verdict, "r", "why");

    private static TaskInput Told(TaskReport report, PolicyDocument? policy = null) =>
        new TaskInput.Reported(report, Now) { Policy = policy };

    private static TaskDecision Decide(TaskState state, TaskInput told) =>
        TaskDecider.Decide(state, told, Limits);

    private static PolicyDocument Read(string text)
    {
        var (policy, problems) = PolicyReader.Read(text, "policy.yaml");
        Assert.Empty(problems.Select(p => $"{p.Line} {p.Message}"));
        return policy!;
    }
}
