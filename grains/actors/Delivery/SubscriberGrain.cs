using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orchestrator.Grains.Delivery;

/// <summary>What every subscriber needs.</summary>
public sealed record SubscriberServices(
    IJournal Journal,
    ICursorStore Cursors,
    Redactor Redactor,
    TimeProvider Time
);

/// <summary>
/// A subscriber of one partition: woken by a hint of the journal's stream, reads the journal from its durable cursor,
/// works in its own loop with retries, and buries what it had to give up so that one bad fact stalls nobody. A concrete
/// one is marked <c>[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace)]</c>; what survives every await is
/// that there is at most one loop and that only the loop moves the cursor.
/// </summary>
public abstract partial class SubscriberGrain
    : Grain,
        ISubscriberGrain,
        IStreamSubscriptionObserver,
        IDisposable
{
    private const int BatchMax = 500;
    private const int ErrorTextMax = 2_000;
    private static readonly TimeSpan SavePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StoreFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StoreLast = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LeaveMax = TimeSpan.FromSeconds(5);

    private readonly SubscriberServices services;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationToken stopping;
    private long cursor = -1;
    private long saved = -1;
    private long savedAt;
    private IGrainTimer? save;
    private Task work = Task.CompletedTask;
    private bool working;
    private bool again;

    private long drainedAt;

    // The last position that a hint named.
    private long heard;

    /// <summary>Creates it.</summary>
    protected SubscriberGrain(SubscriberServices services, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(services);
        this.services = services;
        this.logger = logger;
        stopping = stop.Token;
    }

    /// <summary>The journal.</summary>
    protected IJournal Journal => services.Journal;

    /// <summary>Name of the cursor; never changes.</summary>
    protected abstract string Kind { get; }

    /// <summary>Tries of a batch before its facts are tried one by one, and what fails alone is buried. Default 5.</summary>
    protected virtual int RoundsMax => 5;

    /// <summary>Pause after the first failed try; grows by itself each time. Default 500 ms.</summary>
    protected virtual TimeSpan Pause => TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Least time between the beginnings of two looks into the journal: while facts keep coming, one look takes many. The
    /// first fact after a rest is taken at once. Default 50 ms.
    /// </summary>
    protected virtual TimeSpan Gather => TimeSpan.FromMilliseconds(50);

    /// <summary>Longest time of one try; longer is a failed one. Default 2 minutes.</summary>
    protected virtual TimeSpan HandleMax => TimeSpan.FromMinutes(2);

    /// <summary>The partition, 0 to 7.</summary>
    protected int Partition => (int)this.GetPrimaryKeyLong();

    /// <summary>Takes the partition's stream: its events are hints, the handler only starts the loop.</summary>
    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory)
    {
        ArgumentNullException.ThrowIfNull(handleFactory);
        await handleFactory
            .Create<JournalHint>()
            .ResumeAsync((hint, _) => WakeAsync(hint.Position, CancellationToken.None));
    }

    /// <inheritdoc />
    public Task WakeAsync(long position, CancellationToken cancellationToken)
    {
        if (position > 0 && position <= cursor)
        {
            return Task.CompletedTask; // read with what came before it
        }
        heard = position > 0 ? Math.Max(heard, position) : long.MaxValue;
        again = true;
        if (!working && !stopping.IsCancellationRequested)
        {
            working = true;
            work = WorkAsync();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task<Failure?> ReplayAsync(long letterId, CancellationToken cancellationToken)
    {
        var letter = await services.Cursors.FindBuriedAsync(letterId, cancellationToken);
        if (letter is null || letter.Subscriber != Kind || letter.Partition != Partition)
        {
            return new Failure(
                FailureCodes.NotFound,
                $"There is no dead letter {letterId} of {Kind}/{Partition}. 'orchestrator dead-letters list' shows them."
            );
        }
        if (letter.ReplayedAt is not null)
        {
            return null;
        }
        var found = await Journal.ReadPartitionAsync(
            Partition,
            letter.Position - 1,
            1,
            cancellationToken
        );
        if (found.Count == 0 || found[0].Position != letter.Position)
        {
            return new Failure(
                FailureCodes.NotFound,
                $"The fact at {letter.Position} of dead letter {letterId} is not in the journal any more; it cannot be delivered."
            );
        }
        try
        {
            await HandleInTimeAsync(found, replay: true);
        }
        catch (Exception e) when (IsBad(e))
        {
            var error = Words(e);
            await services.Cursors.MarkFailedAsync(letterId, error, cancellationToken);
            return new Failure(
                FailureCodes.NotPossibleNow,
                $"Dead letter {letterId} failed again: {error}"
            );
        }
        await services.Cursors.MarkReplayedAsync(
            letterId,
            services.Time.GetUtcNow(),
            cancellationToken
        );
        LogReplayed(logger, Kind, letter.TaskId, letter.Position);
        return null;
    }

    /// <inheritdoc />
    public async Task<SubscriberStatus> GetState()
    {
        var at =
            cursor >= 0
                ? cursor
                : await services.Cursors.ReadAsync(Kind, Partition, CancellationToken.None);
        var waiting = await Journal.ReadPartitionAsync(
            Partition,
            at,
            BatchMax,
            CancellationToken.None
        );
        return new SubscriberStatus(Kind, Partition, at, waiting.Count, working);
    }

    /// <inheritdoc />
    public override async Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        await stop.CancelAsync();
        // A handler that does not end is left behind: the cursor says what was done, and the rest comes again.
        await work.WaitAsync(LeaveMax, services.Time, cancellationToken)
            .ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing
                    | ConfigureAwaitOptions.ContinueOnCapturedContext
            );
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the loop for good; after the deactivation.</summary>
    protected virtual void Dispose(bool disposing) => stop.Dispose();

    /// <summary>
    /// Delivers facts in order. May see a fact twice; must look before it acts. True = there was an effect outside, so
    /// that the cursor is saved at once. With <paramref name="replay"/> the one fact is a buried one, older than the cursor.
    /// </summary>
    protected abstract Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    );

    /// <summary>True when trying again cannot help, so that nobody waits behind it for the tries that are left. Default: never.</summary>
    protected virtual bool IsHopeless(Exception e) => false;

    private static bool IsBad(Exception e) =>
        e is not OutOfMemoryException and not StorageException;

    private async Task WorkAsync()
    {
        var pause = StoreFirst;
        try
        {
            while (again && !stopping.IsCancellationRequested)
            {
                if (
                    Gather - services.Time.GetElapsedTime(drainedAt) is var left
                    && left > TimeSpan.Zero
                )
                {
                    await Task.Delay(left, services.Time, stopping);
                }
                drainedAt = services.Time.GetTimestamp();
                try
                {
                    await DrainAsync();
                    pause = StoreFirst;
                }
                catch (Exception e)
                    when (e is not OutOfMemoryException && !stopping.IsCancellationRequested)
                {
                    // Nothing is lost: it reads from the cursor again.
                    LogStopped(logger, Kind, Partition, pause.TotalSeconds, e);
                    DelayDeactivation(StayAwake);
                    await Task.Delay(pause, services.Time, stopping);
                    pause = pause * 2 < StoreLast ? pause * 2 : StoreLast;
                    again = true;
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The grain goes; its next activation reads on from the cursor.
        }
        finally
        {
            working = false;
        }
    }

    private async Task DrainAsync()
    {
        if (cursor < 0)
        {
            cursor = await services.Cursors.ReadAsync(Kind, Partition, stopping);
            saved = cursor;
        }
        while (!stopping.IsCancellationRequested)
        {
            again = false;
            var batch = await Journal.ReadPartitionAsync(Partition, cursor, BatchMax, stopping);
            if (batch.Count > 0)
            {
                var acted = await DeliverAsync(batch);
                cursor = batch[^1].Position;
                await SaveAsync(acted);
            }
            if (batch.Count < BatchMax)
            {
                // All there was is read. A hint that came meanwhile counts when it names something beyond.
                again = again && heard > cursor;
                heard = again ? heard : cursor;
                return;
            }
        }
    }

    // After an effect at once, else at most once a second and in somebody else's commit.
    private async Task SaveAsync(bool acted)
    {
        if (acted || services.Time.GetElapsedTime(savedAt) >= SavePause)
        {
            savedAt = services.Time.GetTimestamp();
            saved = cursor;
            await services.Cursors.SaveAsync(
                Kind,
                Partition,
                cursor,
                acted ? Durability.Wait : Durability.RideAlong,
                CancellationToken.None
            );
            return;
        }
        save ??= this.RegisterGrainTimer(
            SaveLaterAsync,
            new GrainTimerCreationOptions(SavePause, Timeout.InfiniteTimeSpan) { Interleave = true }
        );
    }

    private async Task SaveLaterAsync(CancellationToken cancellationToken)
    {
        var fired = save;
        save = null;
        if (saved < cursor)
        {
            await SaveAsync(acted: false);
        }
        fired?.Dispose();
    }

    private async Task<bool> DeliverAsync(IReadOnlyList<JournalEntry> batch)
    {
        for (var round = 1; ; round++)
        {
            try
            {
                return await HandleInTimeAsync(batch, replay: false);
            }
            catch (Exception e) when (IsBad(e) && !stopping.IsCancellationRequested)
            {
                LogAgain(logger, Kind, Partition, round, e);
                if (round >= RoundsMax || IsHopeless(e))
                {
                    await SeparateAsync(batch);
                    return true;
                }
                DelayDeactivation(StayAwake);
                await Task.Delay(Pause * round, services.Time, stopping);
            }
        }
    }

    // The batch as a whole fails: each fact alone, and only what fails alone is buried.
    private async Task SeparateAsync(IReadOnlyList<JournalEntry> batch)
    {
        foreach (var entry in batch)
        {
            try
            {
                await HandleInTimeAsync([entry], replay: false);
            }
            catch (Exception e) when (IsBad(e) && !stopping.IsCancellationRequested)
            {
                var letter = new DeadLetter(
                    0,
                    Kind,
                    Partition,
                    entry.TaskId,
                    entry.Position,
                    Words(e),
                    RoundsMax + 1,
                    services.Time.GetUtcNow()
                );
                await services.Cursors.BuryAsync(letter, CancellationToken.None);
                LogBuried(logger, Kind, entry.TaskId, entry.Position, e);
            }
        }
    }

    private Task<bool> HandleInTimeAsync(IReadOnlyList<JournalEntry> entries, bool replay) =>
        HandleAsync(entries, replay, stopping).WaitAsync(HandleMax, services.Time, stopping);

    private string Words(Exception e)
    {
        var text = services.Redactor.Redact($"{e.GetType().Name}: {e.Message}");
        return text.Length > ErrorTextMax ? text[..ErrorTextMax] : text;
    }
}
