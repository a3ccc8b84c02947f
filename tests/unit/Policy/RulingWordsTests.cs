using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A ruling names its rule, its file and line, what it met, and the way out, in whole words.</summary>
public sealed class RulingWordsTests
{
    private const string Text = """
        version: 1
        name: p
        roles: {keeper: [ann, bob]}
        repositories:
          allow: [app]
          deny: [secret]
          base_branches:
            allow: [main]
            deny: [old]
        requesters:
          - names: [ann]
          - names: [bob]
            lanes: [read]
        protect: [secrets/**]
        changes:
          mode: deny
          binary: ask
          lockfile: allow
        lanes:
          read: {types: [analyze], write: none}
          code:
            types: [fix]
            write: guarded
            paths: [src/**, secrets/**, .husky/**]
            protect: [src/keys/**]
            model: sonnet
            budget:
              diff_lines: 1000
              diff_files: 2000
          docs: {types: [documentation], write: direct}
        rules:
          - {name: frozen, verdict: deny, when: {risk: high}, because: it is christmas.}
          - {name: no guests, verdict: deny, when: {requesters: [eve]}}
          - {name: no sql, verdict: deny, when: {paths: ["**/*.sql"]}, because: it locks tables}
          - {name: first work, verdict: ask, when: {first_time: true}, approvals: 2, by: [keeper], because: they are new}
          - {name: many files, verdict: ask, when: {files_over: 1}}
          - {name: core, verdict: ask, when: {paths: [src/core/**]}, because: everybody uses it}
        """;

    private static readonly PolicyRequest Request = PolicyFixture.Request(
        requester: "ann",
        repository: "/srv/app"
    ) with
    {
        BaseBranch = "main",
    };

    [Fact]
    public void A_request_that_meets_nothing_is_allowed()
    {
        var policy = PolicyTexts.Read(Text);
        var ruling = PolicyEngine.OnRequest(policy, Request);

        Assert.Equal(
            ("request", policy.Id, Verdict.Allow, 0),
            (ruling.Stage, ruling.Policy, ruling.Verdict, ruling.Approvals)
        );
        Assert.Equal(
            ["allow no objection (p.yaml:1) The request meets no objection."],
            PolicyTexts.Told(ruling)
        );
        Assert.Null(ruling.Lane);
        Assert.Empty(ruling.Roles);
    }

    [Fact]
    public void A_request_is_told_all_that_denies_it()
    {
        var ruling = PolicyEngine.OnRequest(
            PolicyTexts.Read(Text),
            Request with
            {
                Requester = "eve",
                Repository = "/srv/secret",
                BaseBranch = "old",
                Risk = "high",
            }
        );

        Assert.Equal(
            [
                "deny repositories.deny (p.yaml:6) Repository '/srv/secret' is denied by 'secret'. Choose another one.",
                "deny repositories.allow (p.yaml:5) Repository '/srv/secret' is none of those that are allowed. Choose one of them, or add it.",
                "deny base_branches.deny (p.yaml:9) Base branch 'old' is denied by 'old'. Choose another one.",
                "deny base_branches.allow (p.yaml:8) Base branch 'old' is none of those that are allowed. Choose one of them, or add it.",
                "deny requesters (p.yaml:10) No rule of 'requesters' admits 'eve'. Add the name to a role that may use a lane.",
                "deny frozen (p.yaml:32) Rule 'frozen' denies this: it is christmas. Change the request, or the rule.",
                "deny no guests (p.yaml:33) Rule 'no guests' denies this. Change the request, or the rule.",
            ],
            PolicyTexts.Told(ruling)
        );
        Assert.Equal(Verdict.Deny, ruling.Verdict);
        Assert.All(
            ruling.Rulings,
            r =>
                Assert.Equal(
                    (FailureCodes.PolicyDenied, "", 0, 0),
                    (r.Code, r.Path, r.Approvals, r.Roles.Count)
                )
        );
    }

    [Fact]
    public void A_request_that_names_no_branch_is_of_HEAD_and_one_without_a_repository_of_neither()
    {
        var policy = PolicyTexts.Read(Text);

        Assert.Equal(
            [
                "deny base_branches.allow (p.yaml:8) Base branch 'HEAD' is none of those that are allowed. Choose one of them, or add it.",
            ],
            PolicyTexts.Told(PolicyEngine.OnRequest(policy, Request with { BaseBranch = "" }))
        );
        Assert.Equal(
            Verdict.Allow,
            PolicyEngine
                .OnRequest(policy, Request with { Repository = "", BaseBranch = "old" })
                .Verdict
        );
    }

    [Fact]
    public void A_plan_that_meets_nothing_is_allowed_by_its_lane()
    {
        var policy = PolicyTexts.Read(Text);
        var ruling = PolicyEngine.OnPlan(policy, Request, ["src/a.cs"]);

        Assert.Equal(
            ["allow lane code (p.yaml:21) Lane 'code' allows it."],
            PolicyTexts.Told(ruling)
        );
        Assert.Equal(
            ("plan", policy.Id, "code", 0),
            (ruling.Stage, ruling.Policy, ruling.Lane!.Name, ruling.Approvals)
        );
        Assert.Equal(Verdict.Allow, Assert.Single(ruling.Rulings).Verdict);
    }

    [Fact]
    public void A_plan_without_a_lane_is_told_which_lanes_there_are()
    {
        var ruling = PolicyEngine.OnPlan(
            PolicyTexts.Read(Text),
            Request with
            {
                Kind = TaskKind.Summarize,
            },
            []
        );

        Assert.Equal(
            [
                "deny lanes (p.yaml:19) No lane is for the type summarize. Add it to the types of a lane; there are read, code, docs.",
            ],
            PolicyTexts.Told(ruling)
        );
        Assert.Null(ruling.Lane);
    }

    [Fact]
    public void A_plan_is_told_that_its_requester_or_its_model_does_not_fit_the_lane()
    {
        var policy = PolicyTexts.Read(Text);

        Assert.Equal(
            [
                "deny requesters (p.yaml:10) 'bob' may not use lane 'code'. Give it to one of the roles of that name under 'requesters'.",
                "deny model (p.yaml:26) Lane 'code' uses the model sonnet, and opus is asked for. Leave the model out.",
            ],
            PolicyTexts.Told(
                PolicyEngine.OnPlan(policy, Request with { Requester = "bob", Model = "opus" }, [])
            )
        );
        Assert.Equal(
            Verdict.Allow,
            PolicyEngine.OnPlan(policy, Request with { Model = "SONNET" }, []).Verdict
        );
    }

    [Fact]
    public void A_plan_s_question_says_why_how_many_and_who()
    {
        var ruling = PolicyEngine.OnPlan(
            PolicyTexts.Read(Text),
            Request with
            {
                FirstTime = true,
            },
            []
        );
        var asked = Assert.Single(ruling.Rulings);

        Assert.Equal(
            ["ask first work (p.yaml:35) 'first work' asks about this: they are new."],
            PolicyTexts.Told(ruling)
        );
        Assert.Equal(
            (Verdict.NeedsApproval, 2, 2, "", ""),
            (ruling.Verdict, ruling.Approvals, asked.Approvals, asked.Code, asked.Path)
        );
        Assert.Equal(["keeper"], ruling.Roles);
        Assert.Equal(["keeper"], asked.Roles);
    }

    [Fact]
    public void A_plan_s_target_is_denied_in_the_words_of_the_work()
    {
        var policy = PolicyTexts.Read(Text);

        Assert.Equal(
            [
                "deny protect (p.yaml:14) secrets/a is protected by 'secrets/**'. Leave it alone, or have a person change it.",
                "deny lane code protect (p.yaml:25) src/keys/a is protected by 'src/keys/**'. Leave it alone, or have a person change it.",
                "deny lane code paths (p.yaml:24) lib/a.sql is none of the paths that lane 'code' may change. Leave it alone, or ask for a type of work whose lane may.",
                "deny no sql (p.yaml:34) Rule 'no sql' denies lib/a.sql: it locks tables. Leave that path alone, or change the rule.",
            ],
            PolicyTexts.Told(
                PolicyEngine.OnPlan(policy, Request, ["secrets/a", "src/keys/a", "lib/a.sql"])
            )
        );
        // A folder may hold what is allowed, and a pattern counts by the folder before it.
        Assert.Equal(
            Verdict.Allow,
            PolicyEngine
                .OnPlan(policy, Request, ["src", "src/*.sql", "*.sql", "s[er]", ".", "./", ""])
                .Verdict
        );
        Assert.Equal(
            ["protect"],
            PolicyFixture.Rules(PolicyEngine.OnPlan(policy, Request, ["secrets/a?"]))
        );
    }

    [Fact]
    public void Work_is_told_where_it_may_not_be()
    {
        var ruling = Work(
            PolicyFixture.Changed("../a"),
            PolicyFixture.Changed("src/.git/config"),
            PolicyFixture.Changed("secrets/a"),
            PolicyFixture.Changed("src/keys/a"),
            PolicyFixture.Changed("src/a.sql"),
            PolicyFixture.Changed("lib/b.sql")
        );

        Assert.Equal(
            [
                "deny path_outside (p.yaml:21) ../a leaves the repository. Work below its root.",
                "deny lane code paths (p.yaml:24) ../a (and 1 more) is none of the paths that lane 'code' may change. Leave it alone, or ask for a type of work whose lane may.",
                "deny git_internals (p.yaml:21) src/.git/config is part of git's own folder. Leave it to git.",
                "deny protect (p.yaml:14) secrets/a is protected by 'secrets/**'. Leave it alone, or have a person change it.",
                "deny lane code protect (p.yaml:25) src/keys/a is protected by 'src/keys/**'. Leave it alone, or have a person change it.",
                "deny no sql (p.yaml:34) Rule 'no sql' denies src/a.sql (and 1 more): it locks tables. Leave that path alone, or change the rule.",
                "ask many files (p.yaml:36) 'many files' asks about this.",
                "ask guarded lane code (p.yaml:21) Work of lane 'code' is only applied when somebody has approved it.",
            ],
            PolicyTexts.Told(ruling)
        );
        Assert.Equal("diff", ruling.Stage);
        Assert.Equal("src/a.sql", ruling.Rulings[5].Path);
    }

    [Fact]
    public void Work_is_told_which_kind_of_change_it_is()
    {
        var ruling = Work(
            new("src/run", "", "M", 0, 0, "100644", "100755"),
            new("src/a.png", "", "A", -1, -1, "", PolicyFixture.File),
            PolicyFixture.Changed("src/aux.c"),
            PolicyFixture.Changed(".husky/x"),
            PolicyFixture.Changed("src/go.sum"),
            PolicyFixture.Linked("src/l", "/etc"),
            PolicyFixture.Changed("src/core/a")
        );

        Assert.Equal(
            [
                "deny changes.mode (p.yaml:16) src/run is a change of the kind mode, which is denied. Leave it out, or have a person make it.",
                "deny changes.odd_name (built in) (p.yaml:15) src/aux.c has an odd name: 'aux' is a device on Windows. Choose a name that every platform reads the same.",
                "deny changes.symlink_outside (built in) (p.yaml:15) src/l is a change of the kind symlink_outside, which is denied. Leave it out, or have a person make it.",
                "ask many files (p.yaml:36) 'many files' asks about this.",
                "ask changes.binary (p.yaml:17) src/a.png is a change of the kind binary, which is asked about.",
                "ask changes.git_files (built in) (p.yaml:15) .husky/x is a change of the kind git_files, which is asked about.",
                "ask core (p.yaml:37) 'core' asks about src/core/a: everybody uses it.",
                "ask guarded lane code (p.yaml:21) Work of lane 'code' is only applied when somebody has approved it.",
            ],
            PolicyTexts.Told(ruling)
        );
        Assert.Equal((Verdict.Deny, 1), (ruling.Verdict, ruling.Approvals));
    }

    [Fact]
    public void Work_is_told_that_it_is_too_big_or_not_all_seen()
    {
        var ruling = PolicyEngine.OnDiff(
            PolicyTexts.Read(Text),
            Request,
            null,
            new DiffSummary
            {
                Files = [PolicyFixture.Changed("src/a")],
                FilesTotal = 2_001,
                AddedLines = 1_000,
                DeletedLines = 1,
            }
        );

        Assert.Equal(
            [
                "deny unseen_files (p.yaml:21) Only 1 of 2,001 changed files are listed, and the rest cannot be judged. Split the work.",
                "deny lane code diff_lines (p.yaml:27) The diff has 1,001 lines, and lane 'code' allows 1,000. Split the work.",
                "deny lane code diff_files (p.yaml:27) The diff has 2,001 files, and lane 'code' allows 2,000. Split the work.",
                "ask many files (p.yaml:36) 'many files' asks about this.",
                "ask guarded lane code (p.yaml:21) Work of lane 'code' is only applied when somebody has approved it.",
            ],
            PolicyTexts.Told(ruling)
        );
    }

    [Fact]
    public void Work_of_a_lane_that_only_reads_is_told_how_many_files_it_changed() =>
        Assert.Equal(
            [
                "deny lane read writes nothing (p.yaml:20) Lane 'read' writes nothing, and 1,234 files were changed. Ask for a type of work whose lane writes.",
                "ask many files (p.yaml:36) 'many files' asks about this.",
            ],
            PolicyTexts.Told(
                PolicyEngine.OnDiff(
                    PolicyTexts.Read(Text),
                    Request with
                    {
                        Kind = TaskKind.Analyze,
                        ReadOnly = true,
                    },
                    null,
                    PolicyFixture.Diff([
                        .. Enumerable.Range(0, 1_234).Select(i => PolicyFixture.Changed($"f{i}")),
                    ])
                )
            )
        );

    private static PolicyRuling Work(params FileChange[] files) =>
        PolicyFixture.OnDiff(PolicyTexts.Read(Text), Request, files);
}
