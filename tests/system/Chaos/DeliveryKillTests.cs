using System.Collections.Concurrent;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Flows;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>The silo is killed at random moments while tasks go from request to merge, with people and checks who answer.</summary>
public sealed class DeliveryKillTests(ITestOutputHelper output)
{
    private const string Steps = """
        {"do":"append","attempt":0,"path":"FILE","text":"line\n"},
        {"do":"result","text":"I appended a line."}
        """;

    private static readonly int Kills = LongForm.Enabled ? 60 : 5;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly ConcurrentDictionary<string, bool> said = new();

    [Fact]
    public async Task A_silo_killed_on_the_way_to_the_merge_leaves_one_pull_request_one_comment_one_merge_and_no_word_lost()
    {
        output.WriteLine(
            $"seed {LongForm.Seed} (ORCHESTRATOR_TESTS_SEED repeats it), {Kills} kills"
        );
#pragma warning disable CA5394 // chance that can be repeated, not secrets
        var random = new Random(LongForm.Seed);
        await using var room = await DeliveryRoom.CreateAsync(
            "test -f README",
            ("README", "one\n")
        );
        var tasks = new List<string>();
        string? open = null;
        for (var kill = 0; kill < Kills; kill++)
        {
            if (open is null)
            {
                open = await room.SubmitAsync(
                    Steps.Replace("FILE", $"f{tasks.Count}.txt", StringComparison.Ordinal),
                    $"Task {tasks.Count}"
                );
                tasks.Add(open);
            }
            room.Silo.KillIn(TimeSpan.FromSeconds(0.2 + random.NextDouble() * 4));
            if (await LiveAsync(room, open))
            {
                open = null;
            }
            await room.Silo.Ended.WaitAsync(Deadline);
            await room.Silo.StartAsync();
        }
#pragma warning restore CA5394
        foreach (var task in tasks)
        {
            Assert.True(await LiveAsync(room, task), $"The silo died: {room.Silo.LastWords}");
            await CheckAsync(room, task);
        }
        Assert.Equal(tasks.Count, (await room.NumbersAsync()).Count);
        output.WriteLine(
            $"{Kills} kills, {tasks.Count} tasks, one pull request and one merge each"
        );
    }

    // Acts as reviewer and CI until the task has ended or the silo is dead; what was said once is not said again.
    private async Task<bool> LiveAsync(DeliveryRoom room, string task)
    {
        using var limit = new CancellationTokenSource(Deadline);
        _ = room.Silo.Ended.ContinueWith(_ => limit.Cancel(), TaskScheduler.Default);
        var heads = new Dictionary<int, string>();
        try
        {
            await foreach (var entry in room.Silo.Client.WatchAsync(task, 0, limit.Token))
            {
                if (entry.Fact is TaskFact.Delivered or TaskFact.Failed)
                {
                    Assert.True(entry.Fact is TaskFact.Delivered, $"{task} failed: {entry.Fact}");
                    return true;
                }
                if (entry.Fact is TaskFact.BranchPushed pushed)
                {
                    heads[pushed.Turn] = pushed.Head;
                }
                if (entry.Fact is TaskFact.BranchPushed { Turn: > 1 } or TaskFact.PullRequestOpened)
                {
                    await SayAsync(room, task, heads);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or OrchestratorException)
        {
            // A connection that broke is seen before the process' end is.
            await room.Silo.Ended.WaitAsync(Deadline);
        }
        return false;
    }

    private async Task SayAsync(DeliveryRoom room, string task, Dictionary<int, string> heads)
    {
        var turn = heads.Keys.Max();
        if (!said.TryAdd($"{task} {turn}", true))
        {
            return;
        }
        var number = await NumberAsync(room, task);
        switch (turn)
        {
            case 1:
                await room.GitHub.ReviewAsync(
                    room.Repository,
                    number,
                    GitHubStandIn.Reviewer,
                    "REQUEST_CHANGES",
                    "Another line."
                );
                break;
            case 2:
                await room.GitHub.CheckRunAsync(room.Repository, heads[2], "ci", "failure", "red");
                break;
            default:
                await room.GitHub.CheckRunAsync(room.Repository, heads[turn], "ci", "success");
                await room.GitHub.ReviewAsync(
                    room.Repository,
                    number,
                    GitHubStandIn.Reviewer,
                    "APPROVE",
                    "Fine."
                );
                break;
        }
    }

    private static async Task<int> NumberAsync(DeliveryRoom room, string task) =>
        Assert.Single(
            (await room.GitHub.PullRequestsAsync(room.Repository))
                .Where(p =>
                    p["body"]!
                        .GetValue<string>()
                        .Contains($"orchestrator:task={task} ", StringComparison.Ordinal)
                )
                .Select(p => p["number"]!.GetValue<int>())
        );

    private static async Task CheckAsync(DeliveryRoom room, string task)
    {
        var number = await NumberAsync(room, task);
        var facts = (await room.Silo.Client.GetFactsAsync(task)).Facts.Select(f => f.Fact).ToList();
        Assert.True((await room.ShownAsync(number))["merged"]!.GetValue<bool>());
        Assert.Single(await room.CommentsAsync(number, "orchestrator:sticky="));
        Assert.Single(await room.CommentsAsync(number, "orchestrator:answer="));
        Assert.Single(facts.OfType<TaskFact.PullRequestOpened>());
        Assert.Single(facts.OfType<TaskFact.Merged>());
        Assert.Single(facts.OfType<TaskFact.Delivered>());
        // The review and the red check, each once, each a turn.
        Assert.Equal(
            ["check", "review"],
            facts
                .OfType<TaskFact.FeedbackReceived>()
                .SelectMany(f => f.Items)
                .Select(i => i.Kind)
                .Order()
        );
    }
}
