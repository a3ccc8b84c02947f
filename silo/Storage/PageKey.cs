using System.Globalization;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Storage;

/// <summary>Where a page of heads, newest first, goes on: <c>TICKS.TASK</c> of the last one shown.</summary>
internal static class PageKey
{
    /// <summary>Heads of one page at most.</summary>
    public const int PageMax = 1_000;

    /// <summary>The key as its parts; from the newest when there is none or it cannot be read.</summary>
    public static (long Created, string Id) Read(string? after)
    {
        var dot = after?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        return
            dot > 0
            && long.TryParse(
                after.AsSpan(0, dot),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var created
            )
            ? (created, after![(dot + 1)..])
            : (long.MaxValue, "");
    }

    /// <summary>The key after a page of at most <paramref name="max"/>; null when it was not full.</summary>
    public static string? Next(IReadOnlyList<TaskHead> heads, int max) =>
        heads.Count >= Math.Clamp(max, 1, PageMax)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{heads[^1].CreatedAt.UtcTicks}.{heads[^1].TaskId}"
            )
            : null;
}
