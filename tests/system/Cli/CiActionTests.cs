using System.Diagnostics;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>Both scripts of the GitHub action, with the variables that GitHub sets, beside the command itself.</summary>
public sealed class CiActionTests
{
    private const string Policy =
        "version: 1\nname: mine\nprotect: [vault/**]\nlanes: {code: {types: [fix], write: direct}}\n";

    [Theory]
    [InlineData("bash")]
    [InlineData("pwsh")]
    public async Task The_action_ends_and_says_as_the_command_does(string shell)
    {
        SkipBashOnWindows(shell);
        var checkout = await CiCheckout.MakeAsync(
            (".orchestrator/policy.yaml", Policy),
            ("a", "1\n")
        );
        var output = Path.Combine(checkout.Folder, "..", "output");
        ((string, string)[] Files, int Expected)[] rounds =
        [
            ([("src/a", "1\n")], 0),
            ([("results/x.json", """{"schema_version":"1.0","task_id":"x"}""")], 1),
            ([(CiCheckout.HostileName, "x\n"), ("src/b.txt", $"k {CiCheckout.Token}\n")], 3),
        ];
        foreach (var (files, expected) in rounds)
        {
            await checkout.CommitAsync(files);
            // As GitHub does it, what is checked out is the merge of both, without a branch.
            await Git.RunAsync(checkout.Folder, "checkout", "-q", "--detach", "origin/main");
            await Git.RunAsync(checkout.Folder, "merge", "-q", "--no-ff", "-m", "m", "change");
            var github = GitHub(checkout, output);

            var action = await checkout.RunAsync(Action(shell), github);
            var command = await checkout.CiAsync(github);

            Assert.True(action.ExitCode == expected, action.Output + action.Error);
            Assert.Equal(command.ExitCode, action.ExitCode);
            Assert.Equal(command.Output, action.Output);
            Assert.Equal(
                expected != 0,
                action.Output.Contains("::error ", StringComparison.Ordinal)
            );
            Assert.DoesNotContain(CiCheckout.Token, action.Output, StringComparison.Ordinal);
            Assert.EndsWith(
                $"exit-code={expected}\n",
                await File.ReadAllTextAsync(output),
                StringComparison.Ordinal
            );
            await Git.RunAsync(checkout.Folder, "checkout", "-q", "change");
        }
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("pwsh")]
    public async Task An_input_that_is_none_stops_the_action_before_anything_runs(string shell)
    {
        SkipBashOnWindows(shell);
        var checkout = await CiCheckout.MakeAsync(("a", "1\n"));
        foreach (
            var (name, value) in ((string, string)[])
                [
                    ("TYPE", "poem"),
                    ("STRICT", "yes; touch pwned"),
                    ("BASE", "--head"),
                    ("REQUESTER", "a\nb"),
                    ("ARTIFACTS", "results\n--sarif"),
                ]
        )
        {
            var run = await checkout.RunAsync(Action(shell), ("ORCHESTRATOR_CI_" + name, value));

            Assert.True(run.ExitCode == 2, $"{name}: {run.ExitCode}");
            Assert.Contains("orchestrator action: the input", run.Error, StringComparison.Ordinal);
        }
        // What is text for a shell is text for the command.
        var odd = await checkout.RunAsync(
            Action(shell),
            ("ORCHESTRATOR_CI_BASE", "$(touch pwned)`touch pwned`")
        );
        Assert.Equal(2, odd.ExitCode);
        Assert.False(File.Exists(Path.Combine(checkout.Folder, "pwned")));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("pwsh")]
    public async Task Inputs_become_the_words_of_the_command(string shell)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program that echoes is a shell script.");
        var checkout = await CiCheckout.MakeAsync(("a", "1\n"));
        var echo = Path.Combine(SiloProcess.NewFolder(), "echo.sh");
        await File.WriteAllTextAsync(echo, "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(echo, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var run = await checkout.RunAsync(
            Action(shell),
            ("ORCHESTRATOR_CI_PROGRAM", echo),
            ("ORCHESTRATOR_CI_BASE", "release/1 x"),
            ("ORCHESTRATOR_CI_ARTIFACTS", "a b\n\nc"),
            ("ORCHESTRATOR_CI_STRICT", "true"),
            ("ORCHESTRATOR_CI_ALLOW_MARKED", "false")
        );

        Assert.Equal(
            "<ci><--base><release/1 x><--type><fix><--artifacts><a b><--artifacts><c><--strict><--annotations><github>",
            run.Output
        );
    }

    private static void SkipBashOnWindows(string shell) =>
        Assert.SkipWhen(OperatingSystem.IsWindows() && shell == "bash", "Runs the bash script.");

    private static ProcessStartInfo Action(string shell)
    {
        var info =
            shell == "bash"
                ? new ProcessStartInfo(
                    "bash",
                    [SourceTree.File("deploy", "github-action", "ci.sh")]
                )
                : PowerShell.Running("-File", SourceTree.File("deploy", "github-action", "ci.ps1"));
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        info.Environment["ORCHESTRATOR"] = SiloProcess.Output("Orchestrator.Cli", "orchestrator");
        return info;
    }

    private static (string, string)[] GitHub(CiCheckout checkout, string output)
    {
        var told = Path.Combine(checkout.Folder, "..", "event.json");
        File.WriteAllText(told, """{"pull_request":{"base":{"sha":"none"}}}""");
        return
        [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_BASE_REF", "main"),
            ("GITHUB_EVENT_PATH", told),
            ("GITHUB_OUTPUT", output),
            ("GITHUB_STEP_SUMMARY", Path.Combine(checkout.Folder, "..", "summary.md")),
        ];
    }
}
