using System.Diagnostics;
using Npgsql;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// Sends batches on one connection: one round trip and one transaction each. What one operation spoils is sent again
/// without it; what others hold up is sent again; what nobody knows is never sent again. Only in the store's loop.
/// </summary>
internal sealed partial class PostgresWriter(
    PostgresSource source,
    CommitSignals signals,
    ILogger logger
) : IAsyncDisposable
{
    /// <summary>Name under which the server lists the connection.</summary>
    public const string ApplicationName = "orchestrator-journal";

    // About 10 s: each try waits 1 s for the lock.
    private const int LockTriesMax = 10;
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(1);

    // A silo that stops half-way is undone after 1 s. Plans are kept, because each batch has the same few statements.
    private const string Session = $"""
        SELECT set_config('application_name', '{ApplicationName}', false),
          set_config('lock_timeout', '1s', false),
          set_config('idle_in_transaction_session_timeout', '1s', false),
          set_config('statement_timeout', '10s', false),
          set_config('default_transaction_isolation', 'read committed', false),
          set_config('plan_cache_mode', 'force_generic_plan', false),
          set_config('jit', 'off', false)
        """;

    // Held to the end of the transaction: all writers of one journal take turns, so that positions follow commits.
    private const string LockSql =
        "SELECT pg_advisory_xact_lock(hashtext('orchestrator-journal'), hashtext(current_schema()))";

    // A silo that froze while it was sending is in no wait that a timeout of the server ends.
    private const string UnblockSql = $"""
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND application_name = '{ApplicationName}'
          AND pid <> pg_backend_pid() AND wait_event = 'ClientRead' AND state <> 'idle'
          AND xact_start < clock_timestamp() - interval '1 s'
        """;

    private readonly PostgresAppends appends = new(signals);
    private NpgsqlConnection? connection;
    private long usedAt;

    /// <summary>Commits a batch in which no task has two appends; each operation is told. Returns appends to send again.</summary>
    public async Task<List<AppendOperation>> CommitAsync(
        IReadOnlyList<PostgresOperation> batch,
        CancellationToken cancellationToken
    )
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await SendAsync(batch, cancellationToken);
            }
            catch (StorageException e)
            {
                // The connection could not be opened: nothing was sent.
                FailAll(batch, e);
                return [];
            }
            catch (Exception e) when (PostgresFaults.IsUndone(e))
            {
                appends.Forget();
                if (PostgresFaults.IsAnothersTurn(e) && tries < LockTriesMax)
                {
                    await UnblockAsync(cancellationToken);
                }
                else if (PostgresFaults.IsOneOperations(e) && batch.Count > 1)
                {
                    return await EachAloneAsync(batch, cancellationToken);
                }
                else
                {
                    FailAll(batch, PostgresFaults.Explain(source, e));
                    return [];
                }
            }
            catch (Exception e) when (PostgresFaults.IsOfTheWay(e))
            {
                await DropAsync();
                LogBroken(logger, source.Name, batch.Count, e);
                FailAll(batch, PostgresFaults.Unknown(source, e));
                return [];
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A value that cannot be sent: the batch never got its end, so the server undoes it with the connection. A
                // part of it may be on its way, whose answers the next user of the connection would take for its own.
                if (connection is not null)
                {
                    NpgsqlConnection.ClearPool(connection);
                }
                await DropAsync();
                if (batch.Count > 1)
                {
                    return await EachAloneAsync(batch, cancellationToken);
                }
                FailAll(batch, PostgresFaults.Explain(source, e));
                return [];
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await DropAsync();

    private static void FailAll(IReadOnlyList<PostgresOperation> batch, StorageException e)
    {
        foreach (var operation in batch)
        {
            operation.Fail(e);
        }
    }

    private async Task<List<AppendOperation>> SendAsync(
        IReadOnlyList<PostgresOperation> batch,
        CancellationToken cancellationToken
    )
    {
        await RequireLivingAsync(cancellationToken);
        var open = connection ??= await OpenAsync(cancellationToken);
        AppendOperation[] facts = [.. batch.OfType<AppendOperation>()];
        StatementOperation[] statements = [.. batch.OfType<StatementOperation>()];
        await using var turn = PostgresAppends.NeedTurn(facts)
            ? await TakeTurnAsync(open, cancellationToken)
            : null;
        await appends.LookUpAsync(open, facts, cancellationToken);

        await using var together = new NpgsqlBatch(open);
        together.BatchCommands.Add(new NpgsqlBatchCommand(LockSql));
        NpgsqlBatchCommand[] commands = [.. statements.Select(s => s.Make())];
        foreach (var command in commands)
        {
            together.BatchCommands.Add(command);
        }
        TaskTail[] ends = [];
        if (facts.Length > 0)
        {
            // Last, so that the lock is not held while the facts are still on their way.
            (var append, ends) = appends.Make(facts);
            together.BatchCommands.Add(append);
        }
        var answer = new AppendAnswer();
        await using (var reader = await together.ExecuteReaderAsync(cancellationToken))
        {
            // The lock's answer; then, past the statements that return no rows, that of the appends.
            if (await reader.NextResultAsync(cancellationToken) && facts.Length > 0)
            {
                answer = await PostgresAppends.ReadAsync(reader, cancellationToken);
            }
            while (await reader.NextResultAsync(cancellationToken)) { }
        }
        if (turn is not null)
        {
            await turn.CommitAsync(cancellationToken);
        }
        for (var i = 0; i < statements.Length; i++)
        {
            statements[i].End(commands[i].RecordsAffected);
        }
        usedAt = Stopwatch.GetTimestamp();
        return appends.End(facts, ends, answer);
    }

    private static async Task<NpgsqlTransaction> TakeTurnAsync(
        NpgsqlConnection open,
        CancellationToken cancellationToken
    )
    {
        var turn = await open.BeginTransactionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(LockSql, open, turn);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    // A connection that died while nothing was asked of it costs nobody a write.
    private async Task RequireLivingAsync(CancellationToken cancellationToken)
    {
        if (connection is null || Stopwatch.GetElapsedTime(usedAt) < IdleMax)
        {
            return;
        }
        try
        {
            await using var ask = new NpgsqlCommand("SELECT 1", connection);
            await ask.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            await DropAsync();
        }
    }

    private async Task<List<AppendOperation>> EachAloneAsync(
        IReadOnlyList<PostgresOperation> batch,
        CancellationToken cancellationToken
    )
    {
        var again = new List<AppendOperation>();
        foreach (var operation in batch)
        {
            again.AddRange(await CommitAsync([operation], cancellationToken));
        }
        return again;
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        appends.Forget();
        var opened = await source.OpenAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(Session, opened);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return opened;
        }
        catch (NpgsqlException e)
        {
            await opened.DisposeAsync();
            throw PostgresFaults.Explain(source, e);
        }
    }

    private async Task UnblockAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(UnblockSql, connection);
            if (await command.ExecuteScalarAsync(cancellationToken) is long and > 0 and var ended)
            {
                LogUnblocked(logger, source.Name, ended);
            }
        }
        catch (NpgsqlException e)
        {
            // The batch is sent again all the same; when the connection is gone, that tells.
            LogBroken(logger, source.Name, 0, e);
        }
    }

    private async Task DropAsync()
    {
        appends.Forget();
        if (Interlocked.Exchange(ref connection, null) is not { } old)
        {
            return;
        }
        try
        {
            await old.CloseAsync();
        }
        catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
        {
            LogBroken(logger, source.Name, 0, e);
        }
        await old.DisposeAsync();
    }

    [LoggerMessage(
        EventId = 2521,
        Level = LogLevel.Warning,
        Message = "The connection to {Database} broke; {Count} writes were under way and are told that their outcome is unknown"
    )]
    private static partial void LogBroken(
        ILogger logger,
        string database,
        int count,
        Exception exception
    );

    [LoggerMessage(
        EventId = 2522,
        Level = LogLevel.Warning,
        Message = "{Count} silos had stopped while they held the journal's lock of {Database}; their unfinished batches are undone"
    )]
    private static partial void LogUnblocked(ILogger logger, string database, long count);
}
