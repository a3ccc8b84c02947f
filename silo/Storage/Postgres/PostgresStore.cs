using System.Threading.Channels;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage.Postgres;

/// <summary>
/// One database and this silo's one writer loop with group commit: a batch is whatever queued while the last one was
/// under way. A caller's task ends with the commit that holds its operation. Nothing is connected before the first use.
/// </summary>
internal sealed class PostgresStore : IAsyncDisposable, IDisposable
{
    private const int QueueMax = 16_384;
    private const int BatchMax = 512;
    private const int BatchBytesMax = 4 * 1024 * 1024;
    private static readonly TimeSpan LastBatchMax = TimeSpan.FromSeconds(10);

    private readonly Channel<PostgresOperation> queue = Channel.CreateBounded<PostgresOperation>(
        new BoundedChannelOptions(QueueMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
        }
    );

    // Appends that must wait for an earlier one of the same task, in their order; at most QueueMax.
    private readonly List<PostgresOperation> waiting = [];
    private readonly CancellationTokenSource stop = new();
    private readonly PostgresWriter writer;
    private readonly PostgresListener listener;
    private readonly Task loop;
    private readonly TimeProvider time;
    private readonly StorePulse? pulse;
    private int disposed;

    /// <summary>Starts the writer and the listener.</summary>
    public PostgresStore(
        PostgresSource source,
        TimeProvider time,
        ILogger<PostgresStore> logger,
        StorePulse? pulse = null
    )
    {
        this.pulse = pulse;
        Source = source;
        this.time = time;
        writer = new PostgresWriter(source, Signals, logger);
        listener = new PostgresListener(source, Signals, time, logger);
        loop = Task.Run(LoopAsync);
    }

    /// <summary>For reads, and for writes that need no turn.</summary>
    public PostgresSource Source { get; }

    /// <summary>Commits of this silo and of the others.</summary>
    public CommitSignals Signals { get; } = new();

    /// <summary>Queues a statement; completes after its commit with the number of rows it changed.</summary>
    public async Task<int> WriteAsync(
        string sql,
        CancellationToken cancellationToken,
        params object?[] values
    )
    {
        var operation = new StatementOperation(sql, values);
        await EnqueueAsync(operation, cancellationToken);
        return await operation.Done;
    }

    /// <summary>Queues a statement and returns; it joins the next commit, in order.</summary>
    public Task PostAsync(string sql, CancellationToken cancellationToken, params object?[] values)
    {
        var operation = new StatementOperation(sql, values);
        Unobserved(operation.Done);
        return EnqueueAsync(operation, cancellationToken);
    }

    /// <summary>Queues an append; with <see cref="Durability.Wait"/> completes after its commit.</summary>
    public async Task<AppendOutcome> AppendAsync(
        AppendRequest request,
        Durability durability,
        CancellationToken cancellationToken
    )
    {
        var operation = new AppendOperation(request);
        if (durability == Durability.RideAlong)
        {
            Unobserved(operation.Done);
            await EnqueueAsync(operation, cancellationToken);
            return AppendOutcome.Appended;
        }
        await EnqueueAsync(operation, cancellationToken);
        return await operation.Done;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }
        queue.Writer.TryComplete();
        await loop.WaitAsync(LastBatchMax, time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stop.CancelAsync();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await listener.DisposeAsync();
        await writer.DisposeAsync();
        await Source.DisposeAsync();
        stop.Dispose();
    }

    /// <inheritdoc />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    // Nobody waits for a ride-along: what became of it shows at the next append's version check.
    private static void Unobserved(Task done) =>
        _ = done.ContinueWith(
            t => t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default
        );

    private async Task EnqueueAsync(
        PostgresOperation operation,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await queue.Writer.WriteAsync(operation, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw Closed();
        }
    }

    private static StorageException Closed() =>
        new("The store is closed because the server is stopping. Ask again after its restart.");

    private async Task LoopAsync()
    {
        var batch = new List<PostgresOperation>(BatchMax);
        try
        {
            while (waiting.Count > 0 || await queue.Reader.WaitToReadAsync(stop.Token))
            {
                batch.Clear();
                Fill(batch);
                pulse?.Begin("a commit", batch.Count);
                try
                {
                    waiting.InsertRange(0, await writer.CommitAsync(batch, stop.Token));
                }
                finally
                {
                    pulse?.End();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Whoever still waits is told below.
        }
        queue.Writer.TryComplete();
        while (queue.Reader.TryRead(out var left))
        {
            left.Fail(Closed());
        }
        waiting.ForEach(w => w.Fail(Closed()));
    }

    // One append per task; a later one of the same task keeps its place for the next batch.
    private void Fill(List<PostgresOperation> batch)
    {
        var tasks = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0;
        bool Full() => batch.Count >= BatchMax || bytes >= BatchBytesMax;
        bool Take(PostgresOperation operation)
        {
            if (
                operation is AppendOperation append
                && (!tasks.Add(append.Request.TaskId) || Full())
            )
            {
                return false;
            }
            batch.Add(operation);
            bytes += operation.SizeBytes;
            return true;
        }

        waiting.RemoveAll(Take);
        while (!Full() && waiting.Count < QueueMax && queue.Reader.TryRead(out var operation))
        {
            if (!Take(operation))
            {
                waiting.Add(operation);
            }
        }
    }
}
