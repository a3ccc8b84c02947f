using Orchestrator.Decisions.Audit;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Observability;

/// <summary>
/// Looks at the journal's hash chain a piece at a time: from the beginning to the end, then at what is added. One look costs
/// at most 2,000 facts, so a long history takes its time and disturbs nobody. Not thread-safe.
/// </summary>
internal sealed class ChainWatch(StoredJournal stored)
{
    private const int PageMax = 500;
    private const int PagesMax = 4;

    /// <summary>Facts whose hash does not follow, so far.</summary>
    public long Breaks { get; private set; }

    /// <summary>Position up to which it looked.</summary>
    public long Checked { get; private set; }

    /// <summary>Looks at the next facts.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        for (var page = 0; page < PagesMax; page++)
        {
            var facts = await stored.Journal.ReadChainedAsync(
                null,
                Checked,
                PageMax,
                cancellationToken
            );
            foreach (var fact in facts)
            {
                // A gap shows as a fact without the one before it.
                var before =
                    fact.Sequence == 1 ? HashChain.Anchor(fact.TaskId) : fact.Previous?.ToArray();
                var follows =
                    before is not null
                    && HashChain
                        .Next(before, fact.Payload.Span)
                        .AsSpan()
                        .SequenceEqual(fact.Hash.Span);
                Breaks += follows ? 0 : 1;
                Checked = fact.Position;
            }
            if (facts.Count < PageMax)
            {
                return;
            }
        }
    }
}
