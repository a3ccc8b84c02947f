using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>The tables of the kinds of change, row by row: what is of a kind, and that what is only like it is none.</summary>
public sealed class ChangeKindTablesTests
{
    [Fact]
    public void The_kinds_have_these_names_in_this_order_and_this_verdict_when_nothing_is_said() =>
        Assert.Equal(
            [
                "symlink allow Symlink",
                "symlink_outside deny SymlinkOutside",
                "submodule ask Submodule",
                "mode allow Mode",
                "binary allow Binary",
                "workflow ask Workflow",
                "lockfile allow Lockfile",
                "generated allow Generated",
                "test_deletion ask TestDeletion",
                "deletion allow Deletion",
                "rename allow Rename",
                "odd_name deny OddName",
                "policy_file ask PolicyFile",
                "agent_settings ask AgentSettings",
                "git_files ask GitFiles",
            ],
            ChangeKinds.All.Select(k =>
                $"{ChangeKinds.NameOf(k.Kind)} {PolicyWords.Of(ChangeKinds.Unsaid(k.Kind))} {k.Kind}"
            )
        );

    [Fact]
    public void An_ordinary_change_is_allowed() =>
        Assert.Equal(Verdict.Allow, ChangeKinds.Unsaid(ChangeKind.None));

    [Theory]
    [InlineData(
        "Workflow",
        ".gitlab-ci.yml .gitlab-ci.yaml .travis.yml .drone.yml .cirrus.yml .woodpecker.yml .woodpecker.yaml appveyor.yml .appveyor.yml bitbucket-pipelines.yml buildspec.yml cloudbuild.yaml cloudbuild.yml codemagic.yaml jenkinsfile"
    )]
    [InlineData(
        "Lockfile",
        "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock packages.lock.json paket.lock cargo.lock go.sum go.work.sum poetry.lock pipfile.lock pdm.lock uv.lock gemfile.lock composer.lock mix.lock pubspec.lock podfile.lock package.resolved gradle.lockfile flake.lock .terraform.lock.hcl"
    )]
    [InlineData(
        "AgentSettings",
        "claude.md claude.local.md agents.md agent.md gemini.md .mcp.json .cursorrules .windsurfrules .clinerules .aider.conf.yml"
    )]
    [InlineData(
        "GitFiles",
        ".gitmodules .gitattributes .pre-commit-config.yaml lefthook.yml .lefthook.yml"
    )]
    public void A_file_of_this_name_is_of_its_kind_wherever_it_lies(string kind, string names) =>
        Assert.All(
            names.Split(' '),
            name =>
            {
                Assert.Equal((name, kind), (name, $"{ChangeKinds.OfPath(name)}"));
                Assert.Equal((name, kind), (name, $"{ChangeKinds.OfPath("a/b/" + name)}"));
                Assert.Equal((name, "None"), (name, $"{ChangeKinds.OfPath("x" + name)}"));
                Assert.Equal((name, "None"), (name, $"{ChangeKinds.OfPath(name + "x")}"));
                Assert.Equal((name, "None"), (name, $"{ChangeKinds.OfPath(name + "/a")}"));
            }
        );

    [Theory]
    [InlineData(
        "Workflow",
        ".circleci .buildkite .teamcity .semaphore .woodpecker .azure-pipelines"
    )]
    [InlineData("Generated", "node_modules __generated__ __snapshots__ generated")]
    [InlineData("PolicyFile", ".orchestrator")]
    [InlineData("AgentSettings", ".claude .cursor .codex .gemini .windsurf .continue")]
    [InlineData("GitFiles", ".githooks .husky")]
    public void All_below_a_folder_of_this_name_is_of_its_kind(string kind, string folders) =>
        Assert.All(
            folders.Split(' '),
            folder =>
            {
                Assert.Equal((folder, kind), (folder, $"{ChangeKinds.OfPath(folder + "/a")}"));
                Assert.Equal((folder, kind), (folder, $"{ChangeKinds.OfPath($"a/{folder}/b/c")}"));
                Assert.Equal((folder, kind), (folder, $"{ChangeKinds.OfPath(folder)}"));
                Assert.Equal((folder, "None"), (folder, $"{ChangeKinds.OfPath($"x{folder}/a")}"));
                Assert.Equal((folder, "None"), (folder, $"{ChangeKinds.OfPath($"{folder}x/a")}"));
            }
        );

    [Theory]
    [InlineData(
        "Workflow",
        ".github/workflows/a .github/workflows/a/b .github/actions/a .github/codeowners .github/dependabot.yml .gitea/workflows/a .forgejo/workflows/a .gitlab/ci/a azure-pipelines.yml azure-pipelines-a.yml a/azure-pipelines.yml jenkinsfile.a a/jenkinsfile.b"
    )]
    [InlineData(
        "Generated",
        "a.g.cs a.g.i.cs a.designer.cs a.generated.x a.pb.go a_pb2.py a_generated.x zz_generated zz_generated.a.go a.g.dart a.freezed.dart a.min.js a.min.css a.js.map a.css.map b/a.g.cs b/a.g.i.cs b/a.designer.cs b/a.generated.x b/a.pb.go b/a_pb2.py b/a_generated.x b/zz_generated b/a.g.dart b/a.freezed.dart b/a.min.js b/a.min.css b/a.js.map b/a.css.map"
    )]
    [InlineData(
        "PolicyFile",
        ".orchestrator.yaml .orchestrator.yml orchestrator-policy.yaml orchestrator-policy.yml a/.orchestrator.yaml a/.orchestrator.yml a/orchestrator-policy.yaml a/orchestrator-policy.yml"
    )]
    [InlineData(
        "AgentSettings",
        ".github/copilot-instructions.md .github/instructions/a .github/instructions/a/b .vscode/mcp.json"
    )]
    [InlineData(
        "None",
        "a/.github/workflows/a a/.github/actions/a a/.github/codeowners a/.gitea/workflows/a a/.forgejo/workflows/a a/.gitlab/ci/a a/.github/copilot-instructions.md a/.github/instructions/a a/.vscode/mcp.json .github/a .github/codeowners.md .github/dependabot.yaml .gitea/a .forgejo/a .gitlab/a azure-pipelines.yaml xazure-pipelines.yml jenkinsfiles g.cs agi.cs designer.cs generated.cs pb.go pb2.py azz_generated min.js js.map css.map a.orchestrator.yaml orchestrator-policy.json orchestrator.yaml mcp.json"
    )]
    public void A_path_of_this_form_is_of_its_kind(string kind, string keys) =>
        Assert.All(
            keys.Split(' '),
            key => Assert.Equal((key, kind), (key, $"{ChangeKinds.OfPath(key)}"))
        );

    [Theory]
    [InlineData("test tests __tests__ spec specs testing", "{0}/a b/{0}/c/a")]
    [InlineData(
        "cs fs vb java kt scala swift groovy php",
        "atest.{0} atests.{0} aspec.{0} b/atest.{0} test.{0}"
    )]
    [InlineData("test tests spec cy e2e", "a.{0}.x b/a.{0}.ts")]
    [InlineData("test tests spec", "a_{0}.x b/a_{0}.go")]
    [InlineData("test_a conftest test_", "{0}.py b/{0}.py")]
    public void A_test_is_known_by_the_conventions_of_its_language(string words, string forms) =>
        Assert.All(
            from word in words.Split(' ')
            from form in forms.Split(' ')
            select form.Replace("{0}", word, StringComparison.Ordinal),
            key => Assert.True(ChangeKinds.IsTest(key), key)
        );

    [Theory]
    [InlineData("a.cs")]
    [InlineData("tested/a.cs")]
    [InlineData("contest/a.cs")]
    [InlineData("atest.py")]
    [InlineData("atest.md")]
    [InlineData("testa.py")]
    [InlineData("atest_b.py")]
    [InlineData("test_a.rb")]
    [InlineData("a_test")]
    [InlineData("a.test")]
    [InlineData("a_e2e.ts")]
    [InlineData("aconftest.py")]
    [InlineData("conftest.rb")]
    [InlineData("")]
    public void What_is_only_like_a_test_is_none(string key) =>
        Assert.False(ChangeKinds.IsTest(key));
}
