using System.Diagnostics;
using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

// orchestrator-client-latency URL TOKEN RUNS: a line "SUBMITTED FIRST" in milliseconds for each run, after one that is not counted.
using var client = new OrchestratorClient(new Uri(args[0]), args[1]);
var runs = int.Parse(args[2], CultureInfo.InvariantCulture);

// A task's end has its files and messages after it: the next one meets a silo that has nothing more to do.
using var rest = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
for (var run = 0; run <= runs; run++)
{
    await rest.WaitForNextTickAsync();
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
