using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Every key of a lane is read as it stands, and one that is left out has the default that the schema names.</summary>
public sealed class LaneReaderTests
{
    private const string Whole = """
        version: 1
        name: p
        roles: {keeper: [ann, bob]}
        protect: [secrets/**]
        lanes:
          other: {types: [analyze], write: none}
          code:
            types: [fix, documentation]
            write: guarded
            paths: [src/**, docs/]
            protect: [src/keys/**, secrets/**]
            commands:
              allow: [dotnet test, make]
              ask: [git push, rm]
              approvals: 2
              by: [keeper]
            tools: [Read, Edit]
            network: {allow: [api.example.com, "*.example.org"]}
            model: claude-sonnet
            sandbox: required
            budget:
              minutes: 30
              turns: 50
              cost_usd: 2.50
              diff_lines: 1000
              diff_files: 20
            pull_request: draft
            guarded_hours: 24
            questions: 3
            approvals:
              - name: big
                count: 2
                by: [keeper]
                when: {lines_over: 300}
                because: somebody reads it
              - at: plan
        """;

    [Fact]
    public void A_run_gets_the_rights_that_its_lane_names()
    {
        var policy = PolicyTexts.Read(Whole);
        var lane = PolicyEngine.OnPlan(policy, PolicyFixture.Request(), []).Lane!;

        Assert.Equal(["src/**", "docs/"], lane.Paths);
        Assert.Equal(["secrets/**", "src/keys/**"], lane.Protected);
        Assert.Equal(["dotnet test", "make"], lane.Commands!);
        Assert.Equal(["git push", "rm"], lane.AskCommands);
        Assert.Equal(["keeper"], lane.AskRoles);
        Assert.Equal(["Read", "Edit"], lane.Tools);
        Assert.Equal(["api.example.com", "*.example.org"], lane.Hosts);
        Assert.Equal(
            new LaneRights
            {
                Name = "code",
                Write = LaneWrite.Guarded,
                AskApprovals = 2,
                Network = "allowlist",
                Model = "claude-sonnet",
                SandboxRequired = true,
                RunSecondsMax = 1_800,
                TurnsMax = 50,
                CostUsdMax = 2.50m,
                GuardedHours = 24,
                QuestionsMax = 3,
            },
            Plain(lane)
        );
    }

    [Fact]
    public void What_a_lane_leaves_out_is_nobody_s_limit()
    {
        var policy = PolicyTexts.Read(PolicyTexts.Code());
        var lane = PolicyEngine.OnPlan(policy, PolicyFixture.Request(), []).Lane!;

        Assert.Equal(new LaneRights { Name = "code", Write = LaneWrite.Direct }, Plain(lane));
        Assert.Null(lane.Commands);
        Assert.Equal(
            0,
            lane.Paths.Count
                + lane.Protected.Count
                + lane.Tools.Count
                + lane.Hosts.Count
                + lane.AskCommands.Count
                + lane.AskRoles.Count
        );
        Assert.Null(policy.MergeOf("code"));
        Assert.Null(policy.DraftOf("code"));
    }

    [Fact]
    public void What_rulings_need_of_a_lane_is_kept_with_its_lines()
    {
        var lane = PolicyTexts.Read(Whole).Lanes[1];

        Assert.Equal([TaskKind.Fix, TaskKind.Documentation], lane.Types);
        Assert.Equal((7, 10, 19, 21), (lane.Line, lane.PathsLine, lane.ModelLine, lane.BudgetLine));
        Assert.Equal((1_000, 20), (lane.DiffLinesMax, lane.DiffFilesMax));
        Assert.Equal(
            ("commands of lane code", 14, Verdict.NeedsApproval, 2),
            (
                lane.Ask!.Rule.Name,
                lane.Ask.Rule.Line,
                lane.Ask.Rule.Verdict,
                lane.Ask.Rule.Approvals
            )
        );
        Assert.True(lane.Draft);
    }

    [Fact]
    public void A_lane_s_own_questions_are_about_its_work_unless_they_say_otherwise()
    {
        var approvals = PolicyTexts.Read(Whole).Lanes[1].Approvals;
        Assert.Equal(2, approvals.Count);
        var (first, second) = (approvals[0], approvals[1]);

        Assert.Equal(
            ("big", 31, Verdict.NeedsApproval, 2, "somebody reads it", false),
            (first.Name, first.Line, first.Verdict, first.Approvals, first.Because, first.AtPlan)
        );
        Assert.Equal(["keeper"], first.By);
        Assert.Equal(300, first.When.LinesOver);
        Assert.Equal(
            ("approval 2 of lane code", 36, 1, "", true),
            (second.Name, second.Line, second.Approvals, second.Because, second.AtPlan)
        );
        Assert.Empty(second.By);
    }

    [Theory]
    [InlineData("none", LaneWrite.None)]
    [InlineData("direct", LaneWrite.Direct)]
    [InlineData("guarded", LaneWrite.Guarded)]
    public void A_lane_writes_as_it_says(string word, LaneWrite write)
    {
        var lane = PolicyTexts.Read(PolicyTexts.Lane("types: [fix]", $"write: {word}")).Lanes[0];

        Assert.Equal((write, word), (lane.Write, PolicyWords.Of(lane.Write)));
    }

    [Theory]
    [InlineData("model: x", "", "")]
    [InlineData("network: open", "open", "")]
    [InlineData("network: off", "off", "")]
    [InlineData("network: {allow: a.example}", "allowlist", "a.example")]
    [InlineData("network: {allow: [a, '*.b']}", "allowlist", "a *.b")]
    // Nothing but the agent's own API.
    [InlineData("network: {allow: []}", "allowlist", "")]
    public void A_network_is_open_off_or_a_list_of_hosts(string key, string network, string hosts)
    {
        var lane = PolicyTexts.Read(PolicyTexts.Code(key)).Lanes[0];

        Assert.Equal((network, hosts), (lane.Network, string.Join(' ', lane.Hosts)));
    }

    [Theory]
    [InlineData("model: x", false)]
    [InlineData("sandbox: optional", false)]
    [InlineData("sandbox: required", true)]
    public void A_sandbox_is_wanted_where_a_lane_says_so(string key, bool required) =>
        Assert.Equal(required, PolicyTexts.Read(PolicyTexts.Code(key)).Lanes[0].SandboxRequired);

    [Theory]
    [InlineData("model: x", "-")]
    [InlineData("commands: []", "")]
    [InlineData("commands: {allow: []}", "")]
    [InlineData("commands: {ask: [rm]}", "-")]
    [InlineData("commands: {allow: [], ask: [rm]}", "")]
    [InlineData("commands: make", "make")]
    [InlineData("commands: [make, rm]", "make,rm")]
    public void Commands_that_are_left_out_are_the_host_s_and_an_empty_list_is_none(
        string key,
        string commands
    )
    {
        var lane = PolicyTexts.Read(PolicyTexts.Code(key)).Lanes[0];

        Assert.Equal(commands, lane.Commands is null ? "-" : string.Join(',', lane.Commands));
    }

    [Fact]
    public void A_merge_rule_says_all_that_must_hold()
    {
        var rule = PolicyTexts
            .Read(
                PolicyTexts.Code(
                    "merge:",
                    "  auto: true",
                    "  checks: [build, test]",
                    "  quiet_minutes: 30",
                    "  lines_max: 400",
                    "  files_max: 10",
                    "  approvals: 2",
                    "  method: rebase"
                )
            )
            .MergeOf("CODE")!;

        Assert.Equal(["build", "test"], rule.Checks);
        Assert.Equal(
            new MergeRule(rule.Checks, 30, 400, 10) { Approvals = 2, Method = "rebase" },
            rule
        );
    }

    [Theory]
    [InlineData("merge: {auto: true}", "squash")]
    [InlineData("merge: {auto: true, method: squash}", "squash")]
    [InlineData("merge: {auto: true, method: merge}", "merge")]
    [InlineData("merge: {auto: true, method: rebase}", "rebase")]
    public void A_merge_rule_wants_nothing_more_than_it_says(string key, string method)
    {
        var rule = PolicyTexts.Read(PolicyTexts.Code(key)).MergeOf("code")!;

        Assert.Empty(rule.Checks);
        Assert.Equal(new MergeRule(rule.Checks, 0, 0, 0) { Approvals = 0, Method = method }, rule);
    }

    [Theory]
    [InlineData("model: x")]
    [InlineData("merge: {}")]
    [InlineData("merge: {auto: false, checks: [build]}")]
    [InlineData("merge: {checks: [build], method: merge}")]
    public void Nothing_merges_by_itself_unless_a_lane_says_so(string key)
    {
        var policy = PolicyTexts.Read(PolicyTexts.Code(key));

        Assert.Null(policy.MergeOf("code"));
        Assert.Null(policy.MergeOf("elsewhere"));
    }

    [Fact]
    public void A_lane_that_asks_nothing_of_a_sandbox_leaves_it_to_the_host()
    {
        Assert.Null(LaneSandbox.Of(null));
        Assert.Null(LaneSandbox.Of(new LaneRights { Name = "code" }));
    }

    [Theory]
    [InlineData(true, "", SandboxNetwork.Open)]
    [InlineData(false, "open", SandboxNetwork.Open)]
    [InlineData(false, "off", SandboxNetwork.Off)]
    [InlineData(true, "off", SandboxNetwork.Off)]
    [InlineData(false, "allowlist", SandboxNetwork.Allowlist)]
    public void A_lane_s_sandbox_holds_what_the_lane_says(
        bool required,
        string network,
        SandboxNetwork held
    )
    {
        var lane = new LaneRights
        {
            Name = "code",
            SandboxRequired = required,
            Network = network,
            Hosts = ["a.example"],
        };

        Assert.Equal(
            new SandboxDemand
            {
                Required = required,
                Network = held,
                Hosts = lane.Hosts,
            },
            LaneSandbox.Of(lane)
        );
    }

    // Lists are compared by what they hold, one by one.
    private static LaneRights Plain(LaneRights lane)
    {
        var none = new LaneRights { Name = lane.Name };
        return lane with
        {
            Paths = none.Paths,
            Protected = none.Protected,
            Tools = none.Tools,
            Commands = null,
            Hosts = none.Hosts,
            AskCommands = none.AskCommands,
            AskRoles = none.AskRoles,
        };
    }
}
