using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Grains.Queueing;

/// <summary>The emergency stop: durable, then told to every host.</summary>
public sealed partial class QueueGrain
{
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public async Task<StopAnswer> StopAllAsync(
        bool stopped,
        string by,
        CancellationToken cancellationToken
    )
    {
        var changed = pool.Stopped != stopped;
        if (changed)
        {
            var before = (holds.State.StoppedBy, holds.State.StoppedAt);
            try
            {
                holds.State.StoppedBy = stopped ? by : "";
                holds.State.StoppedAt = stopped ? time.GetUtcNow() : null;
                pool.Stopped = stopped;
                await holds.WriteStateAsync(cancellationToken);
            }
            catch
            {
                (holds.State.StoppedBy, holds.State.StoppedAt) = before;
                pool.Stopped = !stopped;
                throw;
            }
        }
        var told = await Task.WhenAll(
            pool.Known.Select(async h => (h.Host, Told: await HoldAsync(h.Host)))
        );
        StartPump();
        return new StopAnswer(
            changed,
            [.. told.Where(t => t.Told).Select(t => t.Host)],
            [.. told.Where(t => !t.Told).Select(t => t.Host)]
        );
    }

    private async Task<bool> HoldAsync(string host)
    {
        try
        {
            await GrainFactory
                .GetGrain<IRunnerGrain>(host)
                .HoldAsync(pool.Stopped, CancellationToken.None)
                .WaitAsync(HoldMax, time);
            return true;
        }
        catch (Exception e) when (IsUntold(e))
        {
            LogNotHeld(logger, host, e);
            return false;
        }
    }
}
