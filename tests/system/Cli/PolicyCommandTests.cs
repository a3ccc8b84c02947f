using System.Text.Json;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>What the built programs answer about policies, without a server.</summary>
public sealed class PolicyCommandTests : IDisposable
{
    private readonly string folder = Directory
        .CreateTempSubdirectory("orchestrator-policy-")
        .FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_policy_is_checked_and_its_tests_are_run()
    {
        var file = Write(
            """
            version: 1
            name: mine
            protect: [secrets/**]
            lanes: {code: {types: [fix], write: direct}}
            tests:
              - {name: secrets stay, given: {type: fix, path: secrets/a}, expect: deny, rule: protect}
              - {name: never holds, given: {type: fix, path: src/a}, expect: deny}
            """
        );

        var check = await RunAsync("check", file);
        Assert.True(check.ExitCode == 0, check.Error + check.Output);
        Assert.Contains("OK. mine@", check.Output, StringComparison.Ordinal);

        var test = await RunAsync("test", file);
        Assert.Equal(1, test.ExitCode);
        Assert.Contains("policy.yaml:7: FAILED never holds", test.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 tests hold", test.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_problem_of_a_broken_policy_is_told_with_its_place()
    {
        var file = Write(
            "version: 1\nname: x\nprotekt: [a]\nlanes: {a: {types: [fix], write: maybe}}\n"
        );

        var words = await RunAsync("check", file);
        Assert.Equal(2, words.ExitCode);
        Assert.Contains("policy.yaml:3:1: error: ", words.Output, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'protect'?", words.Output, StringComparison.Ordinal);
        Assert.Contains("policy.yaml:4:34: error: ", words.Output, StringComparison.Ordinal);

        var json = await RunAsync("check", file, "--json");
        Assert.Equal(2, json.ExitCode);
        using var answer = JsonDocument.Parse(json.Output);
        Assert.Equal(
            [3, 4],
            answer
                .RootElement.GetProperty("problems")
                .EnumerateArray()
                .Select(p => p.GetProperty("line").GetInt32())
        );
        Assert.Equal(2, (await RunAsync("explain", "--file", file, "--type", "fix")).ExitCode);
    }

    [Theory]
    [InlineData(0, "allow", "--path", "src/a.cs")]
    [InlineData(0, "allow", "--path", "src/Größe (neu).cs")]
    [InlineData(
        3,
        "changes.symlink_outside",
        "--path",
        "l",
        "--change",
        "symlink",
        "--target",
        "../x"
    )]
    [InlineData(3, "changes.odd_name", "--path", "aux.txt")]
    [InlineData(4, "changes.workflow", "--path", "a.cs", "--path", ".github/workflows/b.yml")]
    [InlineData(4, "many lines", "--path", "a.cs", "--lines", "5001")]
    [InlineData(4, "many files", "--path", "a.cs", "--files", "201")]
    public async Task Explain_tells_rule_and_line_and_ends_with_the_verdict(
        int exit,
        string rule,
        params string[] words
    )
    {
        var run = await RunAsync(["explain", "--type", "fix", "--requester", "ann", .. words]);

        Assert.True(run.ExitCode == exit, run.Error + run.Output);
        Assert.Contains("lane:    code (write: direct)", run.Output, StringComparison.Ordinal);
        Assert.Contains(rule, run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\(default\.yaml:\d+\)", run.Output);
    }

    [Fact]
    public async Task Explain_answers_as_JSON_too()
    {
        var run = await RunAsync(
            "explain",
            "--type",
            "code_review",
            "--repo",
            ".",
            "--path",
            "a b.cs",
            "--json"
        );
        using var answer = JsonDocument.Parse(run.Output);
        var ruling = Assert.Single(answer.RootElement.GetProperty("rulings").EnumerateArray());

        Assert.Equal(3, run.ExitCode);
        Assert.Equal("deny", answer.RootElement.GetProperty("verdict").GetString());
        Assert.Equal("lane read-only writes nothing", ruling.GetProperty("rule").GetString());
        Assert.Equal("diff", ruling.GetProperty("stage").GetString());
    }

    [Theory]
    [InlineData("explain", "--type", "paint")]
    [InlineData("explain", "--type", "fix", "--change", "symlink")]
    [InlineData("explain", "--type", "fix", "--path", "a", "--base", "main")]
    [InlineData("explain", "--type", "fix", "--path", "a", "--lines", "many")]
    [InlineData("check", "not-there.yaml")]
    public async Task Wrong_words_end_with_two_and_say_why(params string[] words)
    {
        var run = await RunAsync(words);

        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(run.Error);
    }

    private Task<CliRun> RunAsync(params string[] words) =>
        CliProcess.RunAsync(folder, ["policy", .. words]);

    private string Write(string text)
    {
        var file = Path.Combine(folder, "policy.yaml");
        File.WriteAllText(file, text);
        return file;
    }
}
