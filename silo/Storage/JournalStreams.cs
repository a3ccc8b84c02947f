using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Storage;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Orchestrator.Silo.Storage;

/// <summary>Wires the journal as an Orleans persistent stream provider.</summary>
internal static class JournalStreamsHosting
{
    // Only the pause after an empty answer: the receiver itself waits for the commit.
    private static readonly TimeSpan PullPause = TimeSpan.FromMilliseconds(20);

    // A handler returns at once, so only a subscriber that cannot be activated is ever waited for.
    private static readonly TimeSpan ActivationMax = TimeSpan.FromSeconds(15);

    /// <summary>Adds the provider <see cref="JournalStream.Provider"/>: one queue and one stream per partition, implicit subscriptions only.</summary>
    public static ISiloBuilder AddJournalStreams(this ISiloBuilder silo) =>
        silo.AddPersistentStreams(
            JournalStream.Provider,
            (services, name) =>
                new JournalQueues(
                    name,
                    services.GetRequiredService<IJournal>(),
                    services.GetRequiredService<ICursorStore>(),
                    services.GetRequiredService<TimeProvider>(),
                    services.GetRequiredService<ILogger<JournalQueues>>()
                ),
            streams =>
            {
                streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
                streams.UseConsistentRingQueueBalancer();
                streams.ConfigurePullingAgent(agent =>
                    agent.Configure(o =>
                    {
                        o.GetQueueMsgsTimerPeriod = PullPause;
                        o.MaxEventDeliveryTime = ActivationMax;
                    })
                );
            }
        );
}

/// <summary>The journal seen as queues. Nothing is ever put in: the tasks' own appends fill it.</summary>
internal sealed class JournalQueues(
    string name,
    IJournal journal,
    ICursorStore cursors,
    TimeProvider time,
    ILogger<JournalQueues> logger
) : IQueueAdapterFactory, IQueueAdapter, IQueueAdapterCache
{
    private readonly JournalQueueMapper mapper = new();

    /// <inheritdoc />
    public string Name => name;

    /// <summary>False: a hint is not rewound to; the subscriber's cursor is the truth.</summary>
    public bool IsRewindable => false;

    /// <inheritdoc />
    public StreamProviderDirection Direction => StreamProviderDirection.ReadOnly;

    /// <inheritdoc />
    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(this);

    /// <inheritdoc />
    public IQueueAdapterCache GetQueueAdapterCache() => this;

    /// <inheritdoc />
    public IStreamQueueMapper GetStreamQueueMapper() => mapper;

    /// <summary>Nothing to do on a failed delivery: the hint stays in the cache and is delivered again.</summary>
    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler(false));

    /// <inheritdoc />
    public IQueueCache CreateQueueCache(QueueId queueId) => new NewestHintCache();

    /// <inheritdoc />
    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) =>
        new JournalReceiver((int)queueId.GetNumericId(), journal, cursors, time, logger);

    /// <inheritdoc />
    public Task QueueMessageBatchAsync<T>(
        StreamId streamId,
        IEnumerable<T> events,
        StreamSequenceToken? token,
        Dictionary<string, object>? requestContext
    ) =>
        throw new NotSupportedException(
            "Nothing is published to the journal's streams: append facts to the journal."
        );
}

/// <summary>Partition n is stream n is queue n. Queues are spread over silos by the consistent ring.</summary>
internal sealed class JournalQueueMapper : IConsistentRingStreamQueueMapper
{
    private readonly QueueId[] queues =
    [
        .. Enumerable
            .Range(0, JournalPartitions.Count)
            .Select(n =>
                QueueId.GetQueueId(
                    JournalStream.Provider,
                    (uint)n,
                    (uint)((uint.MaxValue / JournalPartitions.Count * (ulong)n) + 1)
                )
            ),
    ];

    /// <inheritdoc />
    public IEnumerable<QueueId> GetAllQueues() => queues;

    /// <inheritdoc />
    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) =>
        queues.Where(q => range.InRange(q.GetUniformHashCode()));

    /// <inheritdoc />
    public QueueId GetQueueForStream(StreamId streamId) =>
        Enumerable
            .Range(0, JournalPartitions.Count)
            .Where(n => StreamOf(n) == streamId)
            .Select(n => queues[n])
            .FirstOrDefault(queues[0]);

    /// <summary>The stream of a partition.</summary>
    public static StreamId StreamOf(int partition) =>
        StreamId.Create(JournalStream.Namespace, partition);
}

/// <summary>
/// Waits for commits of one partition and tells of the newest position. At its start it tells once of whatever there is,
/// so that every subscriber reads on from its cursor. As a net, it looks once a minute whether a cursor lags behind.
/// </summary>
internal sealed partial class JournalReceiver(
    int partition,
    IJournal journal,
    ICursorStore cursors,
    TimeProvider time,
    ILogger logger
) : IQueueAdapterReceiver, IDisposable
{
    private static readonly TimeSpan NetPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TroubledPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stop = new();
    private long told = -1;
    private long netAt;

    /// <inheritdoc />
    public Task Initialize(TimeSpan timeout)
    {
        netAt = time.GetTimestamp();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) =>
        GetQueueMessagesAsync(maxCount, CancellationToken.None);

    /// <inheritdoc />
    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(
        int maxCount,
        CancellationToken cancellationToken
    )
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(
            stop.Token,
            cancellationToken
        );
        try
        {
            if (told < 0)
            {
                told = await journal.GetPartitionEndAsync(partition, both.Token);
                return told > 0 ? [Hint()] : [];
            }
            var end = await journal.WaitPartitionAsync(partition, told, both.Token);
            if (end > told)
            {
                told = end;
                return [Hint()];
            }
            return await LagsAsync(both.Token) ? [Hint()] : [];
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            return [];
        }
        catch (StorageException e)
        {
            LogUnread(logger, partition, e);
            await Task.Delay(TroubledPause, time, both.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return [];
        }
    }

    /// <summary>Nothing to note: what was delivered is what the subscribers' cursors say.</summary>
    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task Shutdown(TimeSpan timeout) => await stop.CancelAsync();

    /// <inheritdoc />
    public void Dispose() => stop.Dispose();

    private async Task<bool> LagsAsync(CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(netAt) < NetPause)
        {
            return false;
        }
        netAt = time.GetTimestamp();
        return told > 0 && await cursors.ReadSlowestAsync(partition, cancellationToken) < told;
    }

    private JournalHintBatch Hint() => new(new JournalHint(partition, told));

    [LoggerMessage(
        EventId = 2501,
        Level = LogLevel.Warning,
        Message = "Partition {Partition} of the journal could not be read; its subscribers are woken when it can"
    )]
    private static partial void LogUnread(ILogger logger, int partition, Exception exception);
}

/// <summary>One hint on its way to a subscriber.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.journal-hint-batch")]
internal sealed record JournalHintBatch([property: Id(0)] JournalHint Hint) : IBatchContainer
{
    /// <inheritdoc />
    public StreamId StreamId => JournalQueueMapper.StreamOf(Hint.Partition);

    /// <inheritdoc />
    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(Hint.Position);

    /// <inheritdoc />
    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() =>
        Hint is T hint ? [Tuple.Create(hint, SequenceToken)] : [];

    /// <inheritdoc />
    public bool ImportRequestContext() => false;
}

/// <summary>
/// Keeps the newest hint only: whoever was slow needs no older one. So nothing piles up, no subscriber can put the queue
/// under pressure, and a hint that could not be delivered is offered again.
/// </summary>
internal sealed class NewestHintCache : IQueueCache
{
    private JournalHintBatch? newest;

    /// <inheritdoc />
    public int GetMaxAddCount() => 1;

    /// <inheritdoc />
    public void AddToCache(IList<IBatchContainer> messages) =>
        newest = messages.OfType<JournalHintBatch>().LastOrDefault() ?? newest;

    /// <inheritdoc />
    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        purgedItems = [];
        return false;
    }

    /// <summary>A cursor that begins with the newest hint, whatever the token: an older one says less, a newer one does not exist.</summary>
    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token) =>
        new Cursor(this);

    /// <inheritdoc />
    public bool IsUnderPressure() => false;

    private sealed class Cursor(NewestHintCache cache) : IQueueCacheCursor
    {
        private JournalHintBatch? current;

        public bool MoveNext()
        {
            if (cache.newest is null || ReferenceEquals(cache.newest, current))
            {
                return false;
            }
            current = cache.newest;
            return true;
        }

        public IBatchContainer GetCurrent(out Exception? exception)
        {
            exception = null;
            return current!;
        }

        public void Refresh(StreamSequenceToken token) { }

        public void RecordDeliveryFailure() => current = null;

        public void Dispose() { }
    }
}
