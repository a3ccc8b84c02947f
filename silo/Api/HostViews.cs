using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>What living hosts say of themselves, wherever they run.</summary>
internal static class HostViews
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(3);

    /// <summary>Every living host: its own answer, or what the store knows when it does not answer in 3 s.</summary>
    public static async Task<IReadOnlyList<HostSnapshot>> LivingAsync(
        IGrainFactory grains,
        IHostRegistry hosts,
        CancellationToken cancellationToken
    ) =>
        await Task.WhenAll(
            (await hosts.ListAsync(cancellationToken))
                .Where(h => h.Alive)
                .Select(async h =>
                    await AskAsync(grains, h.Host, cancellationToken)
                    ?? new HostSnapshot(h.Host, h.Epoch, h.Slots, 0, h.Labels, [], false)
                )
        );

    /// <summary>What a host says; null when it does not answer.</summary>
    public static async Task<HostSnapshot?> AskAsync(
        IGrainFactory grains,
        string host,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await grains
                .GetGrain<IRunnerGrain>(host)
                .GetState()
                .WaitAsync(AnswerMax, TimeProvider.System, cancellationToken);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return null;
        }
    }
}
