using System.Diagnostics;
using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Benchmarks;

/// <summary>Whether a turn costs the same however many came before it: one task, many replies, over HTTP.</summary>
internal static class ConversationBenchmark
{
    private const string Script = """{"version":1,"steps":[{"do":"say","text":"looked at it"}]}""";

    /// <summary>Plays the turns and tells, for windows of them, what opening and ending one took and cost.</summary>
    /// <param name="turns">How many; 100 to 2,000.</param>
    public static async Task RunAsync(int turns)
    {
        await using var silo = await SiloUnderTest.StartAsync();
        var task = await silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = "Look at it",
                Type = "analyze",
                Runner = "scripted",
                Script = Script,
            }
        );
        var after = await EndAsync(silo.Client, task.TaskId, 0);
        var opened = new double[turns + 1];
        var ended = new double[turns + 1];
        var cpu = new double[turns + 1];
        for (var turn = 2; turn <= turns; turn++)
        {
            var before = silo.CpuSeconds;
            var clock = Stopwatch.GetTimestamp();
            var answer = await task.ReplyAsync(
                string.Create(CultureInfo.InvariantCulture, $"And the next one, number {turn}")
            );
            opened[turn] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            after = await EndAsync(silo.Client, answer.Task.TaskId, after);
            ended[turn] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            cpu[turn] = (silo.CpuSeconds - before) * 1_000;
        }
        Console.WriteLine($"conversation of {turns} turns, one task, scripted agent");
        foreach (
            var (from, to) in ((int, int)[])
                [(6, 25), (turns / 2 - 10, turns / 2 + 9), (turns - 19, turns)]
        )
        {
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  turns {from}-{to}: reply accepted {Median(opened, from, to):F1} ms, turn {Median(ended, from, to):F0} ms, silo CPU {Median(cpu, from, to):F0} ms (medians)"
                )
            );
        }
        var read = Stopwatch.GetTimestamp();
        var page = await silo.Client.GetConversationAsync(task.TaskId, 2 * turns - 100, 100);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  last {page.Entries.Count} of {page.Total} entries read, for the first time: {Stopwatch.GetElapsedTime(read).TotalMilliseconds:F0} ms"
            )
        );
    }

    private static async Task<long> EndAsync(OrchestratorClient client, string id, long after)
    {
        await foreach (var entry in client.WatchAsync(id, after))
        {
            after = entry.Sequence;
            if (entry.Fact is TaskFact.Delivered)
            {
                return after;
            }
            if (entry.Fact is TaskFact.Failed f)
            {
                throw new InvalidOperationException(f.Failure.Message);
            }
        }
        throw new InvalidOperationException("The stream ended.");
    }

    private static double Median(double[] values, int from, int to)
    {
        var part = values[from..(to + 1)].Order().ToList();
        return part[part.Count / 2];
    }
}
