using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;

namespace Orchestrator.Silo.Runners;

/// <summary>This host's process table. Began a new epoch at start: what an earlier life ran is swept and its attempts are over.</summary>
internal sealed partial class RunHost(
    HostLease lease,
    IGrainFactory grains,
    IEnumerable<IAgentRunner> runners,
    AgentRunServices services,
    VerifyRun verifier,
    IOptions<RunnerOptions> options,
    ILogger<RunHost> logger
) : BackgroundService, IRunHost
{
    private static readonly TimeSpan RegisterPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReleaseMax = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<
        (string Task, int Attempt),
        (AgentRun Run, Task Ended)
    > runs = new();
    private readonly ConcurrentDictionary<
        (string Task, int Attempt),
        (CancellationTokenSource Stop, Task Ended)
    > checks = new();
    private readonly IReadOnlyList<string> labels =
    [
        "os="
            + (
                OperatingSystem.IsWindows() ? "windows"
                : OperatingSystem.IsMacOS() ? "macos"
                : "linux"
            ),
        "host=" + options.Value.Host,
    ];

    private volatile bool closed;
    private volatile bool stopping;

    /// <inheritdoc />
    public HostSnapshot Snapshot() =>
        new(
            options.Value.Host,
            lease.Epoch,
            options.Value.Slots,
            runs.Count(r => !r.Value.Ended.IsCompleted),
            labels,
            [
                .. runs.Where(r => !r.Value.Ended.IsCompleted)
                    .Select(r => $"{r.Key.Task}#{r.Key.Attempt}"),
            ],
            lease.Epoch > 0 && !stopping
        );

    private readonly EndedAttempts ended = new();

    /// <inheritdoc />
    public RunAnswer Start(RunOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var key = (order.TaskId, order.Attempt);
        if (runs.ContainsKey(key))
        {
            return new RunAnswer(true, "", false);
        }
        if (stopping || order.Epoch != lease.Epoch)
        {
            return new RunAnswer(
                false,
                stopping
                    ? "The host is stopping."
                    : $"Attempt {order.Attempt} belongs to an earlier life of host {options.Value.Host}.",
                true
            );
        }
        var runner = runners.FirstOrDefault(r => r.Kind == order.Runner);
        if (runner is null)
        {
            return new RunAnswer(
                false,
                $"Runner kind '{order.Runner}' is unknown. Known: {string.Join(", ", runners.Select(r => r.Kind))} (Runner:Default).",
                false
            );
        }
        var begun = ended.TryBegin(
            order.TaskId,
            order.Attempt,
            () =>
            {
#pragma warning disable CA2000 // disposed when the attempt is released
                var run = new AgentRun(order, runner, services);
#pragma warning restore CA2000
                runs[key] = (run, Task.Run(run.RunAsync));
            }
        );
        return begun
            ? new RunAnswer(true, "", false)
            : new RunAnswer(
                false,
                $"Attempt {order.Attempt} was let go before this order came.",
                true
            );
    }

    /// <inheritdoc />
    public RunAnswer Verify(VerifyOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var key = (order.TaskId, order.Attempt);
        if (stopping)
        {
            return new RunAnswer(false, "The host is stopping.", true);
        }
        if (checks.TryGetValue(key, out var running) && !running.Ended.IsCompleted)
        {
            return new RunAnswer(true, "", false);
        }
#pragma warning disable CA2000 // disposed when the attempt is released
        var stop = new CancellationTokenSource();
#pragma warning restore CA2000
        checks[key] = (stop, Task.Run(() => VerifyAsync(order, stop.Token)));
        return new RunAnswer(true, "", false);
    }

    /// <inheritdoc />
    public bool Cancel(string taskId, int attempt)
    {
        var key = (taskId, attempt);
        if (runs.TryGetValue(key, out var run) && !run.Ended.IsCompleted)
        {
            run.Run.Stop(StopCause.Cancel);
            return true;
        }
        if (checks.TryGetValue(key, out var check) && !check.Ended.IsCompleted)
        {
            // Its end reports the release: until then the check's processes live.
            check.Stop.Cancel();
            return true;
        }
        ended.Add(taskId, attempt);
        return false;
    }

    /// <inheritdoc />
    public async Task ReleaseAsync(string taskId, int attempt, CancellationToken cancellationToken)
    {
        var key = (taskId, attempt);
        ended.Add(taskId, attempt);
        if (runs.TryRemove(key, out var run))
        {
            run.Run.Stop(StopCause.Cancel);
            await run.Ended.WaitAsync(ReleaseMax, services.Time, cancellationToken);
            run.Run.Dispose();
        }
        if (checks.TryRemove(key, out var check))
        {
            await check.Stop.CancelAsync();
            await check.Ended.WaitAsync(ReleaseMax, services.Time, cancellationToken);
            check.Stop.Dispose();
        }
        try
        {
            await services.Workspace.RemoveAsync(taskId, attempt, cancellationToken);
            await services.Folders.RemoveAsync(taskId, attempt, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start removes what is locked now.
            LogLeft(logger, taskId, attempt, e);
        }
    }

    /// <summary>Begins the epoch before anything can be asked of the host.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var swept = services.Starter.Sweep();
        if (swept > 0)
        {
            LogSwept(logger, swept);
        }
        services.Folders.Clean();
        foreach (var runner in runners)
        {
            if ((await runner.VersionAsync(cancellationToken)).Drift is { Length: > 0 } drift)
            {
                LogDrift(logger, drift);
            }
        }
        await services.Workspace.CleanAsync(cancellationToken);
        await lease.BeginAsync(labels, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

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
        await lease.ReleaseAsync(cancellationToken);
    }

    /// <summary>Keeps the lease and offers the slots, again and again: the queue may be activated anew at any time.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(
                lease.KeepAsync(StopAllAsync, () => RegisterAsync(stoppingToken), stoppingToken),
                OfferAsync(stoppingToken)
            );
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is the only end there is.
        }
    }

    private async Task OfferAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await RegisterAsync(stoppingToken);
            await Task.Delay(RegisterPause, services.Time, stoppingToken);
        }
    }

    private async Task RegisterAsync(CancellationToken stoppingToken)
    {
        if (lease.Epoch == 0)
        {
            return;
        }
        try
        {
            var capacity = new HostCapacity(
                options.Value.Host,
                lease.Epoch,
                closed ? 0 : options.Value.Slots,
                labels
            );
            await grains
                .GetGrain<IQueueGrain>(TaskEffects.Pool)
                .RegisterHostAsync(capacity, stoppingToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnregistered(logger, e);
        }
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

    private async Task VerifyAsync(VerifyOrder order, CancellationToken stop)
    {
        VerificationReport report;
        try
        {
            report = await verifier.RunAsync(order, stop);
        }
        catch (OperationCanceledException)
        {
            if (!stopping)
            {
                await services.Reports.TellAsync(
                    order.TaskId,
                    new TaskReport.Released(order.Attempt),
                    CancellationToken.None
                );
            }
            return;
        }
        catch (Exception e)
            when (e
                    is GitException
                        or IOException
                        or InvalidOperationException
                        or UnauthorizedAccessException
                        or StorageException
            )
        {
            report = new VerificationReport(
                "none",
                [],
                services.Redactor.Redact($"The checks could not be run: {e.Message}")
            );
        }
        await services.Reports.TellAsync(
            order.TaskId,
            new TaskReport.Verified(order.Attempt, order.Epoch, report),
            CancellationToken.None
        );
    }

    [LoggerMessage(
        EventId = 2001,
        Level = LogLevel.Warning,
        Message = "Ended {Count} processes that an earlier life of this silo left behind"
    )]
    private static partial void LogSwept(ILogger logger, int count);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "{Drift}")]
    private static partial void LogDrift(ILogger logger, string drift);

    [LoggerMessage(
        EventId = 2002,
        Level = LogLevel.Warning,
        Message = "Worktree of task {TaskId}, attempt {Attempt} is locked; the next start removes it"
    )]
    private static partial void LogLeft(
        ILogger logger,
        string taskId,
        int attempt,
        Exception exception
    );

    [LoggerMessage(
        EventId = 2003,
        Level = LogLevel.Warning,
        Message = "The queue did not take this host's slots; offered again"
    )]
    private static partial void LogUnregistered(ILogger logger, Exception exception);
}
