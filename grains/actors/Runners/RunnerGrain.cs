using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Runners;

/// <summary>The address of a host's process table. Holds nothing itself.</summary>
[Reentrant, OnItsHost]
public sealed class RunnerGrain(IRunHost host, IHostRepositories own) : Grain, IRunnerGrain
{
    /// <inheritdoc />
    public Task<RunAnswer> StartAsync(RunOrder order, CancellationToken cancellationToken) =>
        Task.FromResult(host.Start(order));

    /// <inheritdoc />
    public Task<RunAnswer> VerifyAsync(VerifyOrder order, CancellationToken cancellationToken) =>
        Task.FromResult(host.Verify(order));

    /// <inheritdoc />
    public Task<RunAnswer> ApplyAsync(ApplyOrder order, CancellationToken cancellationToken) =>
        Task.FromResult(host.Apply(order));

    /// <inheritdoc />
    public Task CancelAsync(string taskId, int attempt, CancellationToken cancellationToken)
    {
        if (!host.Cancel(taskId, attempt))
        {
            Report(taskId, attempt);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task ReleaseAsync(string taskId, int attempt, CancellationToken cancellationToken)
    {
        _ = ReleaseAndReportAsync(taskId, attempt);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task HoldAsync(bool held, CancellationToken cancellationToken) => host.HoldAsync(held);

    /// <inheritdoc />
    public Task<IReadOnlyList<RepositoryAnswer>> LookAtRepositoriesAsync(
        IReadOnlyList<string> repositories,
        string baseBranch,
        CancellationToken cancellationToken
    ) => own.LookAsync(repositories, baseBranch, cancellationToken);

    /// <inheritdoc />
    public Task<HostSnapshot> GetState() => Task.FromResult(host.Snapshot());

    private async Task ReleaseAndReportAsync(string taskId, int attempt)
    {
        await host.ReleaseAsync(taskId, attempt, CancellationToken.None);
        Report(taskId, attempt);
    }

    // Not awaited inside the call: the task is the caller and is not reentrant. A lost word is asked for again by the scanner.
    private void Report(string taskId, int attempt) =>
        GrainFactory
            .GetGrain<ITaskGrain>(taskId)
            .ReportAsync(new TaskReport.Released(attempt), CancellationToken.None)
            .Ignore();
}
