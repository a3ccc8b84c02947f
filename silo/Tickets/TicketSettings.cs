using Orchestrator.Decisions.Tickets;

namespace Orchestrator.Silo.Tickets;

/// <summary>What a host's section means.</summary>
internal static class TicketSettings
{
    /// <summary>The rules of a host.</summary>
    /// <exception cref="SiloStartException">A repository cannot be read.</exception>
    public static TicketRules RulesFor(this TicketHostOptions options, string kind, string section)
    {
        var repositories = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in options.Repositories)
        {
            var at = entry.IndexOf('=', StringComparison.Ordinal);
            var (prefix, repository) =
                at > 0 ? (entry[..at].Trim(), entry[(at + 1)..].Trim()) : ("", "");
            if ((prefix != "*" && !TicketKeys.IsKey(prefix + "-1")) || repository.Length == 0)
            {
                throw new SiloStartException(
                    $"{section}:Repositories has '{entry}'. Write KEY=REPOSITORY, the key as tickets begin with it (ENG=/src/shop), or *=REPOSITORY."
                );
            }
            repositories[prefix] = repository;
        }
        return new TicketRules
        {
            Kind = kind,
            Label = options.Label,
            Assignee = options.Assignee,
            Command = options.Command,
            Triggerers = [.. options.Triggerers],
            Repositories = repositories,
            StateStarted = options.StateStarted,
            StateReview = options.StateReview,
            StateDone = options.StateDone,
        };
    }
}
