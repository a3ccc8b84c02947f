using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Limits;

/// <summary>A bare store as an engine: rows, no queue, no lease, no history but the rows. A bound, no product.</summary>
internal abstract class LimitSubject : Subject
{
    /// <inheritdoc />
    public override async Task SubmitAsync(int task)
    {
        await AppendAsync(task, 0, due: false);
        _ = Task.Run(() => StepsAsync(task));
    }

    /// <inheritdoc />
    public override Task ParkAsync(int task) => AppendAsync(task, 0, due: true);

    /// <summary>Returns once the row is on disk.</summary>
    protected abstract Task AppendAsync(int task, int step, bool due);

    private async Task StepsAsync(int task)
    {
        for (var step = 1; step <= Payload.Steps; step++)
        {
            Ledger.Begin(task, step);
            await AppendAsync(task, step, due: false);
        }
        Ledger.Finish(task);
    }
}
