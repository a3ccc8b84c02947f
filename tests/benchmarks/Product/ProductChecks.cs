using Microsoft.Data.Sqlite;
using Orchestrator.Benchmarks.Workloads;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Benchmarks.Product;

/// <summary>After a run: the store is whole, the chains verify, every subscriber is at the end, no payload is missing.</summary>
internal static class ProductChecks
{
    private const int SamplesMax = 200;

    /// <summary>Every finding, as a sentence.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(
        IServiceProvider services,
        IReadOnlyList<(int Task, string Id)> tasks,
        Func<Func<Task<bool>>, Task> until
    )
    {
        var journal = services.GetRequiredService<IJournal>();
        List<string> findings = [.. await journal.VerifyChainAsync(null, default)];
        findings.AddRange(
            (await services.GetRequiredService<IStoreChecks>().CheckAsync(default))
                .Where(c => c.Level != "ok")
                .Select(c => $"{c.Name}: {c.Message}")
        );
        await until(() => CursorsAreThereAsync(services));
        var buried = await services.GetRequiredService<ICursorStore>().CountBuriedAsync(default);
        if (buried > 0)
        {
            findings.Add($"{buried} deliveries were given up.");
        }
        var redactor = services.GetRequiredService<Redactor>();
        foreach (var (task, id) in tasks.Where((_, i) => i % ((tasks.Count / SamplesMax) + 1) == 0))
        {
            var facts = await journal.ReadTaskAsync(id, 0, 100, default);
            // JSON escapes the plus.
            var text = string.Concat(
                    facts.Select(f =>
                        System.Text.Json.JsonSerializer.Serialize(
                            f.Fact,
                            OrchestratorJson.Compact.TaskFact
                        )
                    )
                )
                .Replace("\\u002B", "+", StringComparison.Ordinal);
            findings.AddRange(
                Enumerable
                    .Range(0, Payload.Steps + 1)
                    // Some random letters look like a key, and are stored without it.
                    .Where(step =>
                        Payload.Of(task, step) is var payload
                        && redactor.Redact(payload) == payload
                        && !Holds(text, payload)
                    )
                    .Select(step => $"The payload of step {step} of task {task} is not stored.")
            );
        }
        return findings;
    }

    /// <summary>True when every subscriber's durable cursor is at the end of its partition.</summary>
    public static async Task<bool> CursorsAreThereAsync(IServiceProvider services)
    {
        var cursors = services.GetRequiredService<ICursorStore>();
        var journal = services.GetRequiredService<IJournal>();
        for (var partition = 0; partition < JournalPartitions.Count; partition++)
        {
            var end = await journal.GetPartitionEndAsync(partition, default);
            foreach (var kind in Subscribers.Kinds)
            {
                if (await cursors.ReadAsync(kind, partition, default) < end)
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// <summary>Bytes that the pages of a file take, those in its write-ahead log included.</summary>
    public static long SqliteBytes(string file)
    {
        using var connection = new SqliteConnection(
            $"Data Source={file};Mode=ReadOnly;Pooling=False"
        );
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        return (long)command.ExecuteScalar()!;
    }

    // Step 2's payload lies in four pieces.
    private static bool Holds(string json, string payload) =>
        payload
            .Chunk(Payload.Length / 4)
            .All(piece => json.Contains(new string(piece), StringComparison.Ordinal));
}
