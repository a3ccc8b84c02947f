using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Grains.Queueing;

/// <summary>Asks the hosts which of them have the repositories that are waited for.</summary>
public sealed partial class QueueGrain
{
    private static readonly TimeSpan LookMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ExplainMax = TimeSpan.FromSeconds(2);

    private readonly HashSet<Task> asking = [];

    // Not waited for: a host that does not answer is asked again when it registers.
    private void AskWhere(HostCapacity host, IReadOnlyCollection<string> repositories)
    {
        pool.Now = time.GetUtcNow();
        if (pool.Places.ToAsk(host, repositories, pool.Now) is { Count: > 0 } wanted)
        {
            asking.RemoveWhere(t => t.IsCompleted);
            asking.Add(AskWhereAsync(host, wanted));
        }
    }

    // Whoever asks why a task waits is told what the hosts are about to say.
    private async Task AskedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(asking).WaitAsync(ExplainMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Then it is told that they are being asked.
        }
    }

    private async Task AskWhereAsync(HostCapacity host, IReadOnlyList<string> repositories)
    {
        try
        {
            var answers = await GrainFactory
                .GetGrain<IRunnerGrain>(host.Host)
                .LookAtRepositoriesAsync(repositories, "", CancellationToken.None)
                .WaitAsync(LookMax, time);
            pool.Now = time.GetUtcNow();
            pool.TakeRepositories(host.Host, host.Epoch, answers);
        }
        catch (Exception e) when (IsUntold(e))
        {
            LogUnasked(logger, host.Host, e);
        }
        StartPump();
    }
}
