using System.Diagnostics;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Benchmarks;

/// <summary>Figures of the built silo process: start, idle, submission to agent, memory.</summary>
internal static class SiloBenchmarks
{
    private const int Tasks = 200;
    private const int Waiting = 500;

    private const string Quick = """{"version":1,"steps":[{"do":"say","text":"done"}]}""";
    private const string Long = """{"version":1,"steps":[{"do":"sleep","milliseconds":3600000}]}""";

    /// <summary>Process start to ready, on fresh data.</summary>
    public static async Task StartAsync(int rounds)
    {
        var ready = new List<double>();
        var cpu = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            await using var silo = await SiloUnderTest.StartAsync();
            ready.Add(silo.Ready.TotalMilliseconds);
            cpu.Add(silo.CpuSeconds * 1_000);
        }
        Figures.Head($"silo start ({rounds} starts, fresh data)", "figure", "median", "min", "max");
        Figures.Row(
            "process start to ready, ms",
            Figures.N(Figures.Median(ready)),
            Figures.N(ready.Min()),
            Figures.N(ready.Max())
        );
        Figures.Row(
            "CPU of it, ms",
            Figures.N(Figures.Median(cpu)),
            Figures.N(cpu.Min()),
            Figures.N(cpu.Max())
        );
    }

    /// <summary>The client's call to the committed fact that the agent's process lives; one task after the other.</summary>
    public static async Task SubmitAsync()
    {
        using var repository = await ScratchRepository.CreateAsync();
        await using var silo = await SiloUnderTest.StartAsync("--Runner:Default=scripted");
        var accepted = new List<double>();
        var dispatched = new List<double>();
        var alive = new List<double>();
        var ended = new List<double>();
        var cpu = silo.CpuSeconds;
        for (var i = 0; i < Tasks; i++)
        {
            var called = TimeProvider.System.GetUtcNow();
            var task = await silo.Client.SubmitAsync(Request(repository, Quick), null);
            accepted.Add((TimeProvider.System.GetUtcNow() - called).TotalMilliseconds);
            await foreach (var entry in task.WatchAsync())
            {
                var after = (entry.At - called).TotalMilliseconds;
                switch (entry.Fact)
                {
                    case TaskFact.RunStarted:
                        dispatched.Add(after);
                        break;
                    case TaskFact.AgentStarted:
                        alive.Add(after);
                        break;
                    case TaskFact.Delivered:
                        ended.Add(after);
                        break;
                    case TaskFact.Failed failed:
                        throw new InvalidOperationException(
                            $"Task {task.TaskId} failed, so that nothing can be measured: {failed.Failure.Message}"
                        );
                    default:
                        break;
                }
                if (ended.Count > i)
                {
                    break;
                }
            }
        }
        Figures.Head(
            $"submission ({Tasks} tasks, one after the other)",
            "from the client's call to",
            "p50 ms",
            "p99 ms"
        );
        Percentiles("the answer (durably accepted)", accepted);
        Percentiles("a slot and an attempt number", dispatched);
        Percentiles("the agent's process alive (worktree made)", alive);
        Percentiles("the end (diff, verification, judgement)", ended);
        Figures.Row("silo CPU a task, ms", Figures.N((silo.CpuSeconds - cpu) * 1_000 / Tasks), "");
    }

    /// <summary>Resident memory and CPU of a silo that does nothing, and what a live task adds.</summary>
    public static async Task MemoryAsync()
    {
        using var repository = await ScratchRepository.CreateAsync();
        await using var silo = await SiloUnderTest.StartAsync("--Runner:Default=scripted");
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
        var idle = silo.ResidentMegabytes;
        var cpu = silo.CpuSeconds;
        var clock = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System);
        var share = (silo.CpuSeconds - cpu) / clock.Elapsed.TotalSeconds * 100;
        var ids = new List<string>();
        for (var i = 0; i < Waiting; i++)
        {
            ids.Add((await silo.Client.SubmitAsync(Request(repository, Long), null)).TaskId);
        }
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
        var live = silo.ResidentMegabytes;
        foreach (var id in ids)
        {
            await silo.Client.ActAsync(id, "cancel");
        }
        Figures.Head("memory and idle CPU", "figure", "value");
        Figures.Row("resident, idle, MB", Figures.N(idle));
        Figures.Row("CPU, idle, % of a core", Figures.N(share));
        Figures.Row($"resident with {Waiting} live tasks (3 with an agent), MB", Figures.N(live));
        Figures.Row("a live task, KB", Figures.N((live - idle) * 1_000 / Waiting));
    }

    private static SubmitRequest Request(ScratchRepository repository, string script) =>
        new()
        {
            Request = "Look at the greeting and say what it does.",
            Type = "analyze",
            Repository = repository.Folder,
            Runner = "scripted",
            Script = script,
        };

    private static void Percentiles(string name, List<double> samples) =>
        Figures.Row(
            name,
            Figures.N(Figures.Percentile(samples, 0.5)),
            Figures.N(Figures.Percentile(samples, 0.99))
        );
}
