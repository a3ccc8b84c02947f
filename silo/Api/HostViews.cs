using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;

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

    /// <summary>Every host that is known, with what it says of itself.</summary>
    public static async Task<IReadOnlyList<HostInfo>> ListAsync(
        IGrainFactory grains,
        IHostRegistry hosts,
        CancellationToken token
    )
    {
        var drained = (
            await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).GetStatusAsync(token)
        ).Drained;
        var list = new List<HostInfo>();
        foreach (var row in await hosts.ListAsync(token))
        {
            var live = row.Alive ? await AskAsync(grains, row.Host, token) : null;
            list.Add(
                new HostInfo
                {
                    Host = row.Host,
                    State =
                        row.LeaseUntil is null ? "offline"
                        : !row.Alive ? "lost"
                        : drained.Contains(row.Host, StringComparer.OrdinalIgnoreCase) ? "drained"
                        : live?.Health is { Problem.Length: > 0 } ? "unfit"
                        : "online",
                    Epoch = row.Epoch,
                    Slots = row.Slots,
                    SlotsUsed = live?.SlotsUsed ?? 0,
                    Labels = row.Labels,
                    Runs = live?.Runs ?? [],
                    LeaseUntil = row.LeaseUntil,
                    Problem = live?.Health?.Problem ?? "",
                    DiskFreeBytes = live?.Health is { DiskFreeBytes: >= 0 } health
                        ? health.DiskFreeBytes
                        : null,
                    ClockSkewSeconds = live?.Health?.ClockSkewSeconds,
                    Runners =
                    [
                        .. (live?.Health?.Runners ?? []).Select(r => new RunnerInfo(
                            r.Kind,
                            r.Version,
                            r.Login,
                            r.Problem,
                            r.Drift
                        )),
                    ],
                }
            );
        }
        return list;
    }

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
