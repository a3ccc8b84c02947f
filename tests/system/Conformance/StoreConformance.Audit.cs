using System.Text;
using Orchestrator.Decisions.Audit;
using Orchestrator.Grains.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

/// <content>Stored bytes and hashes, as an auditor gets them.</content>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task Stored_bytes_come_with_their_hash_and_the_one_before_by_position_and_by_task()
    {
        await using var store = await NewAsync();
        await AppendAsync(store, "a", 0);
        await AppendAsync(store, "b", 0);
        await AppendAsync(store, "a", 1);

        var all = await store.Journal.ReadChainedAsync(null, 0, 10, default);
        var own = await store.Journal.ReadChainedAsync("a", 0, 10, default);

        Assert.Equal(
            [(1L, "a", 1L), (2L, "b", 1L), (3L, "a", 2L)],
            all.Select(f => (f.Position, f.TaskId, f.Sequence))
        );
        Assert.Equal([1L, 3L], own.Select(f => f.Position));
        Assert.Null(own[0].Previous);
        Assert.Null(all[1].Previous);
        Assert.True(own[1].Previous!.Value.Span.SequenceEqual(own[0].Hash.Span));
        Assert.All(
            all,
            f =>
                Assert.Equal(
                    HashChain.Next(
                        f.Previous?.ToArray() ?? HashChain.Anchor(f.TaskId),
                        f.Payload.Span
                    ),
                    f.Hash.ToArray()
                )
        );
        Assert.Contains(
            "\"at\":",
            Encoding.UTF8.GetString(all[0].Payload.Span),
            StringComparison.Ordinal
        );
        Assert.Equal(
            [2L],
            (await store.Journal.ReadChainedAsync(null, 1, 1, default)).Select(f => f.Position)
        );
        Assert.Equal(
            [2L],
            (await store.Journal.ReadChainedAsync("a", 1, 9, default)).Select(f => f.Sequence)
        );
        Assert.Empty(await store.Journal.ReadChainedAsync("none", 0, 9, default));
    }

    [Fact]
    public async Task A_fact_that_somebody_changed_or_took_away_is_exported_as_it_stands()
    {
        var place = await PlaceAsync();
        await using (var store = await OpenAsync(place))
        {
            for (var n = 0; n < 3; n++)
            {
                await AppendAsync(store, "a", n);
            }
        }
        await ExecuteAsync(place, "DELETE FROM fact WHERE task_id = 'a' AND sequence = 1");
        await ExecuteAsync(
            place,
            "UPDATE fact SET payload = hash WHERE task_id = 'a' AND sequence = 3"
        );

        await using var changed = await OpenAsync(place);
        var facts = await changed.Journal.ReadChainedAsync("a", 0, 10, default);

        Assert.Equal([2L, 3L], facts.Select(f => f.Sequence));
        Assert.Null(facts[0].Previous);
        Assert.True(facts[1].Payload.Span.SequenceEqual(facts[1].Hash.Span));
    }
}
