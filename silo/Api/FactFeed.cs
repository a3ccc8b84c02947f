using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>A fact as it is sent to who watches: written and redacted once, whoever gets it.</summary>
/// <param name="Position">In the journal.</param>
/// <param name="TaskId">Whose.</param>
/// <param name="Sequence">In its task, from 1.</param>
/// <param name="Data">One line of JSON, UTF-8.</param>
/// <param name="Brief">Only which fact of which task, as <c>{"task_id":"…","sequence":7,"at":"2026-01-31T12:00:00.0000000+00:00"}</c>; null when it is of no interest to lists.</param>
internal sealed record SentFact(
    long Position,
    string TaskId,
    long Sequence,
    byte[] Data,
    byte[]? Brief
)
{
    /// <summary>Writes and redacts one.</summary>
    public static SentFact Of(JournalEntry entry, Redactor redactor)
    {
        var data = redactor.Redact(
            JsonSerializer.Serialize(entry, OrchestratorJson.Compact.JournalEntry)
        );
        return new SentFact(
            entry.Position,
            entry.TaskId,
            entry.Sequence,
            Encoding.UTF8.GetBytes(data),
            entry.Fact is TaskFact.Progressed
                ? null
                : Encoding.UTF8.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{{\"task_id\":\"{JsonEncodedText.Encode(entry.TaskId)}\",\"sequence\":{entry.Sequence},\"at\":\"{entry.At:O}\"}}"
                    )
                )
        );
    }
}

/// <summary>
/// The journal's newest facts, read and written once for all who watch on this silo. It reads while somebody watches, and
/// keeps a bounded number: who falls behind, or is stuck, reads the journal itself and holds up nobody.
/// </summary>
internal sealed partial class FactFeed(
    IJournal journal,
    Redactor redactor,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<FactFeed> logger
)
{
    private const int Page = 500;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // Each watcher costs a write of its own for each round: the more there are, the more facts go into one.
    private const int WatchersPerMillisecond = 12;
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(50);
    private readonly Lock gate = new();
    private Reading? current;

    /// <summary>Watches from now on, until the lease is disposed of.</summary>
    public async Task<FactLease> JoinAsync(CancellationToken cancellationToken)
    {
        Reading reading;
        lock (gate)
        {
            if (current is null)
            {
                current = new Reading(lifetime.ApplicationStopping);
                _ = ReadAsync(current, current.Ended);
            }
            reading = current;
            reading.Watchers++;
        }
        var lease = new FactLease(reading.Window, () => Leave(reading));
        try
        {
            await reading.Begun.Task.WaitAsync(cancellationToken);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private void Leave(Reading reading)
    {
        lock (gate)
        {
            reading.Watchers--;
            // One that failed at its start is not joined again.
            if (current == reading && (reading.Watchers == 0 || reading.Begun.Task.IsFaulted))
            {
                current = null;
                reading.End();
            }
        }
    }

    private async Task ReadAsync(Reading reading, CancellationToken token)
    {
        await Task.Yield();
        try
        {
            reading.Window.Begin(await journal.GetEndAsync(token));
            reading.Begun.SetResult();
            while (!token.IsCancellationRequested)
            {
                await RoundAsync(reading, token);
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            reading.Begun.TrySetCanceled(token);
        }
        catch (Exception e) when (reading.Begun.TrySetException(e))
        {
            // Told to each who waits to begin.
        }
    }

    private async Task RoundAsync(Reading reading, CancellationToken token)
    {
        var window = reading.Window;
        try
        {
            var page = await journal.ReadAllAsync(window.End, Page, token);
            if (page.Count == 0)
            {
                await journal.WaitBeyondAsync(window.End, token);
                return;
            }
            window.Add([.. page.Select(e => SentFact.Of(e, redactor))]);
            var pause = TimeSpan.FromMilliseconds(reading.Watchers / WatchersPerMillisecond);
            if (pause > TimeSpan.Zero && page.Count < Page)
            {
                await Task.Delay(pause < PauseMax ? pause : PauseMax, time, token);
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            // The store is away for a while; watchers wait, as they do when nothing happens.
            LogAway(logger, e);
            await Task.Delay(RetryAfter, time, token);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Facts for watchers could not be read; tried again."
    )]
    private static partial void LogAway(ILogger logger, Exception exception);

    /// <summary>One life of the feed: from the first watcher to the last.</summary>
    private sealed class Reading(CancellationToken stopping)
    {
        private readonly CancellationTokenSource ends =
            CancellationTokenSource.CreateLinkedTokenSource(stopping);
        private int watchers;

        public FactWindow Window { get; } = new();

        public TaskCompletionSource Begun { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Ended => ends.Token;

        /// <summary>How many watch; written under the feed's lock.</summary>
        public int Watchers
        {
            get => Volatile.Read(ref watchers);
            set => Volatile.Write(ref watchers, value);
        }

        public void End()
        {
            ends.Cancel();
            ends.Dispose();
        }
    }
}

/// <summary>A watcher's hold on the feed.</summary>
internal sealed class FactLease(FactWindow window, Action leave) : IDisposable
{
    private Action? leave = leave;

    /// <summary>What it sees.</summary>
    public FactWindow Window { get; } = window;

    /// <inheritdoc />
    public void Dispose() => Interlocked.Exchange(ref leave, null)?.Invoke();
}
