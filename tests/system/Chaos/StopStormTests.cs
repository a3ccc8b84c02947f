using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>Many runs are stopped at once; nothing of them may stay: no process, no slot, no task that seems active.</summary>
public sealed class StopStormTests(ITestOutputHelper output)
{
    private const int Slots = 5;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly SubmitRequest Hanging = SiloProcess.Scripted(
        """{"do":"grandchild","milliseconds":600000},{"do":"hang"}"""
    );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task D1_D2_D3_Ten_cancels_and_ten_timeouts_leave_an_artifact_and_an_event_each_no_process_and_all_slots(
        bool contain
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        await using var silo = await SiloProcess.StartAsync(
            $"--Runner:Slots={Slots}",
            $"--Runner:Contain={(contain ? "true" : "false")}"
        );
        await using var facts = new FactFollower(silo.Client);
        var begun = TimeProvider.System.GetTimestamp();
        // Half of them with containment, half without: together twenty of each promise's ten and ten.
        const int each = 5;
        var cancelled = Enumerable.Range(0, each).Select(n => $"cancel-{n}").ToList();
        var late = Enumerable.Range(0, each).Select(n => $"timeout-{n}").ToList();
        foreach (var (one, other) in cancelled.Zip(late))
        {
            await silo.Client.SubmitAsync(Hanging with { Id = one });
            await silo.Client.SubmitAsync(Hanging with { Id = other, TimeoutSec = 2 });
        }

        await Task.WhenAll(cancelled.Select(id => CancelAliveAsync(silo, facts, id)));
        await ReleasedAsync(facts, [.. cancelled, .. late]);

        var left = ProcessHunter.Of(silo.Data);
        Assert.True(left.Count == 0, $"Alive after all ended: {string.Join("; ", left)}");
        await CheckEndsAsync(silo, facts, cancelled, "cancelled", "cancelled");
        await CheckEndsAsync(silo, facts, late, "failed", "timeout");
        await CheckEverySlotAsync(silo, facts);
        output.WriteLine(
            $"{2 * each} stops, {(contain ? "contained" : "by marker")}: {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:F1} s"
        );
    }

    [Fact]
    public async Task D1_A_task_cancelled_while_its_checks_run_leaves_no_process_and_gives_its_slot_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        await using var silo = await SiloProcess.StartAsync("--Runner:Slots=1");
        await using var facts = new FactFollower(silo.Client);
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (".orchestrator.yaml", "verify:\n  - sleep 600\n")
        );
        string[] ids = ["check-1", "check-2"];
        foreach (var id in ids)
        {
            await silo.Client.SubmitAsync(
                SiloProcess.Scripted(
                    """{"do":"append","path":"a.txt","text":"x"}""",
                    repository
                ) with
                {
                    Id = id,
                }
            );
            await AliveAsync(facts, id, e => e.Fact is TaskFact.RunEnded, "sleep 600");
            await silo.Client.ActAsync(id, "cancel");
            await ReleasedAsync(facts, [id]);
            Assert.Empty(ProcessHunter.Of(silo.Data));
        }

        await CheckEndsAsync(silo, facts, ids, "cancelled", "cancelled");
    }

    private static async Task CancelAliveAsync(SiloProcess silo, FactFollower facts, string id)
    {
        // Once its grandchild lives outside the process group, not before.
        await AliveAsync(facts, id, e => e.Fact is TaskFact.AgentStarted, "--linger");
        await silo.Client.ActAsync(id, "cancel", "enough");
    }

    private static async Task AliveAsync(
        FactFollower facts,
        string id,
        Func<JournalEntry, bool> when,
        string command
    )
    {
        await facts.UntilAsync($"a run of {id}", Deadline, e => e.TaskId == id && when(e));
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(150), TimeProvider.System);
        while (
            !ProcessHunter
                .OfTask(id)
                .Any(p => p.Command.Contains(command, StringComparison.Ordinal))
        )
        {
            // The system tells nobody of a new process: looked for until it is there.
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private static Task ReleasedAsync(FactFollower facts, IReadOnlyList<string> ids)
    {
        var ended = new HashSet<string>();
        var open = new Dictionary<string, int>();
        return facts.UntilAsync(
            $"the end and release of {string.Join(", ", ids)}",
            Deadline,
            e =>
            {
                _ = e.Fact switch
                {
                    TaskFact.RunStarted f => open[e.TaskId] = f.Attempt,
                    TaskFact.Released f when open.GetValueOrDefault(e.TaskId) == f.Attempt => open[
                        e.TaskId
                    ] = 0,
                    TaskFact.Failed or TaskFact.Cancelled or TaskFact.Delivered => ended.Add(
                        e.TaskId
                    )
                        ? 1
                        : 0,
                    _ => 0,
                };
                return ids.All(id => ended.Contains(id) && open.GetValueOrDefault(id) == 0);
            }
        );
    }

    private static async Task CheckEndsAsync(
        SiloProcess silo,
        FactFollower facts,
        IReadOnlyList<string> ids,
        string end,
        string eventName
    )
    {
        await Exports.WaitAsync(silo.Data, ids);
        var events = (
            await File.ReadAllLinesAsync(Path.Combine(silo.Data, "logs", "events.ndjson"))
        )
            .Select(l => JsonSerializer.Deserialize<JsonElement>(l))
            .ToList();
        foreach (var id in ids)
        {
            Assert.Single(
                facts.Entries,
                e =>
                    e.TaskId == id
                    && e.Fact is TaskFact.Cancelled or TaskFact.Failed or TaskFact.Delivered
                    && e.TaskId == id
            );
            using var artifact = JsonDocument.Parse(
                await File.ReadAllBytesAsync(Path.Combine(silo.Data, "results", id + ".json"))
            );
            Assert.Contains(
                events,
                e =>
                    e.GetProperty("event").GetString() == eventName
                    && e.GetProperty("task_id").GetString() == id
            );
            var phase = (await silo.Client.GetAsync(id)).Phase;
            Assert.Equal(end, phase.ToString().ToLowerInvariant());
        }
    }

    // All slots at once: each hangs until every other has started.
    private static async Task CheckEverySlotAsync(SiloProcess silo, FactFollower facts)
    {
        var idle = await silo.Client.GetStatusAsync();
        Assert.Equal((0, 0, 0), (idle.Active, idle.Queue!.SlotsUsed, idle.Queue.Waiting));
        var ids = Enumerable.Range(0, Slots).Select(n => $"slot-{n}").ToList();
        foreach (var id in ids)
        {
            await silo.Client.SubmitAsync(Hanging with { Id = id });
        }
        var running = new HashSet<string>();
        await facts.UntilAsync(
            $"{Slots} agents at the same time",
            Deadline,
            e =>
                e.Fact is TaskFact.AgentStarted
                && ids.Contains(e.TaskId)
                && running.Add(e.TaskId)
                && running.Count == Slots
        );
        var full = await silo.Client.GetStatusAsync();
        Assert.Equal((Slots, Slots), (full.Active, full.Queue!.SlotsUsed));
        foreach (var id in ids)
        {
            await silo.Client.ActAsync(id, "cancel");
        }
        await ReleasedAsync(facts, ids);
        Assert.Empty(ProcessHunter.Of(silo.Data));
    }
}
