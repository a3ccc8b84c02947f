using System.Buffers;
using System.Text;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Intake;

/// <summary>What became of old uploads.</summary>
/// <param name="Removed">Ids of those that nothing names; with a dry run, that would be removed.</param>
/// <param name="Kept">Ids of those that a fact names, or that somebody asked for meanwhile.</param>
internal sealed record UploadsCleaned(IReadOnlyList<string> Removed, IReadOnlyList<string> Kept);

/// <summary>
/// Removes files that were sent and never named. What counts is the journal: a file stays when any fact since it came holds its
/// id, whatever the fact is about and whichever release wrote it. A crash at any moment leaves a file that is looked at again.
/// </summary>
internal sealed class UploadCleaning(IUploadStore uploads, IJournal journal)
{
    /// <summary>Most files that are looked at in one go.</summary>
    public const int FilesMax = 500;

    private const int FactsPage = 1_000;

    /// <summary>Looks at up to <see cref="FilesMax"/> files that came before an instant.</summary>
    public async Task<UploadsCleaned> RunAsync(
        DateTimeOffset before,
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        var old = await uploads.ListAsync(before, FilesMax, cancellationToken);
        if (old.Count == 0)
        {
            return new UploadsCleaned([], []);
        }
        var named = await NamedAsync(old, cancellationToken);
        var (removed, kept) = (new List<string>(), new List<string>());
        foreach (var blob in old.Select(u => u.Blob))
        {
            if (!named.Contains(blob))
            {
                var gone = dryRun || await uploads.RemoveAsync(blob, before, cancellationToken);
                (gone ? removed : kept).Add(blob);
                continue;
            }
            kept.Add(blob);
            if (!dryRun)
            {
                await uploads.KeepAsync(blob, cancellationToken);
            }
        }
        return new UploadsCleaned(removed, kept);
    }

    private async Task<HashSet<string>> NamedAsync(
        IReadOnlyList<Upload> old,
        CancellationToken cancellationToken
    )
    {
        var wanted = old.Select(u => u.Blob).ToHashSet(StringComparer.Ordinal);
        var named = new HashSet<string>(StringComparer.Ordinal);
        var position = old.Min(u => u.Position);
        while (wanted.Count > 0)
        {
            var page = await journal.ReadAllAsync(position, FactsPage, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }
            var ids = SearchValues.Create([.. wanted], StringComparison.Ordinal);
            foreach (var entry in page)
            {
                var text = Encoding.UTF8.GetString(FactPayload.Write(entry.At, entry.Fact));
                if (text.AsSpan().IndexOfAny(ids) >= 0)
                {
                    named.UnionWith(wanted.Where(w => text.Contains(w, StringComparison.Ordinal)));
                }
            }
            wanted.ExceptWith(named);
            position = page[^1].Position;
        }
        return named;
    }
}
