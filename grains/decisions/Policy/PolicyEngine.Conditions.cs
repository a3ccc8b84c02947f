using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Policy;

// What all stages ask: the request's own rules, and which conditions hold.
public static partial class PolicyEngine
{
    /// <summary>What is known when a rule is judged.</summary>
    /// <param name="Request">Who wants what.</param>
    /// <param name="Lane">Null at the request.</param>
    /// <param name="Lines">Of the diff; null before it.</param>
    /// <param name="Files">Of the diff; null before it.</param>
    private sealed record Known(PolicyRequest Request, string? Lane, int? Lines, int? Files);

    /// <summary>Repository, branch, requester, and the rules that deny by these.</summary>
    private static void Screen(PolicyDocument policy, Known known, RulingSheet sheet)
    {
        var request = known.Request;
        if (request.Repository.Length > 0)
        {
            Listed(
                ("repositories", "Repository", request.Repository),
                policy.RepositoriesAllowed,
                policy.RepositoriesDenied,
                sheet
            );
            Listed(
                (
                    "base_branches",
                    "Base branch",
                    request.BaseBranch.Length > 0 ? request.BaseBranch : "HEAD"
                ),
                policy.BranchesAllowed,
                policy.BranchesDenied,
                sheet
            );
        }
        if (policy.Requesters.Count > 0 && !policy.Requesters.Any(r => Admits(policy, r, request)))
        {
            sheet.Deny(
                "requesters",
                policy.RequestersLine,
                "",
                _ =>
                    $"No rule of 'requesters' admits '{Name(request)}'. Add the name to a role that may use a lane."
            );
        }
        foreach (var rule in policy.Rules)
        {
            if (
                rule.Verdict == Verdict.Deny
                && !rule.When.OfFiles
                && Holds(policy, rule.When, known)
            )
            {
                sheet.Deny(rule.Name, rule.Line, "", _ => Denied(rule, ""));
            }
        }
    }

    private static void Listed(
        (string Key, string What, string Subject) of,
        IReadOnlyList<NamePattern> allowed,
        IReadOnlyList<NamePattern> denied,
        RulingSheet sheet
    )
    {
        var shown = PolicySection.Shown(of.Subject);
        if (denied.FirstOrDefault(d => d.Catches(of.Subject)) is { } deny)
        {
            sheet.Deny(
                of.Key + ".deny",
                deny.Line,
                "",
                _ => $"{of.What} '{shown}' is denied by '{deny.Text}'. Choose another one."
            );
        }
        if (allowed.Count > 0 && !allowed.Any(a => a.Catches(of.Subject)))
        {
            sheet.Deny(
                of.Key + ".allow",
                allowed[0].Line,
                "",
                _ =>
                    $"{of.What} '{shown}' is none of those that are allowed. Choose one of them, or add it."
            );
        }
    }

    private static bool Admits(PolicyDocument policy, RequesterRule rule, PolicyRequest request) =>
        rule.Names.Any(n => n.Grants(request.Requester))
        || rule.Roles.Any(r => policy.Roles.Grants(r, request.Requester));

    private static bool AdmitsTo(PolicyDocument policy, string lane, PolicyRequest request) =>
        policy.Requesters.Count == 0
        || policy.Requesters.Any(r =>
            (r.Lanes.Count == 0 || r.Lanes.Contains(lane, StringComparer.OrdinalIgnoreCase))
            && Admits(policy, r, request)
        );

    /// <summary>True when all conditions hold but those about single files.</summary>
    private static bool Holds(PolicyDocument policy, PolicyCondition when, Known known)
    {
        var request = known.Request;
        return (
                when.Lanes.Count == 0
                || (
                    known.Lane is { } lane
                    && when.Lanes.Contains(lane, StringComparer.OrdinalIgnoreCase)
                )
            )
            && (when.Types.Count == 0 || when.Types.Contains(request.Kind))
            && (
                when.Requesters.Count + when.Roles.Count == 0
                || when.Requesters.Any(n => n.Catches(request.Requester))
                || when.Roles.Any(r => policy.Roles.Catches(r, request.Requester))
            )
            && (
                when.Repositories.Count == 0
                || (
                    request.Repository.Length > 0
                    && when.Repositories.Any(r => r.Catches(request.Repository))
                )
            )
            && (
                when.Risk.Count == 0
                || when.Risk.Contains(request.Risk, StringComparer.OrdinalIgnoreCase)
            )
            && (when.FirstTime is null || when.FirstTime == request.FirstTime)
            && (when.LinesOver is null || known.Lines > when.LinesOver)
            && (when.FilesOver is null || known.Files > when.FilesOver);
    }

    /// <summary>True when one of the file's names is meant, and one of its kinds.</summary>
    private static bool Meets(PolicyCondition when, ChangedFile file)
    {
        if (when.Kinds != ChangeKind.None && (when.Kinds & file.Kinds) == 0)
        {
            return false;
        }
        return when.Paths.Count == 0 || Caught(when.Paths, file) is not null;
    }

    private static LinedGlob? Caught(IReadOnlyList<LinedGlob> globs, ChangedFile file)
    {
        foreach (var name in file.Names)
        {
            foreach (var glob in globs)
            {
                if (glob.Glob.Matches(name.Key))
                {
                    return glob;
                }
            }
        }
        return null;
    }

    private static string Name(PolicyRequest request) => PolicySection.Shown(request.Requester);

    private static string Denied(PolicyRule rule, string files) =>
        $"Rule '{rule.Name}' denies {(files.Length > 0 ? files : "this")}{Because(rule)}. {(files.Length > 0 ? "Leave that path alone, or change the rule." : "Change the request, or the rule.")}";

    private static string Asked(PolicyRule rule, string files) =>
        $"'{rule.Name}' asks about {(files.Length > 0 ? files : "this")}{Because(rule)}.";

    private static string Because(PolicyRule rule) =>
        rule.Because.Length > 0 ? ": " + rule.Because.TrimEnd('.', ' ') : "";
}
