using Microsoft.Extensions.Logging;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Delivery;

/// <summary>
/// A subscriber of one partition: woken by a hint, reads the journal from its durable cursor, works in its own loop with
/// retries, and buries what it had to give up so that one bad fact stalls nobody.
/// </summary>
public abstract partial class SubscriberGrain(
    IJournal journal,
    ICursorStore cursors,
    TimeProvider time,
    ILogger logger
) : Grain
{
    private const int BatchMax = 500;
    private const int RoundsMax = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private long cursor = -1;
    private bool working;
    private bool again;

    /// <summary>The journal.</summary>
    protected IJournal Journal { get; } = journal;

    /// <summary>Name of the cursor.</summary>
    protected abstract string Kind { get; }

    /// <summary>The partition, 0 to 7.</summary>
    protected int Partition => (int)this.GetPrimaryKeyLong();

    /// <summary>There may be facts beyond the cursor.</summary>
    public Task WakeAsync(long position, CancellationToken cancellationToken)
    {
        again = true;
        if (!working)
        {
            working = true;
            _ = WorkAsync();
        }
        return Task.CompletedTask;
    }

    /// <summary>Delivers facts in order. May see a fact twice; must look before it acts.</summary>
    protected abstract Task HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        CancellationToken cancellationToken
    );

    private async Task WorkAsync()
    {
        try
        {
            while (again)
            {
                again = false;
                await DrainAsync();
            }
        }
        catch (StorageException e)
        {
            // Nothing is lost: the next wake-up reads from the cursor again.
            LogStopped(logger, Kind, Partition, e);
        }
        finally
        {
            working = false;
        }
    }

    private async Task DrainAsync()
    {
        cursor =
            cursor < 0 ? await cursors.ReadAsync(Kind, Partition, CancellationToken.None) : cursor;
        IReadOnlyList<JournalEntry> batch;
        while (
            (
                batch = await Journal.ReadPartitionAsync(
                    Partition,
                    cursor,
                    BatchMax,
                    CancellationToken.None
                )
            ).Count > 0
        )
        {
            await DeliverAsync(batch);
            cursor = batch[^1].Position;
            await cursors.SaveAsync(Kind, Partition, cursor, CancellationToken.None);
        }
    }

    private async Task DeliverAsync(IReadOnlyList<JournalEntry> batch)
    {
        for (var round = 1; ; round++)
        {
            try
            {
                await HandleAsync(batch, CancellationToken.None);
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException and not StorageException)
            {
                LogAgain(logger, Kind, Partition, round, e);
                if (round >= RoundsMax)
                {
                    await SeparateAsync(batch, e);
                    return;
                }
                await Task.Delay(Pause * round, time);
            }
        }
    }

    // The batch as a whole fails: each fact alone, and only what fails alone is buried.
    private async Task SeparateAsync(IReadOnlyList<JournalEntry> batch, Exception error)
    {
        foreach (var entry in batch)
        {
            try
            {
                await HandleAsync([entry], CancellationToken.None);
            }
            catch (Exception e) when (e is not OutOfMemoryException and not StorageException)
            {
                var letter = new DeadLetter(
                    0,
                    Kind,
                    Partition,
                    entry.TaskId,
                    entry.Position,
                    e.Message,
                    RoundsMax + 1,
                    time.GetUtcNow()
                );
                await cursors.BuryAsync(letter, CancellationToken.None);
                LogBuried(logger, Kind, entry.TaskId, entry.Position, error);
            }
        }
    }

    [LoggerMessage(
        EventId = 1301,
        Level = LogLevel.Warning,
        Message = "Subscriber {Kind}/{Partition} stopped: the store does not answer; it goes on at the next fact"
    )]
    private static partial void LogStopped(
        ILogger logger,
        string kind,
        int partition,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1302,
        Level = LogLevel.Warning,
        Message = "Subscriber {Kind}/{Partition} failed (round {Round})"
    )]
    private static partial void LogAgain(
        ILogger logger,
        string kind,
        int partition,
        int round,
        Exception exception
    );

    [LoggerMessage(
        EventId = 1303,
        Level = LogLevel.Error,
        Message = "Subscriber {Kind} gave up a fact of task {TaskId} at {Position}; it is kept as a dead letter"
    )]
    private static partial void LogBuried(
        ILogger logger,
        string kind,
        string taskId,
        long position,
        Exception exception
    );
}
