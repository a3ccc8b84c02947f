using System.Diagnostics;
using Orchestrator.Silo.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>The silo's program by itself: what it writes where, and what it does with orders that come too late.</summary>
public sealed class SiloProgramTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task With_a_log_file_everything_the_silo_says_is_in_it()
    {
        var folder = SiloProcess.NewFolder();
        var log = Path.Combine(folder, "logs", "silo.log");
        using var process = Start("--data", folder, "--urls", "nonsense", "--log-file", log);
        await process.WaitForExitAsync().WaitAsync(Deadline);

        Assert.Equal(2, process.ExitCode);
        Assert.Contains("'nonsense'", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
        Assert.Equal("", await process.StandardError.ReadToEndAsync());
    }

    [Fact]
    public async Task A_log_file_that_cannot_be_written_is_named()
    {
        var folder = SiloProcess.NewFolder();
        using var process = Start("--data", folder, "--log-file", folder);
        await process.WaitForExitAsync().WaitAsync(Deadline);

        Assert.Equal(2, process.ExitCode);
        Assert.Contains(
            "--log-file",
            await process.StandardError.ReadToEndAsync(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_order_for_an_attempt_that_was_let_go_begins_nothing()
    {
        var ended = new EndedAttempts();
        var begun = new List<int>();
        ended.Add("a", 2);
        for (var i = 0; i < EndedAttempts.TasksMax - 1; i++)
        {
            ended.Add($"other-{i}", 1);
        }

        Assert.False(ended.TryBegin("a", 1, () => begun.Add(1)));
        Assert.False(ended.TryBegin("a", 2, () => begun.Add(2)));
        Assert.True(ended.TryBegin("a", 3, () => begun.Add(3)));
        Assert.True(ended.TryBegin("b", 1, () => begun.Add(4)));
        Assert.Equal([3, 4], begun);

        ended.Add("one more", 1);
        Assert.True(ended.TryBegin("a", 2, () => begun.Add(5)));
    }

    private static Process Start(params string[] arguments)
    {
        var info = new ProcessStartInfo(
            SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo")
        )
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }
        return Process.Start(info)!;
    }
}
