using System.Diagnostics;
using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

// orchestrator-client-latency URL TOKEN RUNS: a line "SUBMITTED FIRST" in milliseconds for each run, after one that is not counted.
using var client = new OrchestratorClient(new Uri(args[0]), args[1]);
var runs = int.Parse(args[2], CultureInfo.InvariantCulture);
for (var run = 0; run <= runs; run++)
{
    var clock = Stopwatch.GetTimestamp();
    var task = await client.SubmitAsync(
        new SubmitRequest
        {
            Request = "Look at it",
            Type = "analyze",
            Runner = "scripted",
            Script = """{"version":1,"steps":[{"do":"say","text":"looked at it"}]}""",
        }
    );
    var submitted = Stopwatch.GetElapsedTime(clock);
    TimeSpan? first = null;
    await foreach (var entry in task.WatchAsync())
    {
        first ??= Stopwatch.GetElapsedTime(clock);
        // The next one meets an idle silo.
        if (entry.Fact is TaskFact.Delivered or TaskFact.Failed)
        {
            break;
        }
    }
    if (run > 0)
    {
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{submitted.TotalMilliseconds:F3} {first!.Value.TotalMilliseconds:F3}"
            )
        );
    }
}
