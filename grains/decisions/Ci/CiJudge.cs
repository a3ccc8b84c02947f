using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Ci;

/// <summary>As whose work a change is judged.</summary>
/// <param name="Kind">The type of work, which chooses the lane.</param>
/// <param name="Requester">Who made it; empty = the policy's requesters are not asked about.</param>
/// <param name="Repository">Its path or name; empty = the policy's repositories are not asked about.</param>
/// <param name="BaseBranch">Its target; empty = none is known.</param>
public sealed record CiTerms(TaskKind Kind, string Requester, string Repository, string BaseBranch);

/// <summary>Turns what the checks see into findings. Pure.</summary>
public static class CiJudge
{
    private const string PolicyChanged = "policy_changed";

    /// <summary>The policy's word on a real diff: denials are errors, questions warnings.</summary>
    public static IReadOnlyList<CiFinding> Diff(
        PolicyDocument policy,
        CiTerms terms,
        DiffSummary diff
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(diff);
        var asked = terms.Requester.Length > 0 ? policy : policy with { Requesters = [] };
        var ruling = PolicyEngine.OnDiff(
            asked,
            new PolicyRequest(
                terms.Requester,
                terms.Repository,
                terms.BaseBranch,
                terms.Kind,
                ReadOnly: false,
                Risk: "",
                Model: "",
                FirstTime: false
            ),
            lane: null,
            diff
        );
        return
        [
            .. ruling
                .Rulings.Where(r => r.Verdict != Verdict.Allow)
                .Select(r => new CiFinding(
                    CiCheck.Policy,
                    r.Verdict == Verdict.Deny ? CiLevel.Error : CiLevel.Warning,
                    r.Rule,
                    r.Path,
                    0,
                    0,
                    r.Reason,
                    r.Source
                )),
            // What a task's own diff never holds.
            .. diff
                .Files.Where(f => f.Status != "D" && SensitiveFiles.Is(f.Path))
                .Select(f => new CiFinding(
                    CiCheck.Policy,
                    CiLevel.Error,
                    "sensitive_file",
                    f.Path,
                    0,
                    0,
                    "A file of this name holds secrets; it is never committed. Take it out, and renew what it held."
                )),
        ];
    }

    /// <summary>Secrets that the diff adds.</summary>
    public static IReadOnlyList<CiFinding> Secrets(IEnumerable<ScanFinding> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return
        [
            .. found.Select(f => new CiFinding(
                CiCheck.Secrets,
                CiLevel.Error,
                f.Rule,
                f.Path,
                f.Line,
                f.Column,
                "This adds a secret. Take it out of every commit, and renew it where it was valid."
            )),
        ];
    }

    /// <summary>What is wrong with a text that is to be the policy: its problems, or its examples that do not hold.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="text">Null when it is no text, or too long.</param>
    public static IReadOnlyList<CiFinding> PolicyText(string path, string? text)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (text is null)
        {
            return [OfFile("unreadable", path, 1, 1, "It is no UTF-8 text, or too long for one.")];
        }
        var (policy, problems) = PolicyReader.Read(text, path);
        return policy is null
            ?
            [
                .. problems.Select(p =>
                    OfFile("problem", path, p.Line, p.Column, $"{p.Message}. {p.Cure}".TrimEnd())
                ),
            ]
            :
            [
                .. PolicyExplainer
                    .Test(policy)
                    .Select(e =>
                        OfFile(
                            "example",
                            path,
                            e.Line,
                            0,
                            $"The example '{e.Name}' does not hold: {e.Reason}."
                        )
                    ),
            ];
    }

    /// <summary>That a change changes the policy itself; empty when it does not.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="before">Its blob at the base; empty = none.</param>
    /// <param name="after">Its blob in the change; empty = none.</param>
    public static IReadOnlyList<CiFinding> PolicyChange(string path, string before, string after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before == after)
        {
            return [];
        }
        var what =
            before.Length == 0 ? "brings a policy"
            : after.Length == 0 ? "removes the policy"
            : "changes the policy";
        return
        [
            new CiFinding(
                CiCheck.Policy,
                CiLevel.Warning,
                PolicyChanged,
                path,
                0,
                0,
                $"This {what}. It was judged by the one of the base commit; what it brings counts after the merge."
            ),
        ];
    }

    /// <summary>The base's own policy cannot be read: the built-in one judged instead, and the check fails.</summary>
    public static CiFinding BrokenBase(string path) =>
        OfFile(
            "base_unreadable",
            path,
            0,
            0,
            "The base commit's policy is not whole, so that the built-in one judged. Repair it on the base branch."
        );

    /// <summary>What an artifact's schema says.</summary>
    public static IReadOnlyList<CiFinding> Artifact(string path, IReadOnlyList<string> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        return
        [
            .. findings.Select(f => new CiFinding(
                CiCheck.Artifacts,
                CiLevel.Error,
                "schema",
                path,
                0,
                0,
                f
            )),
        ];
    }

    private static CiFinding OfFile(string rule, string path, int line, int column, string words) =>
        new(CiCheck.PolicyFile, CiLevel.Error, rule, path, line, column, words);
}
