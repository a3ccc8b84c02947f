using System.Diagnostics;

namespace Orchestrator.Benchmarks.Workloads;

/// <summary>What the handlers of a run did: each execution of each step, when the first one began, and who is through.</summary>
internal sealed class Ledger
{
    private readonly int[] executions;
    private readonly long[] began;
    private readonly long[] ran;
    private readonly TaskCompletionSource[] finished;

    /// <summary>W4: what a step does outside; null = nothing, and takes no time.</summary>
    public Effects? Effects { get; init; }

    /// <summary>For tasks 0 to <paramref name="tasks"/> - 1; later ones take the places of earlier ones, see <see cref="Renew"/>.</summary>
    public Ledger(int tasks)
    {
        executions = new int[tasks * (Payload.Steps + 1)];
        began = new long[tasks];
        ran = new long[tasks];
        finished = new TaskCompletionSource[tasks];
        for (var i = 0; i < tasks; i++)
        {
            finished[i] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Empties a task's place, which another task had before.</summary>
    public void Renew(int task)
    {
        var place = task % finished.Length;
        Array.Clear(executions, place * (Payload.Steps + 1), Payload.Steps + 1);
        began[place] = 0;
        ran[place] = 0;
        finished[place] = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The first line of a step's handler.</summary>
    public void Begin(int task, int step)
    {
        if (step == 1)
        {
            Interlocked.CompareExchange(
                ref began[task % finished.Length],
                Stopwatch.GetTimestamp(),
                0
            );
        }
        Interlocked.Increment(
            ref executions[(task % finished.Length * (Payload.Steps + 1)) + step]
        );
    }

    /// <summary>The first line of a step's handler, with what the step does outside.</summary>
    public Task StepAsync(int task, int step)
    {
        Begin(task, step);
        return Effects?.HappenAsync(task, step) ?? Task.CompletedTask;
    }

    /// <summary>The first line of what runs the agent; for engines that do more than steps.</summary>
    public void Run(int task) =>
        Interlocked.CompareExchange(ref ran[task % finished.Length], Stopwatch.GetTimestamp(), 0);

    /// <summary>The eighth step is acknowledged.</summary>
    public void Finish(int task) => finished[task % finished.Length].TrySetResult();

    /// <summary>Ends with the eighth step.</summary>
    public Task WaitAsync(int task, TimeSpan most) =>
        finished[task % finished.Length].Task.WaitAsync(most, TimeProvider.System);

    /// <summary>Stopwatch ticks at which the first step began; 0 = it did not.</summary>
    public long BeganAt(int task) => Interlocked.Read(ref began[task % finished.Length]);

    /// <summary>Stopwatch ticks at which the agent's run began; 0 = the engine has none.</summary>
    public long RanAt(int task) => Interlocked.Read(ref ran[task % finished.Length]);

    /// <summary>Steps executed more than once, and never.</summary>
    public (int Doubled, int Lost) Count(int from, int tasks)
    {
        var (doubled, lost) = (0, 0);
        for (var task = from; task < from + tasks; task++)
        {
            for (var step = 1; step <= Payload.Steps; step++)
            {
                var times = executions[(task % finished.Length * (Payload.Steps + 1)) + step];
                doubled += Math.Max(0, times - 1);
                lost += times == 0 ? 1 : 0;
            }
        }
        return (doubled, lost);
    }
}
