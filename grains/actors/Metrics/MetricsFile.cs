using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Failures;
using Orchestrator.GrainInterfaces;
using Orchestrator.Grains.Artifacts;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Metrics;

/// <summary>
/// Keeps <c>logs/metrics.json</c>: written from the rollups at the start and after changes, at most once in 3 s however
/// many there are.
/// </summary>
public sealed partial class MetricsFile(
    IStatsStore stats,
    IExportFolder folder,
    TimeProvider time,
    ILogger<MetricsFile> logger
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim touched = new(1, 1);

    /// <summary>The numbers changed.</summary>
    public void Touch()
    {
        try
        {
            touched.Release();
        }
        catch (SemaphoreFullException)
        {
            // A write is owed already; it will see this change too.
        }
    }

    /// <summary>Writes it now and returns its full path.</summary>
    public async Task<string> WriteAsync(CancellationToken cancellationToken)
    {
        var report = await stats.ReadAsync(cancellationToken);
        using var stream = new MemoryStream();
        await using (
            var json = new Utf8JsonWriter(
                stream,
                new JsonWriterOptions
                {
                    Indented = true,
                    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            )
        )
        {
            JsonSerializer.Serialize(json, report, OrchestratorJson.Compact.StatsReport);
        }
        stream.WriteByte((byte)'\n');
        return await folder.WriteMetricsAsync(stream.ToArray(), cancellationToken);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        touched.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await touched.WaitAsync(stoppingToken);
                try
                {
                    await WriteAsync(stoppingToken);
                }
                catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
                {
                    LogUnwritten(logger, e);
                    Touch();
                }
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start writes it.
        }
    }

    [LoggerMessage(
        EventId = 1401,
        Level = LogLevel.Warning,
        Message = "metrics.json could not be written; again in 3 s"
    )]
    private static partial void LogUnwritten(ILogger logger, Exception exception);
}
