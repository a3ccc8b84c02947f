using System.Globalization;
using Orchestrator.Decisions.Runners;
using Orchestrator.Silo.Runners.Sandbox;
using Xunit;

namespace Orchestrator.SystemTests.Sandbox;

/// <summary>What is written where in the silo's control group. The folder is a stand-in with the kernel's file names: it shows the writes, not what a kernel does with them.</summary>
public sealed class RunCgroupsTests
{
    private const string LinuxOnly = "control groups are there on Linux only";
    private static readonly SandboxTerms Terms = new()
    {
        MemoryMiB = 64,
        ProcessesMax = 20,
        ProcessorSecondsMax = 60,
    };

    private readonly string root = SiloProcess.NewFolder();

    private string Own => Path.Combine(root, "system.slice", "orchestrator.service");

    [Fact]
    public void The_silo_moves_below_its_group_and_each_run_gets_one_of_its_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        LayOut(Own, "cpu io memory pids");
        var left = Directory.CreateDirectory(Path.Combine(Own, "orchestrator-run-dead"));
        LayOut(Path.Combine(Own, "orchestrator-silo"), "");

        var groups = RunCgroups.Take(root, Membership, Environment.ProcessId, out var why);

        Assert.Equal("", why);
        Assert.False(left.Exists && Directory.Exists(left.FullName), "a dead run's group stayed");
        Assert.Equal("+memory +pids +cpu", Text("cgroup.subtree_control"));
        Assert.Equal(
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            Text("orchestrator-silo/cgroup.procs")
        );
        // A kernel makes the files of a new group; here nothing does, and a limit that cannot be written is no limit.
        Assert.Throws<FileNotFoundException>(() => groups!.Make(Terms));
    }

    [Theory]
    [InlineData("12:memory:/a\n1:name=systemd:/\n", "memory pids", "no cgroups of version 2")]
    [InlineData("0::/elsewhere\n", "memory pids", "no cgroups of version 2")]
    [InlineData("0::/\n", "memory pids", "no cgroup was handed to the silo")]
    [InlineData(Membership, "cpu memory", "no controller 'pids'")]
    [InlineData(Membership, "", "no controller 'memory'")]
    public void What_was_not_handed_over_is_left_alone(
        string membership,
        string controllers,
        string words
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        LayOut(Own, controllers);
        File.WriteAllText(Path.Combine(root, "cgroup.controllers"), controllers);

        Assert.Null(RunCgroups.Take(root, membership, Environment.ProcessId, out var why));

        Assert.Contains(words, why, StringComparison.Ordinal);
        Assert.Equal("", Text("cgroup.subtree_control"));
    }

    [Fact]
    public void A_group_with_other_programs_in_it_is_left_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        LayOut(Own, "memory pids");
        File.AppendAllText(Path.Combine(Own, "cgroup.procs"), "1\n");

        Assert.Null(RunCgroups.Take(root, Membership, Environment.ProcessId, out var why));

        Assert.Contains("shares its cgroup", why, StringComparison.Ordinal);
        Assert.Equal("", Text("cgroup.subtree_control"));
    }

    [Fact]
    public async Task A_run_enters_its_group_before_its_program_starts_or_does_not_start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        var folder = SiloProcess.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "cgroup.procs"), "");
        var group = new RunCgroup(folder, Terms);

        var entered = await RunAsync([.. group.Line, "/bin/sh", "-c", "echo $$"]);
        var refused = await RunAsync([
            .. new RunCgroup("/nowhere", Terms).Line,
            "/bin/echo",
            "started",
        ]);

        Assert.NotEqual("", entered.Trim());
        Assert.Equal(entered, await File.ReadAllTextAsync(Path.Combine(folder, "cgroup.procs")));
        Assert.Equal("", refused);
        await File.WriteAllTextAsync(Path.Combine(folder, "memory.events"), "oom_kill 1\n");
        Assert.Contains("64 MiB", group.Breach(), StringComparison.Ordinal);
    }

    private const string Membership = "0::/system.slice/orchestrator.service\n";

    private static async Task<string> RunAsync(string[] line)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(line[0], line[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text;
    }

    private string Text(string file) => File.ReadAllText(Path.Combine(Own, file));

    private static void LayOut(string folder, string controllers)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "cgroup.controllers"), controllers + "\n");
        File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), "");
        File.WriteAllText(Path.Combine(folder, "cgroup.type"), "domain\n");
        File.WriteAllText(
            Path.Combine(folder, "cgroup.procs"),
            Path.GetFileName(folder) == "orchestrator.service"
                ? Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"
                : ""
        );
    }
}
