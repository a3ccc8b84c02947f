using System.Globalization;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Delivery;

/// <summary>What a merge is judged by; all of it read at one moment.</summary>
public sealed record MergeQuestion
{
    /// <summary>When the lane's work may be merged; null = never by itself.</summary>
    public required MergeRule? Rule { get; init; }

    /// <summary>Name of the lane, or empty.</summary>
    public string Lane { get; init; } = "";

    /// <summary>The policy's word on the diff; null = none was asked.</summary>
    public PolicyRuling? Ruling { get; init; }

    /// <summary>The orchestrator's own checks of the head.</summary>
    public VerificationReport? Verification { get; init; }

    /// <summary>The pull request.</summary>
    public required PullRequestView View { get; init; }

    /// <summary>What we know of it.</summary>
    public required DeliveryState Delivery { get; init; }

    /// <summary>Who stopped merging, in this repository or everywhere; empty = nobody.</summary>
    public string StoppedBy { get; init; } = "";

    /// <summary>UTC.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>What to do about a merge.</summary>
public enum MergeStep
{
    /// <summary>Not now, for the reasons given.</summary>
    Hold = 0,

    /// <summary>Nothing is against it but that the base moved: check the work on the new base.</summary>
    Update = 1,

    /// <summary>Nothing is against it.</summary>
    Merge = 2,
}

/// <summary>The verdict on a merge.</summary>
/// <param name="Step">What to do.</param>
/// <param name="Reasons">Why not, in words; empty unless it is held.</param>
public sealed record MergeAnswer(MergeStep Step, IReadOnlyList<string> Reasons);

/// <summary>When a pull request is merged without a person. Everything must hold; what is not known does not hold.</summary>
public static class MergeVerdict
{
    /// <summary>A head without any check is not merged before its checks had time to begin.</summary>
    public static readonly TimeSpan ChecksBegin = TimeSpan.FromMinutes(2);

    /// <summary>A merge that the host refused is not asked for again sooner.</summary>
    public static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(15);

    private const int ReasonsMax = 20;
    private const int NamesMax = 10;

    /// <summary>Judges.</summary>
    public static MergeAnswer Judge(MergeQuestion asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        var (view, delivery) = (asked.View, asked.Delivery);
        if (asked.Rule is not { } rule)
        {
            return new MergeAnswer(
                MergeStep.Hold,
                [
                    asked.Lane.Length > 0
                        ? $"The policy does not merge lane '{asked.Lane}' by itself; a person merges."
                        : "No policy says that it may be merged by itself; a person merges.",
                ]
            );
        }
        if (
            delivery.RefusedAt is { } refused
            && delivery.HeldHead == view.Head
            && asked.Now - refused < RefusedPause
        )
        {
            return new MergeAnswer(MergeStep.Hold, delivery.HeldFor);
        }
        List<string> reasons =
        [
            .. Switches(asked),
            .. Evidence(asked),
            .. Size(rule, view),
            .. Checks(rule, asked),
            .. Reviews(rule, view),
            .. Quiet(rule, asked),
        ];
        if (reasons.Count > 0)
        {
            return new MergeAnswer(MergeStep.Hold, [.. reasons.Take(ReasonsMax)]);
        }
        return new MergeAnswer(
            view.BaseHead != delivery.BaseCommit ? MergeStep.Update : MergeStep.Merge,
            []
        );
    }

    private static IEnumerable<string> Switches(MergeQuestion asked)
    {
        var view = asked.View;
        if (asked.StoppedBy.Length > 0)
        {
            yield return $"Merging is stopped by {asked.StoppedBy}.";
        }
        if (view.IsDraft)
        {
            yield return "It is a draft.";
        }
        if (view.Head != asked.Delivery.Head)
        {
            yield return "Somebody else changed the branch: that head was not checked here. Merge it by hand, or 'orchestrator retry' works on.";
        }
        if (view.Mergeable == false)
        {
            yield return "It conflicts with its base branch.";
        }
        if (asked.Delivery.Pending.Count > 0 || asked.Delivery.InWork.Count > 0)
        {
            yield return "Feedback is not worked on yet.";
        }
    }

    private static IEnumerable<string> Evidence(MergeQuestion asked)
    {
        if (asked.Ruling is null or { Verdict: not Verdict.Allow })
        {
            yield return asked.Ruling is { Verdict: Verdict.NeedsApproval }
                ? "The policy wanted people to look at this diff; a person merges it."
                : "The policy has not allowed this diff.";
        }
        if (
            asked.Verification is not { Problem: "", Commands.Count: > 0 } report
            || report.Commands.Any(c => c.ExitCode != 0 || c.TimedOut)
        )
        {
            yield return "No verify command has checked this work; .orchestrator.yaml in the repository names them.";
        }
    }

    private static IEnumerable<string> Size(MergeRule rule, PullRequestView view)
    {
        if (rule.LinesMax > 0 && view.Lines > rule.LinesMax)
        {
            yield return Said(
                $"{view.Lines} lines changed; up to {rule.LinesMax} merge by themselves."
            );
        }
        if (rule.FilesMax > 0 && view.Files > rule.FilesMax)
        {
            yield return Said(
                $"{view.Files} files changed; up to {rule.FilesMax} merge by themselves."
            );
        }
    }

    private static IEnumerable<string> Checks(MergeRule rule, MergeQuestion asked)
    {
        var view = asked.View;
        var foreign = view.Checks.Where(c => !c.Own).ToList();
        var wanted = rule.Checks.Concat(view.RequiredChecks).Distinct(StringComparer.Ordinal);
        foreach (var name in wanted.Where(n => foreign.TrueForAll(c => c.Name != n)).Take(NamesMax))
        {
            yield return $"The check '{name}' has not reported on {Short(view.Head)} yet.";
        }
        foreach (var check in foreign.Where(c => c.Status == "failure").Take(NamesMax))
        {
            yield return $"The check '{check.Name}' failed.";
        }
        foreach (var check in foreign.Where(c => c.Status == "pending").Take(NamesMax))
        {
            yield return $"The check '{check.Name}' is not finished.";
        }
        // A skipped check has checked nothing.
        foreach (
            var check in foreign.Where(c =>
                c.Status == "neutral" && rule.Checks.Contains(c.Name, StringComparer.Ordinal)
            )
        )
        {
            yield return $"The check '{check.Name}' was skipped.";
        }
        if (
            foreign.Count == 0
            && rule.Checks.Count == 0
            && view.RequiredChecks.Count == 0
            && asked.Now - view.UpdatedAt < ChecksBegin
        )
        {
            yield return "No check has reported yet.";
        }
    }

    private static IEnumerable<string> Reviews(MergeRule rule, PullRequestView view)
    {
        // Each person's last word counts.
        var last = view
            .Remarks.Where(r =>
                r
                    is {
                        Trusted: true,
                        Own: false,
                        Verdict: "approved" or "changes_requested" or "dismissed"
                    }
            )
            .GroupBy(r => r.By, StringComparer.OrdinalIgnoreCase)
            .Select(g => g.Last())
            .ToList();
        foreach (var no in last.Where(r => r.Verdict == "changes_requested").Take(NamesMax))
        {
            yield return $"{no.By} asked for changes and has not approved since.";
        }
        var yes = last.Count(r =>
            r.Verdict == "approved" && (r.Head.Length == 0 || r.Head == view.Head)
        );
        if (yes < rule.Approvals)
        {
            yield return Said(
                $"{yes} of {rule.Approvals} approvals of {Short(view.Head)} are there."
            );
        }
    }

    private static IEnumerable<string> Quiet(MergeRule rule, MergeQuestion asked)
    {
        var quiet = TimeSpan.FromMinutes(rule.QuietMinutes);
        if (asked.Now - asked.View.UpdatedAt < quiet)
        {
            yield return Said(
                $"{rule.QuietMinutes} quiet minutes are wanted; something was said or pushed at {asked.View.UpdatedAt:yyyy-MM-dd HH:mm} UTC."
            );
        }
    }

    private static string Short(string head) => head[..Math.Min(12, head.Length)];

    private static string Said(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);
}
