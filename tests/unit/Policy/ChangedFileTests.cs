using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A change is of the kinds that the table of <c>docs/policy.md</c> says, and is ruled on under each of its names.</summary>
public sealed class ChangedFileTests
{
    private const string File = PolicyFixture.File;
    private const string Link = PolicyFixture.Link;
    private const string Executable = "100755";
    private const string Module = "160000";

    public static TheoryData<string, FileChange, string, string> Changes =>
        new()
        {
            { "changed", PolicyFixture.Changed("src/a.cs"), "None", "src/a.cs" },
            { "added", new("a", "", "A", 9, 0, "", File), "None", "a" },
            { "without lines", new("a", "", "M", 0, 0, File, File), "None", "a" },
            { "binary", new("a", "", "M", -1, -1, File, File), "Binary", "a" },
            { "renamed", Moved("b.cs", "a.cs"), "Rename", "b.cs a.cs" },
            { "renamed from nothing", Moved("b.cs", ""), "None", "b.cs" },
            { "copied", new("b", "a", "C", 0, 0, File, File), "None", "b" },
            {
                "test renamed away",
                Moved("a.cs", "tests/a.cs"),
                "TestDeletion, Rename",
                "a.cs tests/a.cs"
            },
            {
                "test renamed",
                Moved("tests/b.cs", "tests/a.cs"),
                "Rename",
                "tests/b.cs tests/a.cs"
            },
            { "became a test", Moved("tests/a.cs", "a.cs"), "Rename", "tests/a.cs a.cs" },
            { "deleted", Gone("src/a.cs"), "Deletion", "src/a.cs" },
            { "test deleted", Gone("tests/a.cs"), "TestDeletion, Deletion", "tests/a.cs" },
            { "orders deleted", Gone("CLAUDE.md"), "Deletion, AgentSettings", "claude.md" },
            { "became executable", Mode(File, Executable), "Mode", "a" },
            { "no longer executable", Mode(Executable, File), "Mode", "a" },
            { "executable as before", Mode(Executable, Executable), "None", "a" },
            { "new and executable", Mode("", Executable), "None", "a" },
            { "gone with its bit", Mode(Executable, ""), "None", "a" },
            { "executable became a link", Mode(Executable, Link), "Symlink, SymlinkOutside", "a" },
            { "link became executable", Mode(Link, Executable), "None", "a" },
            { "submodule added", Mode("", Module), "Submodule", "a" },
            { "submodule moved", Mode(Module, Module), "Submodule", "a" },
            { "submodule removed", Mode(Module, ""), "Submodule", "a" },
            { "file became a submodule", Mode(File, Module), "Submodule", "a" },
            { "submodule became a file", Mode(Module, File), "Submodule", "a" },
            { "link", PolicyFixture.Linked("a/l", "b"), "Symlink", "a/l a/b" },
            {
                "link out",
                PolicyFixture.Linked("a/l", "../../b"),
                "Symlink, SymlinkOutside",
                "a/l"
            },
            {
                "link out by dots",
                PolicyFixture.Linked("l", ".../b"),
                "Symlink, SymlinkOutside",
                "l"
            },
            { "link removed", new("l", "", "D", 0, 1, Link, ""), "Deletion", "l" },
            { "link to a device", PolicyFixture.Linked("l", "aux"), "Symlink, OddName", "l aux" },
            {
                "link to orders",
                PolicyFixture.Linked("l", ".mcp.json"),
                "Symlink, AgentSettings",
                "l .mcp.json"
            },
            { "odd", PolicyFixture.Changed("aux.c"), "OddName", "aux.c" },
            { "odd before", Moved("a.c", "aux.c"), "Rename, OddName", "a.c aux.c" },
            {
                "lock file from CI",
                Moved("go.sum", ".travis.yml"),
                "Workflow, Lockfile, Rename",
                "go.sum .travis.yml"
            },
        };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_is_of_its_kinds_under_its_names(
        string what,
        FileChange change,
        string kinds,
        string names
    )
    {
        var file = Assert.Single(ChangedFile.Of(PolicyFixture.Diff(change)));

        Assert.Equal((what, kinds, names), (what, $"{file.Kinds}", Keys(file)));
        Assert.Equal(change.Path, file.Shown);
    }

    [Theory]
    [InlineData("src/a.cs", "None", "src/a.cs")]
    [InlineData("src/", "None", "src")]
    [InlineData("Aux", "OddName", "aux")]
    [InlineData("CLAUDE.md", "AgentSettings", "claude.md")]
    [InlineData("con/.mcp.json", "OddName, AgentSettings", "con/.mcp.json")]
    [InlineData(".github/workflows/a.yml", "Workflow", ".github/workflows/a.yml")]
    public void A_planned_path_is_of_the_kinds_of_its_name(string path, string kinds, string name)
    {
        var file = ChangedFile.Planned(path);

        Assert.Equal((path, kinds, name), (file.Shown, $"{file.Kinds}", Keys(file)));
    }

    // The links of one diff, as FROM>TARGET; the first is looked at.
    [Theory]
    [InlineData("l>x.md", "x.md")]
    [InlineData("a/l>x.md", "a/x.md")]
    [InlineData("a/l>./x//y/", "a/x/y")]
    [InlineData("a/b/l>../../docs/x", "docs/x")]
    [InlineData("a/l>b/../../c", "c")]
    [InlineData("a/l>..\\b\\c", "b/c")]
    [InlineData("a\\l>b", "a/b")]
    [InlineData("a/l>..", "")]
    // through another link: the rest is taken from where that leads
    [InlineData("l>m m>docs", "docs")]
    [InlineData("l>m/x m>docs/deep", "docs/deep/x")]
    [InlineData("l>m/x/y m>docs", "docs/x/y")]
    [InlineData("l>m/../x m>docs/deep", "docs/x")]
    [InlineData("l>a/m/x a/m>../b", "b/x")]
    [InlineData("l>M/x m>docs", "docs/x")]
    [InlineData("l>m m>n n>o o>docs/x", "docs/x")]
    [InlineData("a/l>m a/m>n a/n>../x", "x")]
    [InlineData("l>m m>.", "")]
    // a link of another folder is another link
    [InlineData("a/l>m m>docs", "a/m")]
    public void A_link_leads_over_the_other_links_of_the_diff(string links, string target)
    {
        var file = Followed(links);

        Assert.Equal("Symlink", $"{file.Kinds}");
        Assert.Equal(target, file.Names[1].Key);
        Assert.Equal(2, file.Names.Count);
    }

    [Theory]
    [InlineData("l>")]
    [InlineData("l>/etc/passwd")]
    [InlineData("l>\\\\server\\share")]
    [InlineData("l>C:\\x")]
    [InlineData("l>../x")]
    [InlineData("a/l>../../x")]
    [InlineData("a/l>b/../../../a/x")]
    [InlineData("l>l")]
    [InlineData("l>m m>l")]
    [InlineData("l>m m>n n>m")]
    [InlineData("l>m m>")]
    [InlineData("l>m m>/etc")]
    [InlineData("l>m/x m>C:\\x")]
    [InlineData("l>m m>../x")]
    [InlineData("l>m/../../x m>docs")]
    public void A_link_that_leaves_circles_or_is_not_known_leads_outside(string links)
    {
        var file = Followed(links);

        Assert.Equal("Symlink, SymlinkOutside", $"{file.Kinds}");
        Assert.Equal("l", file.Names[0].Key.Split('/')[^1]);
        Assert.Single(file.Names);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(39, true)]
    [InlineData(40, true)]
    [InlineData(41, false)]
    [InlineData(200, false)]
    public void A_link_leads_over_at_most_40_others(int others, bool followed)
    {
        var links = Enumerable
            .Range(0, others + 1)
            .Select(i => $"l{i}>{(i == others ? "end" : $"l{i + 1}")}");
        var file = Followed(string.Join(' ', links));

        Assert.Equal(
            followed ? ("Symlink", "l0 end") : ("Symlink, SymlinkOutside", "l0"),
            ($"{file.Kinds}", Keys(file))
        );
    }

    // One step is the link's own name, one the way up to its folder.
    [Theory]
    [InlineData(254, true)]
    [InlineData(255, false)]
    [InlineData(2_000, false)]
    public void A_link_s_way_has_at_most_256_steps(int parts, bool followed)
    {
        var file = Followed("l>" + string.Join('/', Enumerable.Repeat("a", parts)));

        Assert.Equal(followed ? "Symlink" : "Symlink, SymlinkOutside", $"{file.Kinds}");
    }

    [Theory]
    // Of two signs of one kind none undoes the other.
    [InlineData(".claude/.cursor/x", "AgentSettings")]
    [InlineData(".claude/claude.md", "AgentSettings")]
    [InlineData(".circleci/.buildkite/x.yml", "Workflow")]
    [InlineData(".github/workflows/azure-pipelines.yml", "Workflow")]
    [InlineData("node_modules/generated/a.g.cs", "Generated")]
    [InlineData(".orchestrator/.orchestrator.yaml", "PolicyFile")]
    [InlineData(".husky/.githooks/.gitattributes", "GitFiles")]
    // Of several kinds it is all.
    [InlineData("generated/package-lock.json", "Lockfile, Generated")]
    [InlineData(".github/workflows/.claude/x", "Workflow, AgentSettings")]
    [InlineData(".husky/.mcp.json", "AgentSettings, GitFiles")]
    // A name counts wherever it lies, a folder of GitHub's at the root alone.
    [InlineData("a/b/go.sum", "Lockfile")]
    [InlineData("a/.github/workflows/x.yml", "None")]
    [InlineData("a/.circleci/x.yml", "Workflow")]
    [InlineData("go.sum/a", "None")]
    [InlineData("", "None")]
    public void A_path_is_of_every_kind_that_its_name_and_folders_say(string key, string kinds) =>
        Assert.Equal(kinds, $"{ChangeKinds.OfPath(key)}");

    [Theory]
    [InlineData(
        "Workflow",
        ".github/workflows/a.yml .github/codeowners .github/dependabot.yml .gitea/workflows/a.yml .forgejo/workflows/a.yml .gitlab-ci.yml .gitlab/ci/a.yml azure-pipelines.yml .azure-pipelines/a.yml .circleci/config.yml jenkinsfile jenkinsfile.a .travis.yml .buildkite/a.yml"
    )]
    [InlineData(
        "Lockfile",
        "package-lock.json packages.lock.json cargo.lock go.sum yarn.lock uv.lock"
    )]
    [InlineData("Generated", "a.g.cs a.pb.go a.min.js generated/a node_modules/a/b.js")]
    [InlineData(
        "PolicyFile",
        ".orchestrator.yaml .orchestrator.yml .orchestrator/a orchestrator-policy.yaml a/.orchestrator.yaml"
    )]
    [InlineData(
        "AgentSettings",
        "claude.md agents.md .claude/settings.json .mcp.json .cursor/rules/a.mdc .github/copilot-instructions.md .vscode/mcp.json"
    )]
    [InlineData(
        "GitFiles",
        ".gitmodules .gitattributes .githooks/a .husky/a .pre-commit-config.yaml lefthook.yml"
    )]
    [InlineData(
        "None",
        "src/a.cs readme.md .gitignore .github/issue_template/a.md .vscode/settings.json"
    )]
    public void The_files_that_the_manual_names_are_of_their_kind(string kind, string keys) =>
        Assert.All(keys.Split(' '), key => Assert.Equal(kind, $"{ChangeKinds.OfPath(key)}"));

    private static ChangedFile Followed(string links) =>
        ChangedFile.Of(
            PolicyFixture.Diff([
                .. links
                    .Split(' ')
                    .Select(l => l.Split('>'))
                    .Select(l => PolicyFixture.Linked(l[0], l[1])),
            ])
        )[0];

    private static FileChange Moved(string to, string from) => new(to, from, "R", 0, 0, File, File);

    private static FileChange Gone(string path) => new(path, "", "D", 0, 9, File, "");

    private static FileChange Mode(string before, string after) =>
        new("a", "", "M", 0, 0, before, after);

    private static string Keys(ChangedFile file) => string.Join(' ', file.Names.Select(n => n.Key));
}
