using System.Collections.Concurrent;
using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests;
using Orchestrator.SystemTests.Cluster;
using Orchestrator.SystemTests.StandIns;

#pragma warning disable CA5394 // chance that can be repeated, not secrets

namespace Orchestrator.ChaosTests;

/// <summary>A silo was killed: its host, and when.</summary>
internal sealed record Kill(string Host, DateTimeOffset At);

/// <summary>The cluster, who works with it and who kills it.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    /// <summary>Attempts that a task's script knows; more would play nothing.</summary>
    private const int AttemptsMax = 60;
    private static readonly TimeSpan SettleMax = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan WorkMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    private readonly ChaosPlan plan;
    private readonly PostgresServer database;
    private readonly string trace = SiloProcess.NewFolder();
    private readonly List<KeptSilo> silos = [];
    private readonly ConcurrentDictionary<int, string> accepted = new();
    private readonly List<Kill> kills = [];
    private int restarts;

    private ChaosCluster(ChaosPlan plan, PostgresServer database)
    {
        this.plan = plan;
        this.database = database;
    }

    public static async Task<ChaosCluster> StartAsync(ChaosPlan plan)
    {
        var database = await PostgresServer.OwnAsync();
        var cluster = new ChaosCluster(plan, database);
        var connection = await database.NewDatabaseAsync();
        for (var n = 0; n < plan.Silos; n++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"host-{n}");
            var silo = SiloProcess.At(
                Path.Combine(SiloProcess.NewFolder(), "data"),
                "--Cluster:ConnectionString=" + connection,
                "--Cluster:SiloPort=0",
                "--Runner:Host=" + name
            );
            silo.SaidFile = Path.Combine(cluster.trace, name + ".log");
            silo.Program = plan.Earlier.Length > 0 ? plan.Earlier : silo.Program;
            cluster.silos.Add(await KeptSilo.StartAsync(silo));
        }
        return cluster;
    }

    /// <summary>Works and kills, waits until all is done, and looks at what there is.</summary>
    public async Task<ChaosReport> RunAsync()
    {
        var submitting = SubmitAllAsync();
        await (plan.Earlier.Length > 0 ? RollAsync() : KillAllAsync());
        await submitting;
        var stuck = !await SettledAsync();
        var client = await AnyClientAsync();
        var entries = new List<JournalEntry>();
        foreach (var taskId in accepted.Values.Distinct())
        {
            entries.AddRange(await ReadAsync(client, taskId));
        }
        var doctor = await client.GetDoctorAsync();
        return ChaosReport.Of(
            plan,
            accepted,
            entries,
            kills,
            restarts,
            trace,
            doctor.Checks.Single(c => c.Name == "journal"),
            [.. (await LeftAsync()).Select(p => $"process {p.Pid} is left: {p.Command}")],
            stuck,
            (await client.GetStatusAsync()).Fenced
        );
    }

    // An agent that is still there is left. A git or a trial of the sandbox that a silo has just started may end its work.
    private async Task<IReadOnlyList<Prey>> LeftAsync()
    {
        var seen = silos.SelectMany(s => ProcessHunter.Of(s.Silo.Data)).ToList();
        var started = TimeProvider.System.GetTimestamp();
        while (
            seen.Any(p => !IsAgent(p) && ProcessHunter.Lives(p))
            && TimeProvider.System.GetElapsedTime(started) < WorkMax
        )
        {
            await Task.Delay(Again, TimeProvider.System);
        }
        return [.. seen.Where(p => IsAgent(p) || ProcessHunter.Lives(p))];
    }

    private static bool IsAgent(Prey prey) =>
        prey.Command.Contains("scripted-agent", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }
        await database.StopAsync();
    }

    // An accepted task that the server does not know has no facts: it is lost, and told so.
    private static async Task<IReadOnlyList<JournalEntry>> ReadAsync(
        OrchestratorClient client,
        string taskId
    )
    {
        try
        {
            return (await client.GetFactsAsync(taskId)).Facts;
        }
        catch (OrchestratorException e) when (e.Failure?.Code == FailureCodes.NotFound)
        {
            return [];
        }
    }

    private async Task SubmitAllAsync()
    {
        var random = new Random(plan.Seed);
        var pause = plan.Length / plan.Tasks;
        for (var n = 0; n < plan.Tasks; n++)
        {
            var request = Request(n, random.Next(plan.Work.Min, plan.Work.Max));
            accepted[n] = await SubmitAsync(n, request);
            await Task.Delay(pause, TimeProvider.System);
        }
    }

    // As a careful caller does: the same key until somebody answers.
    private async Task<string> SubmitAsync(int n, SubmitRequest request)
    {
        using var limit = new CancellationTokenSource(SettleMax, TimeProvider.System);
        for (var at = n; ; at++)
        {
            try
            {
                return (
                    await silos[at % silos.Count]
                        .Silo.Client.SubmitAsync(
                            request,
                            string.Create(CultureInfo.InvariantCulture, $"chaos-{n}"),
                            limit.Token
                        )
                ).TaskId;
            }
            catch (Exception e)
                when (e is OrchestratorException or ObjectDisposedException
                    && !limit.IsCancellationRequested
                )
            {
                await Task.Delay(Again, TimeProvider.System, limit.Token);
            }
        }
    }

    // Each attempt leaves its traces outside of all that the product keeps.
    private SubmitRequest Request(int n, int milliseconds)
    {
        var file = Path.Combine(trace, n.ToString(CultureInfo.InvariantCulture));
        string Mark(int attempt, string what) =>
            $$"""{"do":"run","attempt":{{attempt}},"command":["sh","-c","echo {{attempt}} {{what}} >> {{file}}"]}""";
        var attempts = Enumerable
            .Range(1, AttemptsMax)
            .Select(a =>
                $$"""{{Mark(a, "begin")}},{"do":"sleep","attempt":{{a}},"milliseconds":{{milliseconds}}},{{Mark(a, "end")}}"""
            );
        return SiloProcess.Scripted(
            string.Join(',', attempts) + """,{"do":"say","text":"done"}""",
            type: "analyze"
        ) with
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"Task {n}"),
        };
    }

    private async Task KillAllAsync()
    {
        var random = new Random(plan.Seed + 1);
        for (var n = 1; n <= plan.Kills; n++)
        {
            await Task.Delay(
                TimeSpan.FromMilliseconds(random.Next(plan.Pause.Min, plan.Pause.Max)),
                TimeProvider.System
            );
            var which = random.Next(silos.Count);
            var victim = silos[which].Silo;
            if (!victim.Ended.IsCompleted)
            {
                kills.Add(
                    new Kill(
                        string.Create(CultureInfo.InvariantCulture, $"host-{which}"),
                        TimeProvider.System.GetUtcNow()
                    )
                );
                await victim.KillAsync();
            }
            if (plan.Restarts > restarts && n * (plan.Restarts + 1) / (plan.Kills + 1) > restarts)
            {
                restarts++;
                await database.RestartAsync();
            }
        }
    }

    // To this build one by one, then back to the earlier one: each is told to stop and started again by its keeper.
    private async Task RollAsync()
    {
        var own = SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo");
        foreach (var program in (string[])[own, plan.Earlier])
        {
            foreach (var silo in silos)
            {
                await Task.Delay(
                    TimeSpan.FromMilliseconds((plan.Pause.Min + plan.Pause.Max) / 2.0),
                    TimeProvider.System
                );
                silo.Silo.Program = program;
                var lives = silo.Lives;
                await silo.Silo.Client.StopAsync();
                await ReadyAgainAsync(silo, lives);
            }
        }
    }

    private static async Task ReadyAgainAsync(KeptSilo silo, int lives)
    {
        using var limit = new CancellationTokenSource(SettleMax, TimeProvider.System);
        while (true)
        {
            try
            {
                if (silo.Lives > lives && !silo.Silo.Ended.IsCompleted)
                {
                    await silo.Silo.Client.GetStatusAsync(limit.Token);
                    return;
                }
            }
            catch (Exception e)
                when (e
                        is OrchestratorException
                            or ObjectDisposedException
                            or InvalidOperationException
                    && !limit.IsCancellationRequested
                )
            {
                // Not yet.
            }
            await Task.Delay(Again, TimeProvider.System, limit.Token);
        }
    }

    // Every task has ended, and every attempt was let go.
    private async Task<bool> SettledAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < SettleMax)
        {
            foreach (var silo in silos)
            {
                try
                {
                    var status = await silo.Silo.Client.GetStatusAsync();
                    if (
                        status.Active + status.Queued == 0
                        && status.Completed + status.Failed >= plan.Tasks
                        && status.Hosts.Count == silos.Count
                        && status.Hosts.All(h => h.SlotsUsed == 0)
                    )
                    {
                        return true;
                    }
                }
                catch (Exception e) when (e is OrchestratorException or ObjectDisposedException)
                {
                    // That one is dead just now.
                }
            }
            await Task.Delay(Again, TimeProvider.System);
        }
        return false;
    }

    private async Task<OrchestratorClient> AnyClientAsync()
    {
        using var limit = new CancellationTokenSource(SettleMax, TimeProvider.System);
        for (var at = 0; ; at++)
        {
            var client = silos[at % silos.Count].Silo.Client;
            try
            {
                await client.GetStatusAsync(limit.Token);
                return client;
            }
            catch (Exception e)
                when (e is OrchestratorException or ObjectDisposedException
                    && !limit.IsCancellationRequested
                )
            {
                await Task.Delay(Again, TimeProvider.System, limit.Token);
            }
        }
    }
}
