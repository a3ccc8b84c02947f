using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

/// <summary>What every store must do, whatever it is made of. Here: the journal; the sides are in the other half.</summary>
public abstract partial class StoreConformance
{
    private protected static readonly DateTimeOffset At = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private protected static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Facts_come_back_as_they_went_in_by_task_by_partition_and_by_position()
    {
        await using var store = await NewAsync();
        TaskFact[] facts =
        [
            new TaskFact.Resumed("Ünïcode \u2028 \"quoted\" \0 and \n"),
            new TaskFact.Cancelled(""),
        ];
        Assert.Equal(AppendOutcome.Appended, await AppendAsync(store, "a", 0, null, facts));
        Assert.Equal(AppendOutcome.Appended, await AppendAsync(store, "b", 0));

        var read = await store.Journal.ReadTaskAsync("a", 0, 10, default);
        Assert.Equal([1L, 2L], read.Select(e => e.Sequence));
        Assert.Equal([1L, 2L], read.Select(e => e.Position));
        Assert.Equal(facts, read.Select(e => e.Fact));
        Assert.All(read, e => Assert.Equal((At, "a"), (e.At, e.TaskId)));
        Assert.Equal(2, (await store.Journal.ReadTaskAsync("a", 1, 10, default))[0].Sequence);
        Assert.Single(await store.Journal.ReadAllAsync(1, 1, default));
        Assert.Equal(
            JournalPartitions.Of("b") == JournalPartitions.Of("a") ? 3 : 1,
            (await store.Journal.ReadPartitionAsync(JournalPartitions.Of("b"), 0, 9, default)).Count
        );
        Assert.Equal(3, await store.Journal.GetEndAsync(default));
        Assert.Equal(
            3,
            await store.Journal.GetPartitionEndAsync(JournalPartitions.Of("b"), default)
        );
    }

    [Fact]
    public async Task Of_two_writers_that_have_seen_the_same_the_second_is_told_to_read_again()
    {
        await using var store = await NewAsync();
        Assert.Equal(AppendOutcome.Appended, await AppendAsync(store, "a", 0));
        Assert.Equal(AppendOutcome.Conflict, await AppendAsync(store, "a", 0));
        Assert.Equal(AppendOutcome.Conflict, await AppendAsync(store, "a", 5));
        Assert.Equal(AppendOutcome.Conflict, await AppendAsync(store, "new", 1));

        var race = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => AppendAsync(store, "a", 1))
        );
        Assert.Equal(1, race.Count(o => o == AppendOutcome.Appended));
        Assert.Equal(19, race.Count(o => o == AppendOutcome.Conflict));
        Assert.Equal(2, (await store.Journal.ReadTaskAsync("a", 0, 10, default)).Count);
    }

    [Fact]
    public async Task A_ride_along_is_there_after_the_next_commit_and_keeps_its_place()
    {
        await using var store = await NewAsync();
        for (var version = 0; version < 5; version++)
        {
            await store.Journal.AppendAsync(
                Request("a", version, null),
                Durability.RideAlong,
                default
            );
        }
        Assert.Equal(AppendOutcome.Appended, await AppendAsync(store, "a", 5));

        // One that nobody waits for and that is wrong shows at the next version check only.
        await store.Journal.AppendAsync(Request("a", 0, null), Durability.RideAlong, default);
        Assert.Equal(AppendOutcome.Appended, await AppendAsync(store, "a", 6));
        Assert.Equal(7, await store.Journal.GetEndAsync(default));
    }

    [Fact]
    public async Task The_system_log_takes_whatever_comes_in_any_order()
    {
        await using var store = await NewAsync();
        var all = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => AppendAsync(store, "system", -1))
        );

        Assert.All(all, o => Assert.Equal(AppendOutcome.Appended, o));
        Assert.Equal(
            Enumerable.Range(1, 50).Select(n => (long)n),
            (await store.Journal.ReadTaskAsync("system", 0, 100, default)).Select(e => e.Sequence)
        );
        Assert.Empty(await store.Journal.VerifyChainAsync("system", default));
    }

    [Fact]
    public async Task An_append_for_an_epoch_that_is_over_is_refused_and_counted_and_its_neighbours_are_not()
    {
        await using var store = await NewAsync();
        await BeginAsync(store, 0);
        await BeginAsync(store, 1);

        var all = await Task.WhenAll(
            AppendAsync(store, "old", 0, host: "box", epoch: 1),
            AppendAsync(store, "new", 0, host: "box", epoch: 2),
            AppendAsync(store, "none", 0),
            AppendAsync(store, "unknown", 0, host: "nobody", epoch: 1)
        );

        Assert.Equal(
            [
                AppendOutcome.Fenced,
                AppendOutcome.Appended,
                AppendOutcome.Appended,
                AppendOutcome.Appended,
            ],
            all
        );
        Assert.Empty(await store.Journal.ReadTaskAsync("old", 0, 10, default));
        // The fence is judged before the version.
        Assert.Equal(
            AppendOutcome.Fenced,
            await AppendAsync(store, "new", 7, host: "box", epoch: 1)
        );
        Assert.Equal(2, await store.Hosts.ReadFencedAsync(default));
        await store.Hosts.CountFencedAsync(default);
        await BeginAsync(store, 2);
        Assert.Equal(3, await store.Hosts.ReadFencedAsync(default));
    }

    [Fact]
    public async Task An_operation_that_fails_fails_alone()
    {
        await using var store = await NewAsync();
        await store.Tokens.AddAsync(Token("t1"), "hash", default);

        var good = Enumerable.Range(0, 30).Select(n => AppendAsync(store, $"g{n}", 0)).ToList();
        var bad = store.Tokens.AddAsync(Token("t2"), "hash", default);
        good.AddRange(Enumerable.Range(30, 30).Select(n => AppendAsync(store, $"g{n}", 0)));

        await Assert.ThrowsAsync<StorageException>(() => bad);
        Assert.All(await Task.WhenAll(good), o => Assert.Equal(AppendOutcome.Appended, o));
        Assert.Equal(60, await store.Journal.GetEndAsync(default));
        Assert.Empty(await store.Journal.VerifyChainAsync(null, default));
    }

    [Fact]
    public async Task A_reader_never_passes_a_late_commit_however_many_write()
    {
        await using var store = await NewAsync();
        await ReadWhileWritingAsync([store], writers: 16, factsEach: 40);
    }

    [Fact]
    public async Task A_commit_wakes_who_waits_for_its_partition_and_nobody_else()
    {
        await using var store = await NewAsync();
        var (own, other) = (JournalPartitions.Of("a"), (JournalPartitions.Of("a") + 1) % 8);
        var waiting = store.Journal.WaitPartitionAsync(own, 0, default);
        var all = store.Journal.WaitBeyondAsync(0, default);
        var idle = store.Journal.WaitPartitionAsync(other, 0, default);
        await BeginAsync(store, 0);
        await store.Cursors.SaveAsync("s", own, 5, Durability.Wait, default);
        Assert.False(waiting.IsCompleted || all.IsCompleted);

        await AppendAsync(store, "a", 0);

        Assert.Equal(1, await waiting.WaitAsync(Deadline));
        await all.WaitAsync(Deadline);
        Assert.False(idle.IsCompleted);
        // What is there already is told at once.
        Assert.Equal(
            1,
            await store.Journal.WaitPartitionAsync(own, 0, default).WaitAsync(Deadline)
        );
    }

    [Fact]
    public async Task A_changed_or_missing_fact_breaks_the_chain_and_only_there()
    {
        var place = await PlaceAsync();
        await using var store = await OpenAsync(place);
        for (var version = 0; version < 4; version++)
        {
            await AppendAsync(store, "a", version);
            await AppendAsync(store, "b", version);
            await AppendAsync(store, "c", version);
        }
        Assert.Empty(await store.Journal.VerifyChainAsync(null, default));

        await ExecuteAsync(
            place,
            "UPDATE fact SET payload = hash WHERE task_id = 'a' AND sequence = 2"
        );
        await ExecuteAsync(place, "DELETE FROM fact WHERE task_id = 'c' AND sequence = 3");

        var breaks = await store.Journal.VerifyChainAsync(null, default);
        Assert.Contains("Task a: fact 2 was changed after it was written.", breaks);
        Assert.Contains("Task c: fact 3 is missing; 4 follows.", breaks);
        Assert.DoesNotContain(breaks, b => b.Contains("Task b", StringComparison.Ordinal));
        Assert.Empty(await store.Journal.VerifyChainAsync("b", default));
        Assert.Single(await store.Journal.VerifyChainAsync("a", default));
    }

    [Fact]
    public async Task Opened_again_everything_is_there_and_goes_on()
    {
        var place = await PlaceAsync();
        await using (var first = await OpenAsync(place))
        {
            await AppendAsync(first, "a", 0, Head("a", 1, TaskPhase.Queued));
            await AppendAsync(first, "a", 1, Head("a", 2, TaskPhase.Running));
        }
        await using var second = await OpenAsync(place);

        Assert.Equal(AppendOutcome.Conflict, await AppendAsync(second, "a", 1));
        Assert.Equal(
            AppendOutcome.Appended,
            await AppendAsync(second, "a", 2, Head("a", 3, TaskPhase.Done))
        );
        Assert.Equal(3, await second.Journal.GetEndAsync(default));
        Assert.Equal(3, (await second.Index.FindAsync("a", default))!.Version);
        var count = Assert.Single(await second.Index.CountAsync(default));
        Assert.Equal((TaskPhase.Done, 1L), (count.Key, count.Value));
        Assert.Empty(await second.Journal.VerifyChainAsync(null, default));
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("999")]
    public async Task A_schema_newer_than_this_build_is_refused_with_both_versions_and_the_cure(
        string worksFrom
    )
    {
        var place = await PlaceAsync();
        await (await OpenAsync(place)).DisposeAsync();
        await ExecuteAsync(place, NewerSchema(worksFrom));

        var refusal = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(place));

        Assert.Contains("999", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("this build knows", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Start the newer release", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_that_a_newer_release_left_usable_is_used_as_it_is()
    {
        var place = await PlaceAsync();
        await (await OpenAsync(place)).DisposeAsync();
        await ExecuteAsync(place, NewerSchema("1"));

        await using var store = await OpenAsync(place);

        Assert.Equal(
            AppendOutcome.Appended,
            await AppendAsync(store, "a", 0, Head("a", 1, TaskPhase.Queued))
        );
    }

    /// <summary>Writers of all the stores append while one reader of the first follows from the start: it must see each position in turn.</summary>
    private protected static async Task ReadWhileWritingAsync(
        IReadOnlyList<OpenStore> stores,
        int writers,
        int factsEach
    )
    {
        var expected = stores.Count * writers * factsEach;
        var reading = Task.Run(async () =>
        {
            var journal = stores[0].Journal;
            using var limit = new CancellationTokenSource(Deadline);
            long seen = 0;
            while (seen < expected)
            {
                foreach (var entry in await journal.ReadAllAsync(seen, 64, limit.Token))
                {
                    Assert.Equal(++seen, entry.Position);
                }
                await (
                    seen < expected
                        ? journal.WaitBeyondAsync(seen, limit.Token)
                        : Task.CompletedTask
                );
            }
        });
        await Task.WhenAll(
            stores.SelectMany(
                (store, s) =>
                    Enumerable
                        .Range(0, writers)
                        .Select(w =>
                            Task.Run(async () =>
                            {
                                for (var n = 0; n < factsEach; n++)
                                {
                                    Assert.Equal(
                                        AppendOutcome.Appended,
                                        await AppendAsync(store, $"t{s}-{w}", n)
                                    );
                                }
                            })
                        )
            )
        );
        await reading.WaitAsync(Deadline);
        Assert.Empty(await stores[0].Journal.VerifyChainAsync(null, default));
    }

    private protected abstract string NewerSchema(string worksFrom);

    /// <summary>Where a new, empty store is to be.</summary>
    private protected abstract Task<string> PlaceAsync();

    private protected abstract Task<OpenStore> OpenAsync(string place);

    /// <summary>Runs a statement past the store.</summary>
    private protected abstract Task ExecuteAsync(string place, string sql);

    private protected async Task<OpenStore> NewAsync() => await OpenAsync(await PlaceAsync());

    private protected static Task<AppendOutcome> AppendAsync(
        OpenStore store,
        string task,
        long version,
        TaskHead? head = null,
        TaskFact[]? facts = null,
        string host = "",
        long epoch = 0,
        DateTimeOffset? at = null
    ) =>
        store.Journal.AppendAsync(
            Request(task, version, head, facts) with
            {
                Host = host,
                HostEpoch = epoch,
                At = at ?? At,
            },
            Durability.Wait,
            default
        );

    private protected static AppendRequest Request(
        string task,
        long version,
        TaskHead? head,
        TaskFact[]? facts = null
    ) => new(task, version, At, facts ?? [new TaskFact.Resumed("x")], head);

    private protected static TaskHead Head(string task, long version, TaskPhase phase) =>
        new()
        {
            TaskId = task,
            Version = version,
            Phase = phase,
            CreatedAt = At,
            UpdatedAt = At,
        };

    private protected static Task<long> BeginAsync(
        OpenStore store,
        long expected,
        bool takeOver = true,
        TimeSpan? lease = null
    ) =>
        store.Hosts.BeginEpochAsync(
            "box",
            expected,
            takeOver,
            3,
            ["os=linux", "pool=a"],
            lease ?? TimeSpan.FromHours(1),
            default
        );
}

/// <summary>A store behind its ports.</summary>
internal sealed record OpenStore(
    IJournal Journal,
    ITaskIndex Index,
    IBlobStore Blobs,
    IUploadStore Uploads,
    ICursorStore Cursors,
    IHostRegistry Hosts,
    IStatsStore Stats,
    ISpendingStore Spending,
    ITokenStore Tokens,
    IPolicyStore Policies,
    IWebhookInbox Inbox,
    IWebhookOutbox Outbox,
    ITelegramStore Telegram,
    Func<ValueTask> Close
) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Close();
}
