using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Queueing;

/// <summary>Why a task waits for its slot, and what would unblock it. The first thing in its way is named.</summary>
public static class WaitExplainer
{
    private const int HostsShown = 5;

    /// <summary>Place 0 when it does not wait.</summary>
    public static QueueExplanation Explain(SlotPool pool, string taskId)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (pool.Waiting.Find(taskId) is not { } ticket)
        {
            return new QueueExplanation(
                0,
                pool.HostOf(taskId) is { } on
                    ? $"It holds a slot of host {on}."
                    : "It does not wait for a slot."
            );
        }
        var ahead = pool.Waiting.Ahead(taskId);
        return new QueueExplanation(ahead + 1, Reason(pool, ticket, ahead));
    }

    private static string Reason(SlotPool pool, QueueTicket ticket, int ahead)
    {
        if (pool.Stopped)
        {
            return "An emergency stop holds all work. 'orchestrator estop --release' lets it go on.";
        }
        if (pool.Hosts == 0)
        {
            return "No runner host is registered. Start one ('orchestrator serve').";
        }
        var fit = pool.Known.Where(h => FairQueue.Matches(ticket.Labels, h.Labels)).ToList();
        if (fit.Count == 0)
        {
            return Unmet(pool, ticket);
        }
        if (!fit.Exists(h => pool.HasRepository(h, ticket) == true))
        {
            return Homeless(pool, ticket, fit);
        }
        fit = [.. fit.Where(h => pool.HasRepository(h, ticket) == true)];
        if (fit.All(h => pool.IsDrained(h.Host)))
        {
            var names = string.Join(", ", fit.Select(h => h.Host).Order(StringComparer.Ordinal));
            return fit.Count == pool.Hosts
                    ? $"Every host is drained ({names}). 'orchestrator undrain' lets them take work again."
                : ticket.Repository.Length > 0
                    ? $"Every host that has its labels and its repository is drained ({names}). 'orchestrator undrain' lets them take work again."
                : $"Every host with its labels is drained ({names}). 'orchestrator undrain' lets them take work again.";
        }
        var open = fit.Where(h => !pool.IsDrained(h.Host)).ToList();
        if (open.TrueForAll(h => HostFitness.Problem(h).Length > 0))
        {
            return HostFitness.Problem(open[0]);
        }
        var limits = open.Where(h => HostFitness.Problem(h).Length == 0)
            .Select(pool.LimitOf)
            .ToList();
        if (limits.TrueForAll(l => l is not null))
        {
            return Limited(pool, limits.MinBy(l => l!.ClosedUntil)!);
        }
        if (pool.LaneFull(ticket.Priority) is var full and > 0)
        {
            return $"The lane {ticket.Priority} holds the {full} slots that it may (Queue:{ticket.Priority}SlotsMax). It starts when one of them is free.";
        }
        if (pool.MetBy(ticket) is { } met)
        {
            return $"Task {met.TaskId} works on {Quoted(met.Paths.Select(p => p.Length > 0 ? p : "the whole repository"))}, which this one would touch too (Queue:Overlap). It starts when that task has let go of its slot.";
        }
        return $"{ahead} tasks are ahead of it; {pool.SlotsUsed} of {pool.SlotsTotal} slots are taken. It starts when one is free.";
    }

    private static string Homeless(SlotPool pool, QueueTicket ticket, List<HostCapacity> fit)
    {
        var asked = fit.Where(h => pool.HasRepository(h, ticket) == false).ToList();
        if (asked.Count < fit.Count)
        {
            var unsure = fit.Where(h => pool.HasRepository(h, ticket) is null).Select(h => h.Host);
            return $"It is being asked of {string.Join(", ", unsure.Order(StringComparer.Ordinal).Take(HostsShown))} whether the repository {ticket.Repository} is there. It starts when a host has it.";
        }
        var said = asked
            .OrderBy(h => h.Host, StringComparer.Ordinal)
            .Take(HostsShown)
            .Select(h => $"{h.Host}: {pool.Places.Problem(h.Host, ticket.Repository)}");
        var which = ticket.Labels.Count > 0 ? $"No living host with its labels" : "No living host";
        var cure = RepositoryNames.IsName(ticket.Repository)
            ? $"Set Runner:Repositories:{ticket.Repository} to the path of a clone on one of them and restart it"
            : "Clone it there on one of them, or give it a name on each host that has it (Runner:Repositories:NAME) and submit by the name";
        return $"{which} has the repository {ticket.Repository}. {cure}; or start a host that has it. The task starts by itself then. {string.Join(" ", said)}";
    }

    private static string Limited(SlotPool pool, UsageWindow window)
    {
        var opens = $"orchestrator accounts open {window.Account}";
        return window.ClosedUntil <= pool.Now
                ? $"The usage limit of agent account '{window.Account}' may have ended: one run tries it, and the others follow when it works. '{opens}' lets all go on now."
            : window.Guessed
                ? $"The usage limit of agent account '{window.Account}' is reached, and nobody said until when: one run tries it at {window.ClosedUntil:u}. '{opens}' lets all go on now."
            : $"The usage limit of agent account '{window.Account}' is reached; its work goes on by itself at {window.ClosedUntil:u}. '{opens}' lets it go on now.";
    }

    private static string Unmet(SlotPool pool, QueueTicket ticket)
    {
        var offered = pool
            .Known.SelectMany(h => h.Labels)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.Ordinal)
            .ToList();
        var missing = ticket
            .Labels.Where(l => !offered.Contains(l, StringComparer.OrdinalIgnoreCase))
            .ToList();
        var what =
            missing.Count > 0
                ? $"No living host offers the label {Quoted(missing)}."
                : $"No single living host offers {Quoted(ticket.Labels)} together.";
        return $"{what} Offered: {string.Join(", ", offered)}. Start a host with it (Runner:Labels), or cancel the task and submit it with another label.";
    }

    private static string Quoted(IEnumerable<string> labels) =>
        string.Join(", ", labels.Select(l => $"'{l}'"));
}
