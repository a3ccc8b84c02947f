using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Artifacts;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Metrics;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Telegram;
using Orchestrator.Grains.Webhooks;
using Orchestrator.Silo.Artifacts;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Storage;
using Orleans.Concurrency;
using Xunit;

namespace Orchestrator.SystemTests.Streams;

/// <summary>One silo in this process with the real store and the real stream provider, and two kinds of subscribers that a test steers.</summary>
internal sealed class JournalSilo : IAsyncDisposable
{
    private readonly IHost host;

    private JournalSilo(IHost host) => this.host = host;

    public Probe Probe => host.Services.GetRequiredService<Probe>();

    public IJournal Journal => host.Services.GetRequiredService<IJournal>();

    public ICursorStore Cursors => host.Services.GetRequiredService<ICursorStore>();

    public IGrainFactory Grains => host.Services.GetRequiredService<IGrainFactory>();

    public static async Task<JournalSilo> StartAsync(
        string folder,
        Probe? probe = null,
        Action<IHostApplicationBuilder, ISiloBuilder>? more = null
    )
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSqliteStorage(folder);
        builder.Services.AddSingleton(new Redactor([]));
        builder.Services.AddSingleton<SubscriberServices>();
        builder.Services.AddSingleton(probe ?? new Probe());
        // The product's own kinds are subscribed here as well.
        builder.Services.AddSingleton<IExportFolder>(_ => new ExportFolder(
            folder,
            new TaskInbox(folder, TimeProvider.System),
            TimeProvider.System
        ));
        builder.Services.AddSingleton<MetricsFile>();
        builder.Services.AddSingleton<IWebhookEndpoints, NobodyOutside>();
        builder.Services.AddSingleton<ITicketHosts, NobodyOutside>();
        builder.Services.AddSingleton<IChatHost, NobodyOutside>();
        builder.Services.AddSingleton<ISpanSink, NobodyOutside>();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddSiloPlacement("", control: true);
            silo.AddJournalStreams();
            more?.Invoke(builder, silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new JournalSilo(host);
    }

    /// <summary>Appends numbered facts to a task of a partition and returns their positions' last.</summary>
    public async Task AppendAsync(int partition, int first, int count)
    {
        for (var n = first; n < first + count; n++)
        {
            var outcome = await Journal.AppendAsync(
                new AppendRequest(
                    TaskOf(partition),
                    -1,
                    DateTimeOffset.UnixEpoch,
                    [new TaskFact.Resumed(Text(n))],
                    null
                ),
                Durability.Wait,
                CancellationToken.None
            );
            Assert.Equal(AppendOutcome.Appended, outcome);
        }
    }

    /// <summary>A task id of a partition.</summary>
    public static string TaskOf(int partition) =>
        Enumerable
            .Range(0, 10_000)
            .Select(i => "t" + Text(i))
            .First(id => JournalPartitions.Of(id) == partition);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static string Text(int n) =>
        n.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>What the test's subscribers got, and what they are to do with it.</summary>
internal sealed class Probe
{
    private readonly Lock gate = new();
    private readonly List<(string Key, int Number, bool Replay)> got = [];
    private readonly List<(Func<bool> Met, TaskCompletionSource Done)> waits = [];

    /// <summary>Called before a fact counts as delivered; by default nothing.</summary>
    public ConcurrentDictionary<string, Func<int, Task>> Acts { get; } = new();

    /// <summary>How often a handler was entered, per kind and partition.</summary>
    public ConcurrentDictionary<string, int> Entered { get; } = new();

    public static string Key(string kind, int partition) =>
        kind + "/" + partition.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public IReadOnlyList<int> Got(string key)
    {
        lock (gate)
        {
            return [.. got.Where(g => g.Key == key).Select(g => g.Number)];
        }
    }

    public async Task TakeAsync(string key, IReadOnlyList<JournalEntry> entries, bool replay)
    {
        Entered.AddOrUpdate(key, 1, (_, n) => n + 1);
        Settle();
        foreach (var entry in entries)
        {
            var number = int.Parse(
                ((TaskFact.Resumed)entry.Fact).By,
                System.Globalization.CultureInfo.InvariantCulture
            );
            if (Acts.TryGetValue(key, out var act))
            {
                await act(number);
            }
            lock (gate)
            {
                got.Add((key, number, replay));
            }
        }
        Settle();
    }

    /// <summary>Waits until the subscriber has got that many facts.</summary>
    public Task GotAsync(string key, int count) =>
        UntilAsync(
            () => Got(key).Count >= count,
            () => $"{key} got {Got(key).Count} of {count} facts"
        );

    /// <summary>Waits until the subscriber has got a fact by its number.</summary>
    public Task SawAsync(string key, int number) =>
        UntilAsync(() => Got(key).Contains(number), () => $"{key} never got fact {number}");

    /// <summary>Waits until the subscriber's handler was entered that often.</summary>
    public Task EnteredAsync(string key, int count) =>
        UntilAsync(
            () => Entered.GetValueOrDefault(key) >= count,
            () => $"{key} was entered {Entered.GetValueOrDefault(key)} of {count} times"
        );

    private async Task UntilAsync(Func<bool> met, Func<string> missing)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waits.Add((met, done));
        }
        Settle();
        try
        {
            await done.Task.WaitAsync(TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException)
        {
            Assert.Fail(missing());
        }
    }

    private void Settle()
    {
        (Func<bool> Met, TaskCompletionSource Done)[] all;
        lock (gate)
        {
            all = [.. waits];
        }
        foreach (var (met, done) in all)
        {
            if (met())
            {
                done.TrySetResult();
            }
        }
    }
}

[GrainInterfaceType("probe-one"), Alias("tests.probe-one")]
internal interface IProbeOneGrain : ISubscriberGrain;

[GrainInterfaceType("probe-two"), Alias("tests.probe-two")]
internal interface IProbeTwoGrain : ISubscriberGrain;

internal abstract class ProbeGrain(SubscriberServices services, Probe probe, ILogger logger)
    : SubscriberGrain(services, logger)
{
    protected override TimeSpan Pause => TimeSpan.FromMilliseconds(5);

    protected override async Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        await probe.TakeAsync(Probe.Key(Kind, Partition), entries, replay);
        return true;
    }
}

[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace)]
internal sealed class ProbeOneGrain(
    SubscriberServices services,
    Probe probe,
    ILogger<ProbeOneGrain> logger
) : ProbeGrain(services, probe, logger), IProbeOneGrain
{
    protected override string Kind => "one";
}

[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace)]
internal sealed class ProbeTwoGrain(
    SubscriberServices services,
    Probe probe,
    ILogger<ProbeTwoGrain> logger
) : ProbeGrain(services, probe, logger), IProbeTwoGrain
{
    protected override string Kind => "two";
}
