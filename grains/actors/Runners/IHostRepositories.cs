using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Grains.Runners;

/// <summary>Which repositories lie on this host.</summary>
public interface IHostRepositories
{
    /// <summary>Looks at each, at most 100, within 10 seconds; those that took longer are left out.</summary>
    /// <param name="repositories">Full paths or names.</param>
    /// <param name="baseBranch">What each must have; empty = that is not asked.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    Task<IReadOnlyList<RepositoryAnswer>> LookAsync(
        IReadOnlyList<string> repositories,
        string baseBranch,
        CancellationToken cancellationToken
    );
}
