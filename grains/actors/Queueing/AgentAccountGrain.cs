using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;

namespace Orchestrator.Grains.Queueing;

/// <summary>What is kept of an agent's account.</summary>
[GenerateSerializer, Alias("orchestrator.agent-account-state")]
public sealed class AgentAccountState
{
    /// <summary>The window; null = nobody met a limit yet.</summary>
    [Id(0)]
    public UsageWindow? Window { get; set; }
}

/// <summary>Keeps the window of an account and tells the queue of each change.</summary>
[OnControlSilos]
public sealed class AgentAccountGrain(
    [PersistentState("account", GrainStorageNames.Orleans)]
        IPersistentState<AgentAccountState> kept,
    TimeProvider time
) : Grain, IAgentAccountGrain
{
    private UsageWindow Window =>
        kept.State.Window ?? UsageGovernor.Open(this.GetPrimaryKeyString());

    /// <inheritdoc />
    public Task<UsageWindow> GetAsync(CancellationToken cancellationToken) => GetState();

    /// <inheritdoc />
    public Task<UsageWindow> GetState() => Task.FromResult(Window);

    /// <inheritdoc />
    public Task<UsageWindow> LimitReachedAsync(
        DateTimeOffset? resetAt,
        CancellationToken cancellationToken
    ) => BecomeAsync(UsageGovernor.Reached(Window, resetAt, time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public Task<UsageWindow> OpenAsync(CancellationToken cancellationToken) =>
        BecomeAsync(UsageGovernor.Worked(Window), cancellationToken);

    private async Task<UsageWindow> BecomeAsync(
        UsageWindow window,
        CancellationToken cancellationToken
    )
    {
        if (window.Version != Window.Version)
        {
            var before = kept.State.Window;
            kept.State.Window = window;
            try
            {
                await kept.WriteStateAsync(cancellationToken);
            }
            catch
            {
                kept.State.Window = before;
                throw;
            }
        }
        // Told again each time: a queue that missed it learns it from the hosts' next registration at the latest.
        await GrainFactory
            .GetGrain<IQueueGrain>(TaskEffects.Pool)
            .SetUsageAsync(window, cancellationToken);
        return window;
    }
}
