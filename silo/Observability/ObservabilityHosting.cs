using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;

namespace Orchestrator.Silo.Observability;

/// <summary>Wires metrics and traces.</summary>
internal static class ObservabilityHosting
{
    /// <summary>What the process is called in metrics and traces.</summary>
    public const string ServiceName = "orchestrator-silo";

    /// <summary>Registers them; after the store, whose journal it measures.</summary>
    public static IServiceCollection AddObservability(
        this IServiceCollection services,
        IConfiguration configuration,
        string host
    )
    {
        var section = configuration.GetSection("Telemetry");
        services
            .AddOptions<TelemetryOptions>()
            .Bind(section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsRules>();
        services.AddSingleton<Instruments>();
        services.AddSingleton<StorePulseReader>();
        services.AddSingleton<FactRecorder>();
        services.AddHostedService(s => s.GetRequiredService<FactRecorder>());
        services.AddHostedService<GaugeSampler>();
        services.AddSingleton<ISpanSink, OtlpSpans>();
        Measure(services);
        // Read by name: what is wrong with the section is told when the options are checked.
        var otlp = section.GetSection("Otlp").Get<OtlpOptions>() ?? new();
        services
            .AddOpenTelemetry()
            .ConfigureResource(r =>
                r.Clear()
                    .AddService(
                        ServiceName,
                        serviceVersion: SiloDiscoveryFile.Version,
                        autoGenerateServiceInstanceId: false,
                        serviceInstanceId: host
                    )
            )
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Instruments.MeterName).AddMeter("System.Runtime");
                // Their names say what Prometheus' rules keep for histograms.
                foreach (
                    var odd in (string[])
                        ["dotnet.assembly.count", "dotnet.process.cpu.count", "dotnet.timer.count"]
                )
                {
                    metrics.AddView(odd, MetricStreamConfiguration.Drop);
                }
                metrics.AddPrometheusExporter(o => o.ScopeInfoEnabled = false);
                if (Address(otlp, "metrics") is { } address)
                {
                    metrics.AddOtlpExporter(
                        (o, reader) =>
                        {
                            o.Endpoint = address;
                            o.Protocol = OtlpExportProtocol.HttpProtobuf;
                            o.Headers = string.Join(
                                ',',
                                otlp.Headers.Select(h => $"{h.Key}={Uri.EscapeDataString(h.Value)}")
                            );
                            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds =
                                (int)otlp.MetricsEvery.TotalMilliseconds;
                        }
                    );
                }
            });
        return services;
    }

    /// <summary>Maps <c>/metrics</c>.</summary>
    public static void MapMetrics(this WebApplication app)
    {
        var branch = ((IApplicationBuilder)app).New();
        branch.UseOpenTelemetryPrometheusScrapingEndpoint(_ => true);
        var scrape = branch.Build();
        // As a delegate, so that it is described like every other endpoint.
        Delegate answer = (HttpContext context) => scrape(context);
        app.MapGet("/metrics", answer)
            .Is(
                "metrics",
                ScopeNeeded.Read,
                "This silo's metrics as Prometheus reads them: counts since its start, and gauges as they were looked at last."
            )
            .Produces<string>(200, "text/plain");
    }

    private static Uri? Address(OtlpOptions otlp, string signal) =>
        Uri.TryCreate(otlp.Endpoint, UriKind.Absolute, out _) ? otlp.For(signal) : null;

    // The one journal that everybody gets is the measured one.
    private static void Measure(IServiceCollection services)
    {
        var journal = services.Last(s => s.ServiceType == typeof(IJournal));
        services.Remove(journal);
        services.AddSingleton(s => new StoredJournal(
            (IJournal)ActivatorUtilities.CreateInstance(s, journal.ImplementationType!)
        ));
        services.AddSingleton<IJournal>(s => new MeasuredJournal(
            s.GetRequiredService<StoredJournal>().Journal,
            s.GetRequiredService<FactRecorder>(),
            s.GetRequiredService<Instruments>(),
            s.GetRequiredService<TimeProvider>()
        ));
    }
}
