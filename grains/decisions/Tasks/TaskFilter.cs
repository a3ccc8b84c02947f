using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What somebody who looks through the tasks wants to see of them, beside what an index answers.</summary>
/// <param name="Phase">Null = any.</param>
/// <param name="Requester">Exactly; empty = any.</param>
/// <param name="Kind">Null = any.</param>
/// <param name="Lane">Null = any.</param>
/// <param name="Host">Host of the live or last attempt, whatever its case; empty = any.</param>
/// <param name="Text">Somewhere in title, id, requester, repository or host, whatever its case; empty = any.</param>
public sealed record TaskFilter(
    TaskPhase? Phase,
    string Requester,
    TaskKind? Kind,
    TaskPriority? Lane,
    string Host,
    string Text
)
{
    /// <summary>Longest text that is looked for.</summary>
    public const int TextMax = 200;

    /// <summary>True when heads must be looked at one by one; all tasks and those of a requester come from an index.</summary>
    public bool Looks =>
        Phase is not null
        || Kind is not null
        || Lane is not null
        || Host.Length > 0
        || Text.Length > 0;

    /// <summary>True for a task that is wanted.</summary>
    public bool Matches(TaskHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return (Phase is null || head.Phase == Phase)
            && (Requester.Length == 0 || head.Requester == Requester)
            && (Kind is null || head.Kind == Kind)
            && (Lane is null || head.Priority == Lane)
            && (Host.Length == 0 || head.Host.Equals(Host, StringComparison.OrdinalIgnoreCase))
            && (
                Text.Length == 0
                || Has(head.Title)
                || Has(head.TaskId)
                || Has(head.Requester)
                || Has(head.Repository)
                || Has(head.Host)
            );
    }

    private bool Has(string text) => text.Contains(Text, StringComparison.OrdinalIgnoreCase);
}
