using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Orchestrator.Silo.Runners.Processes;
using Xunit;

namespace Orchestrator.WindowsTests.Win32;

/// <summary>One Job Object a run: whatever a tree did to scatter, nothing of it outlives the run.</summary>
[SupportedOSPlatform("windows")]
public sealed class ProcessTreeTests : WindowsTest
{
    private readonly ProcessGroupStarter starter = new("windows-tests", TimeProvider.System);

    [Fact]
    public async Task Closing_a_job_leaves_no_process_of_a_tree_whose_middle_is_gone()
    {
        using var job = new WindowsJob();
        var order = Child.Order("tree");
        using var child = job.Start(order, order.Environment);
        using var tree = await Tree.ReadAsync(child.Output);
        Assert.True(job.Active > 0);

        job.Dispose();

        await tree.GoneAsync();
    }

    [Fact]
    public async Task Terminating_a_job_leaves_no_process_of_a_tree_whose_middle_is_gone()
    {
        using var job = new WindowsJob();
        var order = Child.Order("tree");
        using var child = job.Start(order, order.Environment);
        using var tree = await Tree.ReadAsync(child.Output);

        job.Terminate();

        await tree.GoneAsync();
        Assert.Equal(0u, job.Active);
        Assert.Equal(1, await child.WaitAsync().WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_killed_run_leaves_no_process_and_its_output_ends()
    {
        var group = await starter.StartAsync(Child.Order("tree"));
        using var tree = await Tree.ReadAsync(group.StandardOutput);

        await group.KillAsync();

        await tree.GoneAsync();
        await group.StandardOutput.CopyToAsync(Stream.Null).WaitAsync(Deadline);
        await group.DisposeAsync();
    }

    [Fact]
    public async Task The_death_of_the_product_takes_the_whole_tree_along()
    {
        using var owner = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [Child.Verb, "owner"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
        using var tree = await Tree.ReadAsync(owner.StandardOutput.BaseStream);

        owner.Kill();

        await tree.GoneAsync();
        await owner.WaitForExitAsync().WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_child_holds_no_end_of_another_childs_pipes()
    {
        await using var first = await starter.StartAsync(Child.Order("ready"));
        await using var second = await starter.StartAsync(Child.Order("ready"));
        using var reader = new StreamReader(second.StandardOutput);
        Assert.Equal("ready", await reader.ReadLineAsync().WaitAsync(Deadline));

        await first.KillAsync();

        await first.StandardOutput.CopyToAsync(Stream.Null).WaitAsync(Deadline);
        Assert.False(second.ExitCode.IsCompleted);
    }

    [Fact]
    public async Task The_silos_program_interrupts_a_child_that_has_a_console_of_its_own()
    {
        await using var group = await starter.StartAsync(Child.Order("console"));
        using var reader = new StreamReader(group.StandardOutput);
        Assert.Equal("ready", await reader.ReadLineAsync().WaitAsync(Deadline));

        using var asked = Process.Start(
            new ProcessStartInfo(
                SiloProgram,
                ["interrupt-console", group.Pid.ToString(CultureInfo.InvariantCulture)]
            )
            {
                UseShellExecute = false,
                CreateNoWindow = true,
            }
        )!;
        await asked.WaitForExitAsync().WaitAsync(Deadline);

        Assert.Equal(0, asked.ExitCode);
        Assert.Equal(Child.Interrupted, await group.ExitCode.WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("claude.cmd")]
    [InlineData("CLAUDE.BAT")]
    public async Task A_batch_file_is_refused_by_name(string name)
    {
        var batch = Path.Combine(Folder, name);
        await File.WriteAllTextAsync(batch, "@echo off\r\n");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            starter.StartAsync(Child.Order() with { Executable = batch })
        );

        Assert.Contains("is a batch file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_none_is_refused_with_the_systems_words()
    {
        var text = Path.Combine(Folder, "text.exe");
        await File.WriteAllTextAsync(text, "no program");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            starter.StartAsync(Child.Order() with { Executable = text })
        );

        Assert.Contains("cannot be started", refused.Message, StringComparison.Ordinal);
    }

    protected override void Dispose(bool disposing)
    {
        starter.Dispose();
        base.Dispose(disposing);
    }

    // Beside the tests where .NET is installed; a published one has its own.
    private static string SiloProgram =>
        Path.Combine(
            Environment.GetEnvironmentVariable("ORCHESTRATOR_WINE") is { Length: > 0 } published
                ? Path.Combine(published, "silo")
                : AppContext.BaseDirectory,
            "orchestrator-silo.exe"
        );

    /// <summary>The root of a tree and its grandchild, held so that their numbers stay theirs.</summary>
    private sealed class Tree(Process[] processes) : IDisposable
    {
        public static async Task<Tree> ReadAsync(Stream output)
        {
            using var reader = new StreamReader(output, leaveOpen: true);
            var line = await reader.ReadLineAsync().WaitAsync(Deadline);
            var processes = line!
                .Split(' ')
                .Select(p => Process.GetProcessById(int.Parse(p, CultureInfo.InvariantCulture)))
                .ToArray();
            Assert.Equal(2, processes.Length);
            Assert.All(processes, p => Assert.False(p.SafeHandle.IsInvalid || p.HasExited));
            return new Tree(processes);
        }

        public async Task GoneAsync()
        {
            foreach (var process in processes)
            {
                await process.WaitForExitAsync().WaitAsync(Deadline);
            }
        }

        public void Dispose()
        {
            foreach (var process in processes)
            {
                process.Dispose();
            }
        }
    }
}
