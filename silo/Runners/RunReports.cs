using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Runners;

/// <summary>How a host tells a task what happened.</summary>
internal interface IRunReports
{
    /// <summary>Tells until the task took it; gives up after some minutes (the task's own deadline ends the attempt then).</summary>
    Task TellAsync(string taskId, TaskReport report, CancellationToken cancellationToken);

    /// <summary>Tells once, in the background; a lost one is no loss.</summary>
    void Mention(string taskId, TaskReport report);
}

/// <summary>Reports by grain calls, with bounded back-off.</summary>
internal sealed partial class GrainRunReports(
    IGrainFactory grains,
    TimeProvider time,
    ILogger<GrainRunReports> logger
) : IRunReports
{
    private const int RoundsMax = 60;

    /// <inheritdoc />
    public async Task TellAsync(
        string taskId,
        TaskReport report,
        CancellationToken cancellationToken
    )
    {
        for (var round = 1; ; round++)
        {
            try
            {
                await grains.GetGrain<ITaskGrain>(taskId).ReportAsync(report, cancellationToken);
                return;
            }
            catch (Exception e)
                when (!cancellationToken.IsCancellationRequested && round < RoundsMax)
            {
                LogAgain(logger, taskId, report.GetType().Name, round, e);
                await Task.Delay(
                    TimeSpan.FromMilliseconds(Math.Min(5_000, 50 * round * round)),
                    time,
                    cancellationToken
                );
            }
        }
    }

    /// <inheritdoc />
    public void Mention(string taskId, TaskReport report) =>
        grains.GetGrain<ITaskGrain>(taskId).ReportAsync(report, CancellationToken.None).Ignore();

    [LoggerMessage(
        EventId = 2101,
        Level = LogLevel.Warning,
        Message = "Task {TaskId} did not take {Report} (round {Round}); told again"
    )]
    private static partial void LogAgain(
        ILogger logger,
        string taskId,
        string report,
        int round,
        Exception exception
    );
}
