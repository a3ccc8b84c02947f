using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

public sealed class AgentScriptTests
{
    [Fact]
    public void What_a_step_leaves_out_is_empty_and_never_null()
    {
        var script = AgentScript.Read(
            """{"version":1,"steps":[{"do":"result","fields":{"total_cost_usd":1}}]}""",
            out var problem
        );

        Assert.Equal("", problem);
        var step = Assert.Single(script!.Steps);
        Assert.Equal(("", "", ""), (step.Path, step.Text, step.Find));
        Assert.Empty(step.Command);
        Assert.Equal(1, step.Fields!.Value.GetProperty("total_cost_usd").GetInt32());
    }

    [Theory]
    [InlineData("null", "The script is null.")]
    [InlineData("""{"version":2,"steps":[]}""", "The script's version is 2; known is 1.")]
    [InlineData("""{"version":1,"steps":null}""", "The script needs 0 to 1000 steps.")]
    [InlineData("""{"version":1,"steps":[null]}""", "Step 1 of the script is null.")]
    [InlineData(
        """{"version":1,"steps":[{"do":"say"},{"do":"sleep","milliseconds":-1}]}""",
        "Step 2 of the script has milliseconds outside 0 to 3,600,000."
    )]
    [InlineData(
        """{"version":1,"steps":[{"do":"sleep","milliseconds":3600001}]}""",
        "Step 1 of the script has milliseconds outside 0 to 3,600,000."
    )]
    [InlineData(
        """{"version":1,"steps":[{"do":"exit","number":-1}]}""",
        "Step 1 of the script has a number outside 0 to 134,217,728."
    )]
    [InlineData(
        """{"version":1,"steps":[{"do":"output","number":134217729}]}""",
        "Step 1 of the script has a number outside 0 to 134,217,728."
    )]
    [InlineData(
        """{"version":1,"steps":[{"do":"flood","number":1025}]}""",
        "Step 1 of the script floods with more than 1024 MiB."
    )]
    [InlineData(
        """{"version":1,"steps":[{"do":"stderr","number":1025}]}""",
        "Step 1 of the script floods with more than 1024 MiB."
    )]
    [InlineData(
        """{"version":1,"steps":[{"do":"run"}]}""",
        "Step 1 of the script runs nothing: give command."
    )]
    [InlineData(
        """{"version":1,"steps":[{"do":"run","command":[]}]}""",
        "Step 1 of the script runs nothing: give command."
    )]
    public void A_wrong_script_is_refused_with_its_step_and_the_reason(string json, string words)
    {
        Assert.Null(AgentScript.Read(json, out var problem));
        Assert.Equal(words, problem);
    }

    [Theory]
    [InlineData("{", "The script is no valid JSON of this shape: ")]
    [InlineData("""{"steps":[],"more":1}""", "The script is no valid JSON of this shape: ")]
    [InlineData(
        """{"version":1,"steps":[{"do":"fly"}]}""",
        "Step 1 of the script does 'fly', which is unknown. Known: say, "
    )]
    [InlineData(
        """{"version":1,"steps":[{}]}""",
        "Step 1 of the script does '', which is unknown. Known: say, "
    )]
    public void What_is_no_script_says_why(string json, string beginning)
    {
        Assert.Null(AgentScript.Read(json, out var problem));
        Assert.StartsWith(beginning, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("write", "a/b.txt", true)]
    [InlineData("append", "..a/b", true)]
    [InlineData("edit", "a\\b.txt", true)]
    [InlineData("delete", "", false)]
    [InlineData("write", "/etc/passwd", false)]
    [InlineData("append", "\\x", false)]
    [InlineData("edit", "C:x", false)]
    [InlineData("delete", "a/../../x", false)]
    [InlineData("write", "..\\x", false)]
    [InlineData("say", "/etc/passwd", true)]
    public void A_path_lies_below_the_working_directory(string verb, string path, bool fine)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(path);

        var script = AgentScript.Read(
            $$"""{"version":1,"steps":[{"do":"{{verb}}","path":{{json}}}]}""",
            out var problem
        );

        Assert.Equal(fine, script is not null);
        Assert.Equal(
            fine
                ? ""
                : $"Step 1 of the script has the path '{path}', which is not below the working directory.",
            problem
        );
    }

    [Fact]
    public void A_script_has_at_most_a_thousand_steps()
    {
        string Of(int n) =>
            $$"""{"version":1,"steps":[{{string.Join(',', Enumerable.Repeat("""{"do":"say"}""", n))}}]}""";

        Assert.NotNull(AgentScript.Read(Of(1_000), out _));
        Assert.Null(AgentScript.Read(Of(1_001), out _));
    }

    [Theory]
    [InlineData("sleep", "milliseconds", 3_600_000)]
    [InlineData("output", "number", 134_217_728)]
    [InlineData("flood", "number", 1_024)]
    [InlineData("exit", "number", 0)]
    public void A_limit_itself_is_allowed(string verb, string member, int value) =>
        Assert.NotNull(
            AgentScript.Read(
                $$"""{"version":1,"steps":[{"do":"{{verb}}","{{member}}":{{value}}}]}""",
                out _
            )
        );
}
