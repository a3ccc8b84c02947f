using System.Text;
using Microsoft.Data.Sqlite;
using Orchestrator.Benchmarks.Product;
using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Limits;

/// <summary>SQLite with synchronous=FULL, one connection: either a transaction for each row, or whatever queued meanwhile.</summary>
internal sealed class SqliteLimit(bool grouped) : LimitSubject
{
    private readonly SemaphoreSlim turn = new(1);
    private SqliteConnection? connection;
    private SqliteCommand? insert;
    private GroupCommit? log;
    private string file = "";

    /// <inheritdoc />
    public override string Name => grouped ? "bare log" : "row at a time";

    /// <inheritdoc />
    public override async Task StartAsync(SubjectOrder order)
    {
        file = Path.Combine(order.Folder, "bare.db");
        connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var make = connection.CreateCommand();
        make.CommandText =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE fact (position INTEGER PRIMARY KEY, task INTEGER, step INTEGER, due INTEGER, payload BLOB)";
        await make.ExecuteNonQueryAsync();
        insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO fact (task, step, due, payload) VALUES ($t, $s, $d, $p)";
        foreach (var name in (string[])["$t", "$s", "$d", "$p"])
        {
            insert.Parameters.Add(new SqliteParameter { ParameterName = name });
        }
        log = grouped ? new GroupCommit([CommitAsync]) : null;
    }

    /// <inheritdoc />
    public override long? EmbeddedBytes() => ProductChecks.SqliteBytes(file);

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (log is not null)
        {
            await log.DisposeAsync();
        }
        if (insert is not null)
        {
            await insert.DisposeAsync();
        }
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
        turn.Dispose();
    }

    /// <inheritdoc />
    protected override async Task AppendAsync(int task, int step, bool due)
    {
        var payload = Encoding.ASCII.GetBytes(Payload.Of(task, step));
        if (log is not null)
        {
            await log.AppendAsync(task, step, due, payload);
            return;
        }
        await turn.WaitAsync();
        try
        {
            Insert(task, step, due, payload); // a transaction of its own
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task CommitAsync(IReadOnlyList<PendingRow> rows)
    {
        await using var transaction = (SqliteTransaction)await connection!.BeginTransactionAsync();
        insert!.Transaction = transaction;
        foreach (var row in rows)
        {
            Insert(row.Task, row.Step, row.Due, row.Payload);
        }
        await transaction.CommitAsync();
    }

    private void Insert(int task, int step, bool due, byte[] payload)
    {
        insert!.Parameters[0].Value = task;
        insert.Parameters[1].Value = step;
        insert.Parameters[2].Value = due;
        insert.Parameters[3].Value = payload;
        insert.ExecuteNonQuery();
    }
}
