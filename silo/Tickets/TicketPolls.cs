using Orchestrator.Decisions.Failures;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Tickets;

/// <summary>
/// Looks for tickets where no webhook arrives, or beside webhooks as the net. A ticket that did not change since it was looked
/// at is not read again; what is forgotten at a restart is read once more, and causes nothing twice.
/// </summary>
/// <typeparam name="TOptions">Of the host; makes it a hosted service of its own.</typeparam>
internal sealed partial class TicketPolls<TOptions>(
    string kind,
    ITicketHosts hosts,
    TicketEvents events,
    TimeSpan period,
    TimeProvider time,
    ILogger<TicketPolls<TOptions>> logger
) : BackgroundService
    where TOptions : TicketHostOptions
{
    private readonly Dictionary<string, string> seen = new(StringComparer.Ordinal);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (period <= TimeSpan.Zero || hosts.Find(kind) is not { } host)
        {
            return;
        }
        using var timer = new PeriodicTimer(period, time);
        try
        {
            do
            {
                await LookAsync(host, stoppingToken);
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task LookAsync(ITicketHost host, CancellationToken cancellationToken)
    {
        try
        {
            var listed = await host.ListAsync(cancellationToken);
            foreach (var ticket in listed)
            {
                if (seen.GetValueOrDefault(ticket.Key) != ticket.Version)
                {
                    await events.LookAsync(kind, ticket.Key, cancellationToken);
                    seen[ticket.Key] = ticket.Version;
                }
            }
            var there = listed.Select(t => t.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in seen.Keys.Where(k => !there.Contains(k)).ToList())
            {
                seen.Remove(gone);
            }
        }
        catch (TicketHostException e)
        {
            LogLater(logger, kind, period.TotalSeconds, e.Message);
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, cancellationToken))
        {
            LogFailed(logger, kind, period.TotalSeconds, e);
        }
    }

    [LoggerMessage(
        EventId = 1320,
        Level = LogLevel.Warning,
        Message = "Tickets of {Kind} are looked for again in {Seconds} s: {Why}"
    )]
    private static partial void LogLater(ILogger logger, string kind, double seconds, string why);

    [LoggerMessage(
        EventId = 1321,
        Level = LogLevel.Error,
        Message = "Looking for tickets of {Kind} failed; again in {Seconds} s"
    )]
    private static partial void LogFailed(
        ILogger logger,
        string kind,
        double seconds,
        Exception exception
    );
}
