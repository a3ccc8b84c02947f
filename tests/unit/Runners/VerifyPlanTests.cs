using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

public sealed class VerifyPlanTests
{
    [Theory]
    [InlineData("app.sln", null, "detected:dotnet", "dotnet test")]
    [InlineData("App.SLNX", null, "detected:dotnet", "dotnet test")]
    [InlineData("package.json", "{\"scripts\":{\"test\":\"vitest\"}}", "detected:npm", "npm test")]
    [InlineData("package.json", "{\"scripts\":{\"build\":\"x\"}}", "none", "")]
    [InlineData(
        "package.json",
        "{\"scripts\":{\"test\":\"echo \\\"Error: no test specified\\\" && exit 1\"}}",
        "none",
        ""
    )]
    [InlineData("Cargo.toml", null, "detected:cargo", "cargo test")]
    [InlineData("go.mod", null, "detected:go", "go test ./...")]
    [InlineData("pytest.ini", null, "detected:pytest", "python3 -m pytest -q")]
    [InlineData("conftest.py", null, "detected:pytest", "python3 -m pytest -q")]
    [InlineData("README.md", null, "none", "")]
    public void An_ecosystem_is_detected_by_the_files_at_the_root(
        string file,
        string? packageJson,
        string source,
        string command
    )
    {
        var plan = VerifyPlan.Choose(null, [], [file], packageJson);

        Assert.Equal((source, ""), (plan.Source, plan.Problem));
        Assert.Equal(command.Length > 0 ? [command] : [], plan.Commands);
    }

    [Fact]
    public void The_repository_s_file_comes_before_the_server_s_and_that_before_detection()
    {
        Assert.Equal(
            "repository",
            VerifyPlan.Choose("verify: [make]", ["x"], ["a.sln"], null).Source
        );
        var server = VerifyPlan.Choose(null, ["x"], ["a.sln"], null);
        Assert.Equal(("server", "x"), (server.Source, Assert.Single(server.Commands)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("verify: []")]
    [InlineData("# nothing\n")]
    public void A_file_that_names_no_command_means_that_there_are_none(string file)
    {
        var plan = VerifyPlan.Choose(file, ["x"], ["a.sln"], null);

        Assert.Equal(("repository", ""), (plan.Source, plan.Problem));
        Assert.Empty(plan.Commands);
    }

    [Theory]
    [InlineData("verify:\n  - make\nother: 1", "line 3", "'other'")]
    [InlineData("- make", "line 1", "mapping")]
    [InlineData("verify: make", "line 1", "list")]
    [InlineData("verify:\n  - [a]", "line 2", "list")]
    [InlineData("verify:\n  - ''", "line 2", "list")]
    [InlineData("verify:\n  - 'a", "line 2", "YAML")]
    public void A_file_that_cannot_be_read_says_the_line_and_the_cure(
        string file,
        string line,
        string word
    )
    {
        var plan = VerifyPlan.Choose(file, ["x"], [], null);

        Assert.Empty(plan.Commands);
        Assert.StartsWith(
            $".orchestrator.yaml, {line}: it ",
            plan.Problem,
            StringComparison.Ordinal
        );
        Assert.Contains(word, plan.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Twenty_commands_of_two_thousand_characters_are_taken_and_not_one_more()
    {
        var longest = new string('a', 2_000);
        var twenty = "verify:\n" + string.Concat(Enumerable.Repeat($"  - {longest}\n", 20));

        Assert.Equal(20, VerifyPlan.Choose(twenty, [], [], null).Commands.Count);
        Assert.NotEmpty(VerifyPlan.Choose(twenty + "  - a\n", [], [], null).Problem);
        Assert.NotEmpty(VerifyPlan.Choose($"verify:\n  - {longest}a\n", [], [], null).Problem);
    }
}
