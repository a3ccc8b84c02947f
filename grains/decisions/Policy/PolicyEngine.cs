using System.Globalization;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Policy;

/// <summary>Who wants what, as far as the policy cares.</summary>
/// <param name="Requester">Name of the token, chat user or folder.</param>
/// <param name="Repository">Full path or name; empty = none.</param>
/// <param name="BaseBranch">As asked for; empty = the repository's HEAD.</param>
/// <param name="Kind">The kind of work, as far as it is known.</param>
/// <param name="ReadOnly">True when the plan does not let the agent write.</param>
/// <param name="Risk">The plan's <c>low</c>, <c>medium</c>, <c>high</c>; empty before it.</param>
/// <param name="Model">The agent's model asked for, or empty.</param>
/// <param name="FirstTime">True when none of the requester's tasks has ended well yet.</param>
public sealed record PolicyRequest(
    string Requester,
    string Repository,
    string BaseBranch,
    TaskKind Kind,
    bool ReadOnly,
    string Risk,
    string Model,
    bool FirstTime
);

/// <summary>Rules on requests, plans and real diffs by a policy. Pure; the strictest rule wins, and each ruling names its rule and line.</summary>
public static partial class PolicyEngine
{
    /// <summary>Before anything runs: repository, base branch, requester. Allows or denies; questions come with the plan.</summary>
    public static PolicyRuling OnRequest(PolicyDocument policy, PolicyRequest request)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(request);
        var sheet = new RulingSheet(policy);
        Screen(policy, new Known(request, null, null, null), sheet);
        return sheet.Close(
            "request",
            null,
            Nothing(policy, null, "The request meets no objection.")
        );
    }

    /// <summary>When the kind of work is known: the lane, its rights, and whether the declared targets are allowed in it.</summary>
    public static PolicyRuling OnPlan(
        PolicyDocument policy,
        PolicyRequest request,
        IReadOnlyList<string> targetFiles
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(targetFiles);
        var sheet = new RulingSheet(policy);
        var lane = LaneOf(policy, request);
        var known = new Known(request, lane?.Name, null, null);
        Screen(policy, known, sheet);
        if (lane is null)
        {
            NoLane(policy, request, sheet);
            return sheet.Close("plan", null, Nothing(policy, null, ""));
        }
        Lane(policy, lane, request, sheet);
        if (lane.Write != LaneWrite.None)
        {
            Targets(policy, lane, known, targetFiles, sheet);
        }
        foreach (var rule in policy.Rules.Concat(lane.Approvals))
        {
            if (
                rule.Verdict == Verdict.NeedsApproval
                && rule.AtPlan
                && Holds(policy, rule.When, known)
            )
            {
                sheet.Ask(rule.Name, rule.Line, "", rule.Approvals, rule.By, _ => Asked(rule, ""));
            }
        }
        return sheet.Close(
            "plan",
            Rights(policy, lane),
            Nothing(policy, lane, $"Lane '{lane.Name}' allows it.")
        );
    }

    /// <summary>The real work: every changed path under its old and new name, what kind of change it is, and how big the whole is.</summary>
    /// <param name="policy">The active policy.</param>
    /// <param name="request">Who wanted it.</param>
    /// <param name="lane">The lane in force, with the rights the run had: what either it or the policy's lane of that name forbids is forbidden.</param>
    /// <param name="diff">The real diff.</param>
    public static PolicyRuling OnDiff(
        PolicyDocument policy,
        PolicyRequest request,
        LaneRights? lane,
        DiffSummary diff
    ) => OnDiff(policy, request, lane, diff, filesMin: 0);

    /// <summary>The same for a diff that has at least so many files, of which only some are told.</summary>
    internal static PolicyRuling OnDiff(
        PolicyDocument policy,
        PolicyRequest request,
        LaneRights? lane,
        DiffSummary diff,
        int filesMin
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(diff);
        var sheet = new RulingSheet(policy);
        var own = (lane is null ? null : policy.LaneNamed(lane.Name)) ?? LaneOf(policy, request);
        var files = Math.Max(filesMin, Math.Max(diff.FilesTotal, diff.Files.Count));
        if (files == 0)
        {
            return sheet.Close("diff", lane, Nothing(policy, own, "Nothing was changed."));
        }
        var known = new Known(request, own?.Name, LinesOf(diff), files);
        Screen(policy, known, sheet);
        if (own is null)
        {
            NoLane(policy, request, sheet);
            return sheet.Close("diff", lane, Nothing(policy, null, ""));
        }
        var work = new Work(policy, own, lane ?? Rights(policy, own), known, sheet);
        work.JudgeWhole(diff);
        work.JudgeFiles(ChangedFile.Of(diff));
        work.AskGuarded();
        return sheet.Close(
            "diff",
            lane ?? Rights(policy, own),
            Nothing(policy, own, $"Lane '{own.Name}' allows these changes.")
        );
    }

    /// <summary>Null when somebody may say yes to what a requester's task asks; else why not, with the way out.</summary>
    public static Failure? MayApprove(
        PolicyDocument policy,
        string approver,
        string requester,
        IReadOnlyList<string> roles
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(approver);
        ArgumentNullException.ThrowIfNull(requester);
        ArgumentNullException.ThrowIfNull(roles);
        if (!policy.SelfApproval && CanonicalForm.Fold(approver) == CanonicalForm.Fold(requester))
        {
            return new Failure(
                FailureCodes.PolicyDenied,
                $"'{PolicySection.Shown(approver)}' asked for this task, and policy {policy.Id} wants somebody else's yes. Ask a colleague."
            );
        }
        // "one+other" is a person with both.
        return
            roles.Count == 0
            || roles.Any(r => r.Split('+').All(one => policy.Roles.Grants(one, approver)))
            ? null
            : new Failure(
                FailureCodes.PolicyDenied,
                $"'{PolicySection.Shown(approver)}' has none of the roles {string.Join(", ", roles)} that policy {policy.Id} wants for this. Ask somebody who has."
            );
    }

    /// <summary>
    /// The lane of a request. By the type of work; a plan that must not write gets a lane that writes nothing: the type's own,
    /// or the first that there is, or the type's own without its right to write.
    /// </summary>
    private static PolicyLane? LaneOf(PolicyDocument policy, PolicyRequest request)
    {
        var own = policy.Lanes.FirstOrDefault(l => l.Types.Contains(request.Kind));
        if (!request.ReadOnly || own is { Write: LaneWrite.None })
        {
            return own;
        }
        return own is null && request.Kind != TaskKind.Unknown
            ? null
            : policy.Lanes.FirstOrDefault(l => l.Write == LaneWrite.None)
                ?? (own is null ? null : own with { Write = LaneWrite.None });
    }

    private static LaneRights Rights(PolicyDocument policy, PolicyLane lane) =>
        new()
        {
            Name = lane.Name,
            Write = lane.Write,
            Paths = [.. lane.Paths.Select(p => p.Glob.Text)],
            Protected =
            [
                .. policy.Protect.Concat(lane.Protect).Select(p => p.Glob.Text).Distinct(),
            ],
            Tools = lane.Tools,
            Commands = lane.Commands,
            AskCommands = lane.Ask?.Commands ?? [],
            AskApprovals = lane.Ask?.Rule.Approvals ?? 0,
            AskRoles = lane.Ask?.Rule.By ?? [],
            SandboxRequired = lane.SandboxRequired,
            Network = lane.Network,
            Hosts = lane.Hosts,
            Model = lane.Model,
            RunSecondsMax = lane.RunSecondsMax,
            TurnsMax = lane.TurnsMax,
            CostUsdMax = lane.CostUsdMax,
            GuardedHours = lane.GuardedHours,
            QuestionsMax = lane.QuestionsMax,
        };

    private static void NoLane(PolicyDocument policy, PolicyRequest request, RulingSheet sheet) =>
        sheet.Deny(
            "lanes",
            policy.LanesLine,
            "",
            _ =>
                $"No lane is for the type {PolicyWords.Of(request.Kind)}. Add it to the types of a lane; there are {string.Join(", ", policy.LaneNames)}."
        );

    private static void Lane(
        PolicyDocument policy,
        PolicyLane lane,
        PolicyRequest request,
        RulingSheet sheet
    )
    {
        if (!AdmitsTo(policy, lane.Name, request))
        {
            sheet.Deny(
                "requesters",
                policy.RequestersLine,
                "",
                _ =>
                    $"'{Name(request)}' may not use lane '{lane.Name}'. Give it to one of the roles of that name under 'requesters'."
            );
        }
        if (
            lane.Model.Length > 0
            && request.Model.Length > 0
            && !string.Equals(lane.Model, request.Model, StringComparison.OrdinalIgnoreCase)
        )
        {
            sheet.Deny(
                "model",
                lane.ModelLine,
                "",
                _ =>
                    $"Lane '{lane.Name}' uses the model {lane.Model}, and {PolicySection.Shown(request.Model)} is asked for. Leave the model out."
            );
        }
    }

    // Targets are told, not proven, and may be folders: only what is surely forbidden stops the task here.
    private static void Targets(
        PolicyDocument policy,
        PolicyLane lane,
        Known known,
        IReadOnlyList<string> targets,
        RulingSheet sheet
    )
    {
        var work = new Work(policy, lane, Rights(policy, lane), known, sheet);
        foreach (var target in targets)
        {
            var cut = target.AsSpan().IndexOfAny('*', '?', '[');
            var path = cut < 0 ? target : target[..(target[..cut].LastIndexOf('/') + 1)];
            if (path.Trim('/', '.', ' ').Length > 0)
            {
                work.JudgeTarget(ChangedFile.Planned(path));
            }
        }
    }

    // Numbers of the files count too: what a summary says less than they is not believed.
    private static int LinesOf(DiffSummary diff)
    {
        long told = (long)Math.Max(0, diff.AddedLines) + Math.Max(0, diff.DeletedLines);
        var counted = diff.Files.Sum(f =>
            (long)Math.Max(0, f.AddedLines) + Math.Max(0, f.DeletedLines)
        );
        return (int)Math.Min(int.MaxValue, Math.Max(told, counted));
    }

    private static Ruling Nothing(PolicyDocument policy, PolicyLane? lane, string reason) =>
        new(Verdict.Allow, lane is null ? "no objection" : $"lane {lane.Name}", reason)
        {
            Source = policy.At(lane?.Line ?? 1),
        };

    private static string N(int number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
