using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Tasks;

/// <summary>The conversation of one task as its facts hold it. Keeps where things were said, not what.</summary>
[OnControlSilos, CollectionAgeLimit(Minutes = 2)]
public sealed class ConversationGrain(IJournal journal) : Grain, IConversationGrain
{
    private const int FactsPage = 1_000;
    private const int MaxLeast = 1;
    private const int MaxMost = 1_000;
    private const int StateEntries = 1;
    private const int StateTextMax = 2_000;

    private readonly List<SaidMark> marks = [];
    private long read;
    private int turn = 1;

    private string Id => this.GetPrimaryKeyString();

    /// <inheritdoc />
    public async Task<ConversationPage?> ReadAsync(
        int after,
        int max,
        CancellationToken cancellationToken
    )
    {
        await CatchUpAsync(cancellationToken);
        if (marks.Count == 0)
        {
            DeactivateOnIdle(); // whoever asks for what is not there leaves nothing behind
            return null;
        }
        max = Math.Clamp(max, MaxLeast, MaxMost);
        var wanted = marks.Skip(Math.Max(0, after)).Take(max).ToList();
        var entries = await EntriesAsync(wanted, cancellationToken);
        var last = wanted.Count > 0 ? wanted[^1].Number : Math.Max(0, after);
        return new ConversationPage(Id, entries, marks.Count, last < marks.Count ? last : null);
    }

    /// <inheritdoc />
    public async Task<ConversationPage?> GetState()
    {
        await CatchUpAsync(CancellationToken.None);
        var wanted = marks.TakeLast(StateEntries).ToList();
        if (wanted.Count == 0)
        {
            DeactivateOnIdle();
            return null;
        }
        var entries = await EntriesAsync(wanted, CancellationToken.None);
        return new ConversationPage(
            Id,
            [.. entries.Select(e => e with { Text = Cut(e.Text) })],
            marks.Count,
            null
        );
    }

    private static string Cut(string text) =>
        text.Length > StateTextMax ? text[..StateTextMax] + "…" : text;

    // Facts are never changed: what was read once is read no more.
    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JournalEntry> page;
        do
        {
            page = await journal.ReadTaskAsync(Id, read, FactsPage, cancellationToken);
            foreach (var entry in page)
            {
                turn = entry.Fact is TaskFact.TurnStarted started ? started.Turn : turn;
                Conversation.Note(marks, entry.Fact, entry.Sequence, turn);
                read = entry.Sequence;
            }
        } while (page.Count == FactsPage);
    }

    private async Task<IReadOnlyList<ConversationEntry>> EntriesAsync(
        List<SaidMark> wanted,
        CancellationToken cancellationToken
    )
    {
        var entries = new List<ConversationEntry>(wanted.Count);
        var facts = new Queue<JournalEntry>();
        long at = 0;
        foreach (var mark in wanted)
        {
            while (facts.Count == 0 || facts.Peek().Sequence != mark.Sequence)
            {
                if (facts.Count > 0)
                {
                    facts.Dequeue();
                    continue;
                }
                var from = Math.Max(at, mark.Sequence - 1);
                foreach (
                    var entry in await journal.ReadTaskAsync(
                        Id,
                        from,
                        (int)Math.Min(FactsPage, wanted[^1].Sequence - from),
                        cancellationToken
                    )
                )
                {
                    facts.Enqueue(entry);
                    at = entry.Sequence;
                }
            }
            entries.Add(Conversation.Entry(facts.Dequeue(), mark));
        }
        return entries;
    }
}
