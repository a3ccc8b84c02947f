using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Telegram;

/// <summary>
/// Sends what waits for chats: to one chat one after the other, in order, at the pace that the host allows. The one sender of
/// the cluster, so that the pace is kept over all. Reentrant, so that a wake gets in while the loop works; what survives every
/// await is that there is at most one loop, and that a chat is in <c>busy</c> while something is on its way to it.
/// </summary>
[Reentrant, OnControlSilos]
public sealed partial class TelegramSenderGrain : Grain, ITelegramSenderGrain, IDisposable
{
    private const int BusyMax = 8;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LeaveMax = TimeSpan.FromSeconds(5);

    private readonly ITelegramStore store;
    private readonly IChatHost host;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ChatPace pace = new();
    private readonly ChatPost post;
    private readonly Dictionary<long, Task> busy = [];
    private readonly CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;
    private TaskCompletionSource woken = NewWake();
    private bool working;

    /// <summary>Creates it.</summary>
    public TelegramSenderGrain(
        ITelegramStore store,
        IWebhookOutbox outbox,
        IChatHost host,
        IChatDocuments documents,
        Redactor redactor,
        TimeProvider time,
        ILogger<TelegramSenderGrain> logger
    )
    {
        ArgumentNullException.ThrowIfNull(host);
        this.store = store;
        this.host = host;
        this.time = time;
        this.logger = logger;
        post = new ChatPost(store, outbox, host, documents, redactor, pace, time, logger);
    }

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        woken.TrySetResult();
        if (!working && !stop.IsCancellationRequested && host.Door.IsOpen)
        {
            working = true;
            work = WorkAsync();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override async Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        await stop.CancelAsync();
        await Task.WhenAll([work, .. busy.Values])
            .WaitAsync(LeaveMax, time, cancellationToken)
            .ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing
                    | ConfigureAwaitOptions.ContinueOnCapturedContext
            );
    }

    /// <inheritdoc />
    public void Dispose() => stop.Dispose();

    private static TaskCompletionSource NewWake() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WorkAsync()
    {
        try
        {
            await post.RecallAsync(stop.Token);
            var due = new List<long>();
            var looked = DateTimeOffset.MinValue;
            while (!stop.IsCancellationRequested)
            {
                var now = time.GetUtcNow();
                if (woken.Task.IsCompleted || now - looked >= LookEvery)
                {
                    woken = NewWake();
                    looked = now;
                    due = [.. await store.ListChatsDueAsync(now, stop.Token)];
                }
                if (due.Count == 0 && busy.Count == 0)
                {
                    return; // the next wake, within seconds, looks again
                }
                DelayDeactivation(StayAwake);
                Start(due, time.GetUtcNow());
                await WaitAsync(due);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing is lost: the next wake, within seconds, reads what waits.
            if (!stop.IsCancellationRequested)
            {
                LogStopped(logger, e);
            }
        }
        finally
        {
            working = false;
        }
    }

    private void Start(List<long> due, DateTimeOffset now)
    {
        foreach (var chat in due.Where(c => !busy.ContainsKey(c)).ToList())
        {
            // While the host is out of reach, one try is enough to see that it is back.
            if (pace.AllFreeAt > now || busy.Count >= (pace.IsTroubled ? 1 : BusyMax))
            {
                return;
            }
            if (pace.FreeAt(chat) <= now)
            {
                pace.Sending(chat, now);
                busy[chat] = Task.CompletedTask;
                busy[chat] = RunAsync(chat, due);
            }
        }
    }

    private async Task RunAsync(long chat, List<long> due)
    {
        try
        {
            await Task.Yield(); // the loop first notes that the chat is busy
            if (!await post.SendNextAsync(chat, stop.Token))
            {
                due.Remove(chat);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            due.Remove(chat);
            if (!stop.IsCancellationRequested)
            {
                LogStopped(logger, e);
            }
        }
        finally
        {
            busy.Remove(chat);
        }
    }

    // Until something may be sent, is sent, or is new.
    private async Task WaitAsync(List<long> due)
    {
        var now = time.GetUtcNow();
        var next = now + LookEvery;
        foreach (var chat in due.Where(c => !busy.ContainsKey(c)))
        {
            var free = pace.FreeAt(chat);
            next = free < next ? free : next;
        }
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var least = TimeSpan.FromMilliseconds(1);
        var delay = Task.Delay(next - now > least ? next - now : least, time, waiting.Token);
        await Task.WhenAny([delay, woken.Task, .. busy.Values]);
        await waiting.CancelAsync();
    }

    [LoggerMessage(
        EventId = 1821,
        Level = LogLevel.Warning,
        Message = "Sending to chats stopped; it goes on within seconds"
    )]
    private static partial void LogStopped(ILogger logger, Exception exception);
}
