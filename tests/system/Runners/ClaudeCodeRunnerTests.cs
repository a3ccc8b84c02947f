using Microsoft.Extensions.Options;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Runners;

/// <summary>Which program is taken for the agent, and what is said of the others.</summary>
public sealed class ClaudeCodeRunnerTests
{
    [Theory]
    [InlineData("claude.cmd", 2_000_000, "batch shim")]
    [InlineData("claude.BAT", 2_000_000, "batch shim")]
    [InlineData("claude", 500, "stub of an unfinished npm install")]
    [InlineData("missing", -1, "not the full path of a program")]
    public void A_shim_a_stub_and_a_missing_program_are_refused_with_the_cure(
        string name,
        int bytes,
        string why
    )
    {
        var file = Path.Combine(SiloProcess.NewFolder(), name);
        if (bytes >= 0)
        {
            File.WriteAllBytes(file, new byte[bytes]);
        }
        using var starter = Starter();

        var problem = Runner(file, starter).Problem();

        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.Contains("Runner:ClaudeCode:Executable", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_version_is_named_and_not_refused_and_the_tested_one_is_silent()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var other = Path.Combine(SiloProcess.NewFolder(), "claude");
        await File.WriteAllTextAsync(
            other,
            "#!/bin/sh\necho '9.9.9 (Claude Code)'\nexit 0\n" + new string('#', 1_100_000)
        );
        await WorkspaceRoom.ShellAsync(Path.GetDirectoryName(other)!, "chmod 700 claude");
        using var starter = Starter();

        var drifted = await Runner(other, starter).VersionAsync(CancellationToken.None);
        var tested = await Runner(LockedClaude.Path(), starter)
            .VersionAsync(CancellationToken.None);

        Assert.Equal("", Runner(other, starter).Problem());
        Assert.Equal(
            ("9.9.9", "Claude Code 9.9.9 is in use; tested is 2.1.330."),
            (drifted.Version, drifted.Drift)
        );
        Assert.Equal(("2.1.330", ""), (tested.Version, tested.Drift));
    }

    private static ProcessGroupStarter Starter() =>
        new(Guid.NewGuid().ToString("N"), TimeProvider.System);

    private static ClaudeCodeRunner Runner(string executable, ProcessGroupStarter starter)
    {
        var options = new RunnerOptions();
        options.ClaudeCode.Executable = executable;
        return new ClaudeCodeRunner(
            Options.Create(options),
            new RunFolders(SiloProcess.NewFolder(), TimeProvider.System),
            starter,
            TimeProvider.System
        );
    }
}
