using Orchestrator.Decisions.Audit;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Audit;

/// <summary>A part of the journal without holes: facts after a number up to a number, of all tasks or of one.</summary>
/// <param name="TaskId">Counted by the facts of this task; null = by position.</param>
/// <param name="After">The number before the first.</param>
/// <param name="To">The number of the last; not below <paramref name="After"/>.</param>
internal sealed record AuditRange(string? TaskId, long After, long To);

/// <summary>Writes facts with their stored bytes and hashes as lines that can be checked without a server.</summary>
internal sealed class AuditExport(
    IJournal journal,
    IStoreChecks checks,
    IConfiguration configuration,
    TimeProvider time
)
{
    private const int Page = 100;

    /// <summary>
    /// The range between two instants. Found by halving, so that a long journal costs a few reads: where the clocks of silos
    /// ran apart or back, facts near a bound may fall on either side of it, but none in between is left out.
    /// </summary>
    /// <param name="taskId">Only this task's; null = all.</param>
    /// <param name="since">Facts before it are left out; null = none.</param>
    /// <param name="until">Facts at or after it are left out; null = none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<AuditRange> FindAsync(
        string? taskId,
        DateTimeOffset? since,
        DateTimeOffset? until,
        CancellationToken cancellationToken
    )
    {
        var end = await EndAsync(taskId, cancellationToken);
        var to = until is { } last
            ? await CountBeforeAsync(taskId, last, end, cancellationToken)
            : end;
        var after = since is { } first
            ? await CountBeforeAsync(taskId, first, end, cancellationToken)
            : 0;
        return new AuditRange(taskId, Math.Min(after, to), to);
    }

    /// <summary>Writes the range; holds one page in memory. The last line is missing when it could not be written to its end.</summary>
    public async Task WriteAsync(
        AuditRange range,
        Stream output,
        CancellationToken cancellationToken
    )
    {
        var writer = new AuditWriter();
        var header = new AuditHeader
        {
            Product = SiloDiscoveryFile.Version,
            Cluster = configuration["Cluster:Id"] ?? new ClusterStoreOptions().Id,
            Schema = await checks.ReadSchemaAsync(cancellationToken),
            Made = time.GetUtcNow(),
            Task = range.TaskId,
            After = range.After,
            To = range.To,
            Head = await HeadAsync(range, cancellationToken),
        };
        await output.WriteAsync(writer.Header(header), cancellationToken);
        for (var after = range.After; after < range.To; )
        {
            var page = await journal.ReadChainedAsync(
                range.TaskId,
                after,
                (int)Math.Min(Page, range.To - after),
                cancellationToken
            );
            if (page.Count == 0)
            {
                break; // facts are missing: the check of the file says so
            }
            foreach (var fact in page)
            {
                after = range.TaskId is null ? fact.Position : fact.Sequence;
                if (after > range.To)
                {
                    break;
                }
                await output.WriteAsync(Line(writer, fact), cancellationToken);
            }
            await output.FlushAsync(cancellationToken);
        }
        await output.WriteAsync(writer.End(), cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private static byte[] Line(AuditWriter writer, ChainedFact fact)
    {
        var anchor = fact.Sequence == 1 ? HashChain.Anchor(fact.TaskId) : [];
        return writer.Record(
            new AuditRecord
            {
                Position = fact.Position,
                TaskId = fact.TaskId,
                Sequence = fact.Sequence,
                Previous = (fact.Previous ?? anchor).Span,
                Hash = fact.Hash.Span,
                Stored = fact.Payload.Span,
            }
        );
    }

    private async Task<string> HeadAsync(AuditRange range, CancellationToken cancellationToken)
    {
        var last =
            range.To > range.After
                ? await journal.ReadChainedAsync(range.TaskId, range.To - 1, 1, cancellationToken)
                : [];
        return last.Count > 0 ? Convert.ToHexStringLower(last[0].Hash.Span) : "";
    }

    private async Task<long> EndAsync(string? taskId, CancellationToken cancellationToken)
    {
        if (taskId is null)
        {
            return await journal.GetEndAsync(cancellationToken);
        }
        // A task's facts have no gaps: doubling, then halving, finds the last.
        var beyond = 1L;
        while (await IsThereAsync(beyond))
        {
            beyond *= 2;
        }
        return await CountAsync(beyond - 1, IsThereAsync);

        async Task<bool> IsThereAsync(long sequence) =>
            (await journal.ReadTaskAsync(taskId, sequence - 1, 1, cancellationToken)).Count > 0;
    }

    private Task<long> CountBeforeAsync(
        string? taskId,
        DateTimeOffset instant,
        long end,
        CancellationToken cancellationToken
    ) =>
        CountAsync(
            end,
            async number =>
            {
                var fact = taskId is null
                    ? await journal.ReadAllAsync(number - 1, 1, cancellationToken)
                    : await journal.ReadTaskAsync(taskId, number - 1, 1, cancellationToken);
                return fact.Count > 0 && fact[0].At < instant;
            }
        );

    // How many of 1..max hold, when those that hold come first.
    private static async Task<long> CountAsync(long max, Func<long, Task<bool>> holds)
    {
        var (low, high) = (0L, max);
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            if (await holds(middle))
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }
        return low;
    }
}
