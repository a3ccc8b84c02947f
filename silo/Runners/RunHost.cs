using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Delivery;

namespace Orchestrator.Silo.Runners;

/// <summary>This host's process table. Began a new epoch at start: what an earlier life ran is swept and its attempts are over.</summary>
internal sealed partial class RunHost(
    HostLease lease,
    HostOffer offer,
    IGrainFactory grains,
    IEnumerable<IAgentRunner> runners,
    AgentRunServices services,
    VerifyRun verifier,
    GuardedApply guarded,
    NamedRepositories named,
    IOptions<RunnerOptions> options,
    ILogger<RunHost> logger
) : BackgroundService, IRunHost
{
    private static readonly TimeSpan RegisterPause = TimeSpan.FromSeconds(5);
    private const string HeldWords = "An emergency stop holds this host.";
    private static readonly TimeSpan ReleaseMax = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<
        (string Task, int Attempt),
        (AgentRun Run, Task Ended)
    > runs = new();
    private readonly ConcurrentDictionary<
        (string Task, int Attempt),
        (CancellationTokenSource Stop, Task Ended)
    > checks = new();

    // A hold is told again at each registration. One that is not has ended, and the word of it was lost.
    private static readonly TimeSpan HoldMax = 4 * RegisterPause;
    private volatile bool closed;
    private volatile bool stopping;
    private long heldAt;

    /// <inheritdoc />
    public HostSnapshot Snapshot() =>
        new(
            options.Value.Host,
            lease.Epoch,
            options.Value.Slots,
            runs.Count(r => !r.Value.Ended.IsCompleted),
            offer.Labels,
            [
                .. runs.Where(r => !r.Value.Ended.IsCompleted)
                    .Select(r => $"{r.Key.Task}#{r.Key.Attempt}"),
            ],
            lease.Epoch > 0 && !stopping
        )
        {
            Health = offer.Health,
        };

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
        if (stopping || IsHeld || order.Epoch != lease.Epoch)
        {
            return new RunAnswer(
                false,
                stopping ? "The host is stopping."
                    : IsHeld ? HeldWords
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
        if (services.Sandbox.Refusal(order.Sandbox) is { Length: > 0 } refusal)
        {
            return new RunAnswer(false, refusal, false);
        }
        var begun = ended.TryBegin(
            order.TaskId,
            order.Attempt,
            () =>
            {
#pragma warning disable CA2000 // disposed when the attempt is released
                var run = new AgentRun(
                    order with
                    {
                        Spec = named.OnThisHost(order.Spec),
                    },
                    runner,
                    services
                );
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
        if (stopping || IsHeld)
        {
            return new RunAnswer(false, stopping ? "The host is stopping." : HeldWords, true);
        }
        if (checks.TryGetValue(key, out var running) && !running.Ended.IsCompleted)
        {
            return new RunAnswer(true, "", false);
        }
        // The check of what a run made is held by what held the run.
        order = runs.TryGetValue(key, out var run)
            ? order with
            {
                Sandbox = order.Sandbox ?? run.Run.Demand,
            }
            : order;
#pragma warning disable CA2000 // disposed when the attempt is released
        var stop = new CancellationTokenSource();
#pragma warning restore CA2000
        checks[key] = (stop, Task.Run(() => VerifyAsync(order, stop.Token)));
        return new RunAnswer(true, "", false);
    }

    /// <inheritdoc />
    public RunAnswer Apply(ApplyOrder order) =>
        stopping || IsHeld
            ? new RunAnswer(false, stopping ? "The host is stopping." : HeldWords, true)
            : guarded.Begin(order);

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

    private bool IsHeld =>
        Interlocked.Read(ref heldAt) is var at and > 0
        && services.Time.GetElapsedTime(at) < HoldMax;

    /// <inheritdoc />
    public async Task HoldAsync(bool hold)
    {
        Interlocked.Exchange(ref heldAt, hold ? services.Time.GetTimestamp() : 0);
        if (hold)
        {
            await StopAllAsync();
        }
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
        if (services.Sandbox is { Problem.Length: > 0 } sandbox)
        {
            LogSandbox(logger, sandbox.Kind, sandbox.Problem);
        }
        foreach (var runner in runners)
        {
            if ((await runner.VersionAsync(cancellationToken)).Drift is { Length: > 0 } drift)
            {
                LogDrift(logger, drift);
            }
        }
        await services.Workspace.CleanAsync(cancellationToken);
        await lease.BeginAsync(offer.Labels, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Keeps the lease and offers the slots, again and again: the queue may be activated anew at any time.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(
                lease.KeepAsync(LoseAllAsync, () => RegisterAsync(stoppingToken), stoppingToken),
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

    /// <summary>Offers the slots now; the queue may have forgotten them.</summary>
    public async Task RegisterAsync(CancellationToken stoppingToken)
    {
        if (lease.Epoch == 0)
        {
            return;
        }
        try
        {
            var capacity = await offer.MakeAsync(
                lease.Epoch,
                closed ? 0 : options.Value.Slots,
                stoppingToken
            );
            await grains
                .GetGrain<IQueueGrain>(TaskEffects.Pool)
                .RegisterHostAsync(capacity, stoppingToken);
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, stoppingToken))
        {
            LogUnregistered(logger, e);
        }
    }

    private async Task VerifyAsync(VerifyOrder order, CancellationToken stop)
    {
        VerificationReport report;
        try
        {
            report = await verifier.RunAsync(
                order with
                {
                    Spec = named.OnThisHost(order.Spec),
                },
                stop
            );
        }
        catch (OperationCanceledException)
        {
            if (!stopping)
            {
                await services.Reports.TellAsync(
                    order.TaskId,
                    IsHeld ? NotHere(order, HeldWords) : new TaskReport.Released(order.Attempt),
                    CancellationToken.None
                );
            }
            return;
        }
        catch (StorageException e)
        {
            // The store did not answer for minutes: nothing is said of the work.
            await services.Reports.TellAsync(
                order.TaskId,
                NotHere(order, services.Redactor.Redact(e.Message)),
                CancellationToken.None
            );
            return;
        }
        catch (Exception e)
            when (e
                    is GitException
                        or IOException
                        or InvalidOperationException
                        or UnauthorizedAccessException
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

    private static TaskReport.RunRefused NotHere(VerifyOrder order, string why) =>
        new(
            order.Attempt,
            order.Epoch,
            new Failure(FailureCodes.Unavailable, why),
            ErrorClass.HostLost
        );
}
