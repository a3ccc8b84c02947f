using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

/// <summary>Going on with a task in a chat: constraints, kind and priority of a turn, and a new task from a turn of another.</summary>
public sealed class TalkTests : IAsyncLifetime
{
    private const long Anna = 11;
    private const long Ben = 22;
    private TelegramStandIn telegram = null!;
    private SiloProcess silo = null!;

    public async ValueTask InitializeAsync()
    {
        telegram = await TelegramStandIn.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        silo = await SiloProcess.StartAsync(
            telegram.Settings(
                "--Telegram:Users:11",
                "operate",
                "--Telegram:Users:22",
                "submit",
                "--Telegram:Repository",
                repository,
                "--Telegram:Script",
                """{"version":1,"steps":[{"do":"append","path":"a.txt","text":"two\\n"}]}"""
            )
        );
    }

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        await telegram.DisposeAsync();
    }

    [Fact]
    public async Task A_reply_adds_constraints_and_a_fork_begins_from_the_turn_that_it_names()
    {
        var id = IdOf(
            await AskAsync(
                "/bug_fix add the second line to a.txt\nconstraint: no new file\npriority: low"
            )
        );
        var first = await telegram.HearAsync(Anna, $"✅ Task {id} COMPLETED");
        var task = await silo.Client.GetAsync(id);
        Assert.Equal(TaskPriority.Low, task.Priority);
        Assert.Equal(["no new file"], task.Constraints);
        Assert.Equal("add the second line to a.txt", task.Request);

        var replied = await telegram.AskAsync(
            Anna,
            "And a third line\nconstraint: only a.txt\npriority: high",
            (long)first["message_id"]!
        );
        Assert.Contains($"It goes to {id}", TelegramStandIn.Words(replied));
        await telegram.UntilAsync(
            s =>
                TelegramStandIn
                    .BotsIn(s, Anna)
                    .Count(m => TelegramStandIn.Words(m).Contains($"Task {id} C")) == 2,
            "The second turn's end"
        );
        task = await silo.Client.GetAsync(id);
        Assert.Equal((2, TaskPriority.High), (task.Turn, task.Priority));
        Assert.Equal(["no new file", "only a.txt"], task.Constraints);

        // From turn 1: what was laid upon the task later does not hold there.
        var told = await AskAsync(
            $"/fork {id} 1 Try it with a comment\nconstraint: in English\ntype: fix"
        );
        var fork = IdOf(told);
        Assert.Contains($"from the end of turn 1 of {id}", told, StringComparison.Ordinal);
        await telegram.HearAsync(Anna, $"✅ Task {fork} COMPLETED");
        var forked = await silo.Client.GetAsync(fork);
        Assert.Equal((id, 1), (forked.ParentTaskId, forked.ParentTurn));
        Assert.Equal(["no new file", "in English"], forked.Constraints);
        Assert.Equal((TaskPriority.Low, TaskKind.Fix), (forked.Priority, forked.Kind));

        // Answering a message about the task names it; without a number the last turn counts.
        var last = TelegramStandIn.Words(
            await telegram.AskAsync(
                Anna,
                "/fork Try it in another way",
                (long)replied["message_id"]!
            )
        );
        Assert.Contains($"from the end of turn 2 of {id}", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_forked_or_asked_for_so_is_told_exactly()
    {
        var id = IdOf(await AskAsync("/bug_fix add the second line to a.txt"));
        await telegram.HearAsync(Anna, $"✅ Task {id} COMPLETED");

        Assert.Contains("Which task?", await AskAsync("/fork"));
        Assert.Contains("no task 'nope'", await AskAsync("/fork nope try it with a queue"));
        Assert.Contains("A fork needs words", await AskAsync($"/fork {id}"));
        Assert.Contains("A fork needs words", await AskAsync($"/fork {id} 1"));
        Assert.Contains("at least 10 characters", await AskAsync($"/fork {id} 1 do it"));
        Assert.Contains(
            $"Turn 7 of {id} does not exist",
            await AskAsync($"/fork {id} 7 try it with a queue")
        );
        Assert.Contains(
            $"no task '{id}'",
            TelegramStandIn.Words(await telegram.AskAsync(Ben, $"/fork {id} 1 try it with a queue"))
        );
        Assert.Contains(
            "priority 'urgent' is unknown; known: high, medium, low",
            await AskAsync("what does a.txt say?\npriority: urgent")
        );
        Assert.Contains(
            "type 'poem' is unknown",
            await AskAsync($"/reply {id} say more about it\ntype: poem")
        );
        Assert.Contains(
            "none of them empty",
            await AskAsync($"/fork {id} 1 try it with a queue\nconstraint:")
        );
        Assert.Contains(
            "20 entries",
            await AskAsync(
                $"/reply {id} say more" + string.Concat(Enumerable.Repeat("\nconstraint: x", 21))
            )
        );
        Assert.Contains(
            "/analyze says by itself",
            await AskAsync("/analyze what does a.txt say?\ntype: fix")
        );
        Assert.Equal(1, (await silo.Client.GetAsync(id)).Turn);
    }

    private static string IdOf(string told) => told.Split('\n')[0].Split(' ')[1];

    private async Task<string> AskAsync(string text) =>
        TelegramStandIn.Words(await telegram.AskAsync(Anna, text));
}
