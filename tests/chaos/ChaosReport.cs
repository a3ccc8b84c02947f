using System.Globalization;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.ChaosTests;

/// <summary>What became of everything.</summary>
/// <param name="Problems">Each a sentence; none is what must be.</param>
/// <param name="Resumed">Seconds from a kill to the next attempt of each turn that ran there, ascending.</param>
/// <param name="Waited">Seconds from the acceptance of each task to its first slot, ascending.</param>
/// <param name="Words">The counts.</param>
/// <param name="Stories">The kills, the tasks that needed more than one attempt or long for a slot, and where what the silos said is kept.</param>
internal sealed record ChaosReport(
    IReadOnlyList<string> Problems,
    IReadOnlyList<double> Resumed,
    IReadOnlyList<double> Waited,
    string Words,
    IReadOnlyList<string> Stories
)
{
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(2);

    public static ChaosReport Of(
        ChaosPlan plan,
        IReadOnlyDictionary<int, string> accepted,
        IReadOnlyList<JournalEntry> entries,
        IReadOnlyList<Kill> kills,
        int restarts,
        string trace,
        DoctorCheck chain,
        IReadOnlyList<string> leftovers,
        bool stuck,
        long refused
    )
    {
        var tasks = entries
            .GroupBy(e => e.TaskId)
            .ToDictionary(g => g.Key, g => g.OrderBy(e => e.Sequence).ToList());
        List<string> lost = [.. accepted.Values.Where(id => !tasks.ContainsKey(id))];
        List<string> open =
        [
            .. accepted.Values.Where(id =>
                tasks.TryGetValue(id, out var own) && !own.Any(e => e.Fact is TaskFact.Delivered)
            ),
        ];
        List<string> twice =
        [
            .. accepted.Values.Where(id =>
                tasks.TryGetValue(id, out var own)
                && own.Count(e => e.Fact is TaskFact.Delivered) > 1
            ),
        ];
        var stale = tasks.Values.SelectMany(Stale).ToList();
        var traces = accepted
            .SelectMany(a => Traces(trace, a.Key, tasks.GetValueOrDefault(a.Value)))
            .ToList();
        var doubled = accepted.Values.Distinct().Count() == accepted.Count ? 0 : 1;
        List<string> problems =
        [
            .. lost.Select(id => $"{id} was accepted and is lost"),
            .. open.Select(id => $"{id} is not done: {Story(tasks[id])}"),
            .. twice.Select(id => $"{id} was delivered more than once"),
            .. stale,
            .. traces,
            .. leftovers,
        ];
        if (stuck)
        {
            problems.Add("The cluster did not settle.");
        }
        if (doubled > 0)
        {
            problems.Add("Two submissions became one task.");
        }
        if (chain.Level != "ok")
        {
            problems.Add($"The journal: {chain.Message}");
        }
        var resumed = Resumptions(kills, tasks.Values);
        var waited = Waits(tasks.Values);
        var attempts = entries.Count(e => e.Fact is TaskFact.RunStarted);
        return new ChaosReport(
            problems,
            resumed,
            waited,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                seed {plan.Seed}: {plan.Silos} silos, {plan.Tasks} tasks, {attempts} attempts, {kills.Count} kills, {restarts} restarts of the database
                {lost.Count} lost, {open.Count} stuck, {twice.Count} delivered twice, {stale.Count} reports of fenced attempts accepted ({refused} refused), {traces.Count} side effects out of turn, {leftovers.Count} processes left, chain {chain.Level}
                to the next attempt of a turn whose silo was killed (s): {Quantiles(resumed)}
                from the acceptance of a task to its first slot (s): {Quantiles(waited)}
                """
            ),
            [
                .. kills.Select(k =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{k.At:HH:mm:ss.fff} {k.Host} is killed"
                    )
                ),
                .. tasks
                    .Values.Where(t =>
                        t.Count(e => e.Fact is TaskFact.RunStarted) > 1
                        || WaitOf(t) > LongWait.TotalSeconds
                    )
                    .Select(Story),
                $"What the silos said: {trace}",
            ]
        );
    }

    public override string ToString() => Words;

    private static string Story(IEnumerable<JournalEntry> own) =>
        string.Join(
            "\n  ",
            own.Select(e => (e.At, Text: e.Fact.ToString()!))
                .Select(e =>
                    $"{e.At:HH:mm:ss.fff} {(e.Text.Length > 200 ? e.Text[..200] + "…" : e.Text)}"
                )
        );

    // After its attempt was given up, nothing of it is a fact any more.
    private static IEnumerable<string> Stale(List<JournalEntry> own)
    {
        var over = 0;
        foreach (var entry in own)
        {
            var attempt = entry.Fact switch
            {
                TaskFact.RunEnded f => f.Attempt,
                TaskFact.WorkspaceReady f => f.Attempt,
                TaskFact.AgentStarted f => f.Attempt,
                TaskFact.Progressed f => f.Attempt,
                TaskFact.Verified f => f.Attempt,
                TaskFact.Judged f => f.Attempt,
                _ => int.MaxValue,
            };
            if (attempt <= over)
            {
                yield return $"{entry.TaskId}: attempt {attempt} was over and still told {entry.Fact.GetType().Name}";
            }
            over = entry.Fact is TaskFact.RetryScheduled retry
                ? Math.Max(over, retry.Attempt)
                : over;
        }
    }

    // No attempt leaves a trace once a later one has begun, and the one that counts played to its end.
    private static IEnumerable<string> Traces(string folder, int task, List<JournalEntry>? own)
    {
        var file = Path.Combine(folder, task.ToString(CultureInfo.InvariantCulture));
        var lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        var newest = 0;
        foreach (var line in lines)
        {
            var attempt = int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
            if (attempt < newest)
            {
                yield return $"task {task}: attempt {attempt} worked while attempt {newest} did";
            }
            newest = Math.Max(newest, attempt);
        }
        var judged = own?.Select(e => e.Fact).OfType<TaskFact.Judged>().LastOrDefault()?.Attempt;
        if (judged is { } counts && !lines.Contains($"{counts} end"))
        {
            yield return $"task {task}: attempt {counts} was accepted without its last trace";
        }
    }

    private static List<double> Resumptions(
        IReadOnlyList<Kill> kills,
        IEnumerable<List<JournalEntry>> tasks
    )
    {
        var seconds = new List<double>();
        foreach (var own in tasks)
        {
            var runs = own.Where(e => e.Fact is TaskFact.RunStarted).ToList();
            for (var n = 0; n + 1 < runs.Count; n++)
            {
                var run = (TaskFact.RunStarted)runs[n].Fact;
                var ended = own.FirstOrDefault(e =>
                    e.Fact is TaskFact.RunEnded f && f.Attempt == run.Attempt
                );
                var kill = kills.FirstOrDefault(k =>
                    k.Host == run.Host
                    && k.At > runs[n].At
                    && k.At < runs[n + 1].At
                    && (ended is null || k.At < ended.At)
                );
                if (kill is not null)
                {
                    seconds.Add((runs[n + 1].At - kill.At).TotalSeconds);
                }
            }
        }
        seconds.Sort();
        return seconds;
    }

    private static List<double> Waits(IEnumerable<List<JournalEntry>> tasks)
    {
        var seconds = tasks.Select(WaitOf).OfType<double>().ToList();
        seconds.Sort();
        return seconds;
    }

    private static double? WaitOf(List<JournalEntry> own)
    {
        var taken = own.FirstOrDefault(e => e.Fact is TaskFact.Submitted);
        var run = own.FirstOrDefault(e => e.Fact is TaskFact.RunStarted);
        return taken is not null && run is not null ? (run.At - taken.At).TotalSeconds : null;
    }

    private static string Quantiles(List<double> sorted)
    {
        double At(double part) => sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * part)];
        return sorted.Count == 0
            ? "none"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"n={sorted.Count} p50={At(0.5):F2} p90={At(0.9):F2} p99={At(0.99):F2} max={sorted[^1]:F2}"
            );
    }
}
