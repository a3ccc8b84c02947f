using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>The order that a guard works by, and a call, are read whole or not at all; what a file tool touches is judged by where it lies.</summary>
public sealed class GuardOrderTests
{
    private static readonly GuardOrder Order = new()
    {
        Worktree = Path.GetFullPath("/srv/wt"),
        Readable = [Path.GetFullPath("/srv/run")],
        Lane = "docs",
        Writes = true,
        Paths = ["docs/**"],
        Protected = ["docs/legal/**"],
        Tools = ["Read", "Glob", "Grep", "Edit", "Write", "NotebookEdit"],
        Commands = ["make"],
        Asks = ["git push"],
        Granted = ["0a"],
    };

    [Fact]
    public void An_order_is_written_with_these_members()
    {
        var json = JsonNode.Parse(Order.Write())!.AsObject();

        Assert.Equal(
            [
                "worktree",
                "readable",
                "lane",
                "writes",
                "paths",
                "protected",
                "tools",
                "commands",
                "asks",
                "granted",
            ],
            json.Select(m => m.Key)
        );
        var read = GuardOrder.Read(Order.Write())!;
        Assert.Equal(Order.Write(), read.Write());
        Assert.Equal((Order.Worktree, "docs", true), (read.Worktree, read.Lane, read.Writes));
    }

    [Theory]
    [InlineData("worktree")]
    [InlineData("readable")]
    [InlineData("lane")]
    [InlineData("writes")]
    [InlineData("paths")]
    [InlineData("protected")]
    [InlineData("tools")]
    [InlineData("commands")]
    [InlineData("asks")]
    [InlineData("granted")]
    public void An_order_without_one_of_its_members_is_none(string member)
    {
        var json = JsonNode.Parse(Order.Write())!.AsObject();
        json[member] = null;
        Assert.Null(Read(json));
        json.Remove(member);
        Assert.Null(Read(json));
    }

    [Theory]
    [InlineData("")]
    [InlineData("srv/wt")]
    [InlineData("./wt")]
    public void An_order_needs_the_full_path_of_the_worktree(string worktree)
    {
        var json = JsonNode.Parse(Order.Write())!.AsObject();
        Assert.NotNull(Read(json));
        json["worktree"] = worktree;
        Assert.Null(Read(json));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("")]
    public void What_is_no_order_is_none(string json) =>
        Assert.Null(GuardOrder.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData(true, LaneWrite.Direct)]
    [InlineData(false, LaneWrite.None)]
    public void An_order_s_rights_are_those_of_its_lane(bool writes, LaneWrite write)
    {
        var rights = (Order with { Writes = writes }).Rights();

        Assert.Equal(("docs", write), (rights.Name, rights.Write));
        Assert.Equal(["docs/**"], rights.Paths);
        Assert.Equal(["docs/legal/**"], rights.Protected);
    }

    [Theory]
    [InlineData("hook_event_name", "PostToolUse")]
    [InlineData("hook_event_name", "")]
    [InlineData("hook_event_name", null)]
    [InlineData("tool_name", "")]
    [InlineData("tool_name", null)]
    [InlineData("cwd", "docs")]
    [InlineData("cwd", "")]
    [InlineData("cwd", null)]
    [InlineData("tool_input", "x")]
    [InlineData("tool_input", null)]
    public void A_call_with_another_member_is_none_that_the_guard_knows(
        string member,
        string? value
    )
    {
        const string Unknown = "The call is none that this guard knows.";
        var call = Call("Read", "file_path", "docs/a");
        Assert.Equal("", Says(call));
        call[member] = value;
        Assert.Equal(Unknown, Says(call));
        call.Remove(member);
        Assert.Equal(Unknown, Says(call));
    }

    [Theory]
    [InlineData(64, "")]
    [InlineData(65, "The call cannot be read, and what cannot be read is denied.")]
    public void A_call_is_nested_at_most_64_deep(int depth, string says)
    {
        var call = Call("Read", "file_path", "docs/a");
        call["more"] = JsonNode.Parse(
            new string('[', depth - 1) + new string(']', depth - 1),
            documentOptions: new System.Text.Json.JsonDocumentOptions { MaxDepth = 100 }
        );
        var options = new System.Text.Json.JsonSerializerOptions { MaxDepth = 100 };

        Assert.Equal(
            says,
            ToolGuard
                .Judge(Order, Encoding.UTF8.GetBytes(call.ToJsonString(options)), p => p)
                .Denial
        );
    }

    [Theory]
    [InlineData("Read", "file_path", "src/a", "")]
    [InlineData("Read", "file_path", "/srv/run", "")]
    [InlineData("Read", "file_path", "/srv/run/", "")]
    [InlineData("Read", "file_path", "/srv/run/a", "")]
    [InlineData("Read", "file_path", "/srv/runs", "/srv/runs is not in the worktree.")]
    [InlineData("Read", "file_path", "/srv", "/srv is not in the worktree.")]
    [InlineData("Read", "file_path", "/srv/wt/", "")]
    [InlineData("Read", "file_path", ".git/config", "")]
    [InlineData("Read", "notebook_path", "/etc/a", "/etc/a is not in the worktree.")]
    [InlineData("Glob", "path", "/etc", "/etc is not in the worktree.")]
    [InlineData("Glob", "pattern", "/etc/a", "/etc/a is not in the worktree.")]
    [InlineData("Glob", "pattern", "/e[t]c/a", "/ is not in the worktree.")]
    [InlineData("Glob", "pattern", "/srv/{etc}/a", "/srv/ is not in the worktree.")]
    [InlineData("Glob", "pattern", "../w?/a", "../ is not in the worktree.")]
    [InlineData("Glob", "pattern", "../wt/*", "")]
    [InlineData("Glob", "pattern", "*/../..", "~ is not in the worktree.")]
    [InlineData("Glob", "pattern", "a..b/*", "")]
    [InlineData("Grep", "pattern", "/etc/a", "")]
    [InlineData("Grep", "path", "/etc", "/etc is not in the worktree.")]
    [InlineData("Edit", "file_path", "docs/a", "")]
    [InlineData("Write", "file_path", "docs", "")]
    [InlineData("Edit", "file_path", "src/a", "src/a is not among the paths of lane docs")]
    [InlineData("NotebookEdit", "notebook_path", "docs/a", "")]
    [InlineData(
        "NotebookEdit",
        "notebook_path",
        "src/a",
        "src/a is not among the paths of lane docs"
    )]
    [InlineData("Write", "file_path", "/srv/wt", "/srv/wt is not in the worktree.")]
    [InlineData("Write", "file_path", "/srv/wt/", "/srv/wt/ is not in the worktree.")]
    [InlineData("Write", "file_path", "/srv/run/a", "/srv/run/a is not in the worktree.")]
    [InlineData("Write", "file_path", "~/a", "~/a is not in the worktree.")]
    [InlineData("Write", "file_path", "docs/.git", "docs/.git is never the agent's to change.")]
    [InlineData("Write", "file_path", "docs/.ENV", "docs/.ENV is never the agent's to change.")]
    [InlineData("Write", "file_path", ".npmrc", ".npmrc is never the agent's to change.")]
    [InlineData("Write", "path", "docs/a", "The call names no file.")]
    public void What_a_file_tool_may_touch_is_said_by_its_place(
        string tool,
        string member,
        string path,
        string beginning
    )
    {
        var denial = Says(Call(tool, member, path));

        Assert.StartsWith(beginning, denial, StringComparison.Ordinal);
        Assert.Equal(beginning.Length == 0, denial.Length == 0);
    }

    private static JsonObject Call(string tool, string member, string value) =>
        new()
        {
            ["hook_event_name"] = "PreToolUse",
            ["cwd"] = Order.Worktree,
            ["tool_name"] = tool,
            ["tool_input"] = new JsonObject { [member] = value },
        };

    private static string Says(JsonObject call) =>
        ToolGuard.Judge(Order, Encoding.UTF8.GetBytes(call.ToJsonString()), p => p).Denial;

    private static GuardOrder? Read(JsonObject json) =>
        GuardOrder.Read(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
