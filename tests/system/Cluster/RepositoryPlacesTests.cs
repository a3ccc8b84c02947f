using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>A task goes where its repository is.</summary>
public sealed class RepositoryPlacesTests
{
    private const string Work =
        """{"do":"write","path":"new.txt","text":"x"},{"do":"say","text":"Wrote new.txt."}""";

    [Fact]
    public async Task A_named_repository_is_found_at_each_hosts_own_path_and_never_asked_of_a_host_without_it()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var (here, there) = (await NewAsync("here"), await NewAsync("there"));
        await using var one = Silo(database, "one", "--Runner:Repositories:app=" + here);
        await using var two = Silo(database, "two", "--Runner:Repositories:App=" + there);
        await using var three = Silo(database, "three");
        await one.StartAsync();
        await two.StartAsync();
        await three.StartAsync();

        var ids = new List<string>();
        for (var n = 0; n < 6; n++)
        {
            ids.Add((await three.Client.SubmitAsync(SiloProcess.Scripted(Work, "app"))).TaskId);
        }

        var hosts = new HashSet<string>();
        foreach (var id in ids)
        {
            await DoneAsync(three, id);
            var started = (TaskFact.RunStarted)
                await FactWait.SeenAsync(three, id, f => f is TaskFact.RunStarted);
            hosts.Add(started.Host);
            Assert.Equal(1, started.Attempt);
        }
        Assert.Equal(["one", "two"], hosts.Order());
        var labels = (await three.Client.ListHostsAsync()).Hosts.ToDictionary(
            h => h.Host,
            h => h.Labels
        );
        Assert.Contains("repo=app", labels["one"]);
        Assert.DoesNotContain(
            labels["three"],
            l => l.StartsWith("repo=", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_path_that_one_host_may_not_work_in_goes_to_the_host_that_may()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var repository = await NewAsync("one");
        var other = SiloProcess.NewFolder();
        await using var one = Silo(database, "one", "--Runner:Slots=1");
        await using var two = Silo(database, "two", "--Workspace:AllowedRoots:0=" + other);
        await one.StartAsync();
        await two.StartAsync();

        for (var n = 0; n < 3; n++)
        {
            var task = await two.Client.SubmitAsync(SiloProcess.Scripted(Work, repository));
            await DoneAsync(two, task.TaskId);
            var started = (TaskFact.RunStarted)
                await FactWait.SeenAsync(two, task.TaskId, f => f is TaskFact.RunStarted);
            Assert.Equal("one", started.Host);
        }
    }

    [Fact]
    public async Task What_no_living_host_has_is_waited_for_with_the_cure_and_runs_when_a_host_has_it()
    {
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var one = Silo(database, "one");
        await using var two = Silo(database, "two");
        await one.StartAsync();
        await two.StartAsync();
        var folder = Path.Combine(SiloProcess.NewFolder(), "later");

        var named = await one.Client.SubmitAsync(SiloProcess.Scripted(Work, "app"));
        var path = await one.Client.SubmitAsync(SiloProcess.Scripted(Work, folder));
        var foreign = await one.Client.SubmitAsync(SiloProcess.Scripted(Work, @"C:\code\app"));
        var never = await one.Client.SubmitAsync(SiloProcess.Scripted(Work, "code/app"));

        var refused = (TaskFact.Failed)
            await FactWait.SeenAsync(one, never.TaskId, f => f is TaskFact.Failed);
        Assert.Equal(FailureCodes.RepositoryUnusable, refused.Failure.Code);
        foreach (var task in (string[])[named.TaskId, path.TaskId, foreign.TaskId])
        {
            await FactWait.SeenAsync(one, task, f => f is TaskFact.PlanMade);
        }
        var why = await one.Client.ExplainAsync(named.TaskId);
        var said = why.Headline;
        Assert.Equal(TaskPhase.Queued, why.Phase);
        foreach (
            var part in (string[])
                ["No living host has the repository app", "Runner:Repositories:app", "two: "]
        )
        {
            Assert.True(
                said.Contains(part, StringComparison.Ordinal),
                $"'{part}' is not in: {said}"
            );
        }

        // A clone appears: the hosts are asked again while somebody waits.
        Directory.Move(await NewAsync("moved"), folder);
        await DoneAsync(one, path.TaskId);

        // A host comes that knows the name.
        await two.KillAsync();
        two.More = ["--Runner:Repositories:app=" + folder];
        await two.StartAsync();
        await DoneAsync(one, named.TaskId);
        Assert.Equal(TaskPhase.Queued, (await one.Client.ExplainAsync(foreign.TaskId)).Phase);
    }

    [Fact]
    public async Task Alone_a_missing_repository_is_refused_at_once_and_a_name_is_found()
    {
        var repository = await NewAsync("alone");
        await using var silo = await SiloProcess.StartAsync(
            "--Runner:Repositories:app=" + repository
        );

        var named = await silo.Client.SubmitAsync(SiloProcess.Scripted(Work, "app"));
        await DoneAsync(silo, named.TaskId);
        foreach (var wrong in (string[])["other", Path.Combine(repository, "nowhere")])
        {
            var task = await silo.Client.SubmitAsync(SiloProcess.Scripted(Work, wrong));
            var failed = (TaskFact.Failed)
                await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Failed);
            Assert.Equal(FailureCodes.RepositoryUnusable, failed.Failure.Code);
            Assert.Contains(wrong, failed.Failure.Message, StringComparison.Ordinal);
        }
        Assert.NotEmpty((await silo.Client.GetRepositoryAsync("app")).Branch);
    }

    private static async Task DoneAsync(SiloProcess silo, string id)
    {
        var end = await FactWait.SeenAsync(
            silo,
            id,
            f => f is TaskFact.Delivered or TaskFact.Failed
        );
        Assert.True(end is TaskFact.Delivered, $"{id} did not end well: {end}");
    }

    private static Task<string> NewAsync(string text) =>
        SiloProcess.RepositoryAsync(("a.txt", text));

    private static SiloProcess Silo(string database, string host, params string[] more) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            [
                "--Cluster:ConnectionString=" + database,
                "--Cluster:SiloPort=0",
                "--Runner:Host=" + host,
                "--Runner:Slots=1",
                .. more,
            ]
        );
}
