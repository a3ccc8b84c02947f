using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>What is ruled on single changes: one row each.</summary>
public sealed class PolicyTableTests
{
    private static readonly PolicyDocument Team = PolicyFixture.Read(PolicyFixture.Team);

    [Theory]
    // ordinary work
    [InlineData("src/app.cs", "allow", "")]
    [InlineData("new/folder/file.ts", "allow", "")]
    [InlineData("tests/unit/AppTests.cs", "allow", "")]
    [InlineData("package-lock.json", "allow", "")]
    [InlineData("src/Api.g.cs", "allow", "")]
    [InlineData("README.md", "allow", "")]
    [InlineData(".github/ISSUE_TEMPLATE/bug.md", "allow", "")]
    [InlineData(".github/pull_request_template.md", "allow", "")]
    [InlineData(".gitignore", "allow", "")]
    [InlineData(".editorconfig", "allow", "")]
    [InlineData("docs/ünïcödé.md", "allow", "")]
    [InlineData("docs/漢字.md", "allow", "")]
    [InlineData("docs/⚠️.md", "allow", "")]
    [InlineData("app/[slug]/page.tsx", "allow", "")]
    [InlineData("a b/c d.txt", "allow", "")]
    [InlineData("console.cs", "allow", "")]
    [InlineData("git/x", "allow", "")]
    [InlineData("x~1~", "allow", "")]
    [InlineData("long-name~1.txt", "allow", "")]
    // CI
    [InlineData(".github/workflows/build.yml", "ask", "changes.workflow")]
    [InlineData(".GitHub/Workflows/build.yml", "ask", "changes.workflow")]
    [InlineData(".github/actions/setup/action.yml", "ask", "changes.workflow")]
    [InlineData(".github/CODEOWNERS", "ask", "changes.workflow")]
    [InlineData(".gitlab-ci.yml", "ask", "changes.workflow")]
    [InlineData("azure-pipelines.yml", "ask", "changes.workflow")]
    [InlineData("ci/azure-pipelines-nightly.yml", "ask", "changes.workflow")]
    [InlineData("Jenkinsfile", "ask", "changes.workflow")]
    [InlineData("Jenkinsfile.release", "ask", "changes.workflow")]
    [InlineData(".circleci/config.yml", "ask", "changes.workflow")]
    [InlineData("bitbucket-pipelines.yml", "ask", "changes.workflow")]
    [InlineData(".forgejo/workflows/x.yml", "ask", "changes.workflow")]
    // agents
    [InlineData("CLAUDE.md", "ask", "changes.agent_settings")]
    [InlineData("src/claude.md", "ask", "changes.agent_settings")]
    [InlineData("AGENTS.md", "ask", "changes.agent_settings")]
    [InlineData(".claude/settings.json", "ask", "changes.agent_settings")]
    [InlineData("web/.claude/agents/x.md", "ask", "changes.agent_settings")]
    [InlineData(".mcp.json", "ask", "changes.agent_settings")]
    [InlineData(".cursor/rules/x.mdc", "ask", "changes.agent_settings")]
    [InlineData(".cursorrules", "ask", "changes.agent_settings")]
    [InlineData(".github/copilot-instructions.md", "ask", "changes.agent_settings")]
    // git and hooks
    [InlineData(".gitmodules", "ask", "changes.git_files")]
    [InlineData(".gitattributes", "ask", "changes.git_files")]
    [InlineData("sub/.gitattributes", "ask", "changes.git_files")]
    [InlineData(".githooks/pre-commit", "ask", "changes.git_files")]
    [InlineData(".husky/pre-push", "ask", "changes.git_files")]
    // the product's own
    [InlineData(".orchestrator.yaml", "ask", "changes.policy_file")]
    [InlineData(".Orchestrator.YML", "ask", "changes.policy_file")]
    [InlineData(".orchestrator/policy.yaml", "ask", "changes.policy_file")]
    [InlineData("orchestrator-policy.yaml", "ask", "changes.policy_file")]
    // git's own folder
    [InlineData(".git/config", "deny", "git_internals")]
    [InlineData(".GIT/hooks/pre-commit", "deny", "git_internals")]
    [InlineData("sub/.git", "deny", "git_internals")]
    [InlineData(".git./config", "deny", "git_internals")]
    [InlineData(".git /config", "deny", "git_internals")]
    [InlineData(".git::$INDEX_ALLOCATION/config", "deny", "git_internals")]
    [InlineData(".g\u200cit/config", "deny", "git_internals")]
    [InlineData(".\\.git\\config", "deny", "git_internals")]
    // outside
    [InlineData("../x", "deny", "path_outside")]
    [InlineData("a/../../x", "deny", "path_outside")]
    [InlineData("a\\..\\..\\x", "deny", "path_outside")]
    [InlineData("/etc/passwd", "deny", "path_outside")]
    [InlineData("C:\\Windows\\x", "deny", "path_outside")]
    [InlineData("\\\\server\\share\\x", "deny", "path_outside")]
    [InlineData("a/.../x", "deny", "path_outside")]
    // odd names
    [InlineData("GIT~1/config", "deny", "changes.odd_name")]
    [InlineData("progra~1.txt", "deny", "changes.odd_name")]
    [InlineData("src/aux.c", "deny", "changes.odd_name")]
    [InlineData("con", "deny", "changes.odd_name")]
    [InlineData("COM1.txt", "deny", "changes.odd_name")]
    [InlineData("com¹", "deny", "changes.odd_name")]
    [InlineData("x/nul.tar.gz", "deny", "changes.odd_name")]
    [InlineData("a.txt.", "deny", "changes.odd_name")]
    [InlineData("a.txt ", "deny", "changes.odd_name")]
    [InlineData("folder./x", "deny", "changes.odd_name")]
    [InlineData("a.txt:stream", "deny", "changes.odd_name")]
    [InlineData("a\u0007b", "deny", "changes.odd_name")]
    [InlineData("a\nb", "deny", "changes.odd_name")]
    [InlineData("a\u202Egpj.exe", "deny", "changes.odd_name")]
    [InlineData("a\u200Bb", "deny", "changes.odd_name")]
    [InlineData("a\uFFFDb", "deny", "changes.odd_name")]
    [InlineData("what?.md", "deny", "changes.odd_name")]
    [InlineData("a|b", "deny", "changes.odd_name")]
    [InlineData("", "deny", "changes.odd_name")]
    public void The_built_in_policy_rules_on_a_path(string path, string verdict, string rule) =>
        Says(
            PolicyFixture.OnDiff(
                DefaultPolicy.Document,
                PolicyFixture.Request(),
                PolicyFixture.Changed(path)
            ),
            verdict,
            rule
        );

    public static TheoryData<string, FileChange, string, string> Changes =>
        new()
        {
            { "link to a neighbour", Link("a/l", "x.md"), "allow", "" },
            { "link up and down", Link("a/b/l", "../../docs/x"), "allow", "" },
            { "link to the root", Link("a/l", ".."), "allow", "" },
            { "link out", Link("l", "../x"), "deny", "changes.symlink_outside" },
            { "link far out", Link("a/l", "../../x"), "deny", "changes.symlink_outside" },
            { "link by backslash", Link("a/l", "..\\..\\x"), "deny", "changes.symlink_outside" },
            { "absolute link", Link("l", "/etc/passwd"), "deny", "changes.symlink_outside" },
            { "link to a drive", Link("l", "C:\\x"), "deny", "changes.symlink_outside" },
            { "link unknown", Link("l", ""), "deny", "changes.symlink_outside" },
            { "link to itself", Link("l", "l"), "deny", "changes.symlink_outside" },
            { "link into git", Link("l", ".git/hooks"), "deny", "git_internals" },
            { "link to CI", Link("x/l", "../.github/workflows/a.yml"), "ask", "changes.workflow" },
            { "link to orders", Link("l", "CLAUDE.md"), "ask", "changes.agent_settings" },
            { "link to an odd name", Link("l", "aux"), "deny", "changes.odd_name" },
            {
                "became a link",
                new("a", "", "T", 1, 1, PolicyFixture.File, PolicyFixture.Link)
                {
                    LinkTarget = "/x",
                },
                "deny",
                "changes.symlink_outside"
            },
            { "link removed", new("l", "", "D", 0, 1, PolicyFixture.Link, ""), "allow", "" },
            { "submodule", new("lib", "", "A", 1, 0, "", "160000"), "ask", "changes.submodule" },
            {
                "submodule moved",
                new("lib", "", "M", 1, 1, "160000", "160000"),
                "ask",
                "changes.submodule"
            },
            {
                "submodule gone",
                new("lib", "", "D", 0, 1, "160000", ""),
                "ask",
                "changes.submodule"
            },
            { "executable", new("run", "", "M", 0, 0, "100644", "100755"), "allow", "" },
            { "binary", new("a.png", "", "A", -1, -1, "", "100644"), "allow", "" },
            { "deleted", Gone("src/a.cs"), "allow", "" },
            { "test deleted", Gone("tests/a.py"), "ask", "changes.test_deletion" },
            { "Go test deleted", Gone("pkg/a_test.go"), "ask", "changes.test_deletion" },
            { "C# test deleted", Gone("src/AppTests.cs"), "ask", "changes.test_deletion" },
            { "JS test deleted", Gone("web/a.test.tsx"), "ask", "changes.test_deletion" },
            { "JS spec deleted", Gone("web/a.spec.js"), "ask", "changes.test_deletion" },
            { "Java test deleted", Gone("a/FooTest.java"), "ask", "changes.test_deletion" },
            { "Ruby spec deleted", Gone("a/foo_spec.rb"), "ask", "changes.test_deletion" },
            { "Python test deleted", Gone("a/test_foo.py"), "ask", "changes.test_deletion" },
            { "Jest test deleted", Gone("a/__tests__/foo.js"), "ask", "changes.test_deletion" },
            {
                "test renamed away",
                Moved("tests/a.cs", "src/a.cs"),
                "ask",
                "changes.test_deletion"
            },
            { "test renamed", Moved("tests/a.cs", "tests/b.cs"), "allow", "" },
            { "renamed", Moved("src/a.cs", "src/b.cs"), "allow", "" },
            {
                "renamed from CI",
                Moved(".github/workflows/a.yml", "old/a.yml"),
                "ask",
                "changes.workflow"
            },
            {
                "renamed to CI",
                Moved("a.yml", ".github/workflows/a.yml"),
                "ask",
                "changes.workflow"
            },
            {
                "copied from CI",
                new("a.yml", ".github/workflows/a.yml", "C", 0, 0, "100644", "100644"),
                "allow",
                ""
            },
        };

    [Theory]
    [MemberData(nameof(Changes))]
    public void The_built_in_policy_rules_on_a_kind_of_change(
        string what,
        FileChange change,
        string verdict,
        string rule
    ) =>
        Says(
            PolicyFixture.OnDiff(DefaultPolicy.Document, PolicyFixture.Request(), change),
            verdict,
            rule,
            what
        );

    [Theory]
    [InlineData("alice", "fix", "src/a.cs", "ask", "guarded lane code")]
    [InlineData("alice", "fix", "src/core/a.cs", "ask", "approval 1 of lane code")]
    [InlineData("alice", "fix", "SRC/Core/a.cs", "ask", "approval 1 of lane code")]
    [InlineData("alice", "fix", "secrets/a.txt", "deny", "protect")]
    [InlineData("alice", "fix", "x/../Secrets/a.txt", "deny", "protect")]
    [InlineData("alice", "fix", "certs/a.PFX", "deny", "protect")]
    [InlineData("alice", "fix", "a.generated.cs", "deny", "changes.generated")]
    [InlineData("alice", "fix", "db/migrations/1.sql", "ask", "guarded lane code")]
    [InlineData("carol", "fix", "db/migrations/1.sql", "deny", "no migrations by guests")]
    [InlineData("CAROL", "fix", "db/migrations/1.sql", "deny", "no migrations by guests")]
    [InlineData("alice", "documentation", "docs/a.txt", "allow", "")]
    [InlineData("alice", "documentation", "src/readme.MD", "allow", "")]
    [InlineData("alice", "documentation", "src/a.cs", "deny", "lane docs paths")]
    [InlineData("alice", "documentation", "docs/legal/x.md", "deny", "lane docs protect")]
    [InlineData("alice", "documentation", "CLAUDE.md", "deny", "no workflows in docs")]
    [InlineData("alice", "code_review", "src/a.cs", "deny", "lane read writes nothing")]
    [InlineData("alice", "summarize", "a.md", "deny", "lanes")]
    [InlineData("guest-1", "code_review", "", "allow", "")]
    [InlineData("guest-1", "fix", "src/a.cs", "deny", "requesters")]
    [InlineData("release-7", "fix", "src/a.cs", "ask", "guarded lane code")]
    [InlineData("zoe", "fix", "src/a.cs", "ask", "guarded lane code")]
    [InlineData("Zoe", "fix", "src/a.cs", "deny", "requesters")]
    [InlineData("nobody", "code_review", "", "deny", "requesters")]
    public void A_team_s_policy_rules_by_requester_type_and_path(
        string requester,
        string type,
        string path,
        string verdict,
        string rule
    )
    {
        var answer = PolicyExplainer.Explain(
            Team,
            new PolicyQuestion
            {
                Requester = requester,
                Repository = "/home/ann/app",
                Type = PolicyWords.TypeOf(type)!.Value,
                Paths = path.Length > 0 ? [path] : [],
            }
        );

        Assert.Equal(verdict, PolicyWords.Of(answer.Verdict));
        Assert.True(
            rule.Length == 0
                || answer.Stages.Any(s =>
                    s.Rulings.Any(r => r.Rule == rule && r.Verdict == answer.Verdict)
                ),
            string.Join(", ", answer.Stages.SelectMany(s => s.Rulings))
        );
    }

    [Theory]
    [InlineData("/home/ann/app", "", "")]
    [InlineData("app", "main", "")]
    [InlineData("APP", "refs/heads/main", "")]
    [InlineData("/home/ann/app.git", "feature/x", "")]
    [InlineData("/home/ann/app/.git", "Feature/X", "")]
    [InlineData("/srv/git/team/x", "main", "")]
    [InlineData("C:\\src\\x", "main", "")]
    [InlineData("c:/SRC/x/", "main", "")]
    [InlineData("\\\\?\\C:\\src\\x", "main", "")]
    [InlineData("", "nothing", "")]
    [InlineData("/home/ann/other", "main", "repositories.allow")]
    [InlineData("/srv/git/secret/x", "main", "repositories.deny")]
    [InlineData("/srv/git/team/../secret/x", "main", "repositories.deny")]
    [InlineData("/srv/git/SECRET/x", "main", "repositories.deny")]
    [InlineData("app", "release/1", "base_branches.allow")]
    [InlineData("app", "0123456789abcdef", "base_branches.allow")]
    [InlineData("app", "feature/frozen", "base_branches.deny")]
    [InlineData("app", "refs/heads/Feature/Frozen", "base_branches.deny")]
    [InlineData("app", "feature/frozen~0", "base_branches.deny")]
    [InlineData("app", "feature/frozen@{0}", "base_branches.deny")]
    [InlineData("/srv/git/frozen-app", "main", "frozen")]
    public void A_request_is_judged_by_repository_and_branch(
        string repository,
        string branch,
        string rule
    ) =>
        Says(
            PolicyEngine.OnRequest(
                Team,
                PolicyFixture.Request(repository: repository) with
                {
                    BaseBranch = branch,
                }
            ),
            rule.Length > 0 ? "deny" : "allow",
            rule
        );

    private static FileChange Link(string path, string target) =>
        PolicyFixture.Linked(path, target);

    private static FileChange Gone(string path) => new(path, "", "D", 0, 9, PolicyFixture.File, "");

    private static FileChange Moved(string from, string to) =>
        new(to, from, "R", 0, 0, PolicyFixture.File, PolicyFixture.File);

    private static void Says(PolicyRuling ruling, string verdict, string rule, string what = "")
    {
        var told = what + ": " + string.Join("\n", ruling.Rulings);
        Assert.True(verdict == PolicyWords.Of(ruling.Verdict), told);
        Assert.True(rule.Length == 0 || ruling.Rulings.Any(r => r.Rule == rule), told);
        Assert.All(
            ruling.Rulings,
            r =>
            {
                Assert.Matches(@"^(default|team)\.yaml:\d+$", r.Source);
                Assert.Equal(r.Verdict == Verdict.Deny ? FailureCodes.PolicyDenied : "", r.Code);
                Assert.NotEmpty(r.Reason);
                Assert.DoesNotContain(r.Reason, char.IsControl);
            }
        );
    }
}
