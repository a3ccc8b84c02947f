using System.Collections.Concurrent;
using System.Globalization;

namespace Orchestrator.Mutation;

/// <summary>What came of a mutant.</summary>
internal enum Verdict
{
    /// <summary>A test failed.</summary>
    Killed,

    /// <summary>No test ended in time, or its process ended.</summary>
    TimedOut,

    /// <summary>Every test that reaches it passed.</summary>
    Survived,

    /// <summary>No test reaches it.</summary>
    Unreached,
}

/// <summary>Runs the tests that reach each mutant.</summary>
internal sealed class Judge(IReadOnlyList<Reach> all, int workers)
{
    // With what it reaches being noted. A few cases that take seconds would make minutes of a mutant that survives.
    private const double SlowMilliseconds = 500;

    // The nearest and fastest: what five hundred do not see, the others seldom do.
    private const int CasesMax = 500;
    private const int AloneMax = 1500;

    // So few reach what is made once and kept, such as a table: the first to come by.
    private const int Few = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // It starts a process and may run all tests of a folder: on a busy machine that is no endless loop yet.
    private static readonly TimeSpan AloneLimit = TimeSpan.FromMinutes(5);

    private readonly List<Reach> reaches = [.. all.Where(r => r.Milliseconds <= SlowMilliseconds)];

    private readonly ILookup<int, Reach> by = all.Where(r => r.Milliseconds <= SlowMilliseconds)
        .SelectMany(r => r.Mutants.Select(m => (Mutant: m, Reach: r)))
        .ToLookup(p => p.Mutant, p => p.Reach);

    private readonly HashSet<int> inStatic = [.. all.SelectMany(r => r.Static)];

    /// <summary>Judges them, in any order; each is told when it is done.</summary>
    public async Task RunAsync(IEnumerable<Mutant> mutants, Action<Mutant, Verdict> tell)
    {
        var wanted = mutants.ToList();
        var folders = wanted.GroupBy(m => m.Folder).ToDictionary(g => g.Key, NearOf);
        var queue = new ConcurrentQueue<Mutant>(wanted);
        await Task.WhenAll(
            Enumerable
                .Range(0, workers)
                .Select(async _ =>
                {
                    Worker? worker = null;
                    while (queue.TryDequeue(out var mutant))
                    {
                        Verdict verdict;
                        if (inStatic.Contains(mutant.Id))
                        {
                            verdict = await AloneAsync(mutant, folders[mutant.Folder]);
                        }
                        else if (by[mutant.Id].ToList() is { Count: > 0 } reached)
                        {
                            worker ??= new Worker();
                            verdict = Of(
                                await worker.KilledAsync(
                                    mutant.Id,
                                    Order(reached, mutant.Folder)
                                        .Take(CasesMax)
                                        .Select(r => r.Case),
                                    Limit
                                )
                            );
                            if (verdict == Verdict.TimedOut)
                            {
                                worker.Dispose();
                                worker = null;
                            }
                            else if (verdict == Verdict.Survived && reached.Count <= Few)
                            {
                                // Perhaps what it made was made before, and kept.
                                verdict = await AloneAsync(mutant, folders[mutant.Folder]);
                            }
                        }
                        else
                        {
                            verdict = Verdict.Unreached;
                        }
                        lock (queue)
                        {
                            tell(mutant, verdict);
                        }
                    }
                    worker?.Dispose();
                })
        );
    }

    // A static initialiser runs once in a process. Whoever came by first when it was noted says nothing of who needs it.
    private async Task<Verdict> AloneAsync(Mutant mutant, IReadOnlyList<Reach> near)
    {
        var cases = Order(by[mutant.Id], mutant.Folder)
            .Concat(near)
            .DistinctBy(r => r.Case)
            .Take(AloneMax)
            .ToList();
        using var worker = new Worker([.. cases.Select(c => c.Class).Distinct()]);
        return Of(await worker.KilledAsync(mutant.Id, cases.Select(c => c.Case), AloneLimit));
    }

    private List<Reach> NearOf(IGrouping<string, Mutant> folder)
    {
        var ids = folder.Select(m => m.Id).ToHashSet();
        return [.. Order(reaches.Where(r => r.Mutants.Any(ids.Contains)), folder.Key)];
    }

    private static IEnumerable<Reach> Order(IEnumerable<Reach> reached, string folder) =>
        reached
            .OrderBy(r => !r.Class.Contains("." + folder + ".", StringComparison.Ordinal))
            .ThenBy(r => r.Milliseconds);

    private static Verdict Of(bool? killed) =>
        killed switch
        {
            true => Verdict.Killed,
            false => Verdict.Survived,
            null => Verdict.TimedOut,
        };

    /// <summary>One line for each folder, and for all.</summary>
    public static IEnumerable<string> Scores(
        IReadOnlyCollection<(Mutant Mutant, Verdict Verdict)> judged
    )
    {
        foreach (
            var folder in judged
                .GroupBy(j => j.Mutant.Folder)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
        )
        {
            yield return Score(folder.Key, [.. folder]);
        }
        yield return Score("all", judged);
    }

    private static string Score(string name, IReadOnlyCollection<(Mutant, Verdict)> judged)
    {
        int Count(Verdict verdict) => judged.Count(j => j.Item2 == verdict);
        var dead = Count(Verdict.Killed) + Count(Verdict.TimedOut);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name, -14} {100.0 * dead / judged.Count, 6:F1} %  {dead} of {judged.Count} ({Count(Verdict.TimedOut)} by time; {Count(Verdict.Survived)} survived, {Count(Verdict.Unreached)} not reached)"
        );
    }
}
