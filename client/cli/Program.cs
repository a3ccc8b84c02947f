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
    var parsed = CommandLine.Build().Parse(args);
    if (parsed.Errors.Count > 0)
    {
        // The message and the help are talk, not an answer.
        await parsed.InvokeAsync(new() { Output = Console.Error, Error = Console.Error });
        return ExitCodes.Usage;
    }
    return await parsed.InvokeAsync(
        // Ctrl-C is ours alone: no second handler that ends the process after a while.
        new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
        detach.Token
    );
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
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync("orchestrator: " + e.Message);
    return ExitCodes.Usage;
}
