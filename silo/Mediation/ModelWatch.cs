using Microsoft.Extensions.Options;

namespace Orchestrator.Silo.Mediation;

/// <summary>Looks at the model at start and when nothing was heard of it for a while, so that its state is known before a task needs it.</summary>
internal sealed class ModelWatch(
    LlamaModel model,
    IOptions<MediatorOptions> options,
    TimeProvider time
) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Endpoint.Length == 0)
        {
            return;
        }
        try
        {
            using var timer = new PeriodicTimer(options.Value.ProbePause, time);
            do
            {
                if (model.Stale)
                {
                    await model.ProbeAsync(stoppingToken);
                }
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }
}
