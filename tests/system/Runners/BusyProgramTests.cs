using Microsoft.Win32.SafeHandles;
using Orchestrator.Silo.Runners.Processes;
using Xunit;

namespace Orchestrator.SystemTests.Runners;

/// <summary>Programs that the system refuses to start for now.</summary>
public sealed class BusyProgramTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly string program = Path.Combine(SiloProcess.NewFolder(), "program");

    public BusyProgramTests() => File.Copy("/bin/true", program);

    [Fact]
    public async Task A_program_that_is_still_being_written_starts_when_it_is_closed()
    {
        using var writing = File.OpenHandle(program, FileMode.Open, FileAccess.Write);
        using var starter = new ProcessGroupStarter(
            Guid.NewGuid().ToString("N"),
            new Clock(writing)
        );

        var run = await RunAsync(starter);

        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task A_program_that_stays_open_is_refused_with_the_tries_made()
    {
        using var writing = File.OpenHandle(program, FileMode.Open, FileAccess.Write);
        using var starter = new ProcessGroupStarter(
            Guid.NewGuid().ToString("N"),
            TimeProvider.System
        );

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(starter));

        Assert.Contains("(4 tries)", refused.Message, StringComparison.Ordinal);
        Assert.Contains(program, refused.Message, StringComparison.Ordinal);
    }

    // Trusted: the program itself is what the system starts, without a session or a sandbox before it.
    private Task<CapturedRun> RunAsync(ProcessGroupStarter starter) =>
        starter.CaptureAsync(
            new ProcessOrder(
                program,
                [],
                Path.GetDirectoryName(program)!,
                new Dictionary<string, string>(),
                "busy",
                Trusted: true
            ),
            Deadline,
            1024,
            TimeProvider.System,
            CancellationToken.None
        );

    /// <summary>Closes the file when somebody begins to wait.</summary>
    private sealed class Clock(SafeFileHandle writing) : TimeProvider
    {
        public override ITimer CreateTimer(
            TimerCallback callback,
            object? state,
            TimeSpan dueTime,
            TimeSpan period
        )
        {
            writing.Dispose();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
