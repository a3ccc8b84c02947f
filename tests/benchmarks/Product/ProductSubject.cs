using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orchestrator.Benchmarks.Workloads;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Artifacts;
using Orchestrator.Grains.Mediation;
using Orchestrator.Grains.Policy;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Benchmarks.Product;

/// <summary>
/// The product on its own path: the task's grain decides, the journal commits, the subscribers read, the chain is hashed,
/// lists and texts are redacted, the host holds its lease. The acceptance is <c>submitted</c> with the payload as request.
/// The eight steps are the facts of an ordinary life: 1 <c>screened</c>, 2 <c>plan-made</c>, 3 <c>workspace-ready</c>,
/// 4 <c>agent-started</c>, 5 <c>run-ended</c>, 6 <c>verified</c> + <c>judged</c> + <c>delivered</c> in one append, 7 and 8
/// <c>commit-made</c>. Two appends more, without payload, belong to that life and are paid for: <c>run-started</c> between
/// 2 and 3, and <c>released</c> after 6. So a task is 11 appends and 13 facts.
/// </summary>
internal sealed class ProductSubject(int watched) : Subject
{
    private const string Subscribers = "subscribers";
    private readonly ConcurrentDictionary<int, string> ids = new();
    private InProcessSilo? silo;
    private Watchers? watchers;
    private SubjectOrder? order;
    private IGrainFactory grains = null!;

    /// <inheritdoc />
    public override string Name =>
        order?.Without.Length > 0 ? $"product without {order.Without}"
        : watched > 0 ? "product, watched"
        : "product";

    /// <summary>True in W3.</summary>
    public bool Parks => order?.Workload == "w3";

    /// <summary>W3: tasks wait for a person until a deadline. Otherwise they wait for the next day's budget.</summary>
    public bool ParksByApproval => Parks && order?.Park == "approval";

    private IServiceProvider Services => silo!.Services;

    private string Data => Path.Combine(order!.Folder, "data");

    /// <inheritdoc />
    public override async Task StartAsync(SubjectOrder order)
    {
        this.order = order;
        List<string> settings =
        [
            "--data=" + Data,
            "--urls=http://127.0.0.1:0",
            "--Runner:Default=" + StepRunner.Name,
            "--Queue:SizeMax=1000000",
        ];
        if (order.OnPostgres)
        {
            settings.Add("--Cluster:ConnectionString=" + order.Connection);
            settings.Add("--Cluster:SiloPort=0");
        }
        if (Parks && !ParksByApproval)
        {
            settings.Add("--Budgets:Day:Runs=1");
        }
        silo = await InProcessSilo.StartAsync([.. settings], Replace);
        grains = Services.GetRequiredService<IGrainFactory>();
        await WaitForHostAsync();
        if (watched > 0)
        {
            // Written once the host has started, which is what the wait for the silo waits for.
            await UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(Data, "silo.json"))));
            watchers = await Watchers.StartAsync(Data, watched);
        }
        if (Parks && !ParksByApproval)
        {
            // The day's one run: everybody after it waits for tomorrow.
            await SubmitAsync(0);
            await UntilAsync(async () => await CountAsync(TaskPhase.Done) > 0);
        }
    }

    /// <inheritdoc />
    public override async Task SubmitAsync(int task)
    {
        var id = TaskUlid.New(TimeProvider.System.GetUtcNow());
        if (order!.Workload is "w1" or "w2")
        {
            ids[task] = id;
        }
        var answer = await grains.GetGrain<ITaskGrain>(id).SubmitAsync(Spec(task), default);
        if (answer.Failure is { } failure)
        {
            throw new InvalidOperationException(failure.Message);
        }
    }

    /// <inheritdoc />
    public override Task ParkAsync(int task) => SubmitAsync(task);

    /// <inheritdoc />
    public override Task SettleAsync() =>
        Parks
            ? UntilAsync(async () =>
                await CountAsync(ParksByApproval ? TaskPhase.AwaitingApproval : TaskPhase.Paused)
                >= order!.Tasks
            )
        : order!.Without == Subscribers ? Task.CompletedTask
        : UntilAsync(() => ProductChecks.CursorsAreThereAsync(Services));

    /// <inheritdoc />
    public override Task<IReadOnlyList<string>> CheckAsync(int from, int tasks) =>
        ProductChecks.RunAsync(
            Services,
            [.. Enumerable.Range(from, tasks).Select(t => (t, ids[t]))],
            order!.Without == Subscribers ? _ => Task.CompletedTask : UntilAsync
        );

    /// <inheritdoc />
    public override long? EmbeddedBytes() =>
        order!.OnPostgres
            ? null
            : Directory.GetFiles(Data, "*.db").Sum(f => ProductChecks.SqliteBytes(f));

    /// <inheritdoc />
    public override async Task<long?> ActiveAsync()
    {
        var statistics = await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        return statistics
            .Where(g => g.GrainType.Contains(nameof(TaskGrain), StringComparison.Ordinal))
            .Sum(g => (long)g.ActivationCount);
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (silo is not null)
        {
            if (watchers is not null)
            {
                await watchers.DisposeAsync();
            }
            await silo.StopAsync();
            silo.Dispose();
        }
    }

    private static TaskSpec Spec(int task) =>
        new()
        {
            Request = Payload.Of(task, 0),
            Requester = "bench",
            Source = "http",
        };

    private void Replace(IServiceCollection services)
    {
        services.AddSingleton(this);
        services.AddSingleton<IAgentRunner, StepRunner>();
        services.AddSingleton<RepositoryScreen>();
        services.Replace(ServiceDescriptor.Singleton<IScreen, StepScreen>());
        services.Replace(ServiceDescriptor.Singleton<IMediatorModel, StepModel>());
        services.Replace(ServiceDescriptor.Singleton<IRunHost, StepHost>());
        if (order!.Without == "files")
        {
            services.Replace(ServiceDescriptor.Singleton<IExportFolder, NoExportFolder>());
        }
        if (order.Without == Subscribers)
        {
            var own = services.Last(s => s.ServiceType == typeof(IJournal));
            services.Replace(
                ServiceDescriptor.Singleton<IJournal>(s => new SilentJournal(
                    (IJournal)ActivatorUtilities.CreateInstance(s, own.ImplementationType!)
                ))
            );
        }
        // As many handlers as loops, also where the setting's range ends at 64.
        services.RemoveAll<IValidateOptions<RunnerOptions>>();
        services.PostConfigure<RunnerOptions>(o => o.Slots = order.Flight);
        // The peers' logs are off; a line per phase is the product's default.
        services.AddLogging(l => l.AddFilter("Orchestrator", LogLevel.Warning));
    }

    private Task WaitForHostAsync() =>
        UntilAsync(async () =>
            (
                await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).GetStatusAsync(default)
            ).SlotsTotal > 0
        );

    private async Task<long> CountAsync(TaskPhase phase) =>
        (await Services.GetRequiredService<ITaskIndex>().CountAsync(default)).GetValueOrDefault(
            phase
        );

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(20))
            {
                throw new TimeoutException("What was waited for did not come within 20 minutes.");
            }
            await Rest.ForAsync(TimeSpan.FromMilliseconds(100));
        }
    }
}
