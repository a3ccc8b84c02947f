using System.Collections.Concurrent;
using Orchestrator.Benchmarks.Workloads;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Runners;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Benchmarks.Product;

/// <summary>
/// The host's process table for agents that do no work: steps 3 to 8 of a task, reported as the silo's own host reports, each
/// after the acknowledgment of the one before and with its text redacted. The lease, the offer of slots and the removal of
/// what a run leaves stay the silo's own.
/// </summary>
internal sealed class StepHost(
    RunHost own,
    IRunReports reports,
    IGrainFactory grains,
    Redactor redactor,
    ProductSubject subject
) : IRunHost
{
    private readonly ConcurrentDictionary<(string, int), bool> begun = new();

    /// <inheritdoc />
    public HostSnapshot Snapshot() => own.Snapshot();

    /// <inheritdoc />
    public RunAnswer Start(RunOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var task = Payload.TaskOf(order.Spec.Request);
        subject.Ledger.Run(task);
        if (begun.TryAdd((order.TaskId, order.Attempt), true))
        {
            _ = Task.Run(() => RunAsync(order, task));
        }
        return new RunAnswer(true, "", false);
    }

    /// <inheritdoc />
    public RunAnswer Verify(VerifyOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (begun.TryAdd((order.TaskId, -order.Attempt), true))
        {
            _ = Task.Run(() => VerifyAsync(order, Payload.TaskOf(order.Spec.Request)));
        }
        return new RunAnswer(true, "", false);
    }

    /// <inheritdoc />
    public RunAnswer Apply(ApplyOrder order) => own.Apply(order);

    /// <inheritdoc />
    public bool Cancel(string taskId, int attempt) => own.Cancel(taskId, attempt);

    /// <inheritdoc />
    public Task HoldAsync(bool hold) => own.HoldAsync(hold);

    /// <inheritdoc />
    public Task ReleaseAsync(string taskId, int attempt, CancellationToken cancellationToken)
    {
        begun.TryRemove((taskId, attempt), out _);
        begun.TryRemove((taskId, -attempt), out _);
        return own.ReleaseAsync(taskId, attempt, cancellationToken);
    }

    private async Task RunAsync(RunOrder order, int task)
    {
        await TellAsync(
            order.TaskId,
            new TaskReport.WorkspaceReady(
                order.Attempt,
                order.Epoch,
                new WorkspaceInfo("/srv/worktree", "", await TextAsync(task, 3), false)
            )
        );
        await TellAsync(
            order.TaskId,
            new TaskReport.AgentStarted(
                order.Attempt,
                order.Epoch,
                new AgentInfo(1, "bench", "1", "", "bench", await TextAsync(task, 4))
            )
        );
        await TellAsync(
            order.TaskId,
            new TaskReport.RunEnded(
                order.Attempt,
                order.Epoch,
                new RunResult
                {
                    ErrorClass = ErrorClass.None,
                    ResultText = await TextAsync(task, 5),
                }
            )
        );
    }

    private async Task VerifyAsync(VerifyOrder order, int task)
    {
        await TellAsync(
            order.TaskId,
            new TaskReport.Verified(
                order.Attempt,
                order.Epoch,
                new VerificationReport(
                    "server",
                    [new CommandResult("true", 0, 0.01, false, await TextAsync(task, 6))]
                )
            )
        );
        await CommitAsync(order.TaskId, task, 7);
        await CommitAsync(order.TaskId, task, 8);
        subject.Ledger.Finish(task);
    }

    private async Task CommitAsync(string taskId, int task, int step)
    {
        var answer = await grains
            .GetGrain<ITaskGrain>(taskId)
            .CommitMadeAsync(
                new TaskFact.CommitMade(await TextAsync(task, step), "", "bench", false),
                CancellationToken.None
            );
        if (answer.Failure is { } failure)
        {
            await Console.Error.WriteLineAsync($"Step {step} of {taskId}: {failure.Message}");
        }
    }

    private Task TellAsync(string taskId, TaskReport report) =>
        reports.TellAsync(taskId, report, CancellationToken.None);

    // The first line of a step's handler.
    private async Task<string> TextAsync(int task, int step)
    {
        await subject.Ledger.StepAsync(task, step);
        return redactor.Redact(Payload.Of(task, step));
    }
}
