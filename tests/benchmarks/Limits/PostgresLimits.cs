using System.Text;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Limits;

/// <summary>PostgreSQL, a prepared INSERT and a commit for each row, on at most 16 connections: the limit of whoever writes row by row.</summary>
internal sealed class PostgresRows : LimitSubject
{
    private const int ConnectionsMax = 16;
    private readonly Channel<NpgsqlCommand> free = Channel.CreateUnbounded<NpgsqlCommand>();
    private NpgsqlDataSource? source;

    /// <inheritdoc />
    public override string Name => "row at a time";

    /// <inheritdoc />
    public override async Task StartAsync(SubjectOrder order)
    {
        source = NpgsqlDataSource.Create(order.Connection + ";No Reset On Close=true");
        await PostgresSchema.MakeAsync(source);
        for (var i = 0; i < Math.Min(order.Flight, ConnectionsMax); i++)
        {
            var connection = await source.OpenConnectionAsync();
            var insert = connection.CreateCommand();
            insert.CommandText =
                "INSERT INTO fact (task, step, due, payload) VALUES ($1, $2, $3, $4)";
            insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Bigint });
            insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Smallint });
            insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Boolean });
            insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Bytea });
            await insert.PrepareAsync();
            await free.Writer.WriteAsync(insert);
        }
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        while (free.Reader.TryRead(out var insert))
        {
            await insert.Connection!.DisposeAsync();
            await insert.DisposeAsync();
        }
        if (source is not null)
        {
            await source.DisposeAsync();
        }
    }

    /// <inheritdoc />
    protected override async Task AppendAsync(int task, int step, bool due)
    {
        var insert = await free.Reader.ReadAsync();
        insert.Parameters[0].Value = (long)task;
        insert.Parameters[1].Value = (short)step;
        insert.Parameters[2].Value = due;
        insert.Parameters[3].Value = Encoding.ASCII.GetBytes(Payload.Of(task, step));
        await insert.ExecuteNonQueryAsync();
        await free.Writer.WriteAsync(insert);
    }
}

/// <summary>PostgreSQL, a group-committed log with a narrow head per task, two writers.</summary>
internal sealed class PostgresLog : LimitSubject
{
    private const int Writers = 2;

    private const string AppendSql = """
        WITH r AS (SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bool[], $4::bytea[]) x (task, step, due, payload)),
        f AS (INSERT INTO fact (task, step, due, payload) SELECT task, step, due, payload FROM r)
        INSERT INTO head AS h (task, step, due) SELECT task, max(step), bool_or(due) FROM r GROUP BY task
        ON CONFLICT (task) DO UPDATE SET step = excluded.step
        """;

    private readonly List<NpgsqlConnection> connections = [];
    private NpgsqlDataSource? source;
    private GroupCommit? log;

    /// <inheritdoc />
    public override string Name => "bare log";

    /// <inheritdoc />
    public override async Task StartAsync(SubjectOrder order)
    {
        source = NpgsqlDataSource.Create(order.Connection + ";No Reset On Close=true");
        await PostgresSchema.MakeAsync(source);
        var commits = new List<Func<IReadOnlyList<PendingRow>, Task>>();
        for (var i = 0; i < Writers; i++)
        {
            var connection = await source.OpenConnectionAsync();
            connections.Add(connection);
            var append = connection.CreateCommand();
            append.CommandText = AppendSql;
            append.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [] });
            append.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [] });
            append.Parameters.Add(new NpgsqlParameter<bool[]> { TypedValue = [] });
            append.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [] });
            await append.PrepareAsync();
            commits.Add(rows => CommitAsync(append, rows));
        }
        log = new GroupCommit(commits);
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (log is not null)
        {
            await log.DisposeAsync();
        }
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
        if (source is not null)
        {
            await source.DisposeAsync();
        }
    }

    /// <inheritdoc />
    protected override Task AppendAsync(int task, int step, bool due) =>
        log!.AppendAsync(task, step, due, Encoding.ASCII.GetBytes(Payload.Of(task, step)));

    private static async Task CommitAsync(NpgsqlCommand append, IReadOnlyList<PendingRow> rows)
    {
        ((NpgsqlParameter<long[]>)append.Parameters[0]).TypedValue =
        [
            .. rows.Select(r => (long)r.Task),
        ];
        ((NpgsqlParameter<short[]>)append.Parameters[1]).TypedValue =
        [
            .. rows.Select(r => (short)r.Step),
        ];
        ((NpgsqlParameter<bool[]>)append.Parameters[2]).TypedValue = [.. rows.Select(r => r.Due)];
        ((NpgsqlParameter<byte[][]>)append.Parameters[3]).TypedValue =
        [
            .. rows.Select(r => r.Payload),
        ];
        await append.ExecuteNonQueryAsync();
    }
}

/// <summary>The bare store's tables.</summary>
internal static class PostgresSchema
{
    /// <summary>Makes them.</summary>
    public static async Task MakeAsync(NpgsqlDataSource source)
    {
        await using var make = source.CreateCommand(
            """
            CREATE TABLE fact (position bigserial PRIMARY KEY, task bigint NOT NULL, step smallint NOT NULL,
              due bool NOT NULL, at timestamptz NOT NULL DEFAULT now(), payload bytea NOT NULL);
            ALTER TABLE fact ALTER COLUMN payload SET STORAGE EXTERNAL;
            CREATE INDEX ON fact (task, position);
            CREATE TABLE head (task bigint PRIMARY KEY, step smallint NOT NULL, due bool NOT NULL) WITH (fillfactor = 85);
            """
        );
        await make.ExecuteNonQueryAsync();
    }
}
