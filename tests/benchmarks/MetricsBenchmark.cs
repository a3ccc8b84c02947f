using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Benchmarks;

/// <summary>What measuring costs: acknowledged appends into the embedded journal, plain and measured, side by side in each round.</summary>
internal static class MetricsBenchmark
{
    private static readonly int[] Writers = [1, 8, 64];

    public static async Task RunAsync(int rounds, TimeSpan length)
    {
        Figures.Head(
            $"appends, measured against plain ({rounds} rounds of {length.TotalSeconds:N0} s each)",
            "writers",
            "plain, appends/s",
            "measured, appends/s",
            "ratio, same round",
            "CPU ms per 1,000, plain",
            "measured"
        );
        foreach (var writers in Writers)
        {
            var plain = new List<(double Rate, double Cpu)>();
            var measured = new List<(double Rate, double Cpu)>();
            for (var round = 0; round < rounds; round++)
            {
                // Each is first as often as second.
                if (round % 2 == 0)
                {
                    plain.Add(await PlainAsync(writers, length));
                    measured.Add(await MeasuredAsync(writers, length));
                }
                else
                {
                    measured.Add(await MeasuredAsync(writers, length));
                    plain.Add(await PlainAsync(writers, length));
                }
            }
            Figures.Row(
                $"{writers}",
                Figures.N(Figures.Median([.. plain.Select(p => p.Rate)])),
                Figures.N(Figures.Median([.. measured.Select(p => p.Rate)])),
                Figures.N(Figures.Median([.. measured.Zip(plain, (m, p) => m.Rate / p.Rate)])),
                Figures.N(Figures.Median([.. plain.Select(p => p.Cpu)])),
                Figures.N(Figures.Median([.. measured.Select(p => p.Cpu)]))
            );
        }
    }

    private static async Task<(double Rate, double Cpu)> PlainAsync(int writers, TimeSpan length)
    {
        using var folder = new ScratchFolder();
        using var store = new SqliteStore(Path.Combine(folder.Path, "journal.db"), "journal");
        var journal = new SqliteJournal(store, TimeProvider.System);
        return await JournalBenchmark.AppendAsync(journal, "task_bench", writers, length);
    }

    private static async Task<(double Rate, double Cpu)> MeasuredAsync(int writers, TimeSpan length)
    {
        using var folder = new ScratchFolder();
        var pulse = new StorePulse(
            TimeProvider.System,
            Options.Create(new StoreOptions()),
            NullLogger<StorePulse>.Instance
        );
        using var store = new SqliteStore(
            Path.Combine(folder.Path, "journal.db"),
            "journal",
            pulse
        );
        var services = new ServiceCollection();
        services.AddMetrics();
        services
            .AddOpenTelemetry()
            .WithMetrics(m => m.AddMeter(Instruments.MeterName).AddPrometheusExporter());
        await using var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<MeterProvider>();
        var instruments = new Instruments(
            provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
            new Redactor([]),
            TimeProvider.System
        );
        var stored = new StoredJournal(new SqliteJournal(store, TimeProvider.System));
        using var recorder = new FactRecorder(stored, new StorePulseReader(pulse), instruments);
        await recorder.StartAsync(CancellationToken.None);
        var journal = new MeasuredJournal(
            stored.Journal,
            recorder,
            instruments,
            TimeProvider.System
        );
        var figures = await JournalBenchmark.AppendAsync(journal, "task_bench", writers, length);
        await recorder.StopAsync(CancellationToken.None);
        return figures;
    }
}
