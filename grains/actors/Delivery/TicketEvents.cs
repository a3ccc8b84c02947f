using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Tickets;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Grains.Delivery;

/// <summary>
/// Makes tasks of tickets. What was told is a hint: whether a ticket asks for work, and by whose word, is read from its host,
/// so that nothing depends on an event being whole, in order or told once.
/// </summary>
public sealed partial class TicketEvents(
    ITicketHosts hosts,
    IGrainFactory grains,
    ILogger<TicketEvents> logger
) : ITicketEvents
{
    /// <inheritdoc />
    public Task<int> TellAsync(TicketEvent told, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(told);
        return
            TicketKeys.Split(told.TicketKey) is { } ticket
            && hosts.Find(ticket.Kind) is { } host
            && TicketTriggers.MayBring(told, host.Rules)
            ? LookAsync(ticket.Kind, ticket.Key, cancellationToken)
            : Task.FromResult(0);
    }

    /// <summary>Looks at a ticket and submits what it asks for and was not submitted before.</summary>
    /// <param name="kind">The host.</param>
    /// <param name="reference">The ticket's key or id there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Tasks that the ticket has caused, old ones included.</returns>
    /// <exception cref="TicketHostException">Look again later.</exception>
    public async Task<int> LookAsync(
        string kind,
        string reference,
        CancellationToken cancellationToken
    )
    {
        if (hosts.Find(kind) is not { } host || !TicketKeys.IsReference(reference))
        {
            return 0;
        }
        TicketView ticket;
        try
        {
            ticket = await host.ReadAsync(
                reference,
                changes: host.Rules.Triggerers.Count > 0,
                cancellationToken
            );
        }
        catch (TicketHostException e) when (e.Error == TicketHostError.NotFound)
        {
            return 0; // deleted meanwhile, or not ours to see
        }
        var (due, refused) = TicketTriggers.Of(ticket, host.Rules);
        foreach (var refusal in refused)
        {
            LogRefused(logger, kind, ticket.Key, refusal.Name, refusal.Why);
        }
        var caused = 0;
        foreach (var trigger in due)
        {
            caused += await SubmitAsync(host.Rules, ticket, trigger, cancellationToken) ? 1 : 0;
        }
        return caused;
    }

    /// <summary>The id of the task that a reason makes, whoever is told of it and when.</summary>
    public static string TaskIdOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return TaskIds.Prefix
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..26];
    }

    private async Task<bool> SubmitAsync(
        TicketRules rules,
        TicketView ticket,
        TicketTrigger trigger,
        CancellationToken cancellationToken
    )
    {
        var key = trigger.KeyFor(rules.Kind, ticket.Key);
        var task = grains.GetGrain<ITaskGrain>(TaskIdOf(key));
        // The words may have been edited since: it is the same wish all the same.
        if (await task.GetAsync(cancellationToken) is not null)
        {
            return true;
        }
        if (rules.RepositoryOf(ticket.Key) is null)
        {
            LogNoRepository(logger, rules.Kind, ticket.Key);
            return false;
        }
        var (spec, failure) = SubmissionReader.Read(
            TicketRequest.Of(ticket, trigger, rules),
            TicketRequest.RequesterOf(trigger, rules.Kind),
            key
        );
        var answer = spec is null
            ? null
            : await task.SubmitAsync(spec with { Source = rules.Kind }, cancellationToken);
        failure ??= answer!.Failure;
        if (failure is null || failure.Code == FailureCodes.Conflict)
        {
            return true;
        }
        if (failure.Code == FailureCodes.QueueFull)
        {
            throw new TicketHostException(TicketHostError.Unavailable, failure.Message);
        }
        LogNotTaken(logger, rules.Kind, ticket.Key, failure.Message);
        return false;
    }

    [LoggerMessage(
        EventId = 1310,
        Level = LogLevel.Warning,
        Message = "Ticket {Kind}:{Ticket} starts no task by {Trigger}: {Why}"
    )]
    private static partial void LogRefused(
        ILogger logger,
        string kind,
        string ticket,
        string trigger,
        string why
    );

    [LoggerMessage(
        EventId = 1311,
        Level = LogLevel.Warning,
        Message = "Ticket {Kind}:{Ticket} starts no task: no repository is configured for it (Tickets, Repositories)"
    )]
    private static partial void LogNoRepository(ILogger logger, string kind, string ticket);

    [LoggerMessage(
        EventId = 1312,
        Level = LogLevel.Warning,
        Message = "Ticket {Kind}:{Ticket} starts no task: {Why}"
    )]
    private static partial void LogNotTaken(ILogger logger, string kind, string ticket, string why);
}
