using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Delivery;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>Whether the hosts of tickets take their tokens: each is asked for the tickets that would start work.</summary>
internal sealed class TicketProbe(ITicketHosts hosts) : IDoctorProbe
{
    /// <inheritdoc />
    public string Name => "tickets";

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        if (hosts.All.Count == 0)
        {
            return [Ok(Name, "no host of tickets is configured")];
        }
        var checks = new List<DoctorCheck>();
        foreach (var host in hosts.All.OrderBy(h => h.Kind, StringComparer.Ordinal))
        {
            checks.Add(await AskAsync(host, cancellationToken));
        }
        return checks;
    }

    private static async Task<DoctorCheck> AskAsync(
        ITicketHost host,
        CancellationToken cancellationToken
    )
    {
        var line = "tickets " + host.Kind;
        var section = "Tickets:" + char.ToUpperInvariant(host.Kind[0]) + host.Kind[1..];
        try
        {
            var open = await host.ListAsync(cancellationToken);
            return Ok(line, $"it answers; {open.Count} open tickets would start work");
        }
        catch (TicketHostException e)
        {
            return e.Error switch
            {
                TicketHostError.Unauthorised => Fail(
                    line,
                    e.Message,
                    $"The token was revoked or is mistyped: set {section}:Token anew and restart the server."
                ),
                TicketHostError.Unavailable or TicketHostError.RateLimited => Warn(
                    line,
                    e.Message,
                    $"Look at the network and at {section}:Address, then ask again."
                ),
                _ => Warn(
                    line,
                    e.Message,
                    $"Give the token of {section} the right to read and comment on tickets."
                ),
            };
        }
    }
}
