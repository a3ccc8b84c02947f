using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Policies on SQLite.</summary>
internal sealed class SqlitePolicies(SqliteStore store) : IPolicyStore
{
    private static readonly string[] Names = ["$n", "$i", "$f", "$t", "$b", "$a"];

    /// <inheritdoc />
    public Task<long> GetNumberAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT coalesce(max(number), 0) FROM policy";
                return (long)command.ExecuteScalar()!;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<StoredPolicy>> ListAsync(
        int max,
        CancellationToken cancellationToken
    ) =>
        store.ReadAsync<IReadOnlyList<StoredPolicy>>(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    "SELECT number, id, file_name, text, set_by, at FROM policy ORDER BY number DESC LIMIT $m";
                command.Parameters.AddWithValue("$m", max);
                var policies = new List<StoredPolicy>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    policies.Add(
                        new StoredPolicy(
                            row.GetInt64(0),
                            row.GetString(1),
                            row.GetString(2),
                            row.GetString(3),
                            row.GetString(4),
                            new DateTimeOffset(row.GetInt64(5), TimeSpan.Zero)
                        )
                    );
                }
                return policies;
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<bool> AddAsync(StoredPolicy policy, CancellationToken cancellationToken) =>
        await store.WriteAsync(
            s =>
                s.Execute(
                    "INSERT INTO policy (number, id, file_name, text, set_by, at) SELECT $n, $i, $f, $t, $b, $a WHERE $n = (SELECT coalesce(max(number), 0) + 1 FROM policy)",
                    Names,
                    policy.Number,
                    policy.Id,
                    policy.FileName,
                    policy.Text,
                    policy.By,
                    policy.At.UtcTicks
                ),
            cancellationToken
        ) > 0;
}
