using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Lanes, rights, sizes, and who may say yes.</summary>
public sealed class PolicyEngineTests
{
    private const string Head = "version: 1\nname: p\n";
    private const string Code = "lanes: {code: {types: [fix], write: direct}}\n";

    private static readonly PolicyDocument Team = PolicyFixture.Read(PolicyFixture.Team);

    [Fact]
    public void A_lane_s_rights_are_what_the_policy_says_of_it()
    {
        var ruling = PolicyEngine.OnPlan(Team, PolicyFixture.Request(), []);
        var lane = ruling.Lane!;

        Assert.Equal(("code", LaneWrite.Guarded, 24), (lane.Name, lane.Write, lane.GuardedHours));
        Assert.Equal(["secrets/**", "**/*.pfx"], lane.Protected);
        Assert.Equal(["dotnet test"], lane.Commands!);
        Assert.Equal(("allowlist", "claude-sonnet"), (lane.Network, lane.Model));
        Assert.Equal(["api.example.com", "*.example.org"], lane.Hosts);
        Assert.Equal((1_800, 50, 2.5m), (lane.RunSecondsMax, lane.TurnsMax, lane.CostUsdMax));
        Assert.Equal(
            (Verdict.Allow, "plan", Team.Id),
            (ruling.Verdict, ruling.Stage, ruling.Policy)
        );
    }

    [Theory]
    [InlineData(TaskKind.Documentation, "docs", 0)]
    [InlineData(TaskKind.CodeReview, "read", -1)]
    public void Commands_that_are_not_said_are_the_host_s_and_an_empty_list_is_none(
        TaskKind kind,
        string lane,
        int commands
    )
    {
        var rights = PolicyEngine.OnPlan(Team, PolicyFixture.Request(kind), []).Lane!;

        Assert.Equal(lane, rights.Name);
        Assert.Equal(commands, rights.Commands?.Count ?? -1);
    }

    [Theory]
    [InlineData(TaskKind.Fix, "code")]
    [InlineData(TaskKind.Documentation, "docs")]
    [InlineData(TaskKind.CodeReview, "read-only")]
    [InlineData(TaskKind.Summarize, "read-only")]
    [InlineData(TaskKind.Analyze, "read-only")]
    public void The_built_in_policy_changes_nothing_of_an_ordinary_run(TaskKind kind, string lane)
    {
        var ruling = PolicyEngine.OnPlan(
            DefaultPolicy.Document,
            PolicyFixture.Request(kind, requester: "anybody"),
            ["src/a.cs"]
        );

        Assert.Equal(Verdict.Allow, ruling.Verdict);
        Assert.Equal(
            new LaneRights
            {
                Name = lane,
                Write = lane == "read-only" ? LaneWrite.None : LaneWrite.Direct,
            } with
            {
                Paths = ruling.Lane!.Paths,
                Protected = ruling.Lane.Protected,
                Tools = ruling.Lane.Tools,
                Hosts = ruling.Lane.Hosts,
            },
            ruling.Lane
        );
        Assert.Equal(
            0,
            ruling.Lane.Paths.Count
                + ruling.Lane.Protected.Count
                + ruling.Lane.Tools.Count
                + ruling.Lane.Hosts.Count
        );
    }

    [Theory]
    [InlineData(Code, "code", LaneWrite.None)]
    [InlineData(
        "lanes: {code: {types: [fix], write: direct}, read: {types: [analyze], write: none}}\n",
        "read",
        LaneWrite.None
    )]
    public void A_plan_that_must_not_write_gets_a_lane_that_writes_nothing(
        string lanes,
        string name,
        LaneWrite write
    )
    {
        var lane = PolicyEngine
            .OnPlan(
                PolicyFixture.Read(Head + lanes),
                PolicyFixture.Request() with
                {
                    ReadOnly = true,
                },
                []
            )
            .Lane!;

        Assert.Equal((name, write), (lane.Name, lane.Write));
    }

    [Theory]
    [InlineData("src/a.cs", "")]
    [InlineData("docs", "")]
    [InlineData("secrets/x", "protect")]
    [InlineData("secrets/**", "protect")]
    [InlineData("../x", "path_outside")]
    [InlineData("src", "")]
    public void A_plan_s_targets_are_refused_when_they_are_surely_forbidden(
        string target,
        string rule
    ) =>
        Assert.Equal(
            rule.Length > 0 ? [rule] : [],
            PolicyFixture
                .Rules(PolicyEngine.OnPlan(Team, PolicyFixture.Request(), [target]))
                .ToList()
        );

    [Fact]
    public void Targets_of_work_that_only_reads_are_not_judged() =>
        Assert.Equal(
            Verdict.Allow,
            PolicyEngine
                .OnPlan(Team, PolicyFixture.Request(TaskKind.CodeReview), ["secrets/x"])
                .Verdict
        );

    [Fact]
    public void Another_model_than_the_lane_s_is_denied() =>
        Assert.Contains(
            "model",
            PolicyFixture.Rules(
                PolicyEngine.OnPlan(Team, PolicyFixture.Request() with { Model = "other" }, [])
            )
        );

    [Fact]
    public void A_rule_about_the_request_asks_at_the_plan_and_not_again_at_the_diff()
    {
        var request = PolicyFixture.Request(risk: "high");
        var plan = PolicyEngine.OnPlan(Team, request, []);

        Assert.Equal(["risky work"], PolicyFixture.Rules(plan));
        Assert.Equal((2, "security"), (plan.Approvals, Assert.Single(plan.Roles)));
        Assert.DoesNotContain(
            "risky work",
            PolicyFixture.Rules(
                PolicyFixture.OnDiff(Team, request, PolicyFixture.Changed("src/a.cs"))
            )
        );
    }

    [Fact]
    public void First_work_is_asked_about_where_the_rule_says_so()
    {
        var request = PolicyFixture.Request() with { FirstTime = true };

        Assert.Empty(PolicyFixture.Rules(PolicyEngine.OnPlan(Team, request, [])));
        Assert.Contains(
            "first work",
            PolicyFixture.Rules(
                PolicyFixture.OnDiff(Team, request, PolicyFixture.Changed("src/a.cs"))
            )
        );
    }

    [Theory]
    [InlineData(300, 1, "guarded lane code")]
    [InlineData(301, 1, "big diffs")]
    [InlineData(1_000, 20, "big diffs")]
    [InlineData(1_001, 1, "lane code diff_lines")]
    [InlineData(1, 21, "lane code diff_files")]
    public void Sizes_are_judged_beyond_their_limit_and_not_at_it(int lines, int files, string rule)
    {
        var diff = new DiffSummary
        {
            Files = [.. Enumerable.Range(0, files).Select(i => New($"src/{i}.cs"))],
            FilesTotal = files,
            AddedLines = lines - (lines / 2),
            DeletedLines = lines / 2,
        };
        var ruling = PolicyEngine.OnDiff(Team, PolicyFixture.Request(), null, diff);

        Assert.Equal(rule, ruling.Rulings[0].Rule);
    }

    [Fact]
    public void A_summary_that_says_less_than_its_files_is_not_believed()
    {
        var diff = new DiffSummary
        {
            Files = [new FileChange("a", "", "A", int.MaxValue, int.MaxValue, "", "100644")],
        };

        Assert.Contains(
            "lane code diff_lines",
            PolicyFixture.Rules(PolicyEngine.OnDiff(Team, PolicyFixture.Request(), null, diff))
        );
    }

    [Fact]
    public void Files_that_are_not_listed_are_not_allowed() =>
        Assert.Equal(
            ["unseen_files"],
            PolicyFixture.Rules(
                PolicyEngine.OnDiff(
                    DefaultPolicy.Document,
                    PolicyFixture.Request(),
                    null,
                    new DiffSummary { Files = [New("a")], FilesTotal = 2 }
                )
            )
        );

    [Fact]
    public void Nothing_is_asked_about_an_empty_diff() =>
        Assert.Equal(
            Verdict.Allow,
            PolicyEngine.OnDiff(Team, PolicyFixture.Request(), null, new DiffSummary()).Verdict
        );

    [Fact]
    public void A_rule_is_told_once_with_its_first_file_and_how_many_more()
    {
        var ruling = PolicyFixture.OnDiff(
            Team,
            PolicyFixture.Request(),
            [.. Enumerable.Range(0, 10).Select(i => PolicyFixture.Changed($"secrets/{i}"))]
        );
        var protect = Assert.Single(ruling.Rulings, r => r.Rule == "protect");

        Assert.Equal("secrets/0", protect.Path);
        Assert.StartsWith(
            "secrets/0 (and 9 more) is protected",
            protect.Reason,
            StringComparison.Ordinal
        );
        Assert.Equal(Verdict.Deny, ruling.Rulings[0].Verdict);
    }

    [Fact]
    public void At_most_fifty_rulings_are_told_denials_first()
    {
        var rules = string.Concat(
            Enumerable
                .Range(0, 80)
                .Select(i => $"- {{name: r{i}, verdict: {(i < 60 ? "ask" : "deny")}, at: diff}}\n")
                .Select(r =>
                    r.Contains("deny", StringComparison.Ordinal)
                        ? r.Replace(", at: diff", "", StringComparison.Ordinal)
                        : r
                )
        );
        var ruling = PolicyFixture.OnDiff(
            PolicyFixture.Read(Head + "rules:\n" + rules + Code),
            PolicyFixture.Request(),
            PolicyFixture.Changed("a")
        );

        Assert.Equal(50, ruling.Rulings.Count);
        Assert.Equal(20, ruling.Rulings.TakeWhile(r => r.Verdict == Verdict.Deny).Count());
    }

    [Fact]
    public void What_either_the_run_s_lane_or_the_policy_of_now_forbids_is_forbidden()
    {
        var then = new LaneRights
        {
            Name = "code",
            Write = LaneWrite.Direct,
            Paths = ["src/**"],
            Protected = ["src/old/**"],
        };
        IEnumerable<string> On(string path, LaneRights rights) =>
            PolicyFixture.Rules(
                PolicyEngine.OnDiff(
                    DefaultPolicy.Document,
                    PolicyFixture.Request(),
                    rights,
                    PolicyFixture.Diff(PolicyFixture.Changed(path))
                )
            );

        Assert.Empty(On("src/a.cs", then));
        Assert.Equal(["protected for the run"], On("SRC/old/a.cs", then));
        Assert.Equal(["paths of the run"], On("b.cs", then));
        Assert.Equal(
            ["guarded lane code"],
            On("src/a.cs", then with { Write = LaneWrite.Guarded })
        );
        Assert.Equal(
            ["lane code writes nothing"],
            On("src/a.cs", then with { Write = LaneWrite.None })
        );
        // Patterns of a build that knew more allow nothing.
        Assert.Equal(["paths of the run"], On("src/a.cs", then with { Paths = ["[new]"] }));
        Assert.Equal(
            ["protected for the run"],
            On("src/a.cs", then with { Protected = ["[new]"] })
        );
    }

    [Theory]
    [InlineData("[a]", "[a, b]", "a")]
    [InlineData("[a]", "[b]", "a+b")]
    [InlineData("[a, b]", "[c]", "a+c b+c")]
    [InlineData("[]", "[c]", "c")]
    [InlineData("[]", "[]", "")]
    public void Approvers_must_suit_every_question(string one, string other, string roles)
    {
        var by = (string list) => list == "[]" ? "" : $", by: {list}";
        var policy = PolicyFixture.Read(
            Head
                + "roles: {a: [ann, both], b: [ben, both], c: [cat]}\n"
                + $"rules:\n- {{name: x, verdict: ask{by(one)}}}\n- {{name: y, verdict: ask, approvals: 1{by(other)}}}\n"
                + Code
        );
        var ruling = PolicyEngine.OnPlan(policy, PolicyFixture.Request(), []);

        Assert.Equal(roles, string.Join(' ', ruling.Roles));
    }

    [Theory]
    [InlineData("alice", "bob", "", true)]
    [InlineData("alice", "alice", "", false)]
    [InlineData("ALICE", "alice", "", false)]
    [InlineData("alice", "bob", "maintainer", true)]
    [InlineData("zoe", "bob", "maintainer", true)]
    [InlineData("release-9", "bob", "maintainer", true)]
    [InlineData("Alice", "bob", "maintainer", false)]
    [InlineData("bob", "carol", "maintainer", false)]
    [InlineData("bob", "carol", "maintainer writer", true)]
    [InlineData("alice", "bob", "maintainer+security", false)]
    [InlineData("alice", "bob", "maintainer+writer", true)]
    [InlineData("alice", "bob", "nobody", false)]
    public void Who_may_approve(string approver, string requester, string roles, bool may)
    {
        var failure = PolicyEngine.MayApprove(
            Team,
            approver,
            requester,
            roles.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );

        Assert.Equal(may, failure is null);
        Assert.Equal(may ? null : FailureCodes.PolicyDenied, failure?.Code);
    }

    [Fact]
    public void One_person_can_work_alone_with_the_built_in_policy() =>
        Assert.Null(PolicyEngine.MayApprove(DefaultPolicy.Document, "ann", "ann", []));

    [Fact]
    public void An_example_that_does_not_hold_says_what_was_ruled()
    {
        var policy = PolicyFixture.Read(
            Head
                + "tests:\n- {name: t, given: {type: fix, path: .mcp.json}, expect: allow}\n- {name: u, given: {type: fix, path: .mcp.json}, expect: ask, rule: other}\n"
                + Code
        );
        var failed = PolicyExplainer.Test(policy);

        Assert.Equal(["t", "u"], failed.Select(f => f.Name));
        Assert.Equal(
            "expected allow, and it is ask by changes.agent_settings (built in) (team.yaml:1)",
            failed[0].Reason
        );
        Assert.StartsWith(
            "expected ask by 'other', and it is by",
            failed[1].Reason,
            StringComparison.Ordinal
        );
    }

    private static FileChange New(string path) => new(path, "", "A", 0, 0, "", "100644");
}
