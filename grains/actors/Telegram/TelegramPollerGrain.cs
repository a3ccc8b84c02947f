using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Grains.Delivery;
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
) : WorkLoopGrain(time, logger), ITelegramPollerGrain
{
    private const int Conflict = 409;
    private static readonly TimeSpan PauseFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StayAwake = TimeSpan.FromMinutes(5);

    private bool prepared;
    private long offset;
    private string problem = "";

    /// <inheritdoc />
    public Task WakeAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(StayAwake);
        if (host.Door.IsOpen)
        {
            Begin();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<string> GetProblemAsync(CancellationToken cancellationToken) =>
        Task.FromResult(problem);

    /// <inheritdoc />
    protected override string Doing => "Asking Telegram for updates";

    /// <inheritdoc />
    protected override async Task WorkAsync()
    {
        var pause = PauseFirst;
        while (!Stopping.IsCancellationRequested)
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
            await Task.Delay(wait, Time, Stopping);
        }
    }

    private async Task<ChatAnswer> AskAsync()
    {
        if (!prepared || host.Door.Webhook)
        {
            var answer = prepared ? new ChatAnswer(200) : await host.PrepareAsync(Stopping);
            prepared |= answer.Done;
            if (!answer.Done || host.Door.Webhook)
            {
                return answer;
            }
        }
        var poll = await host.PollAsync(offset, Stopping);
        foreach (var (id, body) in poll.Updates)
        {
            // One after the other: their order in the store is the order in which they are answered.
            await inbox.ReceiveAsync(
                new InboxDelivery(
                    TelegramNames.Source,
                    id.ToString(CultureInfo.InvariantCulture),
                    ChatUpdateReader.Read(body).Event.ToString().ToLowerInvariant(),
                    body,
                    Time.GetUtcNow()
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
            await GrainFactory.GetGrain<ITelegramDeskGrain>(0).WakeAsync(Stopping);
        }
        return poll.Answer;
    }

    private void Recovered()
    {
        if (problem.Length > 0)
        {
            LogRecovered(Logger);
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
            LogStumbled(Logger, words);
        }
    }

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
