using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Policy;

/// <summary>What a policy says to a question, at each stage.</summary>
/// <param name="Lane">The lane's name; empty when there is none.</param>
/// <param name="Write">How it writes.</param>
/// <param name="Verdict">The strictest of the stages.</param>
/// <param name="Stages">Request, plan and diff, in this order; no diff when no path was given.</param>
public sealed record PolicyAnswer(
    string Lane,
    LaneWrite Write,
    Verdict Verdict,
    IReadOnlyList<PolicyRuling> Stages
);

/// <summary>An example of a policy that does not hold.</summary>
/// <param name="Name">The example's name.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Reason">What was expected, and what was ruled.</param>
public sealed record FailedExample(string Name, int Line, string Reason);

/// <summary>Answers what would be ruled on a change, without running anything.</summary>
public static class PolicyExplainer
{
    /// <summary>What the policy says to a question.</summary>
    public static PolicyAnswer Explain(PolicyDocument policy, PolicyQuestion question)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(question);
        var request = new PolicyRequest(
            question.Requester,
            question.Repository,
            question.BaseBranch,
            question.Type,
            Mediation.PlanReader.IsReadOnly(question.Type),
            question.Risk,
            question.Model,
            question.FirstTime
        );
        var plan = PolicyEngine.OnPlan(policy, request, []);
        List<PolicyRuling> stages = [PolicyEngine.OnRequest(policy, request), plan];
        if (question.Paths.Count > 0)
        {
            stages.Add(
                PolicyEngine.OnDiff(policy, request, plan.Lane, Diff(question), question.Files)
            );
        }
        return new PolicyAnswer(
            plan.Lane?.Name ?? "",
            plan.Lane?.Write ?? LaneWrite.None,
            Strictest(stages.Select(s => s.Verdict)),
            stages
        );
    }

    /// <summary>The policy's own examples that do not hold; empty = all do.</summary>
    public static IReadOnlyList<FailedExample> Test(PolicyDocument policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return
        [
            .. policy
                .Examples.Select(e => (Example: e, Reason: Failure(policy, e)))
                .Where(e => e.Reason.Length > 0)
                .Select(e => new FailedExample(e.Example.Name, e.Example.Line, e.Reason)),
        ];
    }

    private static string Failure(PolicyDocument policy, PolicyExample example)
    {
        var answer = Explain(policy, example.Given);
        var rulings = answer
            .Stages.SelectMany(s => s.Rulings)
            .Where(r => r.Verdict == answer.Verdict)
            .ToList();
        var said = string.Join("; ", rulings.Take(3).Select(r => $"{r.Rule} ({r.Source})"));
        if (answer.Verdict != example.Expect)
        {
            return $"expected {PolicyWords.Of(example.Expect)}, and it is {PolicyWords.Of(answer.Verdict)} by {said}";
        }
        return
            example.Rule.Length == 0
            || rulings.Exists(r =>
                string.Equals(r.Rule, example.Rule, StringComparison.OrdinalIgnoreCase)
            )
            ? ""
            : $"expected {PolicyWords.Of(example.Expect)} by '{example.Rule}', and it is by {said}";
    }

    private static Verdict Strictest(IEnumerable<Verdict> verdicts)
    {
        var all = verdicts.ToHashSet();
        return all.Contains(Verdict.Deny) ? Verdict.Deny
            : all.Contains(Verdict.NeedsApproval) ? Verdict.NeedsApproval
            : Verdict.Allow;
    }

    private static DiffSummary Diff(PolicyQuestion question) =>
        new()
        {
            Files = [.. question.Paths.Select(p => Change(question, p))],
            FilesTotal = question.Paths.Count,
            AddedLines = question.Lines,
        };

    private static FileChange Change(PolicyQuestion question, string path)
    {
        const string File = "100644";
        var name = path[(path.LastIndexOf('/') + 1)..];
        var plain = new FileChange(path, "", "M", 0, 0, File, File);
        return question.Change switch
        {
            "symlink" => plain with
            {
                Status = "A",
                OldMode = "",
                NewMode = "120000",
                // A neighbour that no rule is about more than about the link.
                LinkTarget = question.Target.Length > 0 ? question.Target : name + ".target",
            },
            "symlink_outside" => plain with
            {
                Status = "A",
                OldMode = "",
                NewMode = "120000",
                LinkTarget = question.Target.Length > 0 ? question.Target : "/",
            },
            "submodule" => plain with { OldMode = "", NewMode = "160000", Status = "A" },
            "mode" => plain with { NewMode = "100755" },
            "binary" => plain with { AddedLines = -1, DeletedLines = -1 },
            "deletion" or "test_deletion" => plain with { Status = "D", NewMode = "" },
            "rename" => plain with
            {
                Status = "R",
                OldPath = question.From.Length > 0 ? question.From : path + ".old",
            },
            _ => plain,
        };
    }
}
