using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>A token planted in everything an agent and a check can say comes out of the real silo nowhere.</summary>
public sealed class SecretFlowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    // Put together at run time, so that no scanner takes this file for a leak.
    private const string Token = "ghp_" + "a8Jk2mLq9ZxT4vBn7Wc1Yd6Rf3Gh5Ks0Pu8E";

    [Fact]
    public async Task D24_A_planted_token_is_in_no_file_no_answer_and_no_fact_of_what_an_agent_said()
    {
        await using var silo = await SiloProcess.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (".orchestrator.yaml", $"verify:\n  - echo {Token} && exit 3\n")
        );
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                $$"""{"do":"say","text":"I use {{Token}} now."},{"do":"append","path":"a.txt","text":"two\n"},{"do":"raw","text":"noise {{Token}}"},{"do":"result","text":"The token is {{Token}}."}""",
                repository
            ) with
            {
                Request = $"Use {Token} to fetch it.",
            }
        );
        using var limit = new CancellationTokenSource(Deadline);
        var end = await task.WaitAsync(limit.Token);

        Assert.Equal(TaskPhase.Failed, end.Phase);
        Assert.Contains(
            "[redacted:github-token]",
            end.Result!.ResultText,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "[redacted:github-token]",
            Assert.Single(end.Verification!.Commands).OutputTail,
            StringComparison.Ordinal
        );
        // The user's own words stand verbatim in the journal alone: no answer and no stream of the server shows them.
        Assert.Contains("[redacted:github-token]", end.Request, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Token,
            JsonSerializer.Serialize(end, OrchestratorJson.Default.TaskSnapshot),
            StringComparison.Ordinal
        );
        await foreach (var entry in task.WatchAsync(cancellationToken: limit.Token))
        {
            Assert.DoesNotContain(
                Token,
                JsonSerializer.Serialize(entry, OrchestratorJson.Default.JournalEntry),
                StringComparison.Ordinal
            );
            if (entry.Fact is TaskFact.Failed)
            {
                break;
            }
        }
        await FilesAreWrittenAsync(silo, task.TaskId, limit.Token);
        // No file may change its name while they are read.
        await silo.Client.StopAsync(limit.Token);
        await silo.Ended.WaitAsync(limit.Token);
        var read = 0;
        foreach (var folder in (string[])["results", "summaries", "logs"])
        {
            foreach (
                var file in Directory.GetFiles(
                    Path.Combine(silo.Data, folder),
                    "*",
                    SearchOption.AllDirectories
                )
            )
            {
                read++;
                Assert.False(
                    (await File.ReadAllTextAsync(file)).Contains(Token, StringComparison.Ordinal),
                    $"{file} holds the token."
                );
            }
        }
        Assert.True(read >= 3, $"only {read} files were there");
    }

    private static async Task FilesAreWrittenAsync(
        SiloProcess silo,
        string taskId,
        CancellationToken cancellationToken
    )
    {
        var file = Path.Combine(silo.Data, "results", taskId + ".json");
        var written = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(silo.Data) { IncludeSubdirectories = true };
        void Look(object sender, FileSystemEventArgs e)
        {
            if (File.Exists(file))
            {
                written.TrySetResult();
            }
        }
        watcher.Created += Look;
        watcher.Renamed += Look;
        watcher.EnableRaisingEvents = true;
        Look(watcher, new FileSystemEventArgs(WatcherChangeTypes.All, silo.Data, null));
        await using var cut = cancellationToken.Register(() =>
            written.TrySetException(new TimeoutException($"{file} was not written in time."))
        );
        await written.Task;
    }
}
