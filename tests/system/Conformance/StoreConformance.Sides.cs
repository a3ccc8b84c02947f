using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Heads_are_listed_newest_first_page_by_page_and_filtered()
    {
        await using var store = await NewAsync();
        // Two of each instant, so that the id decides; upper case sorts before lower case, as bytes do.
        for (var n = 0; n < 10; n++)
        {
            var id = (n % 2 == 0 ? "b" : "B") + n;
            await AppendAsync(
                store,
                id,
                0,
                Head(id, 1, n < 5 ? TaskPhase.Queued : TaskPhase.Done) with
                {
                    CreatedAt = At.AddSeconds(n / 2),
                    Requester = n < 3 ? "ann" : "bob",
                    Title = "Title " + n,
                }
            );
        }
        var all = new List<TaskHead>();
        string? after = null;
        do
        {
            var page = await store.Index.ListAsync(null, null, after, 3, default);
            all.AddRange(page.Tasks);
            after = page.Next;
        } while (after is not null);

        Assert.Equal(
            ["b8", "B9", "b6", "B7", "b4", "B5", "b2", "B3", "b0", "B1"],
            all.Select(h => h.TaskId)
                .Chunk(2)
                .SelectMany(two => two.OrderDescending(StringComparer.Ordinal))
        );
        Assert.Equal(
            all.Select(h => h.TaskId),
            all.OrderByDescending(h => h.CreatedAt)
                .ThenByDescending(h => h.TaskId, StringComparer.Ordinal)
                .Select(h => h.TaskId)
        );
        Assert.Equal("Title 8", all.Single(h => h.TaskId == "b8").Title);
        Assert.Equal(
            ["b2"],
            (await store.Index.ListAsync(TaskPhase.Queued, "ann", null, 1, default)).Tasks.Select(
                h => h.TaskId
            )
        );
        Assert.Equal(
            5,
            (await store.Index.ListAsync(TaskPhase.Done, null, null, 100, default)).Tasks.Count
        );
        Assert.Equal(
            ["B1", "B3", "b0", "b2", "b4"],
            (await store.Index.ListInPhasesAsync([TaskPhase.Queued], "", 100, default)).Select(h =>
                h.TaskId
            )
        );
        Assert.Equal(
            ["b6", "b8"],
            (
                await store.Index.ListInPhasesAsync(
                    [TaskPhase.Done, TaskPhase.Failed],
                    "b4",
                    2,
                    default
                )
            ).Select(h => h.TaskId)
        );
        Assert.Null(await store.Index.FindAsync("b", default));
    }

    [Fact]
    public async Task What_is_due_and_what_owes_is_found_by_instant_and_by_id()
    {
        await using var store = await NewAsync();
        Assert.Null(await store.Index.NextDueAsync(default));
        for (var n = 0; n < 6; n++)
        {
            await AppendAsync(
                store,
                $"d{n}",
                0,
                Head($"d{n}", 1, TaskPhase.Queued) with
                {
                    Due = n < 4 ? At.AddMinutes(10 - n) : null,
                    Owes = n % 2 == 0,
                }
            );
        }
        Assert.Equal(At.AddMinutes(7), await store.Index.NextDueAsync(default));
        Assert.Equal(
            ["d3", "d2"],
            (await store.Index.ListDueAsync(At.AddMinutes(9), 2, default)).Select(h => h.TaskId)
        );
        Assert.Equal(
            ["d2", "d4"],
            (await store.Index.ListOwingAsync("d0", 10, default)).Select(h => h.TaskId)
        );

        await AppendAsync(store, "d3", 1, Head("d3", 2, TaskPhase.Done));
        Assert.Equal(At.AddMinutes(8), await store.Index.NextDueAsync(default));
        Assert.Equal(5, (await store.Index.CountAsync(default))[TaskPhase.Queued]);
    }

    [Fact]
    public async Task A_cursor_never_goes_back()
    {
        await using var store = await NewAsync();
        Assert.Equal(0, await store.Cursors.ReadAsync("files", 3, default));
        Assert.Equal(long.MaxValue, await store.Cursors.ReadSlowestAsync(3, default));
        await store.Cursors.SaveAsync("files", 3, 7, Durability.Wait, default);
        await store.Cursors.SaveAsync("files", 3, 5, Durability.RideAlong, default);
        await store.Cursors.SaveAsync("metrics", 3, 6, Durability.Wait, default);

        Assert.Equal(7, await store.Cursors.ReadAsync("files", 3, default));
        Assert.Equal(6, await store.Cursors.ReadSlowestAsync(3, default));
        Assert.Equal(0, await store.Cursors.ReadAsync("files", 4, default));
    }

    [Fact]
    public async Task A_letter_is_buried_once_and_stays_a_while_after_its_replay()
    {
        await using var store = await NewAsync();
        var letter = new DeadLetter(0, "files", 2, "t", 9, "bad \0 words", 5, At);
        await store.Cursors.BuryAsync(letter, default);
        await store.Cursors.BuryAsync(letter, default);
        await store.Cursors.BuryAsync(
            letter with
            {
                Subscriber = "metrics",
                Position = 4,
            },
            default
        );

        var all = await store.Cursors.ListBuriedAsync(null, 0, 10, false, default);
        Assert.Equal(["files", "metrics"], all.Select(l => l.Subscriber));
        Assert.Equal(
            ("t", 9L, 5, At),
            (all[0].TaskId, all[0].Position, all[0].Attempts, all[0].At)
        );
        Assert.StartsWith("bad ", all[0].Error, StringComparison.Ordinal);

        await store.Cursors.MarkFailedAsync(all[0].Id, "again", default);
        Assert.Equal(
            ("again", 6),
            await store.Cursors.FindBuriedAsync(all[0].Id, default) is { } failed
                ? (failed.Error, failed.Attempts)
                : default
        );
        await store.Cursors.MarkReplayedAsync(all[0].Id, At.AddDays(1), default);
        await store.Cursors.MarkFailedAsync(all[0].Id, "too late", default);
        Assert.Equal(1, await store.Cursors.CountBuriedAsync(default));
        Assert.Single(await store.Cursors.ListBuriedAsync(null, 0, 10, false, default));
        Assert.Equal(2, (await store.Cursors.ListBuriedAsync(null, 0, 10, true, default)).Count);
        Assert.Empty(await store.Cursors.ListBuriedAsync("files", 0, 10, false, default));
        Assert.Equal(
            (At.AddDays(1), "again"),
            await store.Cursors.FindBuriedAsync(all[0].Id, default) is { } replayed
                ? (replayed.ReplayedAt, replayed.Error)
                : default
        );

        await store.Cursors.BuryAsync(letter with { Position = 10, At = At.AddDays(32) }, default);
        Assert.Null(await store.Cursors.FindBuriedAsync(all[0].Id, default));
        Assert.Null(await store.Cursors.FindBuriedAsync(12_345, default));
    }

    [Fact]
    public async Task Of_hosts_with_one_name_that_begin_at_once_one_wins()
    {
        await using var store = await NewAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => BeginAsync(store, 0)));

        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1], all.Order());
        Assert.Equal(1, await store.Hosts.GetEpochAsync("box", default));
        Assert.Equal(0, await store.Hosts.GetEpochAsync("other", default));
    }

    [Fact]
    public async Task A_lease_holds_lapses_is_renewed_fenced_and_given_back()
    {
        await using var store = await NewAsync();
        Assert.Equal(0, await BeginAsync(store, 4));
        Assert.Equal(1, await BeginAsync(store, 0, takeOver: false));
        Assert.Equal(0, await BeginAsync(store, 1, takeOver: false));
        Assert.False(await store.Hosts.FenceLapsedAsync("box", 1, default));
        Assert.Equal(2, await BeginAsync(store, 1, takeOver: true));
        Assert.False(await store.Hosts.RenewAsync("box", 1, TimeSpan.FromHours(1), default));
        var host = Assert.Single(await store.Hosts.ListAsync(default));
        Assert.Equal(("box", 2L, 3, true), (host.Host, host.Epoch, host.Slots, host.Alive));
        Assert.Equal(["os=linux", "pool=a"], host.Labels);

        // A lease of no length has lapsed by the store's clock as soon as it is written.
        Assert.True(await store.Hosts.RenewAsync("box", 2, TimeSpan.Zero, default));
        Assert.False(Assert.Single(await store.Hosts.ListAsync(default)).Alive);
        Assert.True(await store.Hosts.RenewAsync("box", 2, TimeSpan.FromHours(1), default));
        Assert.False(await store.Hosts.FenceLapsedAsync("box", 2, default));
        await store.Hosts.RenewAsync("box", 2, TimeSpan.Zero, default);
        Assert.True(await store.Hosts.FenceLapsedAsync("box", 2, default));
        Assert.False(await store.Hosts.FenceLapsedAsync("box", 2, default));
        Assert.False(await store.Hosts.RenewAsync("box", 2, TimeSpan.FromHours(1), default));

        Assert.Equal(4, await BeginAsync(store, 3, takeOver: false));
        await store.Hosts.ReleaseAsync("box", 3, default);
        Assert.True(Assert.Single(await store.Hosts.ListAsync(default)).Alive);
        await store.Hosts.ReleaseAsync("box", 4, default);
        Assert.Null(Assert.Single(await store.Hosts.ListAsync(default)).LeaseUntil);
        Assert.False(await store.Hosts.FenceLapsedAsync("box", 4, default));
    }

    [Fact]
    public async Task Spending_is_counted_by_day_requester_and_repository_in_the_same_commit()
    {
        await using var store = await NewAsync();
        var result = new RunResult
        {
            Usage = new RunUsage(InputTokens: 10, OutputTokens: 5, CostUsd: 0.25m),
        };
        var started = new TaskFact.RunStarted(1, 1, "h", 1, At, "scripted", "s", false);
        async Task RunAsync(string task, string requester, string repository, DateTimeOffset at)
        {
            var head = Head(task, 2, TaskPhase.Running) with
            {
                Requester = requester,
                Repository = repository,
            };
            await AppendAsync(
                store,
                task,
                0,
                head,
                [started, new TaskFact.RunEnded(1, result)],
                at: at
            );
            // A refused one costs nothing.
            await AppendAsync(store, task, 1, head, [new TaskFact.RunEnded(1, result)], at: at);
        }

        await RunAsync("a", "ann", "/r", At);
        await RunAsync("b", "ann", "", At);
        await RunAsync("c", "bob", "/r", At);
        await RunAsync("d", "ann", "/r", At.AddDays(1));

        var day = SpendingScopes.DayOf(At);
        Assert.Equal(
            new DaySpending(
                new Spent(2, 0.5m, 30),
                new Spent(2, 0.5m, 30),
                new Spent(3, 0.75m, 45)
            ),
            await store.Spending.ReadAsync(day, "ann", "/r", default)
        );
        Assert.Equal(
            new DaySpending(Spent.Nothing, Spent.Nothing, new Spent(1, 0.25m, 15)),
            await store.Spending.ReadAsync(day + 1, "bob", "", default)
        );
        Assert.Equal(
            [
                ("all", "", 3L),
                ("repository", "/r", 2L),
                ("requester", "ann", 2L),
                ("requester", "bob", 1L),
            ],
            (await store.Spending.ListAsync(day, 10, default)).Select(l =>
                (l.Scope, l.Name, l.Spent.Runs)
            )
        );
        Assert.Equal(
            ["", "/r", "ann"],
            (await store.Spending.ListAsync(day, 1, default)).Select(l => l.Name)
        );
        Assert.Empty(await store.Spending.ListAsync(day + 2, 10, default));
    }

    [Fact]
    public async Task The_counts_follow_the_facts_in_the_same_commit()
    {
        await using var store = await NewAsync();
        Assert.Null((await store.Stats.ReadAsync(default)).Window.From);
        for (var n = 0; n < 3; n++)
        {
            var (task, head) = ($"s{n}", Head($"s{n}", 1, TaskPhase.Running));
            head = head with { Kind = TaskKind.Fix };
            await AppendAsync(
                store,
                task,
                0,
                head,
                [new TaskFact.Submitted(new TaskSpec { Request = "r", Requester = "ann" })]
            );
            var result = new RunResult
            {
                Usage = new RunUsage(InputTokens: 10, OutputTokens: 5, CostUsd: 0.25m),
            };
            await AppendAsync(
                store,
                task,
                1,
                head with
                {
                    Phase = TaskPhase.Done,
                    Version = 3,
                    UpdatedAt = At.AddSeconds(10),
                },
                [
                    new TaskFact.RunEnded(1, result),
                    n == 2
                        ? new TaskFact.Failed(new Failure("x", "y"), ErrorClass.Network)
                        : new TaskFact.Delivered(1),
                ],
                at: At.AddSeconds(10)
            );
            // A refused one counts nothing.
            await AppendAsync(store, task, 1, head, [new TaskFact.Delivered(1)]);
        }

        var stats = await store.Stats.ReadAsync(default);
        Assert.Equal((At, At.AddSeconds(10)), (stats.Window.From!.Value, stats.Window.To!.Value));
        var tasks = stats.Tasks;
        Assert.Equal((3L, 2L, 1L, 0L), (tasks.Total, tasks.Success, tasks.Failed, tasks.Cancelled));
        Assert.Equal((0.75m, 45L, 66.67), (tasks.CostUsd, tasks.Tokens, tasks.SuccessRate));
        Assert.Equal(new TypeStats(3, 2, 1), tasks.ByType["fix"]);
        Assert.Equal(1, tasks.ByError["network"]);
        Assert.InRange(tasks.Durations.P50, 9.8, 10.2);
        Assert.InRange(tasks.ByPhase["running"].P99, 9.8, 10.2);
        Assert.Equal(3, Assert.Single(await store.Index.CountAsync(default)).Value);
    }

    [Fact]
    public async Task Tokens_are_found_by_the_hash_of_their_secret_and_revoked_once()
    {
        await using var store = await NewAsync();
        var token = Token("one") with { ExpiresAt = At.AddDays(1) };
        await store.Tokens.AddAsync(token, "h1", default);
        await store.Tokens.AddAsync(
            Token("two") with
            {
                CreatedAt = At.AddHours(-1),
            },
            "h2",
            default
        );

        Assert.Equivalent(token, await store.Tokens.FindAsync("h1", default));
        Assert.Null(await store.Tokens.FindAsync("h3", default));
        Assert.Equal(["two", "one"], (await store.Tokens.ListAsync(default)).Select(t => t.Id));
        Assert.True(await store.Tokens.RevokeAsync("one", At.AddHours(2), default));
        Assert.True(await store.Tokens.RevokeAsync("one", At.AddHours(3), default));
        Assert.False(await store.Tokens.RevokeAsync("none", At, default));
        Assert.Equal(At.AddHours(2), (await store.Tokens.FindAsync("h1", default))!.RevokedAt);
    }

    [Fact]
    public async Task A_blob_is_stored_once_under_its_hash_up_to_64_MiB_and_no_byte_more()
    {
        await using var store = await NewAsync();
        var largest = new byte[64 * 1024 * 1024];
        System.Security.Cryptography.RandomNumberGenerator.Fill(largest);

        var id = await store.Blobs.PutAsync(largest, default);
        Assert.Equal(id, await store.Blobs.PutAsync(largest, default));
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(largest)),
            id
        );
        Assert.True((await store.Blobs.GetAsync(id, default))!.Value.Span.SequenceEqual(largest));
        Assert.Null(await store.Blobs.GetAsync("none", default));
        var empty = await store.Blobs.PutAsync(ReadOnlyMemory<byte>.Empty, default);
        Assert.Equal(0, (await store.Blobs.GetAsync(empty, default))!.Value.Length);
        await Assert.ThrowsAsync<StorageException>(() =>
            store.Blobs.PutAsync(new byte[largest.Length + 1], default)
        );
    }

    private static TokenInfo Token(string id) =>
        new(id, "name", ["read", "submit"], At, null, null, null);
}
