using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>What a run has done is kept while it goes on, and a dead host's work is gone on from.</summary>
public sealed class CheckpointTests
{
    [Fact]
    public async Task The_work_of_a_killed_host_is_where_the_next_attempt_begins()
    {
        await using var silo = await SiloProcess.StartAsync("--Runner:Checkpoint=00:00:00.2");
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """
                {"do":"write","attempt":1,"path":"half.txt","text":"first half\n"},
                {"do":"hang","attempt":1},
                {"do":"append","attempt":2,"path":"half.txt","text":"second half\n"},
                {"do":"say","text":"done"}
                """,
                await SiloProcess.RepositoryAsync(("a.txt", "one\n"))
            )
        );
        var kept = (TaskFact.Checkpointed)
            await FactWait.SeenAsync(
                silo,
                task.TaskId,
                f => f is TaskFact.Checkpointed { Checkpoint.PatchBlob.Length: > 0 }
            );
        Assert.Equal((1, 1), (kept.Attempt, kept.Checkpoint.FilesTotal));
        Assert.Equal(["half.txt"], kept.Checkpoint.Paths);

        await silo.KillAsync();
        await silo.StartAsync();
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);

        var end = await silo.Client.GetAsync(task.TaskId);
        Assert.Equal((TaskPhase.Done, 2), (end.Phase, end.Attempt));
        var diff = await CliProcess.RunAsync(silo.Data, "diff", task.TaskId);
        Assert.Contains("+first half", diff.Output, StringComparison.Ordinal);
        Assert.Contains("+second half", diff.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_does_not_change_is_kept_once_and_none_when_it_is_switched_off()
    {
        await using var silo = await SiloProcess.StartAsync("--Runner:Checkpoint=00:00:00.2");
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """
                {"do":"write","path":"a.txt","text":"two\n"},{"do":"sleep","milliseconds":4000},
                {"do":"write","path":"b.txt","text":"b\n"},{"do":"sleep","milliseconds":4000},{"do":"say","text":"done"}
                """,
                await SiloProcess.RepositoryAsync(("a.txt", "one\n"))
            )
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
        Assert.InRange(await CountAsync(silo, task.TaskId), 1, 3);

        await silo.KillAsync();
        silo.More = ["--Runner:Checkpoint=0"];
        await silo.StartAsync();
        await silo.Client.ActAsync(task.TaskId, "retry");
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered { Turn: 2 });
        Assert.InRange(await CountAsync(silo, task.TaskId), 1, 3);
    }

    private static async Task<int> CountAsync(SiloProcess silo, string taskId)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var count = 0;
        await foreach (var entry in silo.Client.WatchAsync(taskId, 0, limit.Token))
        {
            count += entry.Fact is TaskFact.Checkpointed ? 1 : 0;
            if (entry.Fact is TaskFact.Delivered)
            {
                break;
            }
        }
        return count;
    }
}
