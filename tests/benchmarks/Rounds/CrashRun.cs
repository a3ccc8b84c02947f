using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Rounds;

/// <summary>
/// W4: an engine with 64 tasks under way is killed with SIGKILL after 150 steps and started again at once on what it left.
/// All times count from the last step that the first life began.
/// </summary>
/// <param name="order">The order of the first life.</param>
/// <param name="start">Starts a life on the order in a file.</param>
internal sealed class CrashRun(SubjectOrder order, Func<string, SubjectLife> start)
{
    private const int StepsBefore = 150;

    // A step takes 100 ms: whose last one began within these was under way.
    private static readonly TimeSpan UnderWay = TimeSpan.FromMilliseconds(110);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SecondMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndMax = TimeSpan.FromMinutes(2);

    /// <summary>Runs both lives.</summary>
    public async Task<WorkloadResult> RunAsync()
    {
        await using (var first = await LifeAsync(order, "first.json"))
        {
            await UntilAsync(
                async () =>
                    File.Exists(order.Accepted)
                    && (await Effects.ReadAsync(order.Effects)).Count >= StepsBefore,
                first,
                FirstMax
            );
            await first.KillAsync();
        }
        var before = await Effects.ReadAsync(order.Effects);
        await using var second = await LifeAsync(order with { Again = true }, "second.json");
        await UntilAsync(async () => await FinishedAsync() == order.Tasks, second, SecondMax);
        await File.WriteAllTextAsync(order.Over, "");
        await second.EndAsync(EndMax);
        return Judge(
            before,
            await Effects.ReadAsync(order.Effects),
            WorkloadResult.Read(await File.ReadAllTextAsync(order.Result))
        );
    }

    private async Task<SubjectLife> LifeAsync(SubjectOrder life, string name)
    {
        var file = Path.Combine(order.Folder, name);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(life));
        return start(file);
    }

    private async Task<int> FinishedAsync() => Finished(await Effects.ReadAsync(order.Effects));

    private static int Finished(IEnumerable<Effect> effects) =>
        effects.Where(e => e.Step == Payload.Steps).DistinctBy(e => e.Task).Count();

    // An engine that does not get there is told by what it did.
    private static async Task UntilAsync(Func<Task<bool>> holds, SubjectLife life, TimeSpan most)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds() && clock.Elapsed < most)
        {
            if (life.Ended)
            {
                throw new InvalidOperationException($"The engine ended by itself. {life.Words()}");
            }
            await Rest.ForAsync(Look);
        }
    }

    private WorkloadResult Judge(
        IReadOnlyList<Effect> before,
        IReadOnlyList<Effect> all,
        WorkloadResult told
    )
    {
        if (before.Count < StepsBefore)
        {
            throw new InvalidOperationException(
                $"{order.Subject} ran {before.Count} steps within {FirstMax}; {StepsBefore} are wanted before the kill."
            );
        }
        var last = before.Max(e => e.At);
        var after = all.Skip(before.Count).ToList();
        var underWay = before
            .GroupBy(e => e.Task)
            .Where(t => t.Max(e => e.Step) < Payload.Steps && t.Max(e => e.At) > last - UnderWay)
            .Select(t => t.Key)
            .ToList();
        var again = underWay
            .Select(t => after.FirstOrDefault(e => e.Task == t))
            .OfType<Effect>()
            .Select(e => (e.At - last).TotalSeconds)
            .ToList();
        var finished = Finished(all);
        return told with
        {
            FirstStepSeconds = after.Count > 0 ? (after[0].At - last).TotalSeconds : null,
            Interrupted = underWay.Count,
            RunAgain = again.Count,
            RunAgainP50Seconds = again.Count > 0 ? Samples.Percentile(again, 0.5) : null,
            RunAgainMostSeconds = again.Count > 0 ? again.Max() : null,
            Finished = finished,
            RepeatedSteps = all.Count - all.DistinctBy(e => (e.Task, e.Step)).Count(),
        };
    }
}

/// <summary>A process of an engine. What it logs goes to a file.</summary>
internal sealed class SubjectLife : IAsyncDisposable
{
    private readonly Process process;
    private readonly string log;
    private readonly Task said;

    /// <summary>Starts it.</summary>
    public SubjectLife(ProcessStartInfo info, string log)
    {
        ArgumentNullException.ThrowIfNull(info);
        this.log = log;
        info.RedirectStandardOutput = true;
        process = Process.Start(info)!;
        said = KeepAsync();
    }

    /// <summary>True when it ended.</summary>
    public bool Ended => process.HasExited;

    /// <summary>Its last words.</summary>
    public string Words() =>
        $"Its last words:\n{string.Join('\n', File.ReadLines(log).TakeLast(40))}";

    /// <summary>SIGKILL; returns when it is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Waits for its own end.</summary>
    public async Task EndAsync(TimeSpan most)
    {
        await said.WaitAsync(most, TimeProvider.System);
        await process.WaitForExitAsync().WaitAsync(most, TimeProvider.System);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"It ended with {process.ExitCode}. {Words()}");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }
        await said;
        process.Dispose();
    }

    private async Task KeepAsync()
    {
        await using var writer = File.Create(log);
        await process.StandardOutput.BaseStream.CopyToAsync(writer);
    }
}
