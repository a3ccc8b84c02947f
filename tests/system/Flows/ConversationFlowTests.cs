using System.Text;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>Tasks that people go on with, over the real executables.</summary>
public sealed class ConversationFlowTests
{
    [Fact]
    public async Task Replies_are_turns_in_their_order_on_the_work_so_far_and_the_artifact_holds_what_was_said()
    {
        await using var silo = await SiloProcess.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"write","path":"b.txt","text":"b\n"},{"do":"say","text":"wrote b"}""",
                repository
            )
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);

        var reply = await CliProcess.RunAsync(
            silo.Data,
            "reply",
            task.TaskId,
            "Now add c",
            "--constraint",
            "no dependency",
            "--script",
            await ScriptAsync(
                """{"do":"write","path":"c.txt","text":"c\n"},{"do":"say","text":"wrote c"}"""
            ),
            "--watch"
        );

        Assert.True(reply.ExitCode == 0, reply.Output + reply.Error);
        Assert.Contains("+++ b/c.txt", reply.Output, StringComparison.Ordinal);
        Assert.Contains("+++ b/b.txt", reply.Output, StringComparison.Ordinal);
        var end = await silo.Client.GetAsync(task.TaskId);
        Assert.Equal((TaskPhase.Done, 2, "resumed"), (end.Phase, end.Turn, end.Session));
        Assert.Equal(["no dependency"], end.Constraints);
        var said = await silo.Client.GetConversationAsync(task.TaskId);
        Assert.Equal(
            [
                (1, "user", "Play the script", "http"),
                (1, "agent", "wrote b", ""),
                (2, "user", "Now add c", "cli"),
                (2, "agent", "wrote c", ""),
            ],
            said.Entries.Select(e => (e.Turn, e.Role, e.Text, e.Channel))
        );
        Assert.Null(said.Next);
        await Exports.WaitAsync(silo.Data, [task.TaskId]);
        using var artifact = await ArtifactAsync(silo, task.TaskId, 2);
        var root = artifact.RootElement;
        Assert.Equal("resumed", root.GetProperty("session_continued").GetString());
        Assert.Equal(
            ["user", "claude", "user", "claude"],
            root.GetProperty("conversation")
                .EnumerateArray()
                .Select(e => e.GetProperty("role").GetString())
        );
        var validated = await CliProcess.RunAsync(
            silo.Data,
            "validate-artifacts",
            Path.Combine(silo.Data, "results")
        );
        Assert.True(validated.ExitCode == 0, validated.Output + validated.Error);
        var shown = await CliProcess.RunAsync(silo.Data, "show", task.TaskId, "--markdown");
        Assert.Contains("## 3. turn 2: user", shown.Output, StringComparison.Ordinal);
        Assert.Contains("From now on: `no dependency`", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_agent_runs_replies_wait_one_interrupts_and_a_cancel_withdraws_them()
    {
        await using var silo = await SiloProcess.StartAsync("--Runner:StopGrace=00:00:01");
        var task = await silo.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.AgentStarted);

        var first = await ReplyAsync(silo, task, "second", "one", """{"do":"say","text":"two"}""");
        var again = await ReplyAsync(silo, task, "second", "one", """{"do":"say","text":"two"}""");
        var other = await Assert.ThrowsAsync<OrchestratorException>(() =>
            ReplyAsync(silo, task, "other words", "one", """{"do":"say","text":"two"}""")
        );
        var loud = await silo.Client.ReplyAsync(
            task.TaskId,
            new ReplyRequest
            {
                Text = "third",
                Interrupt = true,
                Script = """{"version":1,"steps":[{"do":"hang"}]}""",
            },
            "two"
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.AgentStarted { Attempt: 3 });
        await ReplyAsync(silo, task, "fourth", "three", """{"do":"say","text":"never"}""");
        await silo.Client.ActAsync(task.TaskId, "cancel", "enough");
        await FactWait.SeenAsync(
            silo,
            task.TaskId,
            f => f is TaskFact.CancelRequested { KeepsReplies: false }
        );
        await RestAsync(silo, task.TaskId, TaskPhase.Cancelled);

        Assert.True(first.Waiting && again.Waiting && loud.Waiting);
        Assert.Equal((1, first.ReplyId), (again.Task.RepliesWaiting, again.ReplyId));
        Assert.Equal(FailureCodes.Conflict, other.Failure?.Code);
        var said = (await silo.Client.GetConversationAsync(task.TaskId)).Entries;
        Assert.Equal(
            [("second", 2, false), ("third", 3, false), ("fourth", 0, true)],
            said.Where(e => e.Role == "user").Skip(1).Select(e => (e.Text, e.Turn, e.Withdrawn))
        );
        // An agent that is stopped may still say a word.
        Assert.Equal(["two"], said.Where(e => e is { Role: "agent", Turn: 2 }).Select(e => e.Text));
        var end = await silo.Client.GetAsync(task.TaskId);
        Assert.Equal((3, 0), (end.Turn, end.RepliesWaiting));
    }

    [Fact]
    public async Task A_fork_begins_from_the_turn_that_is_named_with_its_work_and_leaves_the_parent_alone()
    {
        await using var silo = await SiloProcess.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"write","path":"b.txt","text":"b\n"},{"do":"say","text":"wrote b"}""",
                repository
            )
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
        await ReplyAsync(
            silo,
            task,
            "Now c",
            "c",
            """{"do":"write","path":"c.txt","text":"c\n"},{"do":"say","text":"wrote c"}"""
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered { Turn: 2 });

        var fork = await silo.Client.ForkAsync(
            task.TaskId,
            new ForkRequest
            {
                Request = "Instead of c, d",
                Turn = 1,
                Type = "fix",
                Script =
                    """{"version":1,"steps":[{"do":"write","path":"d.txt","text":"d\n"},{"do":"say","text":"wrote d"}]}""",
            },
            "fork"
        );
        var same = await silo.Client.ForkAsync(
            task.TaskId,
            new ForkRequest
            {
                Request = "Instead of c, d",
                Turn = 1,
                Type = "fix",
                Script =
                    """{"version":1,"steps":[{"do":"write","path":"d.txt","text":"d\n"},{"do":"say","text":"wrote d"}]}""",
            },
            "fork"
        );
        await FactWait.SeenAsync(silo, fork.TaskId, f => f is TaskFact.Delivered);
        var none = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.ForkAsync(task.TaskId, new ForkRequest { Request = "x", Turn = 7 })
        );

        Assert.Equal((fork.TaskId, true), (same.TaskId, same.AlreadyThere));
        Assert.Equal(FailureCodes.NotPossibleNow, none.Failure?.Code);
        var diff = await fork.GetDiffAsync();
        Assert.Contains("+++ b/b.txt", diff, StringComparison.Ordinal);
        Assert.Contains("+++ b/d.txt", diff, StringComparison.Ordinal);
        Assert.DoesNotContain("c.txt", diff, StringComparison.Ordinal);
        var forked = await fork.GetAsync();
        Assert.Equal((task.TaskId, 1), (forked.ParentTaskId, forked.ParentTurn));
        Assert.Contains("wrote b", forked.Plan!.PriorSummary, StringComparison.Ordinal);
        Assert.Equal(2, (await silo.Client.GetAsync(task.TaskId)).Turn);
    }

    [Fact]
    public async Task A_question_about_accepted_work_changes_nothing_and_one_that_writes_is_refused()
    {
        await using var silo = await SiloProcess.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"write","path":"b.txt","text":"b\n"},{"do":"say","text":"wrote b"}""",
                repository
            )
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
        var work = await task.GetDiffAsync();

        var asked = await TurnAsync(
            silo,
            task,
            2,
            "Why b?",
            """{"do":"run","command":["sh","-c","cat b.txt"]},{"do":"sleep","milliseconds":2500},{"do":"say","text":"because"}"""
        );
        var wrote = await TurnAsync(
            silo,
            task,
            3,
            "Why not c?",
            """{"do":"write","path":"c.txt","text":"c\n"},{"do":"sleep","milliseconds":2500},{"do":"say","text":"here"}"""
        );
        var fork = await silo.Client.ForkAsync(
            task.TaskId,
            new ForkRequest
            {
                Request = "Explain b",
                Turn = 2,
                Type = "analyze",
                Script = """{"version":1,"steps":[{"do":"say","text":"it is b"}]}""",
            }
        );
        await FactWait.SeenAsync(
            silo,
            fork.TaskId,
            f => f is TaskFact.Delivered or TaskFact.Failed
        );

        Assert.Equal((TaskPhase.Done, "because"), (asked.Phase, asked.Result?.ResultText));
        Assert.Equal(TaskPhase.Failed, wrote.Phase);
        Assert.Equal(TaskPhase.Done, (await fork.GetAsync()).Phase);
        Assert.Equal(work, await fork.GetDiffAsync());
    }

    private static async Task<TaskSnapshot> TurnAsync(
        SiloProcess silo,
        TaskHandle task,
        int turn,
        string text,
        string steps
    )
    {
        var before = (await task.GetAsync()).Version;
        await silo.Client.ReplyAsync(
            task.TaskId,
            new ReplyRequest
            {
                Text = text,
                Type = "analyze",
                Script = $$"""{"version":1,"steps":[{{steps}}]}""",
            }
        );
        await FactWait.SeenAsync(
            silo,
            task.TaskId,
            f => f is TaskFact.Delivered d && d.Turn == turn || f is TaskFact.Failed,
            before
        );
        return await task.GetAsync();
    }

    private static Task<ReplyAnswer> ReplyAsync(
        SiloProcess silo,
        TaskHandle task,
        string text,
        string key,
        string steps
    ) =>
        silo.Client.ReplyAsync(
            task.TaskId,
            new ReplyRequest { Text = text, Script = $$"""{"version":1,"steps":[{{steps}}]}""" },
            key
        );

    private static async Task RestAsync(SiloProcess silo, string taskId, TaskPhase phase)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await foreach (var _ in silo.Client.WatchAsync(taskId, 0, limit.Token))
        {
            if ((await silo.Client.GetAsync(taskId)).Phase == phase)
            {
                return;
            }
        }
    }

    private static async Task<string> ScriptAsync(string steps)
    {
        var file = Path.Combine(SiloProcess.NewFolder(), "script.json");
        await File.WriteAllTextAsync(
            file,
            $$"""{"version":1,"steps":[{{steps}}]}""",
            Encoding.UTF8
        );
        return file;
    }

    private static async Task<JsonDocument> ArtifactAsync(SiloProcess silo, string id, int turn)
    {
        var path = Path.Combine(silo.Data, "results", id + ".json");
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(60);
        while (true)
        {
            var artifact = JsonDocument.Parse(await File.ReadAllBytesAsync(path));
            if (artifact.RootElement.GetProperty("task").GetProperty("turn").GetInt32() == turn)
            {
                return artifact;
            }
            artifact.Dispose();
            Assert.True(
                TimeProvider.System.GetUtcNow() < deadline,
                $"{path} is not of turn {turn} after 60 s."
            );
            await Task.Yield();
        }
    }
}
