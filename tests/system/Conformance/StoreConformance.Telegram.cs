using Orchestrator.Grains.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Ordered_deliveries_are_nobody_elses_and_come_in_the_order_of_their_receipt()
    {
        await using var store = await NewAsync();
        foreach (var id in (string[])["9", "7", "8"])
        {
            Assert.True(
                await store.Inbox.ReceiveAsync(
                    Delivery(id, TelegramNames.Source) with
                    {
                        Ordered = true,
                    },
                    default
                )
            );
        }
        Assert.Empty(await store.Inbox.NextAsync(At.AddYears(50), 9, default));
        var next = await store.Inbox.NextInOrderAsync(TelegramNames.Source, 9, default);
        Assert.Equal(["9", "7", "8"], next.Select(n => n.Entry.DeliveryId));
        await store.Inbox.SettleAsync(next[0].Entry.Id, InboxState.Processed, "", At, default);
        Assert.True(await store.Inbox.ReplayAsync(next[0].Entry.Id, At, default));
        Assert.Empty(await store.Inbox.NextAsync(At.AddYears(50), 9, default));
        Assert.Equal(
            3,
            (await store.Inbox.NextInOrderAsync(TelegramNames.Source, 9, default)).Count
        );
        var body = await store.Inbox.FindBodyAsync(TelegramNames.Source, "7", default);
        Assert.Equal(next[1].Body.ToArray(), body!.Value.ToArray());
        Assert.Null(await store.Inbox.FindBodyAsync(TelegramNames.Source, "1", default));
    }

    [Fact]
    public async Task A_card_is_told_when_it_is_due_and_changed_and_its_end_is_told_only_where_it_was_seen()
    {
        await using var store = await NewAsync();
        var chats = store.Telegram;
        await chats.WantCardAsync(5, "t:1", "t", "one", At, default);
        await chats.WantCardAsync(6, "t:1", "t", "one", At, default);
        Assert.Empty(await chats.ListChatsDueAsync(At.AddTicks(-1), default));
        Assert.Equal([5, 6], (await chats.ListChatsDueAsync(At, default)).Order());
        var card = await chats.NextCardAsync(5, At, default);
        Assert.Equal(new ChatCardRow(5, "t:1", "t", 0, "one", ""), card);
        await chats.ToldCardAsync(card!, 44, At.AddSeconds(3), default);
        Assert.Equal("t", await chats.FindTaskAsync(5, 44, default));
        Assert.Null(await chats.NextCardAsync(5, At.AddDays(1), default));

        await chats.WantCardAsync(5, "t:1", "t", "two", At, default);
        Assert.Null(await chats.NextCardAsync(5, At.AddSeconds(2), default));
        Assert.Equal(44, (await chats.NextCardAsync(5, At.AddSeconds(3), default))!.MessageId);
        await chats.EndCardAsync(5, "t:1", "end", At, default);
        await chats.EndCardAsync(6, "t:1", "end", At, default);
        Assert.Equal("end", (await chats.NextCardAsync(5, At.AddDays(1), default))!.Wanted);
        Assert.Null(await chats.NextCardAsync(6, At.AddDays(1), default));
        await chats.GiveUpCardAsync(5, "t:1", default);
        await chats.WantCardAsync(5, "t:1", "t", "three", At, default);
        Assert.Empty(await chats.ListChatsDueAsync(At.AddDays(1), default));
    }

    [Fact]
    public async Task A_message_that_arrived_is_settled_known_and_out_of_doubt_at_once()
    {
        await using var store = await NewAsync();
        var chats = store.Telegram;
        await store.Outbox.AddAsync(
            new OutboxMessage(
                TelegramNames.EndpointOf(-7),
                "u1:0",
                "answer",
                "{}"u8.ToArray(),
                At,
                At.AddDays(1)
            )
            {
                Due = At.AddHours(1),
            },
            default
        );
        Assert.Empty(await chats.ListChatsDueAsync(At, default));
        Assert.Equal([-7], await chats.ListChatsDueAsync(At.AddHours(1), default));
        var rows = await store.Outbox.NextAsync("telegram:-7", At.AddHours(1), 9, default);
        await chats.DoubtAsync(new ChatDoubt(-7, "1", 3), default);
        await chats.DoubtAsync(new ChatDoubt(-7, "1", 4), default);
        Assert.Equal(
            new ChatDoubt(-7, "1", 4),
            Assert.Single(await chats.ListDoubtsAsync(default))
        );

        await chats.SentAsync(new ChatSent(-7, 12, "t", [rows[0].Entry.Id], "found", At), default);

        Assert.Empty(await chats.ListDoubtsAsync(default));
        Assert.Equal("t", await chats.FindTaskAsync(-7, 12, default));
        Assert.Null(await chats.FindTaskAsync(-7, 13, default));
        var sent = Assert.Single(
            await store.Outbox.ListAsync(new OutboxFilter(null, null, null, 9), default)
        );
        Assert.Equal((OutboxState.Delivered, 200), (sent.State, sent.Status));
        // All chats count together but those that count for themselves.
        await chats.SentAsync(
            new ChatSent(TelegramNames.OwnCountBelow - 5, 900, "", [], "", At),
            default
        );
        Assert.Equal(12, await chats.HighestMessageAsync(99, default));
        Assert.Equal(
            900,
            await chats.HighestMessageAsync(TelegramNames.OwnCountBelow - 5, default)
        );
        await chats.DoubtAsync(new ChatDoubt(5, "2", 12), default);
        await chats.ClearDoubtAsync(5, default);
        Assert.Empty(await chats.ListDoubtsAsync(default));
    }

    [Fact]
    public async Task A_code_lets_one_person_in_until_it_is_too_old_and_what_is_old_is_forgotten()
    {
        await using var store = await NewAsync();
        var chats = store.Telegram;
        await chats.AddCodeAsync("h", "submit", At.AddMinutes(1), default);
        await chats.AddCodeAsync("old", "operate", At, default);
        Assert.Null(await chats.PairAsync("old", 5, At, default));
        Assert.Null(await chats.PairAsync("no", 5, At, default));
        Assert.Equal("submit", await chats.PairAsync("h", 5, At, default));
        Assert.Null(await chats.PairAsync("h", 6, At, default));
        Assert.Equal(
            new ChatPerson(5, "submit", At),
            Assert.Single(await chats.ListPeopleAsync(default))
        );
        await chats.FollowAsync("t", new ChatFollower(5, "de"), At, default);
        await chats.FollowAsync("t", new ChatFollower(5, ""), At, default);
        Assert.Equal(
            new ChatFollower(5, "de"),
            Assert.Single(await chats.ListFollowersAsync("t", default))
        );
        await chats.FollowAsync("t", new ChatFollower(-7, "en"), At, default);
        Assert.Null(await chats.FindLanguageAsync(5, default));
        await chats.ChooseLanguageAsync(5, "de", default);
        await chats.ChooseLanguageAsync(5, "en", default);
        Assert.Equal("en", await chats.FindLanguageAsync(5, default));
        // In their own chat, and in no other.
        await chats.ChooseLanguageAsync(7, "de", default);
        Assert.Equal(
            [new ChatFollower(-7, "en"), new ChatFollower(5, "en")],
            await chats.ListFollowersAsync("t", default)
        );
        await chats.AddCodeAsync("open", "submit", At.AddMinutes(1), default);
        Assert.Equal(1, await chats.CountCodesAsync(At, default));
        Assert.Equal(0, await chats.CountCodesAsync(At.AddMinutes(1), default));
        await chats.TrimAsync(At.AddTicks(1), At.AddDays(1), default);
        Assert.Empty(await chats.ListFollowersAsync("t", default));
        Assert.True(await chats.RemovePersonAsync(5, default));
        Assert.False(await chats.RemovePersonAsync(5, default));
    }
}
