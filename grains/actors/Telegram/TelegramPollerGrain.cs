using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Telegram;

/// <summary>
/// Asks the host for updates and stores each before the host is told that it is ours. The stored updates are the durable
/// offset: what was not confirmed comes again, and is known by its number. One activation in the cluster; were there two in
/// a split one, the host refuses one of them, and both store the same update once. Reentrant, so that a wake gets in while
/// the loop works; what survives every await is that there is at most one loop.
/// </summary>
[Reentrant, OnControlSilos]
public sealed partial class TelegramPollerGrain(
    IWebhookInbox inbox,
    IChatHost host,
    TimeProvider time,
    ILogger<TelegramPollerGrain> logger
) : Grain, ITelegramPollerGrain, IDisposable
{
    private const int Conflict = 409;
    private static readonly TimeSpan PauseFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LeaveMax = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;
    private bool working;
    private bool prepared;
    private long offset;
    private string problem = "";

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(StayAwake);
        if (!working && !stop.IsCancellationRequested && host.Door.IsOpen)
        {
            working = true;
            work = WorkAsync();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<string> GetProblemAsync(CancellationToken cancellationToken) =>
        Task.FromResult(problem);

    /// <inheritdoc />
    public override async Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        await stop.CancelAsync();
        await work.WaitAsync(LeaveMax, time, cancellationToken)
            .ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing
                    | ConfigureAwaitOptions.ContinueOnCapturedContext
            );
    }

    /// <inheritdoc />
    public void Dispose() => stop.Dispose();

    private async Task WorkAsync()
    {
        var pause = PauseFirst;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = await AskAsync();
                if (answer.Done)
                {
                    Recovered();
                    pause = PauseFirst;
                    if (host.Door.Webhook)
                    {
                        return; // prepared; the host brings them
                    }
                    continue;
                }
                Stumbled(answer);
                var wait = answer.RetryAfter is { } asked && asked > pause ? asked : pause;
                pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
                await Task.Delay(wait, time, stop.Token);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing is lost: what is not confirmed comes again, and the next wake, within seconds, asks for it.
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

    private async Task<ChatAnswer> AskAsync()
    {
        if (!prepared || host.Door.Webhook)
        {
            var answer = prepared ? new ChatAnswer(200) : await host.PrepareAsync(stop.Token);
            prepared |= answer.Done;
            if (!answer.Done || host.Door.Webhook)
            {
                return answer;
            }
        }
        var poll = await host.PollAsync(offset, stop.Token);
        foreach (var (id, body) in poll.Updates)
        {
            // One after the other: their order in the store is the order in which they are answered.
            await inbox.ReceiveAsync(
                new InboxDelivery(
                    TelegramNames.Source,
                    id.ToString(CultureInfo.InvariantCulture),
                    ChatUpdateReader.Read(body).Event.ToString().ToLowerInvariant(),
                    body,
                    time.GetUtcNow()
                )
                {
                    Ordered = true,
                },
                CancellationToken.None
            );
            offset = id + 1;
        }
        if (poll.Updates.Count > 0)
        {
            await GrainFactory.GetGrain<ITelegramDeskGrain>(0).WakeAsync(stop.Token);
        }
        return poll.Answer;
    }

    private void Recovered()
    {
        if (problem.Length > 0)
        {
            LogRecovered(logger);
            problem = "";
        }
    }

    private void Stumbled(ChatAnswer answer)
    {
        var words =
            answer.Status == Conflict
                ? $"Another program asks Telegram for this bot's updates, or a webhook is set elsewhere: {answer.Words} Stop it, or give it a bot of its own."
                : answer.Words;
        if (problem != words)
        {
            problem = words; // told once, not at each try
            LogStumbled(logger, words);
        }
    }

    [LoggerMessage(
        EventId = 1801,
        Level = LogLevel.Warning,
        Message = "Asking Telegram for updates stopped; it goes on within seconds"
    )]
    private static partial void LogStopped(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 1802,
        Level = LogLevel.Warning,
        Message = "Telegram gives no updates; it is asked on: {Words}"
    )]
    private static partial void LogStumbled(ILogger logger, string words);

    [LoggerMessage(
        EventId = 1803,
        Level = LogLevel.Information,
        Message = "Telegram gives updates again"
    )]
    private static partial void LogRecovered(ILogger logger);
}
