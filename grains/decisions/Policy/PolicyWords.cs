using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Policy;

/// <summary>The words of the policy's language for values of the records.</summary>
public static class PolicyWords
{
    /// <summary>A type of work: <c>code_review</c>.</summary>
    public static string Of(TaskKind kind) =>
        PolicyReader.Types.FirstOrDefault(t => t.Item2 == kind).Item1 ?? "unknown";

    /// <summary>The type of a word; null when it is none.</summary>
    public static TaskKind? TypeOf(string word)
    {
        var found = PolicyReader.Types.FirstOrDefault(t => t.Item1 == word);
        return found.Item1 is null ? null : found.Item2;
    }

    /// <summary><c>allow</c>, <c>ask</c> or <c>deny</c>.</summary>
    public static string Of(Verdict verdict) =>
        verdict switch
        {
            Verdict.Deny => "deny",
            Verdict.NeedsApproval => "ask",
            _ => "allow",
        };

    /// <summary><c>none</c>, <c>direct</c> or <c>guarded</c>.</summary>
    public static string Of(LaneWrite write) =>
        write switch
        {
            LaneWrite.Direct => "direct",
            LaneWrite.Guarded => "guarded",
            _ => "none",
        };

    /// <summary>All types of work, by their words.</summary>
    public static IReadOnlyList<string> Types => [.. PolicyReader.Types.Select(t => t.Item1)];

    /// <summary>All kinds of change, by their words.</summary>
    public static IReadOnlyList<string> Kinds => [.. ChangeKinds.All.Select(k => k.Name)];
}
