using System.Text.Json;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Orchestrator.SystemTests.Webhooks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>The whole way from a ticket's request to the closed ticket, in one run that goes on by webhooks alone.</summary>
public sealed class WholeWayTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const int Seed = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task From_request_to_the_closed_ticket_and_the_signed_message_however_often_and_in_whatever_order_it_is_told(
        int copies
    )
    {
        await using var tickets = await TicketStandIn.StartAsync("linear");
        await using var receiver = await NodeTool.ServeAsync("webhooks/receiver.mjs", "0", Secret);
        await using var relay = await HookRelay.StartAsync(copies, Seed);
        await using var room = await DeliveryRoom.CreateAsync(
            "grep -q one a.txt",
            new DeliveryRoomPlan
            {
                // Nothing is looked for: it is told, or it stands still.
                PollSeconds = 3_600,
                Settings = (_, clone) =>
                    [
                        .. tickets.Settings(clone),
                        .. Hook.Settings,
                        .. Hook.Outbound("ci", receiver.Address, Secret),
                    ],
            },
            ("a.txt", "one\n")
        );
        relay.To = room.Silo.Address;
        await room.GitHub.HookAsync(
            room.Repository,
            new Uri(relay.Address, "webhooks/github"),
            Hook.Secret
        );
        await tickets.HookAsync(new Uri(relay.Address, "webhooks/linear"), Hook.Secret);
        var key = await tickets.CreateAsync("Count on", "Append lines.");
        var task = await room.SubmitAsync(PullRequestFlowTests.Turns, "Count on", "linear:" + key);

        await room.PushedAsync(task, 1);
        var number = Assert.Single(await room.NumbersAsync());
        await tickets.ShownAsync(key, t => t.State == "In Review" && t.Links.Count == 1);
        await room.GitHub.ReviewAsync(
            room.Repository,
            number,
            GitHubStandIn.Reviewer,
            "REQUEST_CHANGES",
            "Please change X."
        );
        var second = await room.PushedAsync(task, 2);
        await room.GitHub.CheckRunAsync(
            room.Repository,
            second,
            "ci",
            "failure",
            "four is missing"
        );
        var third = await room.PushedAsync(task, 3);
        await room.GitHub.CheckRunAsync(room.Repository, third, "ci", "success");
        await room.SeenAsync(
            task,
            f => f is TaskFact.MergeHeld h && h.Reasons.Any(r => r.Contains("reviewer asked")),
            "held by the review"
        );
        await room.GitHub.ReviewAsync(
            room.Repository,
            number,
            GitHubStandIn.Reviewer,
            "APPROVE",
            "Fine."
        );
        await room.SeenAsync(task, f => f is TaskFact.Delivered, "the end");
        // All that was told is told again, older than what it led to.
        await relay.FlushAsync();
        await Hook.UntilAsync(room.Silo, p => p.Waiting == 0, "The end of the handling");

        var end = await room.Silo.Client.GetAsync(task);
        Assert.Equal(
            (TaskPhase.Done, 3, true, third),
            (end.Phase, end.Turn, end.Delivery!.Over, end.Delivery.Head)
        );
        Assert.Null(await room.GitHub.BranchAsync(room.Repository, end.Delivery.Branch));
        Assert.Equal("one\ntwo\nthree\nfour", await room.BaseFileAsync("a.txt"));
        Assert.Equal(number, Assert.Single(await room.NumbersAsync()));
        Assert.Single(await room.CommentsAsync(number, "orchestrator:sticky="));
        Assert.Equal(task, Assert.Single((await room.Silo.Client.ListAsync()).Tasks).TaskId);

        var ticket = await tickets.ShownAsync(
            key,
            t => t.State == "Done" && t.Comments[0].Text.Contains("merged as")
        );
        Assert.Equal(TicketStandIn.Bot, Assert.Single(ticket.Comments).By);
        Assert.Equal(end.Delivery.PullRequest!.WebAddress, Assert.Single(ticket.Links).By);

        var told = await Hook.ToldAsync(
            receiver,
            m => m.Any(t => t.GetProperty("body").GetProperty("type").GetString() == "task.done"),
            "task.done"
        );
        Assert.All(told, m => Assert.Equal("verified", m.GetProperty("verdict").GetString()));
        Assert.Equal(told.Count, told.Select(Hook.Id).Distinct().Count());
        Assert.Superset(
            new HashSet<string?>
            {
                "task.submitted",
                "task.pull_request_opened",
                "task.pull_request_merged",
                "task.done",
            },
            told.Select(m => m.GetProperty("body").GetProperty("type").GetString()).ToHashSet()
        );
        Assert.Equal(copies > 1, relay.Answers.ContainsKey(200));
        Assert.DoesNotContain(relay.Answers.Keys, status => status is not (200 or 202));
    }
}
