using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A rule holds when all that it says holds, of each list one entry, and what the run was let do stays its bound.</summary>
public sealed class PolicyConditionsTests
{
    private const string Before = """
        version: 1
        name: p
        roles: {keeper: [ann, "k*"], other: [zoe]}
        lanes:
          read: {types: [analyze], write: none}
          code: {types: [fix], write: direct}

        """;

    // Ann, who is a keeper, asks for a fix of high risk of /srv/app, her first: 10 lines in src/a.cs and the binary docs/b.png.
    [Theory]
    [InlineData("{}", true)]
    [InlineData("{lanes: code}", true)]
    [InlineData("{lanes: [read, CODE]}", true)]
    [InlineData("{lanes: read}", false)]
    [InlineData("{types: fix}", true)]
    [InlineData("{types: [analyze, bug_fix]}", true)]
    [InlineData("{types: analyze}", false)]
    [InlineData("{requesters: ann}", true)]
    [InlineData("{requesters: [bob, A*]}", true)]
    [InlineData("{requesters: bob}", false)]
    [InlineData("{roles: keeper}", true)]
    [InlineData("{roles: [other, Keeper]}", true)]
    [InlineData("{roles: other}", false)]
    [InlineData("{requesters: bob, roles: keeper}", true)]
    [InlineData("{requesters: ann, roles: other}", true)]
    [InlineData("{requesters: bob, roles: other}", false)]
    [InlineData("{repositories: app}", true)]
    [InlineData("{repositories: [lib, '/SRV/*']}", true)]
    [InlineData("{repositories: lib}", false)]
    [InlineData("{risk: high}", true)]
    [InlineData("{risk: [low, high]}", true)]
    [InlineData("{risk: [low, medium]}", false)]
    [InlineData("{first_time: true}", true)]
    [InlineData("{first_time: false}", false)]
    [InlineData("{lines_over: 9}", true)]
    [InlineData("{lines_over: 10}", false)]
    [InlineData("{files_over: 1}", true)]
    [InlineData("{files_over: 2}", false)]
    [InlineData("{paths: src/**}", true)]
    [InlineData("{paths: [x, docs/*]}", true)]
    [InlineData("{paths: x}", false)]
    [InlineData("{kinds: binary}", true)]
    [InlineData("{kinds: [mode, binary]}", true)]
    [InlineData("{kinds: mode}", false)]
    [InlineData("{paths: docs/**, kinds: binary}", true)]
    [InlineData("{paths: src/**, kinds: binary}", false)]
    [InlineData("{lanes: code, types: fix, risk: high, first_time: true, lines_over: 9}", true)]
    [InlineData("{lanes: code, types: fix, risk: low, first_time: true, lines_over: 9}", false)]
    [InlineData("{paths: src/**, requesters: bob}", false)]
    [InlineData("{kinds: binary, files_over: 2}", false)]
    public void A_rule_holds_when_all_its_conditions_do(string when, bool holds)
    {
        Assert.Equal(holds ? ["r"] : [], Rules("deny", when, Request));
        Assert.Equal(holds ? ["r"] : [], Rules("ask, at: diff", when, Request));
    }

    [Fact]
    public void Work_without_a_repository_is_of_none() =>
        Assert.Empty(Rules("deny", "{repositories: '*'}", Request with { Repository = "" }));

    [Theory]
    [InlineData("{requesters: kim}", "kim", true)]
    [InlineData("{requesters: kim}", "KIM", true)]
    [InlineData("{roles: keeper}", "KIM", true)]
    [InlineData("{roles: keeper}", "ken", true)]
    [InlineData("{roles: keeper}", "zoe", false)]
    public void A_restriction_catches_people_in_any_case(string when, string who, bool holds) =>
        Assert.Equal(holds ? ["r"] : [], Rules("deny", when, Request with { Requester = who }));

    [Theory]
    [InlineData("names: [ann]", "ann", true)]
    [InlineData("names: [ann]", "Ann", false)]
    [InlineData("names: ['*']", "anybody", true)]
    [InlineData("roles: [keeper]", "ann", true)]
    [InlineData("roles: [keeper]", "ken", true)]
    [InlineData("roles: [keeper]", "Ken", false)]
    [InlineData("roles: [keeper]", "zoe", false)]
    [InlineData("names: [zoe], roles: [keeper]", "zoe", true)]
    [InlineData("names: [ann], lanes: [code]", "ann", true)]
    [InlineData("names: [ann], lanes: [read, CODE]", "ann", true)]
    [InlineData("names: [ann], lanes: [read]", "ann", false)]
    public void A_lane_is_used_by_whom_a_rule_admits(string rule, string who, bool may)
    {
        var policy = PolicyTexts.Read($"{Before}requesters: [{{{rule}}}]\n");

        Assert.Equal(
            may ? Verdict.Allow : Verdict.Deny,
            PolicyEngine.OnPlan(policy, Request with { Requester = who }, []).Verdict
        );
    }

    [Fact]
    public void What_the_run_was_bound_by_is_told_with_the_way_on()
    {
        var policy = PolicyTexts.Read(Before);
        var rights = new LaneRights
        {
            Name = "code",
            Write = LaneWrite.Direct,
            Paths = ["src/**"],
            Protected = ["src/old/**"],
        };

        Assert.Equal(
            [
                "deny protected for the run (p.yaml:6) src/old/a (and 1 more) was protected when the run began. Start another turn under the policy of now.",
                "deny paths of the run (p.yaml:6) lib/a was none of the paths that the run might change. Start another turn under the policy of now.",
            ],
            PolicyTexts.Told(
                PolicyEngine.OnDiff(
                    policy,
                    Request,
                    rights,
                    PolicyFixture.Diff(
                        PolicyFixture.Changed("src/old/a"),
                        PolicyFixture.Changed("lib/a"),
                        PolicyFixture.Changed("src/b"),
                        PolicyFixture.Changed("src/old/c")
                    )
                )
            )
        );
    }

    [Fact]
    public void Work_that_meets_nothing_is_allowed_by_its_lane()
    {
        var policy = PolicyTexts.Read(Before);
        var lane = PolicyEngine.OnPlan(policy, Request, []).Lane;

        Assert.Equal(
            ["allow lane code (p.yaml:6) Lane 'code' allows these changes."],
            PolicyTexts.Told(PolicyEngine.OnDiff(policy, Request, lane, Diff))
        );
        var empty = PolicyEngine.OnDiff(policy, Request, lane, new DiffSummary());
        Assert.Equal(["allow lane code (p.yaml:6) Nothing was changed."], PolicyTexts.Told(empty));
        Assert.Equal(("diff", policy.Id), (empty.Stage, empty.Policy));
        Assert.Same(lane, empty.Lane);
    }

    [Fact]
    public void Work_of_a_type_without_a_lane_is_denied_and_an_empty_diff_is_not()
    {
        var policy = PolicyTexts.Read(Before);
        var request = Request with { Kind = TaskKind.Documentation };

        Assert.Equal(
            [
                "deny lanes (p.yaml:4) No lane is for the type documentation. Add it to the types of a lane; there are read, code.",
            ],
            PolicyTexts.Told(PolicyEngine.OnDiff(policy, request, null, Diff))
        );
        Assert.Equal(
            ["allow no objection (p.yaml:1) Nothing was changed."],
            PolicyTexts.Told(PolicyEngine.OnDiff(policy, request, null, new DiffSummary()))
        );
    }

    [Theory]
    // an own lane that writes nothing, or the first that there is, or the type's own without its right to write
    [InlineData(TaskKind.Analyze, true, "read", LaneWrite.None)]
    [InlineData(TaskKind.Analyze, false, "read", LaneWrite.None)]
    [InlineData(TaskKind.Fix, false, "code", LaneWrite.Direct)]
    [InlineData(TaskKind.Fix, true, "read", LaneWrite.None)]
    [InlineData(TaskKind.Unknown, true, "read", LaneWrite.None)]
    [InlineData(TaskKind.Unknown, false, "", LaneWrite.None)]
    [InlineData(TaskKind.Summarize, true, "", LaneWrite.None)]
    public void A_plan_gets_a_lane_by_its_type_and_by_whether_it_writes(
        TaskKind kind,
        bool readOnly,
        string lane,
        LaneWrite write
    )
    {
        var got = PolicyEngine
            .OnPlan(PolicyTexts.Read(Before), Request with { Kind = kind, ReadOnly = readOnly }, [])
            .Lane;

        Assert.Equal((lane, write), (got?.Name ?? "", got?.Write ?? LaneWrite.None));
    }

    [Fact]
    public void Of_several_questions_the_most_people_count_and_each_must_suit_all()
    {
        var policy = PolicyTexts.Read(
            Before
                + """
                rules:
                  - {name: a, verdict: ask, by: [keeper]}
                  - {name: b, verdict: ask, approvals: 3, by: [keeper, other]}
                  - {name: c, verdict: ask, approvals: 2}
                """
        );
        var ruling = PolicyEngine.OnPlan(policy, Request, []);

        Assert.Equal((Verdict.NeedsApproval, 3), (ruling.Verdict, ruling.Approvals));
        Assert.Equal(["keeper"], ruling.Roles);
        Assert.Equal([1, 3, 2], ruling.Rulings.Select(r => r.Approvals));
    }

    [Fact]
    public void Who_may_not_approve_is_told_why_and_whom_to_ask()
    {
        var policy = PolicyTexts.Read(Before);

        Assert.Equal(
            new Failure(
                FailureCodes.PolicyDenied,
                $"'Ann' asked for this task, and policy {policy.Id} wants somebody else's yes. Ask a colleague."
            ),
            PolicyEngine.MayApprove(policy, "Ann", "ann", [])
        );
        Assert.Equal(
            new Failure(
                FailureCodes.PolicyDenied,
                $"'bob' has none of the roles keeper, other+keeper that policy {policy.Id} wants for this. Ask somebody who has."
            ),
            PolicyEngine.MayApprove(policy, "bob", "ann", ["keeper", "other+keeper"])
        );
        Assert.Null(PolicyEngine.MayApprove(policy, "bob", "ann", []));
        Assert.Null(PolicyEngine.MayApprove(policy, "zoe", "ann", ["keeper", "other"]));
        Assert.Null(
            PolicyEngine.MayApprove(
                PolicyTexts.Read(Before + "self_approval: true\n"),
                "ann",
                "ann",
                ["keeper"]
            )
        );
    }

    [Theory]
    [InlineData(TaskKind.Fix, "fix")]
    [InlineData(TaskKind.CodeReview, "code_review")]
    [InlineData(TaskKind.Summarize, "summarize")]
    [InlineData(TaskKind.Analyze, "analyze")]
    [InlineData(TaskKind.Documentation, "documentation")]
    public void A_type_of_work_has_a_word(TaskKind kind, string word)
    {
        Assert.Equal(word, PolicyWords.Of(kind));
        Assert.Equal(kind, PolicyWords.TypeOf(word));
    }

    [Fact]
    public void A_word_that_is_none_is_no_type_and_what_is_not_said_is_unknown()
    {
        Assert.Null(PolicyWords.TypeOf("unknown"));
        Assert.Null(PolicyWords.TypeOf(""));
        Assert.Equal(TaskKind.Fix, PolicyWords.TypeOf("bug_fix"));
        Assert.Equal("unknown", PolicyWords.Of(TaskKind.Unknown));
        Assert.Equal(
            ["allow", "ask", "deny"],
            ((Verdict[])[Verdict.Allow, Verdict.NeedsApproval, Verdict.Deny]).Select(v =>
                PolicyWords.Of(v)
            )
        );
        Assert.Equal(
            ["fix", "bug_fix", "code_review", "summarize", "analyze", "documentation"],
            PolicyWords.Types
        );
        Assert.Equal(ChangeKinds.All.Select(k => k.Name), PolicyWords.Kinds);
    }

    private static readonly PolicyRequest Request = PolicyFixture.Request(
        requester: "ann",
        repository: "/srv/app",
        risk: "high"
    ) with
    {
        FirstTime = true,
    };

    private static readonly DiffSummary Diff = PolicyFixture.Diff(
        new FileChange("src/a.cs", "", "M", 6, 4, PolicyFixture.File, PolicyFixture.File),
        new FileChange("docs/b.png", "", "A", -1, -1, "", PolicyFixture.File)
    );

    private static List<string> Rules(string verdict, string when, PolicyRequest request)
    {
        var policy = PolicyTexts.Read(
            $"{Before}rules: [{{name: r, when: {when}, verdict: {verdict}}}]\n"
        );
        return
        [
            .. PolicyFixture.Rules(
                PolicyEngine.OnDiff(
                    policy,
                    request,
                    PolicyEngine.OnPlan(policy, request, []).Lane,
                    Diff
                )
            ),
        ];
    }
}
