using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>
/// One SQLite file: one writer thread with group commit, and a few read connections. A caller's task ends with the
/// commit that holds its operation; an operation that fails is rolled back to its savepoint and fails alone.
/// </summary>
internal sealed class SqliteStore : IDisposable
{
    private const int QueueMax = 16_384;
    private const int BatchMax = 512;
    private const int ReadersMax = 4;

    private readonly Channel<Operation> queue = Channel.CreateBounded<Operation>(
        new BoundedChannelOptions(QueueMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
        }
    );

    private readonly SqliteConnection writer;
    private readonly Channel<SqliteConnection> readers = Channel.CreateBounded<SqliteConnection>(
        ReadersMax
    );
    private readonly Thread thread;
    private readonly Dictionary<string, SqliteCommand> commands = new(StringComparer.Ordinal);
    private readonly string path;
    private readonly StorePulse? pulse;
    private volatile bool closing;

    /// <summary>Opens or creates the file and brings its schema up to date.</summary>
    public SqliteStore(string path, string family, StorePulse? pulse = null)
    {
        this.pulse = pulse;
        this.path = path;
        try
        {
            writer = Open(path, readOnly: false);
            SqliteMigrator.Migrate(writer, family);
            for (var i = 0; i < ReadersMax; i++)
            {
#pragma warning disable CA2000 // Dispose() empties the channel
                readers.Writer.TryWrite(Open(path, readOnly: false));
#pragma warning restore CA2000
            }
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
        thread = new Thread(Loop) { IsBackground = true, Name = "sqlite-writer" };
        thread.Start();
    }

    /// <summary>Where the file lies.</summary>
    public string Folder => Path.GetDirectoryName(path)!;

    /// <summary>Called on the writer thread after each commit that changed something.</summary>
    public Action? Committed { get; set; }

    /// <summary>Called on the writer thread after a batch was rolled back: caches of what it held are void.</summary>
    public Action? RolledBack { get; set; }

    /// <summary>Queues an operation; completes after its commit. The operation runs on the writer thread inside a transaction.</summary>
    public async Task<T> WriteAsync<T>(
        Func<SqliteStore, T> work,
        CancellationToken cancellationToken
    )
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await EnqueueAsync(Make(work, done), cancellationToken);
        return await done.Task.ConfigureAwait(false);
    }

    /// <summary>Queues an operation and returns; it joins the next commit, in order.</summary>
    public Task PostAsync<T>(Func<SqliteStore, T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Nobody waits for a ride-along: what became of it shows at the next append's version check.
        _ = done.Task.ContinueWith(
            t => t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default
        );
        return EnqueueAsync(Make(work, done), cancellationToken);
    }

    /// <summary>Runs a read on a connection of its own, off the caller's thread.</summary>
    public async Task<T> ReadAsync<T>(
        Func<SqliteConnection, T> read,
        CancellationToken cancellationToken
    )
    {
        var connection = await readers.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => read(connection), cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
        finally
        {
            if (closing || !readers.Writer.TryWrite(connection))
            {
                connection.Dispose();
            }
        }
    }

    /// <summary>A prepared command of the writer, by its text. Only on the writer thread.</summary>
    public SqliteCommand Command(string sql, params ReadOnlySpan<string> names)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            command = writer.CreateCommand();
#pragma warning disable CA2100 // constants of this assembly
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var name in names)
            {
                command.Parameters.Add(
                    new SqliteParameter { ParameterName = name, Value = DBNull.Value }
                );
            }
            commands.Add(sql, command);
        }
        command.Transaction = Transaction;
        return command;
    }

    /// <summary>Executes a prepared command with values in the order of its names.</summary>
    public int Execute(string sql, ReadOnlySpan<string> names, params ReadOnlySpan<object?> values)
    {
        var command = Command(sql, names);
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        return command.ExecuteNonQuery();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        closing = true;
        queue.Writer.TryComplete();
        thread.Join(TimeSpan.FromSeconds(10));
        readers.Writer.TryComplete();
        while (readers.Reader.TryRead(out var reader))
        {
            reader.Dispose();
        }
        foreach (var command in commands.Values)
        {
            command.Dispose();
        }
        writer.Dispose();
    }

    private static Operation Make<T>(Func<SqliteStore, T> work, TaskCompletionSource<T> done)
    {
        T? result = default;
        return new Operation(
            s => result = work(s),
            () => done.TrySetResult(result!),
            e => done.TrySetException(e)
        );
    }

    private async Task EnqueueAsync(Operation operation, CancellationToken cancellationToken)
    {
        try
        {
            await queue.Writer.WriteAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new StorageException(
                "The store is closed because the server is stopping. Ask again after its restart."
            );
        }
    }

    private static SqliteConnection Open(string path, bool readOnly)
    {
        var builder = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 10,
        };
        var connection = new SqliteConnection(builder.ToString());
        connection.Open();
        using var pragma = connection.CreateCommand();
        pragma.CommandText =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000";
        pragma.ExecuteNonQuery();
        return connection;
    }

    private void Loop()
    {
        var batch = new List<Operation>(BatchMax);
        // The thread is the product's own and blocks by design: nothing else runs on it.
#pragma warning disable CA2012
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
#pragma warning restore CA2012
        {
            batch.Clear();
            while (batch.Count < BatchMax && queue.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
            }
            pulse?.Begin("a commit", batch.Count);
            Commit(batch);
            pulse?.End();
        }
    }

    private void Commit(List<Operation> batch)
    {
        if (TryTogether(batch) || batch.Count == 0)
        {
            return;
        }
        // Something in the batch failed as a whole (or one of its operations): each gets a transaction of its own.
        foreach (var operation in batch)
        {
            try
            {
                Transact([operation]);
                Committed?.Invoke();
                operation.Done();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                RolledBack?.Invoke();
                operation.Fail(e is SqliteException s ? Explain(s) : e);
            }
        }
    }

    private bool TryTogether(List<Operation> batch)
    {
        try
        {
            Transact(batch);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            RolledBack?.Invoke();
            return false;
        }
        Committed?.Invoke();
        foreach (var operation in batch)
        {
            operation.Done();
        }
        return true;
    }

    private void Transact(List<Operation> batch)
    {
        using var transaction = writer.BeginTransaction(deferred: false);
        Transaction = transaction;
        foreach (var operation in batch)
        {
            operation.Work(this);
        }
        transaction.Commit();
    }

    /// <summary>The running transaction; for commands made inside an operation.</summary>
    public SqliteTransaction? Transaction { get; private set; }

    private StorageException Explain(SqliteException e) =>
        e.SqliteErrorCode switch
        {
            13 => new StorageException(
                $"The disk that holds {path} is full. Free space; the same request works again then.",
                e
            ),
            8 => new StorageException(
                $"{path} is read-only. Make the data directory writable for this user.",
                e
            ),
            14 => new StorageException(
                $"{path} cannot be opened. Check that the data directory exists and is writable.",
                e
            ),
            5 or 6 => new StorageException(
                $"{path} is locked by another program. End it, then ask again.",
                e
            ),
            11 or 26 => new StorageException(
                $"{path} is damaged or no database. Restore a backup.",
                e
            ),
            _ => new StorageException($"{path}: {e.Message}", e),
        };

    private sealed record Operation(Action<SqliteStore> Work, Action Done, Action<Exception> Fail);
}
