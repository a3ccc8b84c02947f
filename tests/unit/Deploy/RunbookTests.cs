using System.Text.RegularExpressions;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>What the runbook tells people to type exists.</summary>
public sealed partial class RunbookTests
{
    private static readonly string Page = Repository.Read("docs/runbook.md");

    [Fact]
    public void Every_verb_and_option_of_the_runbook_is_one_of_the_command_line()
    {
        var cli = string.Concat(
            Repository
                .Files(".cs")
                .Where(f => f.StartsWith("client/cli/", StringComparison.Ordinal))
                .Select(Repository.Read)
        );
        var lines = Code()
            .Matches(Page)
            .SelectMany(m => m.Value.Trim('`').Split('\n'))
            .Select(l => Typed().Match(l))
            .Where(m => m.Success)
            .ToList();

        Assert.True(lines.Count > 20, "The runbook types hardly anything.");
        Assert.All(
            lines,
            l => Assert.Contains($"\"{l.Groups["verb"].Value}\"", cli, StringComparison.Ordinal)
        );
        Assert.All(
            lines.SelectMany(l => Options().Matches(l.Groups["rest"].Value)),
            o => Assert.Contains($"\"{o.Value}\"", cli, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Every_file_of_deploy_that_the_runbook_names_exists() =>
        Assert.All(
            Files()
                .Matches(Page)
                .Select(m => m.Value.Replace('\\', '/'))
                // In a release folder the scripts of the platform lie in `deploy`.
                .Select(f =>
                    f.EndsWith("-Orchestrator.ps1", StringComparison.Ordinal)
                        ? f.Replace("deploy/", "deploy/windows/")
                        : f
                )
                .Select(f => f == "deploy/install.sh" ? "deploy/linux/install.sh" : f),
            f => Assert.True(File.Exists(Path.Combine(Repository.Root, f)), f)
        );

    [Fact]
    public void Every_case_that_an_operator_meets_has_its_part() =>
        Assert.All(
            (string[])
                [
                    "does not start",
                    "disk is full",
                    "database is down",
                    "host is lost",
                    "task is stuck",
                    "usage limit is reached",
                    "secret leaked",
                    "stop now",
                ],
            words => Assert.Matches($@"(?m)^### … .*{words}", Page)
        );

    [Fact]
    public void It_says_plainly_what_is_not_encrypted_and_what_was_not_run()
    {
        Assert.Contains("Without them silos say everything in the clear", Page);
        Assert.Contains("not run on Windows", Page);
    }

    [GeneratedRegex(@"```.*?```|`[^`\n]+`", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"(?:^|[ /])orchestrator (?<verb>[a-z][a-z-]+)(?<rest>.*)$")]
    private static partial Regex Typed();

    [GeneratedRegex(@"--[a-z][a-z-]+")]
    private static partial Regex Options();

    [GeneratedRegex(@"\bdeploy[/\\][A-Za-z][A-Za-z0-9./-]*[A-Za-z0-9]")]
    private static partial Regex Files();
}
