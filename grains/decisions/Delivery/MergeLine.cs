using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Decisions.Delivery;

/// <summary>The line of those who want to merge: one at a time per base branch, in the order in which they asked; whoever falls silent loses the place.</summary>
public static class MergeLine
{
    /// <summary>Most places; who comes later is told to wait, and asks again.</summary>
    public const int Max = 1_000;

    /// <summary>The line after somebody asked.</summary>
    public static IReadOnlyList<MergePlace> Enter(
        IReadOnlyList<MergePlace> line,
        string taskId,
        string baseBranch,
        DateTimeOffset now,
        TimeSpan silenceMax
    )
    {
        ArgumentNullException.ThrowIfNull(line);
        var living = line.Where(p => p.TaskId == taskId || now - p.HeardAt <= silenceMax).ToList();
        var at = living.FindIndex(p => p.TaskId == taskId);
        if (at >= 0 && living[at].BaseBranch == baseBranch)
        {
            living[at] = living[at] with { HeardAt = now };
            return living;
        }
        if (at >= 0)
        {
            living.RemoveAt(at); // another base branch is another line
        }
        return living.Count >= Max ? living : [.. living, new(taskId, baseBranch, now)];
    }

    /// <summary>The line without somebody.</summary>
    public static IReadOnlyList<MergePlace> Leave(IReadOnlyList<MergePlace> line, string taskId)
    {
        ArgumentNullException.ThrowIfNull(line);
        return [.. line.Where(p => p.TaskId != taskId)];
    }

    /// <summary>Who has the turn for a base branch, or null.</summary>
    public static MergePlace? First(IReadOnlyList<MergePlace> line, string baseBranch)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.FirstOrDefault(p => p.BaseBranch == baseBranch);
    }
}
