using System.Text.Json;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>
/// Pages of tasks by what no index knows: the newest are looked through, and after so many, or so long, the page is what was
/// found by then; its <c>next</c> goes on from there. So a question costs as little with a hundred thousand tasks as with ten.
/// </summary>
internal sealed class TaskSearch(ITaskIndex index, TimeProvider time)
{
    /// <summary>Heads that one question looks at.</summary>
    public const int LookedMax = 5_000;

    private const int Batch = 250;

    // A phase of so few tasks is read whole: no walk over all the others finds them.
    private const int FewMax = 1_000;
    private static readonly TimeSpan LookMax = TimeSpan.FromMilliseconds(50);

    /// <summary>A page.</summary>
    /// <param name="filter">What is wanted.</param>
    /// <param name="after">Cursor of the page before; empty or null = the newest.</param>
    /// <param name="max">Most tasks.</param>
    /// <param name="token">Ends the wait.</param>
    public async Task<TaskPage> FindAsync(
        TaskFilter filter,
        string? after,
        int max,
        CancellationToken token
    )
    {
        if (filter.Phase is { } phase)
        {
            var few = await index.ListInPhasesAsync([phase], "", FewMax, token);
            if (few.Count < FewMax)
            {
                return Of(few, filter, after, max);
            }
        }
        return filter.Looks
            ? await LookAsync(filter, after, max, token)
            : await index.ListAsync(null, Requester(filter), after, max, token);
    }

    /// <summary>The type of a name, or null.</summary>
    public static T? Named<T>(string name)
        where T : struct, Enum =>
        Enum.GetValues<T>()
            .Where(v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()) == name)
            .Select(v => (T?)v)
            .FirstOrDefault();

    private async Task<TaskPage> LookAsync(
        TaskFilter filter,
        string? after,
        int max,
        CancellationToken token
    )
    {
        var began = time.GetTimestamp();
        var found = new List<TaskHead>();
        for (var looked = 0; ; )
        {
            var page = await index.ListAsync(null, Requester(filter), after, Batch, token);
            foreach (var head in page.Tasks)
            {
                looked++;
                if (filter.Matches(head))
                {
                    found.Add(head);
                }
                if (found.Count == max)
                {
                    return new TaskPage(found, PageKey.Next([head], 1));
                }
            }
            after = page.Next;
            if (after is null || looked >= LookedMax || time.GetElapsedTime(began) >= LookMax)
            {
                return new TaskPage(found, after);
            }
        }
    }

    private static string? Requester(TaskFilter filter) =>
        filter.Requester.Length > 0 ? filter.Requester : null;

    private static TaskPage Of(
        IReadOnlyList<TaskHead> all,
        TaskFilter filter,
        string? after,
        int max
    )
    {
        var (created, id) = PageKey.Read(after);
        List<TaskHead> page =
        [
            .. all.Where(h => filter.Matches(h) && IsAfter(h))
                .OrderByDescending(h => h.CreatedAt.UtcTicks)
                .ThenByDescending(h => h.TaskId, StringComparer.Ordinal)
                .Take(max),
        ];
        return new TaskPage(page, PageKey.Next(page, max));

        bool IsAfter(TaskHead h) =>
            h.CreatedAt.UtcTicks < created
            || (h.CreatedAt.UtcTicks == created && string.CompareOrdinal(h.TaskId, id) < 0);
    }
}
