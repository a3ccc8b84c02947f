using System.Text;
using Orchestrator.Grains.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task A_delivery_is_stored_once_whoever_sends_it_again_and_however_many_at_once()
    {
        await using var store = await NewAsync();
        var race = await Task.WhenAll(
            Enumerable
                .Range(0, 30)
                .Select(i => store.Inbox.ReceiveAsync(Delivery("d" + (i % 10)), default))
        );
        Assert.Equal(10, race.Count(isNew => isNew));
        Assert.True(await store.Inbox.ReceiveAsync(Delivery("d0", source: "linear"), default));

        var next = await store.Inbox.NextAsync(At, 100, default);
        Assert.Equal(11, next.Count);
        Assert.Equal(11, await store.Inbox.CountWaitingAsync(default));
        var first = Assert.Single(next, n => n.Entry is { DeliveryId: "d3" });
        Assert.Equal("""{"id":"d3 ünïcode"}""", Encoding.UTF8.GetString(first.Body.Span));
        Assert.Equal(
            new InboxEntry(
                first.Entry.Id,
                "github",
                "d3",
                "push",
                first.Body.Length,
                At,
                InboxState.Waiting,
                0,
                At,
                null,
                ""
            ),
            first.Entry
        );
        Assert.Empty(await store.Inbox.NextAsync(At.AddTicks(-1), 100, default));
    }

    [Fact]
    public async Task A_delivery_waits_until_it_is_settled_and_again_after_a_replay()
    {
        await using var store = await NewAsync();
        await store.Inbox.ReceiveAsync(Delivery("a"), default);
        await store.Inbox.ReceiveAsync(Delivery("b"), default);
        var ids = (await store.Inbox.NextAsync(At, 9, default)).Select(n => n.Entry.Id).ToArray();

        await store.Inbox.PostponeAsync(ids[0], 1, At.AddMinutes(1), "bad \0 words", default);
        await store.Inbox.SettleAsync(ids[1], InboxState.Ignored, "not ours", At, default);
        await store.Inbox.SettleAsync(ids[1], InboxState.Failed, "late", At, default);
        Assert.Empty(await store.Inbox.NextAsync(At, 9, default));
        var later = Assert.Single(await store.Inbox.NextAsync(At.AddMinutes(1), 9, default));
        Assert.Equal((ids[0], 1), (later.Entry.Id, later.Entry.Tries));

        Assert.True(await store.Inbox.ReplayAsync(ids[1], At, default));
        Assert.False(await store.Inbox.ReplayAsync(ids[1] + 100, At, default));
        Assert.Equal(ids[1], (await store.Inbox.NextAsync(At, 9, default))[0].Entry.Id);
        Assert.False(await store.Inbox.ReceiveAsync(Delivery("b"), default));
    }

    [Fact]
    public async Task Deliveries_are_listed_by_pages_and_filters_and_only_settled_ones_are_trimmed()
    {
        await using var store = await NewAsync();
        for (var i = 0; i < 5; i++)
        {
            await store.Inbox.ReceiveAsync(Delivery("d" + i), default);
        }
        await store.Inbox.ReceiveAsync(Delivery("x", "jira"), default);
        var all = await store.Inbox.ListAsync(Filter(), default);
        Assert.Equal(["x", "d4", "d3", "d2", "d1", "d0"], all.Select(e => e.DeliveryId));
        var page = await store.Inbox.ListAsync(
            Filter() with
            {
                Max = 2,
                Before = all[1].Id,
            },
            default
        );
        Assert.Equal(["d3", "d2"], page.Select(e => e.DeliveryId));
        Assert.Single(await store.Inbox.ListAsync(Filter() with { Source = "jira" }, default));
        Assert.Empty(
            await store.Inbox.ListAsync(Filter() with { Since = At.AddTicks(1) }, default)
        );

        await store.Inbox.SettleAsync(all[5].Id, InboxState.Processed, "", At, default);
        await store.Inbox.SettleAsync(all[4].Id, InboxState.Failed, "no", At, default);
        var failed = await store.Inbox.ListAsync(
            Filter() with
            {
                State = InboxState.Failed,
            },
            default
        );
        Assert.Equal(
            ("d1", "no", At),
            Assert.Single(failed) is var f ? (f.DeliveryId, f.Words, f.SettledAt) : default
        );

        Assert.Equal(0, await store.Inbox.TrimAsync(At, 100, default));
        Assert.Equal(1, await store.Inbox.TrimAsync(At, 5, default));
        Assert.Equal(1, await store.Inbox.TrimAsync(At.AddTicks(1), 100, default));
        Assert.Equal(4, (await store.Inbox.ListAsync(Filter(), default)).Count);
        Assert.Equal(0, await store.Inbox.TrimAsync(At.AddDays(1), 1, default));
    }

    [Fact]
    public async Task A_message_is_written_once_and_waits_until_it_is_delivered_or_its_endpoint_closed()
    {
        await using var store = await NewAsync();
        OutboxMessage Message(string endpoint, string id) =>
            new(endpoint, id, "task.done", "{}"u8.ToArray(), At, At.AddDays(1));
        await store.Outbox.AddAsync(Message("a", "m1"), default);
        await store.Outbox.AddAsync(Message("a", "m1"), default);
        await store.Outbox.AddAsync(Message("a", "m2"), default);
        await store.Outbox.AddAsync(Message("b", "m1"), default);

        var next = await store.Outbox.NextAsync("a", At, 9, default);
        Assert.Equal(["m1", "m2"], next.Select(n => n.Entry.MessageId));
        Assert.Equal("{}", Encoding.UTF8.GetString(next[0].Body.Span));
        var id = next[0].Entry.Id;
        await store.Outbox.NoteAsync(
            new OutboxResult(id, OutboxState.Waiting, 1, At.AddMinutes(1), 500, "bad \0", At),
            default
        );
        Assert.Single(await store.Outbox.NextAsync("a", At, 9, default));
        await store.Outbox.NoteAsync(
            new OutboxResult(id, OutboxState.Delivered, 2, At, 200, "", At),
            default
        );
        await store.Outbox.CloseAsync("a", "gone", At, default);
        await store.Outbox.CloseAsync("a", "gone again", At, default);
        Assert.Empty(await store.Outbox.NextAsync("a", At.AddDays(9), 9, default));
        Assert.Single(await store.Outbox.NextAsync("b", At, 9, default));
        Assert.Equal("gone", (await store.Outbox.ListClosedAsync(default))["a"]);
        var dead = Assert.Single(
            await store.Outbox.ListAsync(new OutboxFilter("a", OutboxState.Dead, null, 10), default)
        );
        Assert.Equal("a", await store.Outbox.ResendAsync(dead.Id, At, At.AddDays(2), default));
        Assert.Null(await store.Outbox.ResendAsync(999, At, At, default));
        Assert.Empty(await store.Outbox.ListClosedAsync(default));
        Assert.Equal("m2", (await store.Outbox.NextAsync("a", At, 9, default))[0].Entry.MessageId);
        Assert.Equal(1, await store.Outbox.TrimAsync(At.AddTicks(1), 100, default));
        Assert.Equal(
            2,
            (await store.Outbox.ListAsync(new OutboxFilter(null, null, null, 9), default)).Count
        );
    }

    [Fact]
    public async Task What_waits_in_the_outbox_is_counted_by_kind_and_only_what_is_due_has_an_age()
    {
        await using var store = await NewAsync();
        OutboxMessage Message(string endpoint, string id, DateTimeOffset? due = null) =>
            new(endpoint, id, "task.done", "{}"u8.ToArray(), At, At.AddDays(1)) { Due = due };
        Assert.Empty(await store.Outbox.CountWaitingAsync(At, default));

        await store.Outbox.AddAsync(Message("a", "m1"), default);
        await store.Outbox.AddAsync(Message("b", "m1", At.AddHours(1)), default);
        await store.Outbox.AddAsync(Message("telegram:7", "m1", At.AddHours(1)), default);

        Assert.Equal(
            [new OutboxBacklog(false, 2, At), new OutboxBacklog(true, 1, null)],
            await store.Outbox.CountWaitingAsync(At, default)
        );
        Assert.Equal(At, (await store.Outbox.CountWaitingAsync(At.AddHours(1), default))[1].Oldest);
        await store.Outbox.CloseAsync("a", "gone", At, default);
        await store.Outbox.CloseAsync("b", "gone", At, default);
        Assert.Equal(
            [new OutboxBacklog(true, 1, null)],
            await store.Outbox.CountWaitingAsync(At, default)
        );
    }

    private static InboxFilter Filter() => new(null, null, null, null, 100);

    private static InboxDelivery Delivery(string id, string source = "github") =>
        new(source, id, "push", Encoding.UTF8.GetBytes($$"""{"id":"{{id}} ünïcode"}"""), At);
}
