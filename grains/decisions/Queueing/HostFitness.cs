using System.Globalization;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Queueing;

/// <summary>Which hosts may be offered which tickets, beyond labels and slots.</summary>
public static class HostFitness
{
    private const double MiB = 1024 * 1024;

    /// <summary>Why a host with so little free disk takes no runs; empty = it does.</summary>
    /// <param name="host">Its name.</param>
    /// <param name="freeBytes">Free where worktrees lie; negative = unknown, which keeps nobody from working.</param>
    /// <param name="minBytes">The least that must be free; 0 = no limit.</param>
    public static string DiskProblem(string host, long freeBytes, long minBytes) =>
        freeBytes < 0 || freeBytes >= minBytes
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Host {host} has {freeBytes / MiB:0} MiB of free disk and takes no runs below {minBytes / MiB:0} MiB (Runner:DiskFreeMinMiB). Free some."
            );

    /// <summary>Why the host takes no new runs, or empty.</summary>
    public static string Problem(HostCapacity host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Health?.Problem ?? "";
    }

    /// <summary>False when a run of this kind would surely fail there. A host that says nothing is believed able.</summary>
    public static bool CanRun(HostCapacity host, string runner)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Health?.Runners.FirstOrDefault(r => r.Kind == runner) is not { } known
            || known.Problem.Length == 0;
    }

    /// <summary>
    /// True when the host may be offered the ticket: it has the labels and the repository, and its runner works or works
    /// nowhere. Then the run is let fail at once and says what is wrong, rather than wait for nobody.
    /// </summary>
    public static bool Fits(
        HostCapacity host,
        QueueTicket ticket,
        IEnumerable<HostCapacity> others,
        Func<HostCapacity, bool> hasRepository
    )
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(hasRepository);
        return FairQueue.Matches(ticket.Labels, host.Labels)
            && hasRepository(host)
            && (
                CanRun(host, ticket.Runner)
                || !others.Any(o =>
                    Problem(o).Length == 0
                    && FairQueue.Matches(ticket.Labels, o.Labels)
                    && hasRepository(o)
                    && CanRun(o, ticket.Runner)
                )
            );
    }
}
