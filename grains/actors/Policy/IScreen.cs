using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Grains.Policy;

/// <summary>Looks at what a task wants before anything runs: allowed roots, the repository, the runner kind.</summary>
public interface IScreen
{
    /// <summary>Rules on the task. Bounded by 10 s.</summary>
    Task<Ruling> ScreenAsync(TaskSpec spec, CancellationToken cancellationToken);
}
