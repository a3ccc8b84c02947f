using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Benchmarks;

/// <summary>Milliseconds from the start of <c>/bin/true</c> to its seen end, without a sandbox and in one; the ways take turns.</summary>
internal static class SandboxBenchmark
{
    public static async Task RunAsync(int samples)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("sandbox: bubblewrap is there on Linux only");
            return;
        }
        var folder = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
        try
        {
            await MeasureAsync(folder, samples);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string folder, int samples)
    {
        var host = new SandboxHost(
            Options.Create(new RunnerOptions { Sandbox = SandboxHost.Bubblewrap }),
            new RunFolders(folder, TimeProvider.System),
            TimeProvider.System,
            NullLogger<SandboxHost>.Instance
        );
        if (!host.Works)
        {
            Console.WriteLine("sandbox: " + host.Problem);
            return;
        }
        var worktree = Directory.CreateDirectory(Path.Combine(folder, "worktree")).FullName;
        using var contained = new ProcessGroupStarter("bench", TimeProvider.System);
        using var plain = new ProcessGroupStarter("bench", TimeProvider.System, contain: false);
        (string Name, ProcessGroupStarter Starter, SandboxNetwork? Network)[] ways =
        [
            ("a session, no namespace", plain, null),
            ("a process namespace (Runner:Sandbox=none)", contained, null),
            ("the sandbox, network off", contained, SandboxNetwork.Off),
            ("the sandbox, network by the proxy", contained, SandboxNetwork.Allowlist),
        ];
        var times = ways.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < samples; round++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                var took = await OnceAsync(host, worktree, ways[i].Starter, ways[i].Network);
                if (round >= 0) // the first is the JIT's warm-up
                {
                    times[i].Add(took);
                }
            }
        }
        Figures.Head($"start to end of /bin/true, ms ({samples} each)", "way", "p50", "p99");
        for (var i = 0; i < ways.Length; i++)
        {
            Figures.Row(
                ways[i].Name,
                Figures.N(Figures.Median(times[i])),
                Figures.N(Figures.Percentile(times[i], 0.99))
            );
        }
        Figures.Row(
            "the sandbox beyond the namespace",
            Figures.N(Figures.Median(times[2].Zip(times[1], (a, b) => a - b))),
            "-"
        );
    }

    private static async Task<double> OnceAsync(
        SandboxHost host,
        string worktree,
        ProcessGroupStarter starter,
        SandboxNetwork? network
    )
    {
        var order = new ProcessOrder(
            "/bin/true",
            [],
            worktree,
            new Dictionary<string, string>(),
            "bench-" + Guid.NewGuid().ToString("N")
        );
        var begun = Stopwatch.GetTimestamp();
        await using var child = network is { } wanted
            ? host.Enclose(
                order,
                new SandboxDemand { Network = wanted },
                SandboxNeeds.None,
                worktree,
                ""
            )
            : new SandboxedChild(order, null);
        await using var group = await starter.StartAsync(child.Process);
        await group.ExitCode;
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }
}
