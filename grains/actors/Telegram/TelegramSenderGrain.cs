using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Delivery;
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
public sealed partial class TelegramSenderGrain : WorkLoopGrain, ITelegramSenderGrain
{
    private const int BusyMax = 8;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);

    private readonly ITelegramStore store;
    private readonly IChatHost host;
    private readonly ChatPace pace = new();
    private readonly ChatPost post;
    private readonly Dictionary<long, Task> busy = [];
    private TaskCompletionSource woken = NewWake();

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
        : base(time, logger)
    {
        ArgumentNullException.ThrowIfNull(host);
        this.store = store;
        this.host = host;
        post = new ChatPost(store, outbox, host, documents, redactor, pace, time, logger);
    }

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        woken.TrySetResult();
        if (host.Door.IsOpen)
        {
            Begin();
        }
        return Task.CompletedTask;
    }

    private static TaskCompletionSource NewWake() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc />
    protected override string Doing => "Sending to chats";

    /// <inheritdoc />
    protected override IEnumerable<Task> Beside => busy.Values;

    /// <inheritdoc />
    protected override async Task WorkAsync()
    {
        await post.RecallAsync(Stopping);
        var due = new List<long>();
        var looked = DateTimeOffset.MinValue;
        while (!Stopping.IsCancellationRequested)
        {
            var now = Time.GetUtcNow();
            if (woken.Task.IsCompleted || now - looked >= LookEvery)
            {
                woken = NewWake();
                looked = now;
                due = [.. await store.ListChatsDueAsync(now, Stopping)];
            }
            if (due.Count == 0 && busy.Count == 0)
            {
                return; // the next wake, within seconds, looks again
            }
            DelayDeactivation(StayAwake);
            Start(due, Time.GetUtcNow());
            await WaitAsync(due);
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
            if (!await post.SendNextAsync(chat, Stopping))
            {
                due.Remove(chat);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            due.Remove(chat);
            Stopped(e);
        }
        finally
        {
            busy.Remove(chat);
        }
    }

    // Until something may be sent, is sent, or is new.
    private async Task WaitAsync(List<long> due)
    {
        var now = Time.GetUtcNow();
        var next = now + LookEvery;
        foreach (var chat in due.Where(c => !busy.ContainsKey(c)))
        {
            var free = pace.FreeAt(chat);
            next = free < next ? free : next;
        }
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
        var least = TimeSpan.FromMilliseconds(1);
        var delay = Task.Delay(next - now > least ? next - now : least, Time, waiting.Token);
        await Task.WhenAny([delay, woken.Task, .. busy.Values]);
        await waiting.CancelAsync();
    }
}
