using System.CommandLine;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Cli;

/// <summary>What happened since, by task, one line each.</summary>
internal static class ProgressCommand
{
    /// <summary>The verb.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var since = SinceText.Option("From when on; default: one day.");
        var command = new Command("progress", "Show what happened lately, one line a task.")
        {
            since,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                var report = await client.GetProgressAsync(
                    SinceText.Read(p.GetValue(since), TimeProvider.System.GetUtcNow()),
                    token
                );
                output(p)
                    .Answer(
                        report,
                        OrchestratorJson.Default.ProgressReport,
                        r =>
                        {
                            foreach (var task in r.Tasks)
                            {
                                Output.Line(
                                    $"{task.At:u}  {task.TaskId}  {System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(task.Phase.ToString()), -18}  {task.Facts, 4} facts  {string.Join(" ", task.Happened.TakeLast(5))}  {task.Title}"
                                );
                            }
                            if (r.Tasks.Count == 0)
                            {
                                Output.Line($"Nothing happened since {r.Since:u}.");
                            }
                        }
                    );
                if (report.Cut)
                {
                    await Console.Error.WriteLineAsync(
                        "More happened than is looked at: the newest is missing. Name a later --since."
                    );
                }
                return ExitCodes.Done;
            }
        );
        return command;
    }
}
