using System.Globalization;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Policy;

/// <summary>Collects what rules say: one ruling for each rule, with the first file that it caught and how many more.</summary>
internal sealed class RulingSheet(PolicyDocument policy)
{
    private const int RulingsMax = 50;
    private const int RolesMax = 20;

    private readonly List<Entry> entries = [];
    private readonly Dictionary<(string Rule, int Line, Verdict Verdict), Entry> known = [];

    private sealed class Entry
    {
        public required Ruling Ruling { get; init; }

        public required Func<string, string> Reason { get; init; }

        public int Files { get; set; } = 1;
    }

    /// <summary>A rule denies.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="line">Where it stands.</param>
    /// <param name="path">The file that it caught; empty when it is about none.</param>
    /// <param name="reason">The sentence, made with the caught files.</param>
    public void Deny(string rule, int line, string path, Func<string, string> reason) =>
        Add(
            new Ruling(Verdict.Deny, rule, "", FailureCodes.PolicyDenied)
            {
                Source = policy.At(line),
                Path = path,
            },
            line,
            reason
        );

    /// <summary>A rule asks.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="line">Where it stands.</param>
    /// <param name="path">The file that it caught; empty when it is about none.</param>
    /// <param name="approvals">How many people, from 1.</param>
    /// <param name="roles">Roles of which each must have one; empty = any.</param>
    /// <param name="reason">The sentence, made with the caught files.</param>
    public void Ask(
        string rule,
        int line,
        string path,
        int approvals,
        IReadOnlyList<string> roles,
        Func<string, string> reason
    ) =>
        Add(
            new Ruling(Verdict.NeedsApproval, rule, "")
            {
                Source = policy.At(line),
                Path = path,
                Approvals = approvals,
                Roles = roles,
            },
            line,
            reason
        );

    /// <summary>The ruling of a stage.</summary>
    /// <param name="stage"><c>request</c>, <c>plan</c> or <c>diff</c>.</param>
    /// <param name="lane">Its rights, when it is known.</param>
    /// <param name="allowed">What is told when nothing objects.</param>
    public PolicyRuling Close(string stage, LaneRights? lane, Ruling allowed)
    {
        var rulings = entries
            .OrderBy(e => e.Ruling.Verdict == Verdict.Deny ? 0 : 1)
            .Take(RulingsMax)
            .Select(e => e.Ruling with { Reason = e.Reason(Files(e)) })
            .ToList();
        var asked = entries
            .Where(e => e.Ruling.Verdict == Verdict.NeedsApproval)
            .Select(e => e.Ruling)
            .ToList();
        return new PolicyRuling
        {
            Stage = stage,
            Policy = policy.Id,
            Verdict =
                rulings.Count == 0 ? Verdict.Allow
                : rulings[0].Verdict == Verdict.Deny ? Verdict.Deny
                : Verdict.NeedsApproval,
            Rulings = rulings.Count > 0 ? rulings : [allowed],
            Lane = lane,
            Approvals = asked.Count > 0 ? asked.Max(r => r.Approvals) : 0,
            Roles = Joined(asked.Select(r => r.Roles).Where(r => r.Count > 0)),
        };
    }

    private void Add(Ruling ruling, int line, Func<string, string> reason)
    {
        var key = (ruling.Rule, line, ruling.Verdict);
        if (known.TryGetValue(key, out var there))
        {
            there.Files++;
            return;
        }
        var entry = new Entry { Ruling = ruling, Reason = reason };
        known[key] = entry;
        entries.Add(entry);
    }

    private static string Files(Entry entry) =>
        entry.Files == 1
            ? entry.Ruling.Path
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{entry.Ruling.Path} (and {entry.Files - 1} more)"
            );

    // Roles that all accept. When no role is in all of them, "one+other" stands for people who have both: an empty list
    // would mean anybody.
    private static IReadOnlyList<string> Joined(IEnumerable<IReadOnlyList<string>> all)
    {
        IReadOnlyList<string> joined = [];
        foreach (var roles in all)
        {
            if (joined.Count == 0)
            {
                joined = roles;
                continue;
            }
            var both = joined.Intersect(roles, StringComparer.OrdinalIgnoreCase).ToList();
            joined =
                both.Count > 0
                    ? both
                    :
                    [
                        .. joined
                            .SelectMany(_ => roles, (one, other) => $"{one}+{other}")
                            .Take(RolesMax),
                    ];
        }
        return joined;
    }
}
