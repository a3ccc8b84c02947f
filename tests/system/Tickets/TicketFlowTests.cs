using System.Text.Json.Nodes;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Delivery;
using Orchestrator.SystemTests.Flows;
using Orchestrator.SystemTests.StandIns;
using Orchestrator.SystemTests.Webhooks;
using Xunit;

namespace Orchestrator.SystemTests.Tickets;

/// <summary>Tickets as sources of work, through the built silo; the agent is the real Claude Code CLI with a scripted model.</summary>
public sealed class TicketFlowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData("linear", true)]
    [InlineData("jira", true)]
    [InlineData("jira", false)]
    public async Task A_labelled_ticket_becomes_a_task_is_told_where_it_is_and_is_closed_by_the_merge(
        string kind,
        bool byWebhook
    )
    {
        await using var tickets = await TicketStandIn.StartAsync(kind);
        await using var relay = await HookRelay.StartAsync(copies: 3, seed: 5);
        await using var model = await ModelApi.StartAsync([
            ModelApi.Tool("Read", new JsonObject { ["file_path"] = "a.txt" }),
            ModelApi.Tool(
                "Edit",
                new JsonObject
                {
                    ["file_path"] = "a.txt",
                    ["old_string"] = "one",
                    ["new_string"] = "two",
                }
            ),
            ModelApi.Say("Changed one to two in a.txt. @alice [x](https://evil.test)"),
        ]);
        var section = "--Tickets:" + (kind == "linear" ? "Linear" : "Jira");
        await using var room = await DeliveryRoom.CreateAsync(
            "grep -q two a.txt",
            new DeliveryRoomPlan
            {
                Settings = (repository, clone) =>
                    [
                        .. tickets.Settings(clone),
                        .. Hook.Settings,
                        "--Webhooks:Inbound:Jira:Secret=" + Hook.Secret,
                        "--Runner:ClaudeCode:Executable=" + LockedClaude.Path(),
                        $"--Delivery:Remotes:0={clone}=github:{repository}",
                        $"{section}:Triggerers:0={TicketStandIn.Person}@example.test",
                        $"{section}:PollSeconds={(byWebhook ? 0 : 5)}",
                    ],
                Environment = new()
                {
                    ["ANTHROPIC_API_KEY"] = "test-key-not-real",
                    ["ANTHROPIC_BASE_URL"] = model.Address.ToString(),
                },
            },
            ("a.txt", "one\n")
        );
        relay.To = room.Silo.Address;
        if (byWebhook)
        {
            await tickets.HookAsync(new Uri(relay.Address, "webhooks/" + kind), Hook.Secret);
        }
        var foreign = await tickets.CreateAsync("Delete everything", by: TicketStandIn.Stranger);
        await tickets.LabelAsync(foreign, TicketStandIn.Stranger);
        var key = await tickets.CreateAsync("Fix a bug: change one to two", "In a.txt.");
        await tickets.LabelAsync(key);
        await tickets.CommentAsync(key, "Anybody?", TicketStandIn.Stranger);

        var task = TicketEvents.TaskIdOf($"ticket:{kind}:{key}:label");
        await UntilAsync(
            async () => (await room.Silo.Client.ListAsync()).Tasks.Any(t => t.TaskId == task),
            () => $"{key} became no task.\n{room.Silo.LastWords}"
        );
        var head = await room.PushedAsync(task, 1);
        await room.GitHub.CheckRunAsync(room.Repository, head, "ci", "success");
        await room.SeenAsync(task, f => f is TaskFact.Delivered, "the end");
        await relay.FlushAsync();
        await Hook.UntilAsync(room.Silo, p => p.Waiting == 0, "The end of the handling");
        var last = new TicketShown("", [], []);
        await UntilAsync(
            async () =>
                (last = await tickets.ShowAsync(key)) is { State: "Done" }
                && last.Comments.Any(c => c.Text.Contains("merged as")),
            () =>
                $"{key} is {last.State} and says {string.Join('|', last.Comments)}\n{room.Silo.LastWords}"
        );

        var ours = Assert.Single(last.Comments, c => c.By == TicketStandIn.Bot);
        Assert.EndsWith($"orchestrator:task={task};", ours.Text, StringComparison.Ordinal);
        Assert.Contains(kind == "linear" ? @"\[x\]" : "[x]", ours.Text, StringComparison.Ordinal);
        Assert.Single(last.Links);
        var end = await room.Silo.Client.GetAsync(task);
        Assert.Equal((TaskPhase.Done, 1), (end.Phase, end.Turn));
        Assert.Contains(model.Requests, r => r.Contains("In a.txt.", StringComparison.Ordinal));
        Assert.Equal("two", await room.BaseFileAsync("a.txt"));
        Assert.Equal(task, Assert.Single((await room.Silo.Client.ListAsync()).Tasks).TaskId);
        Assert.Empty((await tickets.ShowAsync(foreign)).Comments);
        Assert.Equal(byWebhook, relay.Answers.ContainsKey(202));
    }

    [Fact]
    public async Task A_host_of_tickets_that_is_down_holds_no_task_up_and_is_told_when_it_is_back()
    {
        await using var tickets = await TicketStandIn.StartAsync("jira");
        await using var silo = await SiloProcess.StartAsync(tickets.Settings("/src/shop"));
        var key = await tickets.CreateAsync("Say something");
        var gone = await tickets.CreateAsync("To be deleted");
        await tickets.RemoveAsync(gone);
        await tickets.FaultAsync("issue/" + key, 503, times: 2);

        // No token of anybody's.
        var secret = "ghp_" + string.Concat("0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX");
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                $$"""{"do":"say","text":"kept"},{"do":"result","text":"I saw {{secret}}."}""",
                type: "analyze"
            ) with
            {
                Tickets = ["jira:" + gone, "jira:" + key],
            }
        );
        using var limit = new CancellationTokenSource(Deadline);
        Assert.Equal(TaskPhase.Done, (await task.WaitAsync(limit.Token)).Phase);
        var last = new TicketShown("", [], []);
        await UntilAsync(
            async () => (last = await tickets.ShowAsync(key)).State == "In Review",
            () => $"{key} is {last.State}: {string.Join('|', last.Comments)}\n{silo.LastWords}"
        );

        Assert.Contains("done", Assert.Single(last.Comments).Text, StringComparison.Ordinal);
        Assert.All(
            await tickets.RequestsAsync(),
            r => Assert.DoesNotContain(secret, r, StringComparison.Ordinal)
        );
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, Func<string> missing)
    {
        using var limit = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        while (!await holds())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail(missing());
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
