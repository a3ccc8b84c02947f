using System.Globalization;
using Microsoft.Data.Sqlite;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Cursors and dead letters on SQLite.</summary>
internal sealed class SqliteCursors(SqliteStore store) : ICursorStore
{
    private const string Letters =
        "SELECT id, subscriber, partition, task_id, position, error, attempts, at, replayed FROM dead_letter ";

    private static readonly TimeSpan ReplayedKept = TimeSpan.FromDays(30);
    private static readonly string[] CursorNames = ["$s", "$g", "$p"];
    private static readonly string[] LetterNames = ["$s", "$g", "$t", "$p", "$e", "$n", "$a"];
    private static readonly string[] ReplayedNames = ["$i", "$a"];
    private static readonly string[] FailedNames = ["$i", "$e"];

    /// <inheritdoc />
    public Task<long> ReadAsync(
        string subscriber,
        int partition,
        CancellationToken cancellationToken
    ) =>
        ScalarAsync(
            "SELECT coalesce(max(position), 0) FROM cursor WHERE subscriber = $a AND partition = $b",
            cancellationToken,
            subscriber,
            partition
        );

    /// <inheritdoc />
    public Task SaveAsync(
        string subscriber,
        int partition,
        long position,
        Durability durability,
        CancellationToken cancellationToken
    )
    {
        int Save(SqliteStore s) =>
            s.Execute(
                "INSERT INTO cursor (subscriber, partition, position) VALUES ($s, $g, $p) ON CONFLICT (subscriber, partition) DO UPDATE SET position = max(position, $p)",
                CursorNames,
                subscriber,
                partition,
                position
            );
        return durability == Durability.Wait
            ? store.WriteAsync(Save, cancellationToken)
            : store.PostAsync(Save, cancellationToken);
    }

    /// <inheritdoc />
    public Task<long> ReadSlowestAsync(int partition, CancellationToken cancellationToken) =>
        ScalarAsync(
            "SELECT coalesce(min(position), 9223372036854775807) FROM cursor WHERE partition = $a",
            cancellationToken,
            partition
        );

    /// <inheritdoc />
    public Task BuryAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        store.WriteAsync(
            s =>
            {
                s.Execute(
                    "DELETE FROM dead_letter WHERE replayed < $a",
                    ["$a"],
                    (letter.At - ReplayedKept).UtcTicks
                );
                return s.Execute(
                    "INSERT INTO dead_letter (subscriber, partition, task_id, position, error, attempts, at) VALUES ($s, $g, $t, $p, $e, $n, $a) ON CONFLICT DO NOTHING",
                    LetterNames,
                    letter.Subscriber,
                    letter.Partition,
                    letter.TaskId,
                    letter.Position,
                    letter.Error,
                    letter.Attempts,
                    letter.At.UtcTicks
                );
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<DeadLetter?> FindBuriedAsync(long id, CancellationToken cancellationToken)
    {
        var found = await QueryAsync(Letters + "WHERE id = $a", cancellationToken, id);
        return found.Count > 0 ? found[0] : null;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<DeadLetter>> ListBuriedAsync(
        string? subscriber,
        long afterId,
        int max,
        bool replayed,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            Letters
                + "WHERE id > $a AND ($b IS NULL OR subscriber = $b) AND ($c OR replayed IS NULL) ORDER BY id LIMIT $d",
            cancellationToken,
            afterId,
            subscriber,
            replayed,
            Math.Clamp(max, 1, 1_000)
        );

    /// <inheritdoc />
    public Task<long> CountBuriedAsync(CancellationToken cancellationToken) =>
        ScalarAsync("SELECT count(*) FROM dead_letter WHERE replayed IS NULL", cancellationToken);

    /// <inheritdoc />
    public Task MarkReplayedAsync(
        long id,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
                s.Execute(
                    "UPDATE dead_letter SET replayed = coalesce(replayed, $a), attempts = attempts + 1 WHERE id = $i",
                    ReplayedNames,
                    id,
                    at.UtcTicks
                ),
            cancellationToken
        );

    /// <inheritdoc />
    public Task MarkFailedAsync(long id, string reason, CancellationToken cancellationToken) =>
        store.WriteAsync(
            s =>
                s.Execute(
                    "UPDATE dead_letter SET error = $e, attempts = attempts + 1 WHERE id = $i AND replayed IS NULL",
                    FailedNames,
                    id,
                    reason
                ),
            cancellationToken
        );

    private Task<long> ScalarAsync(
        string sql,
        CancellationToken cancellationToken,
        params object?[] values
    ) =>
        store.ReadAsync(
            connection =>
            {
                using var command = Make(connection, sql, values);
                return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
            },
            cancellationToken
        );

    private Task<IReadOnlyList<DeadLetter>> QueryAsync(
        string sql,
        CancellationToken cancellationToken,
        params object?[] values
    ) =>
        store.ReadAsync<IReadOnlyList<DeadLetter>>(
            connection =>
            {
                using var command = Make(connection, sql, values);
                var letters = new List<DeadLetter>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    letters.Add(
                        new DeadLetter(
                            row.GetInt64(0),
                            row.GetString(1),
                            row.GetInt32(2),
                            row.GetString(3),
                            row.GetInt64(4),
                            row.GetString(5),
                            row.GetInt32(6),
                            new DateTimeOffset(row.GetInt64(7), TimeSpan.Zero),
                            row.IsDBNull(8)
                                ? null
                                : new DateTimeOffset(row.GetInt64(8), TimeSpan.Zero)
                        )
                    );
                }
                return letters;
            },
            cancellationToken
        );

    private static SqliteCommand Make(SqliteConnection connection, string sql, object?[] values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue("$" + (char)('a' + i), values[i] ?? DBNull.Value);
        }
        return command;
    }
}
