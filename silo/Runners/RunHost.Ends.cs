using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Silo.Runners;

/// <content>How all that runs here comes to its end.</content>
internal sealed partial class RunHost
{
    // Beyond the time that an agent has to end by itself.
    private static readonly TimeSpan GoneMax = TimeSpan.FromSeconds(5);

    /// <summary>Stops every run; each reports that its host goes away, and its task is queued again.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // No slot any more before one gets free: whoever waits keeps waiting and is not refused again and again.
        closed = true;
        await Task.WhenAny(
            RegisterAsync(cancellationToken),
            Task.Delay(RegisterPause, services.Time, cancellationToken)
        );
        stopping = true;
        await StopAllAsync();
        var all = Task.WhenAll(
            runs.Values.Select(r => r.Ended).Concat(checks.Values.Select(c => c.Ended))
        );
        await Task.WhenAny(
            all,
            Task.Delay(TimeSpan.FromSeconds(20), services.Time, cancellationToken)
        );
        await base.StopAsync(cancellationToken);
        // However long the others took to stop: a lease that is not given back has its tasks wait for its end.
        await lease.ReleaseAsync(CancellationToken.None);
    }

    // Each run reports that its host goes away, and its task is queued again without a counted try.
    private async Task StopAllAsync()
    {
        foreach (var (run, _) in runs.Values)
        {
            run.Stop(StopCause.Shutdown);
        }
        foreach (var (stop, _) in checks.Values)
        {
            await stop.CancelAsync();
        }
    }

    // The lease is over. No process of its epoch should live when the next one gives its slots to others; one that cannot
    // be ended in time is waited for no longer, it is fenced anyway.
    private async Task LoseAllAsync()
    {
        await StopAllAsync();
        await Task.WhenAny(
            Task.WhenAll(
                runs.Values.Select(r => r.Run.Gone).Concat(checks.Values.Select(c => c.Ended))
            ),
            Task.Delay(options.Value.StopGrace + GoneMax, services.Time)
        );
    }
}
