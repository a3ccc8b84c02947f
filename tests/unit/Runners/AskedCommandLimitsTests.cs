using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>The first denial of a line counts, a command is asked about in the folder where the line begins, and only where it is shown whole.</summary>
public sealed class AskedCommandLimitsTests
{
    private const string TooLong =
        "A person must allow this command, and nobody can judge one of more than 600 characters. Make it shorter.";

    private static readonly string Worktree = Path.GetFullPath("/srv/wt");

    private static readonly GuardOrder Order = new()
    {
        Worktree = Worktree,
        Readable = [Path.GetFullPath("/srv/run")],
        Lane = "docs",
        Writes = true,
        Paths = ["docs/**"],
        Protected = [],
        Tools = ["Bash"],
        Commands = ["make", "dotnet test"],
        Asks = ["git push"],
        Granted = [],
    };

    [Theory]
    [InlineData(591, "")]
    [InlineData(592, TooLong)]
    public void A_command_is_asked_about_up_to_600_characters(int more, string denial)
    {
        var command = "git push " + new string('x', more);
        var verdict = Judge(command);

        Assert.Equal(
            denial.Length > 0
                ? ToolVerdict.Deny(denial)
                : ToolVerdict.Ask(new AskedCall(command, "")),
            verdict
        );
    }

    // A letter that is no ASCII is shown as "\u{E9}", of six characters.
    [Theory]
    [InlineData(98, 3, true)]
    [InlineData(98, 4, false)]
    public void The_characters_that_are_shown_are_counted(int letters, int more, bool asked) =>
        Assert.Equal(
            asked,
            Judge($"git push {new string('é', letters)}{new string('x', more)}").Asked is not null
        );

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void A_folder_is_shown_up_to_200_characters(int length, bool asked)
    {
        var folder = new string('f', length);

        Assert.Equal(
            asked ? ToolVerdict.Ask(new AskedCall("git push", folder)) : ToolVerdict.Deny(TooLong),
            Judge("git push", folder)
        );
    }

    [Theory]
    [InlineData("cd docs && git push", "")]
    [InlineData("git push && cd docs", "")]
    [InlineData("make; git push; cat docs/a", "")]
    public void A_line_is_asked_about_whole_in_the_folder_where_it_begins(
        string command,
        string folder
    ) => Assert.Equal(ToolVerdict.Ask(new AskedCall(command, folder)), Judge(command, folder));

    [Theory]
    [InlineData("wget a; curl b", "'wget' is no command of lane docs.")]
    [InlineData("make; curl b", "'curl' is no command of lane docs.")]
    [InlineData("git push; curl b", "'curl' is no command of lane docs.")]
    [InlineData("cat /a /b", "/a is not in the worktree.")]
    [InlineData("cat a > /a < /b", "/a is not in the worktree.")]
    [InlineData("cat a < /b > /a", "/b is not in the worktree.")]
    [InlineData("curl b > /a", "/a is not in the worktree.")]
    [InlineData("> /a", "/a is not in the worktree.")]
    [InlineData("dotnet", "'dotnet' is no command of lane docs.")]
    [InlineData("dotnet build", "'dotnet' is no command of lane docs.")]
    [InlineData("make --file=/a", "/a is not in the worktree.")]
    [InlineData("make if=../../a", "../../a is not in the worktree.")]
    [InlineData("cat ../*/a", "../ is not in the worktree.")]
    [InlineData("cat *", "")]
    [InlineData("cat docs/../a", "")]
    [InlineData("make -k -C=docs", "")]
    [InlineData("dotnet test --no-build", "")]
    [InlineData("grep -e /a docs", "")]
    [InlineData("grep /a /b", "/b is not in the worktree.")]
    public void The_first_denial_of_a_line_is_told(string command, string denial) =>
        Assert.Equal(ToolVerdict.Deny(denial), Judge(command));

    private static ToolVerdict Judge(string command, string folder = "") =>
        ToolGuard.Judge(
            Order,
            Encoding.UTF8.GetBytes(
                new JsonObject
                {
                    ["hook_event_name"] = "PreToolUse",
                    ["cwd"] = Path.Combine(Worktree, folder),
                    ["tool_name"] = "Bash",
                    ["tool_input"] = new JsonObject { ["command"] = command },
                }.ToJsonString()
            ),
            p => p
        );
}
