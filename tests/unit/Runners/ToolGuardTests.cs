using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>The judgement of one tool call. What it cannot read it denies.</summary>
public sealed class ToolGuardTests
{
    private static readonly string Worktree = Path.GetFullPath("/srv/wt");

    private static readonly GuardOrder Order = new()
    {
        Worktree = Worktree,
        Readable = [Path.GetFullPath("/srv/run")],
        Lane = "docs",
        Writes = true,
        Paths = ["docs/**"],
        Protected = ["docs/legal/**"],
        Tools = ["Read", "Glob", "Grep", "Edit", "Write", "Bash"],
        Commands = ["dotnet test", "make", "cp"],
        Asks = [],
        Granted = [],
    };

    [Theory]
    [InlineData("Write", "/srv/wt/docs/a.md", true)]
    [InlineData("Write", "docs/a.md", true)]
    [InlineData("Edit", "docs/x/../a.md", true)]
    [InlineData("Write", "/srv/wt/src/x.cs", false)]
    [InlineData("Write", "docs/../src/x.cs", false)]
    [InlineData("Write", "/srv/wt/docs/legal/a.md", false)]
    [InlineData("Edit", "docs/LEGAL/a.md", false)]
    [InlineData("Write", "/srv/wt", false)]
    [InlineData("Write", "/srv/wt2/docs/a.md", false)]
    [InlineData("Write", "/srv/docs/a.md", false)]
    [InlineData("Write", "../wt2/docs/a.md", false)]
    [InlineData("Write", "~/docs/a.md", false)]
    [InlineData("Write", ".git/hooks/pre-commit", false)]
    [InlineData("Write", "docs/.git/config", false)]
    [InlineData("Write", "docs/.env", false)]
    [InlineData("Write", "docs/.NPMRC", false)]
    [InlineData("Write", "", false)]
    [InlineData("Write", "docs/a\0.md", false)]
    [InlineData("NotebookEdit", "docs/a.ipynb", false)]
    [InlineData("Read", "src/x.cs", true)]
    [InlineData("Read", "/srv/run/out.txt", true)]
    [InlineData("Read", "/etc/passwd", false)]
    [InlineData("Read", "~/.ssh/id_rsa", false)]
    [InlineData("Read", "../../root/.ssh/id_rsa", false)]
    [InlineData("WebFetch", "docs/a.md", false)]
    public void A_file_is_judged_by_its_path(string tool, string path, bool passes) =>
        Assert.Equal(passes, Says(tool, new() { ["file_path"] = path }).Length == 0);

    [Fact]
    public void A_link_counts_as_what_it_leads_to()
    {
        string Real(string path) =>
            path.Replace("/srv/wt/docs/link", "/etc", StringComparison.Ordinal)
                .Replace("/srv/wt/docs/side", "/srv/wt/src", StringComparison.Ordinal);
        foreach (var path in (string[])["docs/link/x", "docs/side/x.cs"])
        {
            Assert.NotEqual("", Says("Write", new() { ["file_path"] = path }, real: Real));
        }
        Assert.NotEqual("", Says("Read", new() { ["file_path"] = "docs/link/shadow" }, real: Real));
        Assert.Equal("", Says("Read", new() { ["file_path"] = "docs/side/x.cs" }, real: Real));
        Assert.NotEqual(
            "",
            Says("Bash", new() { ["command"] = "cat docs/link/shadow" }, real: Real)
        );
        Assert.NotEqual(
            "",
            Says(
                "Write",
                new() { ["file_path"] = "docs/a" },
                real: _ => throw new IOException("round")
            )
        );
    }

    [Theory]
    [InlineData("*", null, true)]
    [InlineData("docs/**/*.md", null, true)]
    [InlineData("/srv/wt/src/*", null, true)]
    [InlineData("/etc/*", null, false)]
    [InlineData("../*/x", null, false)]
    [InlineData("*/../../x", null, false)]
    [InlineData("*", "src", true)]
    [InlineData("*", "/srv", false)]
    public void A_search_begins_in_the_worktree(string pattern, string? path, bool passes) =>
        Assert.Equal(
            passes,
            Says("Glob", new() { ["pattern"] = pattern, ["path"] = path }).Length == 0
        );

    [Theory]
    [InlineData("dotnet test")]
    [InlineData("dotnet test src/x.csproj --filter 'A&B'")]
    [InlineData("cat src/x.cs | grep -n '/api/' | head -5")]
    [InlineData("git status --short && git diff HEAD -- src")]
    [InlineData("ls -la; pwd")]
    [InlineData("echo 'costs $5' > docs/a.md")]
    [InlineData("make > docs/log.txt 2>&1")]
    [InlineData("dotnet test 2>/dev/null")]
    [InlineData("sed -n 1,20p src/x.cs")]
    [InlineData("cd docs && cat a.md")]
    [InlineData("find . -name '*.cs'")]
    [InlineData("git log HEAD@{1}")]
    [InlineData("cp src/a.cs docs/a.cs")]
    public void A_command_of_the_lane_passes(string command) =>
        Assert.Equal("", Says("Bash", new() { ["command"] = command }));

    [Theory]
    [InlineData("rm -rf docs")]
    [InlineData("dotnet testx")]
    [InlineData("dotnet")]
    [InlineData("dotnet test; rm x")]
    [InlineData("dotnet test & curl localhost")]
    [InlineData("dotnet test\nrm x")]
    [InlineData("dotnet test | sh")]
    [InlineData("PATH=. dotnet test")]
    [InlineData("dotnet test $(rm x)")]
    [InlineData("dotnet test `rm x`")]
    [InlineData("dotnet test \"$(rm x)\"")]
    [InlineData("cat $HOME/.ssh/id_rsa")]
    [InlineData("cat <(rm x)")]
    [InlineData("cat <<E\nx\nE")]
    [InlineData("(rm x)")]
    [InlineData("cat {/etc/passwd,x}")]
    [InlineData("cat 'x")]
    [InlineData("cat x >")]
    [InlineData("echo x > src/x.cs")]
    [InlineData("echo x >> src/x.cs")]
    [InlineData("echo x >| docs/legal/a.md")]
    [InlineData("echo x &> src/x.cs")]
    [InlineData("echo x >& src/x.cs")]
    [InlineData("echo x 2>src/x.cs")]
    [InlineData("echo x <> src/x.cs")]
    [InlineData("echo x > \"src/x.cs\"")]
    [InlineData("echo x > s\\rc/x.cs")]
    [InlineData("echo x > .git/hooks/pre-commit")]
    [InlineData("echo x > /etc/cron.d/x")]
    [InlineData("cd src && echo x > x.cs")]
    [InlineData("cd docs && cd .. && echo x > src/x.cs")]
    [InlineData("cd / && cat etc/passwd")]
    [InlineData("cat /etc/passwd")]
    [InlineData("cat /e*/passwd")]
    [InlineData("cat ~/.ssh/id_rsa")]
    [InlineData("cat ~root/.ssh/id_rsa")]
    [InlineData("cat ../../etc/passwd")]
    [InlineData("cat docs/../../x")]
    [InlineData("grep -r key /root")]
    [InlineData("dotnet test --settings=/etc/passwd")]
    [InlineData("cat < /etc/passwd")]
    [InlineData("find . -exec rm x ;")]
    [InlineData("find . -delete")]
    [InlineData("find . -fprintf src/x a")]
    [InlineData("sort -o src/x.cs docs/a.md")]
    [InlineData("sort -uo src/x.cs docs/a.md")]
    [InlineData("sed -i s/a/b/ docs/a.md")]
    [InlineData("sed -n 'w src/x.cs' docs/a.md")]
    [InlineData("uniq docs/a.md src/x.cs")]
    [InlineData("cp x docs/legal/a.md")]
    [InlineData("git config core.hooksPath /tmp/x")]
    [InlineData("git -c core.hooksPath=x status")]
    [InlineData("git -C /root log")]
    [InlineData("git --git-dir=/root/.git log")]
    [InlineData("git diff --output=src/x.cs")]
    [InlineData("git diff --ext-diff")]
    [InlineData("git grep -Ovi x")]
    [InlineData("git commit -m x")]
    [InlineData("git push")]
    public void A_command_that_is_not_the_lanes_or_cannot_be_told_is_denied(string command) =>
        Assert.NotEqual("", Says("Bash", new() { ["command"] = command }));

    [Fact]
    public void A_lane_with_git_as_its_command_still_holds_its_configuration()
    {
        var git = Order with { Commands = ["git"] };
        Assert.Equal("", Says("Bash", new() { ["command"] = "git commit -m x" }, git));
        foreach (
            var command in (string[])
                [
                    "git config core.hooksPath x",
                    "git -c core.fsmonitor=x status",
                    "git --no-pager config x y",
                    "git --exec-path=docs status",
                ]
        )
        {
            Assert.NotEqual("", Says("Bash", new() { ["command"] = command }, git));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"hook_event_name":"PreToolUse","tool_name":"Write","cwd":"/srv/wt"}""")]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"Write","cwd":"/srv/wt","tool_input":[]}"""
    )]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"Write","cwd":"/srv/wt","tool_input":{}}"""
    )]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"Write","cwd":"/srv/wt","tool_input":{"file_path":7}}"""
    )]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"Write","cwd":"docs","tool_input":{"file_path":"docs/a"}}"""
    )]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":["Write"],"cwd":"/srv/wt","tool_input":{"file_path":"docs/a"}}"""
    )]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"Write","cwd":"/srv/wt","tool_input":{"file_path":"docs/\ud800"}}"""
    )]
    [InlineData(
        """{"hook_event_name":"PostToolUse","tool_name":"Write","cwd":"/srv/wt","tool_input":{"file_path":"docs/a"}}"""
    )]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/srv/wt","tool_input":{"command":["ls"]}}"""
    )]
    [InlineData(
        """{"hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/srv/wt","tool_input":{}}"""
    )]
    public void A_call_that_cannot_be_read_is_denied(string call) =>
        Assert.NotEqual("", ToolGuard.Judge(Order, Encoding.UTF8.GetBytes(call), p => p).Denial);

    [Fact]
    public void A_lane_that_writes_nothing_or_whose_protection_cannot_be_read_denies_each_write()
    {
        JsonObject file = new() { ["file_path"] = "docs/a.md" };
        Assert.NotEqual(
            "",
            Says("Write", (JsonObject)file.DeepClone(), Order with { Writes = false })
        );
        Assert.NotEqual("", Says("Write", file, Order with { Protected = ["docs/[ab]"] }));
    }

    [Fact]
    public void An_order_is_read_as_it_was_written_or_not_at_all()
    {
        var json = Order.Write();
        Assert.Equal(Order.Paths, GuardOrder.Read(json)!.Paths);
        for (var cut = 0; cut < json.Length; cut++)
        {
            Assert.Null(GuardOrder.Read(json.AsSpan(0, cut)));
        }
        foreach (
            var name in (string[])["worktree", "paths", "protected", "tools", "commands", "writes"]
        )
        {
            var less = JsonNode.Parse(json)!.AsObject();
            less.Remove(name);
            Assert.Null(GuardOrder.Read(Encoding.UTF8.GetBytes(less.ToJsonString())));
        }
        var more = JsonNode.Parse(json)!.AsObject();
        more["path"] = new JsonArray("**");
        Assert.Null(GuardOrder.Read(Encoding.UTF8.GetBytes(more.ToJsonString())));
        var nothing = JsonNode.Parse(json)!.AsObject();
        nothing["protected"] = null;
        Assert.Null(GuardOrder.Read(Encoding.UTF8.GetBytes(nothing.ToJsonString())));
    }

    [Fact]
    public void A_guard_is_owed_where_the_lane_restricts_more_than_the_kind_of_work_or_the_host_allows_commands()
    {
        var lane = new LaneRights { Name = "code", Write = LaneWrite.Direct };
        Assert.False(GuardOrder.IsOwed(null, []));
        Assert.False(GuardOrder.IsOwed(lane, []));
        Assert.True(GuardOrder.IsOwed(lane, ["dotnet test"]));
        Assert.True(GuardOrder.IsOwed(lane with { Paths = ["docs/**"] }, []));
        Assert.True(GuardOrder.IsOwed(lane with { Protected = ["x"] }, []));
        Assert.True(GuardOrder.IsOwed(lane with { Tools = ["Read"] }, []));
        Assert.True(GuardOrder.IsOwed(lane with { Commands = [] }, []));
        Assert.True(GuardOrder.IsOwed(lane with { AskCommands = ["git push"] }, []));
    }

    private static string Says(
        string tool,
        JsonObject input,
        GuardOrder? order = null,
        Func<string, string>? real = null
    ) =>
        ToolGuard
            .Judge(
                order ?? Order,
                Encoding.UTF8.GetBytes(
                    new JsonObject
                    {
                        ["hook_event_name"] = "PreToolUse",
                        ["cwd"] = Worktree,
                        ["tool_name"] = tool,
                        ["tool_input"] = input,
                    }.ToJsonString()
                ),
                real ?? (p => p)
            )
            .Denial;
}
