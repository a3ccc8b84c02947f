using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery;

/// <summary>The configured adapters by their kind.</summary>
internal sealed class PullRequestHosts(IEnumerable<IPullRequestHost> hosts) : IPullRequestHosts
{
    private readonly Dictionary<string, IPullRequestHost> byKind = hosts.ToDictionary(
        h => h.Kind,
        StringComparer.Ordinal
    );

    /// <inheritdoc />
    public IPullRequestHost? Find(string kind) => byKind.GetValueOrDefault(kind);
}
