using Orchestrator.Benchmarks.Peers;
using Orchestrator.Benchmarks.Workloads;

// Started by the benchmarks: dotnet Orchestrator.Benchmarks.Peers.dll subject ORDER
if (args is not [SubjectProcess.Verb, var file])
{
    await Console.Error.WriteLineAsync(
        "This program is started by the benchmarks: dotnet run -c Release --project tests/benchmarks -- w1 --peers"
    );
    return 2;
}
return await SubjectProcess.RunAsync(
    file,
    order =>
        order.Subject switch
        {
            "wolverine" => new WolverineSubject(),
            "hangfire" => new HangfireSubject(),
            "quartz" => new QuartzSubject(),
            _ => null,
        }
);
