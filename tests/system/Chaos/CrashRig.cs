using System.Globalization;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>
/// A silo that dies again and again on one data directory, the callers of its tasks, and a witness who notes every fact
/// that was shown to anybody. After each death it starts again, and what must hold of every task is checked.
/// </summary>
internal sealed class CrashRig(string name, params string[] arguments) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Dictionary<(string Task, long Sequence), string> shown = [];
    private readonly HashSet<string> acknowledged = new(StringComparer.Ordinal);
    private int logins;
    private readonly Dictionary<string, TaskLife> lives = new(StringComparer.Ordinal);
    private CancellationTokenSource? watching;
    private Task witness = Task.CompletedTask;
    private IReadOnlyList<Prey> oldLife = [];
    private long seen;
    private readonly List<TimeSpan> restarts = [];

    /// <summary>The silo.</summary>
    public SiloProcess Silo { get; } =
        SiloProcess.At(Path.Combine(SiloProcess.NewFolder(), "data"), arguments);

    /// <summary>Tasks that have come to their end.</summary>
    public HashSet<string> Over { get; } = new(StringComparer.Ordinal);

    /// <summary>How often it died.</summary>
    public int Deaths { get; private set; }

    /// <summary>From the starts after a death to the moment it was ready: median and most, in words.</summary>
    public string RestartTimes
    {
        get
        {
            var sorted = restarts.Skip(1).Select(r => r.TotalSeconds).Order().ToList();
            return sorted.Count == 0
                ? "(no restart)"
                : $"{sorted[sorted.Count / 2]:F2} s (median), {sorted[^1]:F2} s (most)";
        }
    }

    /// <summary>The phases that tasks were in when the silo died.</summary>
    public HashSet<TaskPhase> PhasesAtDeath { get; } = [];

    /// <summary>Starts the silo, to die at the crash point. Nothing of its earlier life may be alive once it is ready.</summary>
    /// <returns>False when it died before it was ready.</returns>
    public async Task<bool> StartAsync(CrashPoint? crash = null)
    {
        Silo.Environment = crash?.Environment() ?? [];
        // Each life logs in anew: a limit that was met before a death whose attempt is lost would hold the next one for an hour.
        Silo.More =
        [
            string.Create(CultureInfo.InvariantCulture, $"--Runner:Account=life-{++logins}"),
        ];
        var begun = TimeProvider.System.GetTimestamp();
        if (!await Silo.TryStartAsync())
        {
            return false;
        }
        restarts.Add(TimeProvider.System.GetElapsedTime(begun));
        var left = oldLife.Where(ProcessHunter.Lives).ToList();
        Assert.True(left.Count == 0, $"{name}: alive after the restart: {string.Join("; ", left)}");
        watching = new CancellationTokenSource();
        witness = WitnessAsync(Silo.Client, watching.Token);
        return true;
    }

    /// <summary>Waits for the silo's death by its own crash point, or kills it now; takes down what it left.</summary>
    public async Task DieAsync(bool kill)
    {
        if (kill)
        {
            await Silo.KillAsync();
        }
        await Silo.Ended.WaitAsync(Deadline);
        // At once: what dies with the silo is not counted as left, what a dead silo cannot end is.
        oldLife = ProcessHunter.Of(Silo.Data);
        Deaths++;
        await (watching?.CancelAsync() ?? Task.CompletedTask);
        await witness.WaitAsync(Deadline);
        watching?.Dispose();
        watching = null;
    }

    /// <summary>Submits a task of this life (again, after a crash) and acts as its caller until it has ended for good or the silo is dead.</summary>
    /// <returns>False when the silo died meanwhile.</returns>
    public async Task<bool> LiveAsync(string id, TaskLife life)
    {
        lock (lives)
        {
            lives[id] = life;
        }
        using var limit = new CancellationTokenSource(Deadline);
        _ = Silo.Ended.ContinueWith(_ => limit.Cancel(), TaskScheduler.Default);
        try
        {
            await OnceAsync(
                "submit",
                id,
                () => Silo.Client.SubmitAsync(life.Request with { Id = id }, null, limit.Token)
            );
            // A reply whose answer was cut off is sent again under its key, also when it was answered and the answer was lost.
            for (var n = 0; n < life.Replies.Count; n++)
            {
                var (words, key) = (life.Replies[n], $"reply-{n}");
                await OnceAsync(
                    key,
                    id,
                    () =>
                        Silo.Client.ReplyAsync(
                            id,
                            new ReplyRequest { Text = words },
                            key,
                            limit.Token
                        )
                );
            }
            await ActAsync(id, life, limit.Token);
            await Exports.WaitAsync(Silo.Data, [id], limit.Token);
            lock (Over)
            {
                Over.Add(id);
            }
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or OrchestratorException)
        {
            if (await DiedAsync())
            {
                return false;
            }
            throw new InvalidOperationException(
                $"{name}: task {id} ({life.Name}) did not get to its end: {await StateAsync(id)}\n{Silo.LastWords}",
                e
            );
        }
    }

    /// <summary>Everything that must hold once all tasks have ended; with the silo alive.</summary>
    public async Task CheckAsync()
    {
        var facts = ChainReader.Read(Silo.Data);
        var kept = facts.ToDictionary(f => (f.TaskId, f.Sequence), f => f.Body.ToString());
        foreach (var (key, fact) in shown)
        {
            Assert.True(
                kept.GetValueOrDefault(key) == fact,
                $"{name}: fact {key.Sequence} of {key.Task} was shown before a crash and is lost: {fact}; there is: {kept.GetValueOrDefault(key)}"
            );
        }
        var byTask = facts.ToLookup(f => f.TaskId);
        foreach (var (id, life) in lives)
        {
            CheckEnds(id, life, [.. byTask[id]]);
            await CheckResultAsync(id, life);
        }
        var left = ProcessHunter.Of(Silo.Data);
        Assert.True(left.Count == 0, $"{name}: alive when all is over: {string.Join("; ", left)}");
        var status = await Silo.Client.GetStatusAsync();
        Assert.True(
            (status.Active, status.Queued, status.Queue!.SlotsUsed, status.Queue.Waiting)
                is (0, 0, 0, 0),
            $"{name}: when all is over, status says {status.Active} active, {status.Queued} queued, {status.Queue}"
        );
        Assert.All(
            (await Silo.Client.GetDoctorAsync()).Checks.Where(c => c.Name == "journal"),
            c => Assert.Equal("ok", c.Level)
        );
    }

    public async ValueTask DisposeAsync()
    {
        await (watching?.CancelAsync() ?? Task.CompletedTask);
        await Silo.DisposeAsync();
        watching?.Dispose();
    }

    // A call that was answered is never made again, so that an answer that was not kept shows as a task that hangs; a call
    // that was cut off is made again after the restart.
    private async Task OnceAsync(string verb, string id, Func<Task> call)
    {
        bool done;
        lock (acknowledged)
        {
            done = acknowledged.Contains(verb + " " + id);
        }
        if (!done)
        {
            await call();
            lock (acknowledged)
            {
                acknowledged.Add(verb + " " + id);
            }
        }
    }

    private async Task ActAsync(string id, TaskLife life, CancellationToken token)
    {
        var (ends, attempts, released) = (0, 0, 0);
        await foreach (var entry in Silo.Client.WatchAsync(id, 0, token))
        {
            attempts += entry.Fact is TaskFact.RunStarted ? 1 : 0;
            released = entry.Fact is TaskFact.Released r ? Math.Max(released, r.Attempt) : released;
            if (entry.Fact is TaskFact.Paused)
            {
                await OnceAsync("resume", id, () => ResumeAsync(id, token));
            }
            if (entry.Fact is TaskFact.AgentStarted && life.Cancel)
            {
                await OnceAsync("cancel", id, () => CancelAsync(id, token));
            }
            if (
                entry.Fact is TaskFact.Delivered or TaskFact.Failed or TaskFact.Cancelled
                && ++ends < life.Ends.Length
                && life.Replies.Count == 0
            )
            {
                var turn = ends;
                await OnceAsync($"retry {turn}", id, () => RetryAsync(id, turn, token));
            }
            if (ends >= life.Ends.Length && released >= attempts)
            {
                return;
            }
        }
    }

    // An agent of an attempt that a crash ended is seen again after it; by then the task may be cancelled.
    private async Task CancelAsync(string id, CancellationToken token)
    {
        if ((await Silo.Client.GetAsync(id, token)).Phase != TaskPhase.Cancelled)
        {
            await Silo.Client.ActAsync(id, "cancel", "by the test", token);
        }
    }

    private async Task ResumeAsync(string id, CancellationToken token)
    {
        if ((await Silo.Client.GetAsync(id, token)).Phase == TaskPhase.Paused)
        {
            await AgentAccounts.OpenAllAsync(Silo.Client, token);
            await Silo.Client.ActAsync(id, "resume", "", token);
        }
    }

    private async Task RetryAsync(string id, int ends, CancellationToken token)
    {
        if ((await Silo.Client.GetAsync(id, token)).Turn == ends)
        {
            await Silo.Client.ActAsync(id, "retry", "", token);
        }
    }

    private async Task<bool> DiedAsync()
    {
        try
        {
            // A connection that broke is seen before the process' end is, long before on a machine that stands still meanwhile.
            await Silo.Ended.WaitAsync(Deadline);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<string> StateAsync(string id)
    {
        try
        {
            var state = await Silo.Client.GetAsync(id);
            return $"{state.Phase}, attempt {state.Attempt}, {state.Failure?.Message} {await Silo.Client.ExplainAsync(id)}";
        }
        catch (OrchestratorException e)
        {
            return e.Message;
        }
    }

    private async Task WitnessAsync(OrchestratorClient client, CancellationToken token)
    {
        try
        {
            await foreach (var entry in client.WatchAsync(null, seen, token))
            {
                var fact = JsonSerializer.SerializeToElement(
                    entry.Fact,
                    OrchestratorJson.Compact.TaskFact
                );
                shown[(entry.TaskId, entry.Sequence)] = fact.ToString();
                seen = entry.Position;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or OrchestratorException)
        {
            // The silo is dead: what was shown is shown.
        }
    }

    private void CheckEnds(string id, TaskLife life, List<StoredFact> facts)
    {
        var ends = facts
            .Where(f => f.Fact is "delivered" or "failed" or "cancelled")
            .Select(f => f.Fact)
            .ToList();
        Assert.True(
            ends.SequenceEqual(life.Ends),
            $"{name}: task {id} ({life.Name}) must end with {string.Join(", ", life.Ends)}, its facts: {string.Join(" ", facts.Select(Describe))}"
        );
        Assert.Equal(life.Ends.Length - 1, facts.Count(f => f.Fact == "turn-started"));
        Assert.Equal(
            life.Replies,
            facts
                .Where(f => f.Fact == "replied")
                .Select(f => f.Body.GetProperty("reply").GetProperty("text").GetString() ?? "")
        );
        Assert.Equal(
            facts
                .Where(f => f.Fact == "replied")
                .Select(f => f.Body.GetProperty("reply").GetProperty("id").GetString()),
            facts
                .Where(f => f.Fact == "turn-started" && life.Replies.Count > 0)
                .Select(f => f.Body.GetProperty("reply_id").GetString())
        );
        var attempts = facts
            .Where(f => f.Fact == "run-started")
            .Select(f => f.Body.GetProperty("attempt").GetInt32());
        Assert.Equal(Enumerable.Range(1, attempts.Count()), attempts);
    }

    // A failure nobody expected is told with its reason.
    private static string Describe(StoredFact fact) =>
        fact.Fact is "failed" or "retry-scheduled" ? $"{fact.Fact} {fact.Body}" : fact.Fact;

    private async Task CheckResultAsync(string id, TaskLife life)
    {
        var snapshot = await Silo.Client.GetAsync(id);
        Assert.Contains(life.Text, snapshot.Result?.ResultText ?? "", StringComparison.Ordinal);
        if (life.Diff.Length > 0)
        {
            Assert.Contains(
                life.Diff,
                await Silo.Client.GetDiffAsync(id),
                StringComparison.Ordinal
            );
        }
        var path = Path.Combine(Silo.Data, "results", id + ".json");
        using var artifact = JsonDocument.Parse(await File.ReadAllBytesAsync(path));
        Assert.Equal(id, artifact.RootElement.GetProperty("task_id").GetString());
        var files = Directory.GetFiles(Path.Combine(Silo.Data, "results"), id + ".*");
        Assert.True(
            files.Length == 1,
            $"{name}: {id} has the artifacts {string.Join(", ", files)}"
        );
        using var index = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(Silo.Data, "results", "index.json"))
        );
        Assert.Equal($"results/{id}.json", index.RootElement.GetProperty(id).GetString());
    }

    /// <summary>Notes the phase a task was in when the silo died. On a copy: the next start must find the files as the death left them.</summary>
    public void NotePhase(string id)
    {
        var copy = SiloProcess.NewFolder();
        foreach (var file in Directory.GetFiles(Silo.Data, "journal.db*"))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
        using var connection = ChainReader.Open(copy, writable: true);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT phase FROM head WHERE task_id = $t";
        command.Parameters.AddWithValue("$t", id);
        PhasesAtDeath.Add(
            command.ExecuteScalar() is { } phase
                ? (TaskPhase)Convert.ToInt32(phase, CultureInfo.InvariantCulture)
                : TaskPhase.None
        );
    }
}
