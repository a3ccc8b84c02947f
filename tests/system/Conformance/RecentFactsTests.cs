using CsCheck;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

/// <summary>The facts that a store keeps at hand say nothing but what the store says.</summary>
public sealed class RecentFactsTests
{
    private const int Partitions = 3;
    private const int KeptMax = 8;
    private const int BytesMax = 1_200;

    [Fact]
    public void Whatever_is_committed_rolled_back_and_asked_for_the_answer_is_the_stores_or_none()
    {
        // Facts of a transaction by the length of their words; whether it is committed.
        var transaction = Gen.Select(Gen.Int[0, 300].List[0, 6], Gen.Bool);
        Gen.Select(
                transaction.List[0, 12],
                Gen.Long[0, 20],
                Gen.Int[-1, Partitions - 1],
                Gen.Int[1, 9]
            )
            .Sample(
                (transactions, after, partition, max) =>
                {
                    var recent = new RecentFacts(KeptMax, BytesMax);
                    var store = new List<(int Partition, JournalEntry Entry)>();
                    foreach (var (lengths, committed) in transactions)
                    {
                        var written = new List<(int, JournalEntry)>();
                        foreach (var length in lengths)
                        {
                            var position = store.Count + written.Count + 1;
                            var payload = FactPayload.Write(
                                DateTimeOffset.UnixEpoch,
                                new TaskFact.Paused(new string('x', length), null)
                            );
                            recent.Stage(position, "t", position, position % Partitions, payload);
                            written.Add(
                                (
                                    position % Partitions,
                                    FactPayload.Read(position, "t", position, payload)
                                )
                            );
                        }
                        if (committed)
                        {
                            recent.Publish();
                            store.AddRange(written);
                        }
                        else
                        {
                            recent.Drop();
                        }
                    }

                    int? of = partition < 0 ? null : partition;
                    var found = recent.After(after, of, max);

                    if (found is null)
                    {
                        // Only what it cannot know is left to the store.
                        Assert.True(store.Count == 0 || after < store.Count - 1);
                        return;
                    }
                    Assert.Equal(
                        store
                            .Where(f =>
                                f.Entry.Position > after && (of ?? f.Partition) == f.Partition
                            )
                            .Take(max)
                            .Select(f => f.Entry),
                        found
                    );
                }
            );
    }

    [Fact]
    public void A_fact_is_read_from_its_bytes_once_for_all()
    {
        var recent = new RecentFacts(KeptMax, BytesMax);
        recent.Stage(7, "t", 1, 0, FactPayload.Write(default, new TaskFact.Paused("why", null)));
        recent.Publish();

        var (first, second) = (recent.After(6, null, 1)!, recent.After(6, 0, 9)!);

        Assert.Same(Assert.Single(first), Assert.Single(second));
        Assert.Null(recent.After(5, null, 1));
        Assert.Empty(recent.After(7, null, 1)!);
    }
}
