using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Orchestrator.SystemTests;

/// <summary>A fact as it stands in <c>journal.db</c>: its name (<c>run-started</c>) and the stored text.</summary>
internal sealed record StoredFact(
    long Position,
    string TaskId,
    long Sequence,
    string Fact,
    string Payload
)
{
    /// <summary>The fact's own JSON, without its instant.</summary>
    public JsonElement Body
    {
        get
        {
            using var document = JsonDocument.Parse(Payload);
            return document.RootElement.GetProperty("fact").Clone();
        }
    }
}

/// <summary>Reads <c>journal.db</c> without any code of the product, and checks what must always hold of it.</summary>
internal static class ChainReader
{
    /// <summary>All facts in order of their position; throws with a sentence when the file breaks one of its promises.</summary>
    /// <remarks>Positions without gaps, sequences without gaps, each hash that of (previous hash, payload), each head at its task's last fact.</remarks>
    public static IReadOnlyList<StoredFact> Read(string data)
    {
        using var connection = Open(data);
        // One moment for facts and heads, while the silo writes on.
        using var moment = connection.BeginTransaction(deferred: true);
        return Read(moment);
    }

    /// <summary>The same of any database that holds the journal's tables.</summary>
    public static IReadOnlyList<StoredFact> Read(DbConnection connection)
    {
        using var moment = connection.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);
        return Read(moment);
    }

    private static List<StoredFact> Read(DbTransaction moment)
    {
        var facts = new List<StoredFact>();
        var last = new Dictionary<string, (long Sequence, byte[] Hash)>(StringComparer.Ordinal);
        using var command = moment.Connection!.CreateCommand();
        command.Transaction = moment;
        command.CommandText =
            "SELECT position, task_id, sequence, payload, hash FROM fact ORDER BY position";
        using (var row = command.ExecuteReader())
        {
            while (row.Read())
            {
                var (position, task, sequence) = (
                    row.GetInt64(0),
                    row.GetString(1),
                    row.GetInt64(2)
                );
                var payload = row.GetFieldValue<byte[]>(3);
                var before = last.GetValueOrDefault(
                    task,
                    (0, SHA256.HashData(Encoding.UTF8.GetBytes(task)))
                );
                var hash = SHA256.HashData([.. before.Hash, .. payload]);
                Hold(position == facts.Count + 1, $"position {facts.Count + 1} is missing");
                Hold(
                    sequence == before.Sequence + 1,
                    $"{task}: fact {before.Sequence + 1} is missing"
                );
                Hold(
                    row.GetFieldValue<byte[]>(4).AsSpan().SequenceEqual(hash),
                    $"{task}: the hash of fact {sequence} does not follow from the one before"
                );
                last[task] = (sequence, hash);
                facts.Add(Fact(position, task, sequence, payload));
            }
        }
        Heads(moment, last.ToDictionary(l => l.Key, l => l.Value.Sequence));
        return facts;
    }

    /// <summary>Opens the file read-only, beside a living silo or without one.</summary>
    public static SqliteConnection Open(string data, bool writable = false)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(data, "journal.db"),
                Mode = writable ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString()
        );
        connection.Open();
        return connection;
    }

    /// <summary>One number of the file.</summary>
    public static long Scalar(string data, string sql)
    {
        using var connection = Open(data);
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // texts of the tests
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Heads(DbTransaction moment, Dictionary<string, long> last)
    {
        using var command = moment.Connection!.CreateCommand();
        command.Transaction = moment;
        command.CommandText = "SELECT task_id, version FROM head";
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var task = row.GetString(0);
            Hold(
                last.Remove(task, out var sequence) && sequence == row.GetInt64(1),
                $"{task}: its head is at {row.GetInt64(1)}, its facts at {sequence}"
            );
        }
        Hold(
            last.Keys.All(k => !k.StartsWith("task_", StringComparison.Ordinal)),
            $"tasks without a head: {string.Join(", ", last.Keys)}"
        );
    }

    private static StoredFact Fact(long position, string task, long sequence, byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        return new StoredFact(
            position,
            task,
            sequence,
            document.RootElement.GetProperty("fact").GetProperty("fact").GetString()!,
            Encoding.UTF8.GetString(payload)
        );
    }

    private static void Hold(bool promise, string broken)
    {
        if (!promise)
        {
            throw new InvalidOperationException($"The journal is broken: {broken}.");
        }
    }
}
