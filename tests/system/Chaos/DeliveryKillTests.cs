using System.Collections.Concurrent;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Flows;
using Orchestrator.SystemTests.StandIns;
using Orchestrator.SystemTests.Webhooks;
using Xunit;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>The silo is killed at random moments while tasks go from request to merge, with people and checks who answer.</summary>
public sealed class DeliveryKillTests(ITestOutputHelper output)
{
    private const string Steps = """
        {"do":"append","attempt":0,"path":"FILE","text":"line\n"},
        {"do":"result","text":"I appended a line."}
        """;

    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
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
        await using var tickets = await TicketStandIn.StartAsync("linear");
        await using var receiver = await NodeTool.ServeAsync("webhooks/receiver.mjs", "0", Secret);
        await using var relay = await HookRelay.StartAsync(2, LongForm.Seed);
        await using var room = await DeliveryRoom.CreateAsync(
            "test -f README",
            new DeliveryRoomPlan
            {
                // What was told while nobody was there is found by looking.
                PollSeconds = 3,
                Settings = (_, clone) =>
                    [
                        .. tickets.Settings(clone),
                        .. Hook.Settings,
                        .. Hook.Outbound("ci", receiver.Address, Secret),
                    ],
            },
            ("README", "one\n")
        );
        relay.To = room.Silo.Address;
        await room.GitHub.HookAsync(
            room.Repository,
            new Uri(relay.Address, "webhooks/github"),
            Hook.Secret
        );
        await tickets.HookAsync(new Uri(relay.Address, "webhooks/linear"), Hook.Secret);
        var tasks = new List<string>();
        var keys = new List<string>();
        string? open = null;
        for (var kill = 0; kill < Kills; kill++)
        {
            if (open is null)
            {
                keys.Add(await tickets.CreateAsync($"Task {tasks.Count}", "Append a line."));
                open = await room.SubmitAsync(
                    Steps.Replace("FILE", $"f{tasks.Count}.txt", StringComparison.Ordinal),
                    $"Task {tasks.Count}",
                    "linear:" + keys[^1]
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
            relay.To = room.Silo.Address;
        }
#pragma warning restore CA5394
        foreach (var task in tasks)
        {
            Assert.True(await LiveAsync(room, task), $"The silo died: {room.Silo.LastWords}");
            await CheckAsync(room, task);
        }
        Assert.Equal(tasks.Count, (await room.NumbersAsync()).Count);
        foreach (var key in keys)
        {
            var ticket = await tickets.ShownAsync(
                key,
                t => t.State == "Done" && t.Comments.Any(c => c.Text.Contains("merged as"))
            );
            Assert.Equal(TicketStandIn.Bot, Assert.Single(ticket.Comments).By);
            Assert.Single(ticket.Links);
        }
        var told = await Hook.ToldAsync(
            receiver,
            m => Ends(m).Distinct().Count() == tasks.Count,
            "the message of every end"
        );
        Assert.All(told, m => Assert.Equal("verified", m.GetProperty("verdict").GetString()));
        // Told again after a kill it is the same message, known by its id.
        Assert.Equal(tasks.Count, Ends(told).Distinct().Count());
        output.WriteLine(
            $"{Kills} kills, {tasks.Count} tasks, one pull request, one merge and one closed ticket each; "
                + $"{told.Count} messages of {told.Select(Hook.Id).Distinct().Count()} ids; webhooks in: "
                + string.Join(", ", relay.Answers.Select(a => $"{a.Value} answered {a.Key}"))
        );
    }

    private static IEnumerable<string> Ends(IReadOnlyList<JsonElement> told) =>
        told.Where(m => m.GetProperty("body").GetProperty("type").GetString() == "task.done")
            .Select(Hook.Id);

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
