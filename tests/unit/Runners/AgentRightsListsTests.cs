using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>The whole lists of tools and rules that a run is started with.</summary>
public sealed class AgentRightsListsTests
{
    private const string Never =
        "Edit(//w/**/.git)|Edit(//w/**/.git/**)|Edit(//w/**/.env)|Edit(//w/**/.npmrc)";

    private static readonly LaneRights Lane = new() { Name = "l", Write = LaneWrite.Direct };

    [Theory]
    [InlineData(TaskKind.Fix, false, "Read,Glob,Grep,Edit,Write,Bash")]
    [InlineData(TaskKind.Documentation, false, "Read,Glob,Grep,Edit,Write")]
    [InlineData(TaskKind.Analyze, false, "Read,Glob,Grep,Edit,Write,Bash")]
    [InlineData(TaskKind.Fix, true, "Read,Glob,Grep")]
    [InlineData(TaskKind.Documentation, true, "Read,Glob,Grep")]
    public void The_usual_tools_are_those_of_the_kind_of_work(
        TaskKind kind,
        bool readOnly,
        string tools
    )
    {
        Assert.Equal(tools, string.Join(',', AgentRights.Tools(kind, readOnly, null)));
        Assert.Equal(tools, string.Join(',', AgentRights.Tools(kind, readOnly, Lane)));
        Assert.Equal(
            "Read,Glob,Grep",
            string.Join(
                ',',
                AgentRights.Tools(kind, readOnly, Lane with { Write = LaneWrite.None })
            )
        );
    }

    [Theory]
    [InlineData("Edit")]
    [InlineData("Write")]
    [InlineData("NotebookEdit")]
    [InlineData("Bash")]
    public void A_tool_that_writes_is_offered_where_the_lane_writes(string tool)
    {
        var lane = Lane with { Tools = [tool, "Web_Fetch2"] };

        Assert.Equal([tool, "Web_Fetch2"], AgentRights.Tools(TaskKind.Fix, false, lane));
        Assert.Equal(["Web_Fetch2"], AgentRights.Tools(TaskKind.Fix, true, lane));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void A_tool_s_name_has_at_most_100_characters(int length, bool offered) =>
        Assert.Equal(
            offered ? 1 : 0,
            AgentRights
                .Tools(TaskKind.Fix, false, Lane with { Tools = [new string('t', length)] })
                .Count
        );

    [Fact]
    public void A_lane_without_paths_edits_all_and_is_denied_nothing_more() =>
        Assert.Equal(
            $"--tools|Read,Glob,Grep,Edit,Write,Bash|--allowedTools|Read(//w/**)|Edit(//w/**)|--disallowedTools|{Never}",
            Of(Lane)
        );

    [Fact]
    public void A_lane_s_folders_are_allowed_and_what_it_protects_is_denied_with_its_folder() =>
        Assert.Equal(
            $"--tools|Read,Glob,Grep,Edit,Write,Bash|--allowedTools|Read(//w/**)|Edit(//w/docs/**)|Edit(//w/a.md)|Bash(make:*)|--disallowedTools|{Never}|Edit(//w/docs/x/**)|Edit(//w/docs/x)|Edit(//w/b)|Edit(//w/a.md/**)",
            Of(
                Lane with
                {
                    Paths = ["docs/**", "a.md"],
                    Protected = ["docs/x/**", "b", "**/.env"],
                    Commands = ["make"],
                }
            )
        );

    [Fact]
    public void Files_that_users_sent_along_are_read_beside_the_worktree()
    {
        Assert.Equal(
            $"--tools|Read,Glob,Grep|--allowedTools|Read(//w/**)|Read(//files/**)|--disallowedTools|{Never}",
            Of(Lane, readOnly: true, attached: "//files")
        );
        Assert.Equal(
            $"--tools|Read,Glob,Grep|--allowedTools|Read(//w/**)|--disallowedTools|{Never}",
            Of(Lane, readOnly: true)
        );
    }

    [Theory]
    [InlineData(
        true,
        false,
        "Read(//w/**)|Edit(//w/**)|Bash(git:*)|Bash(/bin/GIT log:*)|Bash(make:*)|--disallowedTools|"
    )]
    [InlineData(
        false,
        false,
        "Read(//w/**)|Edit(//w/**)|Bash(make:*)|--disallowedTools|Bash(git push:*)|"
    )]
    [InlineData(true, true, "Read(//w/**)|--disallowedTools|")]
    [InlineData(false, true, "Read(//w/**)|--disallowedTools|")]
    public void What_a_person_must_allow_is_left_to_the_guard_or_denied_by_rules(
        bool guarded,
        bool readOnly,
        string rules
    ) =>
        Assert.EndsWith(
            $"|--allowedTools|{rules}{Never}",
            Of(
                Lane with
                {
                    Commands = ["git", "/bin/GIT log", "make"],
                    AskCommands = ["git push", "rm) Bash("],
                },
                readOnly,
                guarded: guarded
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void Where_no_command_can_be_run_no_rule_speaks_of_one() =>
        Assert.Equal(
            $"--tools|Read,Edit|--allowedTools|Read(//w/**)|Edit(//w/**)|--disallowedTools|{Never}",
            Of(
                Lane with
                {
                    Tools = ["Read", "Edit"],
                    Commands = ["make"],
                    AskCommands = ["git push"],
                },
                guarded: false
            )
        );

    [Theory]
    [InlineData("a(b")]
    [InlineData("a)b")]
    [InlineData("a:b")]
    [InlineData("a*b")]
    [InlineData("a\tb")]
    [InlineData("a ")]
    [InlineData(" a")]
    [InlineData("")]
    public void A_command_that_would_be_another_rule_is_none(string command)
    {
        Assert.Equal(["a b"], AgentRights.Commands(null, [command, "a b"]));
        Assert.Equal(
            ["a b"],
            AgentRights.Commands(Lane with { Commands = [command, "a b"] }, ["host"])
        );
        Assert.Equal(["a b"], AgentRights.Asks(Lane with { AskCommands = [command, "a b"] }));
    }

    [Fact]
    public void Without_a_lane_nothing_is_asked_about_and_the_host_s_commands_are_run()
    {
        Assert.Empty(AgentRights.Asks(null));
        Assert.Equal(["make"], AgentRights.Commands(null, ["make"]));
        Assert.Equal(["make"], AgentRights.Commands(Lane, ["make"]));
        Assert.Empty(AgentRights.Commands(Lane with { Commands = [] }, ["make"]));
    }

    private static string Of(
        LaneRights lane,
        bool readOnly = false,
        string attached = "",
        bool guarded = true
    ) =>
        string.Join(
            '|',
            AgentRights.Of(TaskKind.Fix, readOnly, lane, "//w", [], attached, guarded)
        );
}
