using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>Disks and files that are not as a silo would have them.</summary>
public sealed class BadEnvironmentTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(150);

    [Fact]
    public async Task A_full_disk_loses_nothing_that_was_accepted_refuses_by_name_and_is_over_when_space_is_free()
    {
        Assert.SkipUnless(SmallDisk.CanBe, "mounts a small disk: Linux and root");
        await using var disk = await SmallDisk.MountAsync(24);
        await using var silo = SiloProcess.At(
            Path.Combine(disk.Folder, "data"),
            "--Runner:DiskFreeMinMiB=0"
        );
        await silo.StartAsync();
        var request = TaskLife.Short.Request;
        await EndAsync(silo, await silo.Client.SubmitAsync(request with { Id = "before" }));

        disk.Fill();
        // The journal has some room of its own left: long requests use it up.
        var accepted = new List<string>();
        OrchestratorException? refusal = null;
        for (var n = 0; refusal is null && n < 200; n++)
        {
            try
            {
                var long_ = Long(request, $"full-{n}");
                accepted.Add((await silo.Client.SubmitAsync(long_)).TaskId);
            }
            catch (OrchestratorException e)
            {
                refusal = e;
            }
        }
        Assert.Equal(FailureCodes.StorageFailed, refusal?.Failure?.Code);
        Assert.Contains("is full. Free space", refusal!.Failure!.Message, StringComparison.Ordinal);
        disk.Free();

        foreach (var id in accepted)
        {
            await EndAsync(silo, await silo.Client.SubmitAsync(Long(request, id)));
        }
        var after = await EndAsync(
            silo,
            await silo.Client.SubmitAsync(request with { Id = "after" })
        );
        Assert.Equal(TaskPhase.Done, after.Phase);
        var facts = ChainReader.Read(silo.Data);
        Assert.All(
            [.. accepted, "before", "after"],
            id => Assert.Single(facts, f => f.TaskId == id && f.Fact == "submitted")
        );
        var status = await silo.Client.GetStatusAsync();
        Assert.Equal((0, 0, 0), (status.Queue!.Admitted, status.Queue.SlotsUsed, status.Active));
    }

    [Fact]
    public async Task A_read_only_data_directory_is_refused_as_that_and_not_as_a_second_silo()
    {
        Assert.SkipUnless(SmallDisk.CanBe, "mounts a small disk: Linux and root");
        await using var disk = await SmallDisk.MountAsync(24);
        await using var silo = SiloProcess.At(Path.Combine(disk.Folder, "data"));
        await silo.StartAsync();
        await silo.KillAsync();
        await disk.MakeReadOnlyAsync();

        Assert.False(await silo.TryStartAsync());

        Assert.Equal(2, silo.ExitCode);
        Assert.Contains(silo.Data, silo.LastWords, StringComparison.Ordinal);
        Assert.Contains("cannot be written", silo.LastWords, StringComparison.Ordinal);
        Assert.DoesNotContain("Another silo", silo.LastWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_with_both_versions_and_left_as_it_is()
    {
        await using var silo = await SiloProcess.StartAsync();
        await silo.KillAsync();
        Execute(silo.Data, "INSERT INTO schema_version (version) VALUES (999)");

        Assert.False(await silo.TryStartAsync());

        Assert.Equal(2, silo.ExitCode);
        Assert.Contains(
            "has schema version 999; this build knows",
            silo.LastWords,
            StringComparison.Ordinal
        );
        Execute(silo.Data, "DELETE FROM schema_version WHERE version = 999");
        Assert.True(await silo.TryStartAsync(), silo.LastWords);
    }

    [Fact]
    public async Task A_fact_that_was_changed_in_the_file_is_named_by_doctor()
    {
        await using var silo = await SiloProcess.StartAsync();
        await EndAsync(
            silo,
            await silo.Client.SubmitAsync(TaskLife.Short.Request with { Id = "forged" })
        );
        await silo.KillAsync();
        Execute(
            silo.Data,
            "UPDATE fact SET payload = CAST(replace(CAST(payload AS TEXT), 'short and good', 'short and evil') AS BLOB) WHERE task_id = 'forged' AND instr(CAST(payload AS TEXT), '\"run-ended\"') > 0"
        );
        await silo.StartAsync();

        var check = Assert.Single(
            (await silo.Client.GetDoctorAsync()).Checks,
            c => c.Name == "journal"
        );

        Assert.Equal("fail", check.Level);
        Assert.Matches("Task forged: fact [0-9]+ was changed", check.Message);
        Assert.Throws<InvalidOperationException>(() => ChainReader.Read(silo.Data));
    }

    private static Orchestrator.GrainInterfaces.Api.SubmitRequest Long(
        Orchestrator.GrainInterfaces.Api.SubmitRequest request,
        string id
    ) => request with { Id = id, Context = new string('x', 30_000) };

    private static async Task<TaskSnapshot> EndAsync(SiloProcess silo, TaskHandle task)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        var end = await task.WaitAsync(limit.Token);
        await Exports.WaitAsync(silo.Data, [task.TaskId]);
        return end;
    }

    private static void Execute(string data, string sql)
    {
        using var connection = ChainReader.Open(data, writable: true);
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // texts of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        Assert.True(command.ExecuteNonQuery() > 0, sql);
    }
}
