using Orchestrator.Cli;
using Orchestrator.Client;

using var detach = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    // The first Ctrl-C leaves the watch; a task is never ended by it.
    e.Cancel = !detach.IsCancellationRequested;
    detach.Cancel();
};
try
{
    return await CommandLine
        .Build()
        .Parse(args)
        .InvokeAsync(new() { EnableDefaultExceptionHandler = false }, detach.Token);
}
catch (OperationCanceledException) when (detach.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync(
        "Detached; the task goes on. 'orchestrator watch ID' shows it again."
    );
    return ExitCodes.Detached;
}
catch (OrchestratorException e)
{
    await Console.Error.WriteLineAsync("orchestrator: " + e.Message);
    return e.ExitCode;
}
