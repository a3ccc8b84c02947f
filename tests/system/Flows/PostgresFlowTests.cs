using Npgsql;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>The built silo on a real PostgreSQL.</summary>
public sealed class PostgresFlowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RefusalMax = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_task_with_a_repository_is_done_on_PostgreSQL_and_a_drain_outlives_a_restart()
    {
        var place = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var silo = await SiloProcess.StartAsync("--Cluster:ConnectionString=" + place);
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (".orchestrator.yaml", "verify:\n  - git diff --stat HEAD\n")
        );
        var request = SiloProcess.Scripted(
            """{"do":"append","path":"a.txt","text":"two\n"},{"do":"say","text":"Added two."}""",
            repository
        );

        var task = await silo.Client.SubmitAsync(request, "key-1");
        var again = await silo.Client.SubmitAsync(request, "key-1");
        await EndAsync(silo, task.TaskId, f => f is TaskFact.Released);

        // Subscribers hear of the end by the stream and write what people read.
        var results = Path.Combine(silo.Data, "results");
        await FolderWait.UntilAsync(
            results,
            () => File.Exists(Path.Combine(results, task.TaskId + ".json")),
            "an artifact of " + task.TaskId
        );

        Assert.Equal((task.TaskId, true), (again.TaskId, again.AlreadyThere));
        Assert.Contains(
            "+two",
            await silo.Client.GetDiffAsync(task.TaskId),
            StringComparison.Ordinal
        );
        Assert.Equal(1, (await silo.Client.GetStatsAsync()).Tasks.Success);
        Assert.False(File.Exists(Path.Combine(silo.Data, "journal.db")));
        Assert.False(File.Exists(Path.Combine(silo.Data, "orleans.db")));
        var doctor = await silo.Client.GetDoctorAsync();
        Assert.All(
            doctor.Checks.Where(c =>
                c.Name is "journal" or "database schema" or "database integrity"
            ),
            c => Assert.Equal("ok", c.Level)
        );
        Assert.DoesNotContain(
            PostgresServer.Password,
            string.Join(' ', doctor.Settings.Values) + string.Join(' ', doctor.Checks),
            StringComparison.Ordinal
        );

        // Orleans' own tables: what an operator held, and the scanner's one reminder.
        var host = (await silo.Client.GetStatusAsync()).Hosts[0].Host;
        await silo.Client.DrainAsync(host);
        await silo.KillAsync();
        await silo.StartAsync();
        Assert.Equal([host], (await silo.Client.GetStatusAsync()).Queue!.Drained);
        Assert.Equal(
            1L,
            await PostgresServer.ExecuteAsync(place, "SELECT count(*) FROM orleansreminderstable")
        );
    }

    [Fact]
    public async Task A_silo_killed_while_the_agent_runs_ends_the_task_once_on_PostgreSQL()
    {
        var place = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var silo = await SiloProcess.StartAsync("--Cluster:ConnectionString=" + place);
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"append","path":"a.txt","text":"two\n"},{"do":"hang","attempt":1},{"do":"say","text":"second life"}""",
                repository
            )
        );
        await EndAsync(silo, task.TaskId, f => f is TaskFact.AgentStarted);

        await silo.KillAsync();
        await silo.StartAsync();
        var facts = await EndAsync(silo, task.TaskId, f => f is TaskFact.Released { Attempt: 2 });

        Assert.Single(facts, f => f is TaskFact.Delivered);
        Assert.Equal(2, facts.Count(f => f is TaskFact.RunStarted));
        await silo.KillAsync();
        await using var connection = new NpgsqlConnection(place + ";Pooling=false");
        await connection.OpenAsync();
        Assert.Equal(facts.Count, ChainReader.Read(connection).Count(f => f.TaskId == task.TaskId));
    }

    [Theory]
    [InlineData("wrong password", "does not let user 'orchestrator' in")]
    [InlineData("wrong database", "does not exist. Create it (createdb nowhere)")]
    [InlineData("no server", "cannot be reached")]
    [InlineData("no host", "Cluster:ConnectionString names no Host")]
    [InlineData("no sense", "Cluster:ConnectionString cannot be read")]
    [InlineData("newer", "schema 'orleans' has version 999; this build knows 1")]
    public async Task A_database_that_cannot_be_used_is_told_in_one_line_and_ends_the_start(
        string what,
        string words
    )
    {
        var server = await PostgresServer.SharedAsync();
        var place = await server.NewDatabaseAsync();
        if (what == "newer")
        {
            await PostgresServer.ExecuteAsync(
                place,
                "CREATE TABLE schema_version (family text, version integer); INSERT INTO schema_version VALUES ('orleans', 999)"
            );
        }
        await using var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString="
                + what switch
                {
                    "wrong password" => server.ConnectionString("postgres", "wrong-secret-2"),
                    "wrong database" => server.ConnectionString("nowhere"),
                    // The port of discard: nothing listens there.
                    "no server" =>
                        "Host=127.0.0.1;Port=9;Database=d;Username=u;Password=wrong-secret-2",
                    "no host" => "Database=d;Username=u;Password=wrong-secret-2",
                    "no sense" => "Host=h;wrong-secret-2",
                    _ => place,
                }
        );

        Assert.False(await silo.TryStartAsync().WaitAsync(RefusalMax));
        await silo.Ended.WaitAsync(Deadline);

        Assert.Equal(2, silo.ExitCode);
        Assert.Contains(words, silo.LastWords, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret-2", silo.LastWords, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.LastWords, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<TaskFact>> EndAsync(
        SiloProcess silo,
        string taskId,
        Func<TaskFact, bool> isLast
    )
    {
        var facts = new List<TaskFact>();
        using var limit = new CancellationTokenSource(Deadline);
        await foreach (var entry in silo.Client.WatchAsync(taskId, 0, limit.Token))
        {
            facts.Add(entry.Fact);
            if (isLast(entry.Fact))
            {
                break;
            }
        }
        return facts;
    }
}
