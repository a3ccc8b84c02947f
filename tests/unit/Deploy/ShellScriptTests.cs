using System.Diagnostics;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>The shell scripts of deploy are read by their own shell without an error, and stop at their first failure.</summary>
public sealed class ShellScriptTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("bash", "deploy/publish", "set -euo pipefail")]
    [InlineData("sh", "deploy/linux/install.sh", "set -eu")]
    [InlineData("bash", "deploy/ci/orchestrator-ci.sh", "set -euo pipefail")]
    [InlineData("bash", "deploy/github-action/ci.sh", "set -euo pipefail")]
    [InlineData("bash", "docs/samples/repository/src/greet.sh", "set -euo pipefail")]
    [InlineData("bash", "docs/samples/repository/tests/run.sh", "set -euo pipefail")]
    public async Task A_script_parses_and_stops_at_its_first_failure(
        string shell,
        string script,
        string strict
    )
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs a POSIX shell.");
        Assert.Contains("\n" + strict + "\n", Repository.Read(script), StringComparison.Ordinal);
        Assert.Equal("", await ParseAsync(shell, Repository.Read(script)));
    }

    [Fact]
    public async Task A_script_with_a_slip_does_not_parse()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs a POSIX shell.");
        Assert.NotEqual("", await ParseAsync("sh", "if true; then echo x\n"));
    }

    private static async Task<string> ParseAsync(string shell, string text)
    {
        using var process = Process.Start(
            new ProcessStartInfo(shell, ["-n"])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            }
        )!;
        await process.StandardInput.WriteAsync(text);
        process.StandardInput.Close();
        var said = await process.StandardError.ReadToEndAsync().WaitAsync(Deadline);
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return process.ExitCode == 0 ? said : $"ended with {process.ExitCode}: {said}";
    }
}
