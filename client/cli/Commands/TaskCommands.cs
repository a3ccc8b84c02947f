using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Cli;

/// <summary>Verbs about tasks.</summary>
internal static class TaskCommands
{
    public static async Task<int> SubmitAsync(
        SiloFinder finder,
        Output output,
        SubmitRequest body,
        string[]? files,
        string? key,
        bool watch,
        CancellationToken token
    )
    {
        using var client = watch ? await finder.ConnectOrStartAsync(token) : finder.Connect();
        var task = await client.SubmitAsync(
            body with
            {
                Attachments = await TalkCommands.UploadAsync(client, files, token),
            },
            key,
            token
        );
        if (!watch)
        {
            output.Answer(
                await client.GetAsync(task.TaskId, token),
                OrchestratorJson.Default.TaskSnapshot,
                t => Output.Line(t.TaskId)
            );
            return ExitCodes.Done;
        }
        await Console.Error.WriteLineAsync(
            task.AlreadyThere ? $"{task.TaskId} (this task was there already)" : task.TaskId
        );
        return await WatchToEndAsync(finder, output, task.TaskId, 0, token);
    }

    /// <summary>Watches a task from a fact's number to the end of its turn, and shows what came of it.</summary>
    public static async Task<int> WatchToEndAsync(
        SiloFinder finder,
        Output output,
        string taskId,
        long after,
        CancellationToken token
    )
    {
        var end = await new Watcher(finder, output, stream: false, after).WatchAsync(taskId, token);
        if (output.Json)
        {
            output.Answer(end, OrchestratorJson.Default.TaskSnapshot, _ => { });
        }
        else
        {
            await ShowEndAsync(finder, end, token);
        }
        return ExitCodes.Of(end.Phase);
    }

    /// <summary>Shows diff, checks and where the files are.</summary>
    public static async Task ShowEndAsync(
        SiloFinder finder,
        TaskSnapshot end,
        CancellationToken token
    )
    {
        // Connected anew: the server may have come back at another address since the task was submitted.
        using var client = finder.Connect();
        var diff = await client.GetDiffAsync(end.TaskId, token);
        if (diff.Length > 0)
        {
            Output.Line();
            Output.Diff(diff.TrimEnd());
        }
        Output.Line();
        foreach (var command in end.Verification?.Commands ?? [])
        {
            Output.Line(
                $"verify:   {command.Command} → {(command.TimedOut ? "timed out" : "exit " + command.ExitCode)} ({command.DurationSeconds:0.0}s)"
            );
        }
        Output.Line($"agent:    {end.AgentLabel}");
        Output.Line($"artifact: {Path.Combine(finder.Data, "results", end.TaskId + ".json")}");
        Output.Line(
            $"summary:  {Path.Combine(finder.Data, "summaries", end.TaskId + "_summary.txt")}"
        );
    }

    public static async Task<int> WatchAsync(
        SiloFinder finder,
        Output output,
        string id,
        CancellationToken token
    )
    {
        using (var client = finder.Connect())
        {
            await client.GetAsync(id, token);
        }
        var end = await new Watcher(finder, output, stream: true).WatchAsync(id, token);
        return ExitCodes.Of(end.Phase);
    }

    public static async Task<int> ListAsync(
        SiloFinder finder,
        Output output,
        string? phase,
        int max,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.ListAsync(phase, null, max, token),
            OrchestratorJson.Default.TaskPage,
            page =>
            {
                foreach (var task in page.Tasks)
                {
                    Output.Line(
                        $"{task.TaskId, -31}  {task.Phase, -16}  {task.Priority, -6}  {task.Title}"
                    );
                }
            }
        );
        return ExitCodes.Done;
    }

    public static async Task<int> ShowAsync(
        SiloFinder finder,
        Output output,
        string id,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        var task = await client.GetAsync(id, token);
        var facts = output.Json ? [] : await AllFactsAsync(client, task, token);
        output.Answer(
            task,
            OrchestratorJson.Default.TaskSnapshot,
            t => TaskWords.Print(t, facts, finder.Data)
        );
        return ExitCodes.Done;
    }

    private static async Task<IReadOnlyList<JournalEntry>> AllFactsAsync(
        Client.OrchestratorClient client,
        TaskSnapshot task,
        CancellationToken token
    )
    {
        var facts = new List<JournalEntry>();
        long after = 0;
        while (after < task.Version)
        {
            var page = await client.GetFactsAsync(task.TaskId, after, cancellationToken: token);
            if (page.Facts.Count == 0)
            {
                break;
            }
            facts.AddRange(page.Facts.Where(f => f.Fact is not TaskFact.Progressed));
            after = page.Next;
        }
        return facts;
    }

    public static async Task<int> DiffAsync(
        SiloFinder finder,
        Output output,
        string id,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        var diff = await client.GetDiffAsync(id, token);
        if (output.Json)
        {
            output.Answer(
                new Dictionary<string, string> { ["task_id"] = id, ["diff"] = diff },
                OrchestratorJson.Default.DictionaryStringString,
                _ => { }
            );
        }
        else if (diff.Length > 0)
        {
            Output.Diff(diff.TrimEnd());
        }
        return ExitCodes.Done;
    }

    public static async Task<int> ExplainAsync(
        SiloFinder finder,
        Output output,
        string id,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.ExplainAsync(id, token),
            OrchestratorJson.Default.Explanation,
            e =>
            {
                Output.Line($"{e.TaskId} is {e.Phase}: {e.Headline}");
                foreach (var reason in e.Reasons)
                {
                    Output.Line("  - " + reason);
                }
                foreach (var step in e.NextSteps.Where(s => s.Length > 0))
                {
                    Output.Line("  → " + step);
                }
            }
        );
        return ExitCodes.Done;
    }

    public static async Task<int> ActAsync(
        SiloFinder finder,
        Output output,
        string id,
        string verb,
        string? reason,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.ActAsync(id, verb, reason, token),
            OrchestratorJson.Default.TaskSnapshot,
            t => Output.Line($"{t.TaskId} is {t.Phase}{(t.Cancelling ? ", cancelling" : "")}")
        );
        return ExitCodes.Done;
    }
}
