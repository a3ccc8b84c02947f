using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Cluster;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Policy;

/// <summary>Asks this host, and in a cluster the other living ones, about the repository that a task names.</summary>
internal sealed class ClusterRepositories(
    HostRepositories here,
    IGrainFactory grains,
    IHostRegistry hosts,
    ClusterStoreOptions cluster,
    IOptions<RunnerOptions> runner,
    TimeProvider time
)
{
    private const int HostsMax = 64;
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <summary>Rules on it. Alone, a repository that is not here is refused; in a cluster it is waited for.</summary>
    public async Task<Ruling> RuleAsync(TaskSpec spec, CancellationToken cancellationToken)
    {
        RepositoryAnswer? own = null;
        if (cluster.RunsAgents())
        {
            own = await here.LookAsync(spec.Repository, spec.BaseBranch, cancellationToken);
            if (own.Usable || !cluster.IsShared())
            {
                return RepositoryVerdict.Of([own with { Absent = false }]);
            }
        }
        var others = (await hosts.ListAsync(cancellationToken))
            .Where(h =>
                h.Alive
                && !(
                    own is not null
                    && h.Host.Equals(runner.Value.Host, StringComparison.OrdinalIgnoreCase)
                )
            )
            .Take(HostsMax);
        var answers = await Task.WhenAll(others.Select(h => AskAsync(h, spec, cancellationToken)));
        return RepositoryVerdict.Of(answers.Prepend(own).OfType<RepositoryAnswer>());
    }

    // One that does not answer may have it: then the task waits, and the queue asks again.
    private async Task<RepositoryAnswer?> AskAsync(
        HostRow host,
        TaskSpec spec,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var answers = await grains
                .GetGrain<IRunnerGrain>(host.Host)
                .LookAtRepositoriesAsync([spec.Repository], spec.BaseBranch, cancellationToken)
                .WaitAsync(AnswerMax, time, cancellationToken);
            return answers.Count > 0 ? answers[0] : Silent(spec);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return Silent(spec);
        }
    }

    private static RepositoryAnswer Silent(TaskSpec spec) =>
        new(spec.Repository, true, false, "", "");
}
