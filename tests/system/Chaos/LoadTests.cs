using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>Far more tasks at once than there are slots, from several requesters, with a queue too small for all.</summary>
public sealed class LoadTests(ITestOutputHelper output)
{
    private const int Slots = 3;
    private const int High = 30;
    private const int Refused = 20;

    // The short form keeps within two minutes on two cores; what it holds does not depend on the number.
    private static readonly int Tasks = LongForm.Enabled ? 1_000 : 150;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(LongForm.Enabled ? 20 : 8);

    private static readonly SubmitRequest Small = SiloProcess.Scripted(
        """{"do":"say","text":"done"}""",
        type: "analyze"
    );

    [Fact]
    public async Task D8_D10_Tasks_submitted_at_once_are_served_by_priority_and_fairly_and_a_refused_one_later()
    {
        await using var silo = await SiloProcess.StartAsync(
            $"--Runner:Slots={Slots}",
            $"--MAX_QUEUE_SIZE={Tasks - Refused}"
        );
        await using var facts = new FactFollower(silo.Client);
        using var ann = await ClientAsync(silo, "ann");
        using var bob = await ClientAsync(silo, "bob");
        // The slots are held until all wait: nothing below depends on who was quicker.
        string[] gates = [.. Enumerable.Range(0, Slots).Select(n => $"gate-{n}")];
        foreach (var gate in gates)
        {
            await silo.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"hang"}""") with
                {
                    Id = gate,
                }
            );
        }
        await CountAsync(facts, "agents in all slots", Slots, e => e.Fact is TaskFact.AgentStarted);

        var medium = (Tasks - High) / 2;
        var begun = TimeProvider.System.GetTimestamp();
        List<RefusedCall> refused =
        [
            .. await SubmitBothAsync(ann, bob, 0, medium / 2),
            // When hundreds wait already, and before the queue is full.
            .. await SubmitAllAsync(silo.Client, "high", 0, High, "high"),
            .. await SubmitBothAsync(ann, bob, medium / 2, medium - (medium / 2)),
        ];
        var submitted = TimeProvider.System.GetElapsedTime(begun);
        var accepted = (2 * medium) + High - refused.Count;
        await CountAsync(facts, "plans of all", accepted + Slots, e => e.Fact is TaskFact.PlanMade);

        Assert.Equal((2 * medium) + High - (Tasks - Refused), refused.Count);
        Assert.All(
            refused,
            r =>
                Assert.Equal(
                    (FailureCodes.QueueFull, 8, true),
                    (r.Why.Code, r.ExitCode, r.Why.RetryAfterSeconds > 0)
                )
        );
        var cpu = Cpu(silo.Pid);
        var running = TimeProvider.System.GetTimestamp();
        foreach (var gate in gates)
        {
            await silo.Client.ActAsync(gate, "cancel");
        }
        await Task.WhenAll(refused.Select(r => AgainAsync(r)));
        await CountAsync(facts, "all done", (2 * medium) + High, e => e.Fact is TaskFact.Delivered);
        var took = TimeProvider.System.GetElapsedTime(running);

        var all = (2 * medium) + High;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{all} tasks: submitted in {submitted.TotalSeconds:F1} s ({all / submitted.TotalSeconds:F0}/s), run in {took.TotalSeconds:F1} s by {Slots} slots ({took.TotalMilliseconds / all:F0} ms of wall clock each), CPU per task {(Cpu(silo.Pid) - cpu) * 1000 / all:F0} ms with children, silo alone {silo.ProcessorTime.TotalMilliseconds / all:F0} ms"
            )
        );
        CheckOnce(facts, all, gates);
        CheckOrder(facts);
        _ = ChainReader.Read(silo.Data);
    }

    private static void CheckOnce(FactFollower facts, int all, string[] gates)
    {
        var tasks = facts
            .Entries.Where(e => e.TaskId != TaskIds.System && !gates.Contains(e.TaskId))
            .ToLookup(e => e.TaskId);
        Assert.Equal(all, tasks.Count);
        foreach (var task in tasks)
        {
            Assert.Single(task, e => e.Fact is TaskFact.Submitted);
            Assert.Single(task, e => e.Fact is TaskFact.RunStarted);
            Assert.Single(task, e => e.Fact is TaskFact.Delivered);
            Assert.DoesNotContain(
                task,
                e => e.Fact is TaskFact.Failed or TaskFact.Cancelled or TaskFact.RetryScheduled
            );
        }
    }

    // By the order of the starts in the journal, once the gates are open.
    private static void CheckOrder(FactFollower facts)
    {
        var starts = facts
            .Entries.Where(e =>
                e.Fact is TaskFact.RunStarted
                && !e.TaskId.StartsWith("gate", StringComparison.Ordinal)
            )
            .Select(e => e.TaskId.Split('-')[0])
            .ToList();
        // High overtakes: until the last of them started, only every sixteenth slot was another lane's.
        var lastHigh = starts.LastIndexOf("high");
        Assert.True(
            lastHigh + 1 - High <= (High / 15) + 1,
            $"{High} high tasks needed {lastHigh + 1} starts: {string.Join(' ', starts.Take(lastHigh + 1))}"
        );
        // Fair: while both wait, the shares of ann and bob differ by at most 2 in every window of 20 starts.
        var shared = starts
            .Skip(lastHigh + 1)
            .Take(
                Math.Min(starts.LastIndexOf("ann"), starts.LastIndexOf("bob")) - lastHigh - Refused
            )
            .ToList();
        Assert.True(shared.Count > 40, "too few starts to judge");
        for (var from = 0; from + 20 <= shared.Count; from++)
        {
            var ann = shared.Skip(from).Take(20).Count(s => s == "ann");
            Assert.True(
                ann is >= 9 and <= 11,
                $"Starts {from} to {from + 20} after the high ones: ann has {ann} of 20."
            );
        }
    }

    private static async Task<IEnumerable<RefusedCall>> SubmitBothAsync(
        OrchestratorClient ann,
        OrchestratorClient bob,
        int first,
        int count
    ) =>
        (
            await Task.WhenAll(
                SubmitAllAsync(ann, "ann", first, count, "medium"),
                SubmitAllAsync(bob, "bob", first, count, "medium")
            )
        ).SelectMany(r => r);

    private static async Task<List<RefusedCall>> SubmitAllAsync(
        OrchestratorClient client,
        string who,
        int first,
        int count,
        string priority
    )
    {
        var refused = new List<RefusedCall>();
        await Parallel.ForEachAsync(
            Enumerable.Range(first, count),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (n, token) =>
            {
                var request = Small with { Id = $"{who}-{n}", Priority = priority };
                try
                {
                    await client.SubmitAsync(request, null, token);
                }
                catch (OrchestratorException e) when (e.Failure is { } why)
                {
                    lock (refused)
                    {
                        refused.Add(new RefusedCall(client, request, why, e.ExitCode));
                    }
                }
            }
        );
        return refused;
    }

    // As told: waits as long as the refusal says, then sends the same again.
    private static async Task AgainAsync(RefusedCall call)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var timer = new PeriodicTimer(
            TimeSpan.FromSeconds(call.Why.RetryAfterSeconds),
            TimeProvider.System
        );
        while (await timer.WaitForNextTickAsync(limit.Token))
        {
            try
            {
                await call.Client.SubmitAsync(call.Request, null, limit.Token);
                return;
            }
            catch (OrchestratorException e) when (e.Failure?.Code == FailureCodes.QueueFull)
            {
                continue; // still full: again when it said so
            }
        }
    }

    private static async Task<OrchestratorClient> ClientAsync(SiloProcess silo, string name)
    {
        var token = await silo.Client.CreateTokenAsync(
            new TokenRequest { Name = name, Scopes = ["submit", "read"] }
        );
        return new OrchestratorClient(silo.Address, token.Secret!);
    }

    private static Task CountAsync(
        FactFollower facts,
        string missing,
        int count,
        Func<JournalEntry, bool> what
    )
    {
        var n = 0;
        return facts.UntilAsync($"{count} {missing}", Deadline, e => what(e) && ++n == count);
    }

    // Seconds of processor time of the silo and of its children that have ended.
    private static double Cpu(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }
        var stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / 100;
    }

    private sealed record RefusedCall(
        OrchestratorClient Client,
        SubmitRequest Request,
        Failure Why,
        int ExitCode
    );
}
