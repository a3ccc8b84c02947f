using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Policy;

/// <summary>What is well written and yet cannot be meant: parts of a policy that leave nothing of each other.</summary>
internal static class PolicyContradictions
{
    public static void Find(
        PolicyDocument policy,
        PolicySection root,
        IReadOnlyList<(YamlPart.Text Key, YamlPart Value)> lanes,
        PolicyProblems problems
    )
    {
        if (policy.Lanes.Count == 0 && root.Part is YamlPart.Entries)
        {
            problems.Add(
                root.At("lanes"),
                "The policy has no lane, so every task would be denied",
                "Write 'lanes:' with a lane for each type of work."
            );
        }
        Twice(policy.RepositoriesAllowed, policy.RepositoriesDenied, "Repository", problems);
        Twice(policy.BranchesAllowed, policy.BranchesDenied, "Base branch", problems);
        Types(policy, lanes, problems);
        foreach (var lane in policy.Lanes)
        {
            Protected(policy, lane, problems);
        }
        foreach (
            var rule in policy
                .Rules.Concat(policy.Lanes.SelectMany(l => l.Approvals))
                .Concat(policy.Lanes.Select(l => l.Ask?.Rule).OfType<PolicyRule>())
        )
        {
            Approvers(policy, rule, problems);
        }
    }

    private static void Twice(
        IReadOnlyList<NamePattern> allowed,
        IReadOnlyList<NamePattern> denied,
        string what,
        PolicyProblems problems
    )
    {
        foreach (var allow in allowed)
        {
            if (denied.FirstOrDefault(d => d.Same(allow)) is { } deny)
            {
                problems.Add(
                    allow.Line,
                    1,
                    $"{what} '{PolicySection.Shown(allow.Text)}' is allowed here and denied in line {deny.Line}",
                    "Remove one of them."
                );
            }
        }
    }

    private static void Types(
        PolicyDocument policy,
        IReadOnlyList<(YamlPart.Text Key, YamlPart Value)> lanes,
        PolicyProblems problems
    )
    {
        var first = new Dictionary<TaskKind, string>();
        foreach (var (lane, key) in policy.Lanes.Zip(lanes.Select(l => l.Key)))
        {
            foreach (var type in lane.Types.Where(t => t != TaskKind.Unknown))
            {
                if (!first.TryAdd(type, lane.Name))
                {
                    problems.Add(
                        key,
                        first[type] == lane.Name
                            ? $"Lane '{lane.Name}' names the type {PolicyWords.Of(type)} twice"
                            : $"Lane '{lane.Name}' is for the type {PolicyWords.Of(type)}, which has the lane '{first[type]}' already",
                        "Leave each type to one lane."
                    );
                }
            }
        }
    }

    private static void Protected(PolicyDocument policy, PolicyLane lane, PolicyProblems problems)
    {
        var protect = policy.Protect.Concat(lane.Protect).ToList();
        if (lane.Paths.Count == 0)
        {
            if (
                protect.Find(p => p.Glob.Text == "**") is { } all
                && lane.Write != GrainInterfaces.Policy.LaneWrite.None
            )
            {
                problems.Add(
                    lane.Line,
                    1,
                    $"Lane '{lane.Name}' may write, and all paths are protected in line {all.Line}",
                    "Write 'write: none', or protect less."
                );
            }
            return;
        }
        if (
            lane.Paths.All(a => protect.Exists(p => p.Glob.Covers(a.Glob)))
            && protect.Find(p => p.Glob.Covers(lane.Paths[0].Glob)) is { } first
        )
        {
            problems.Add(
                lane.PathsLine,
                1,
                $"Lane '{lane.Name}' may change nothing: all its paths are protected, the first in line {first.Line}",
                "Protect less, or remove the lane's paths."
            );
        }
    }

    // A question that nobody can answer. Patterns stand for any number of people.
    private static void Approvers(PolicyDocument policy, PolicyRule rule, PolicyProblems problems)
    {
        if (rule.By.Count == 0)
        {
            return;
        }
        var people = rule.By.SelectMany(policy.Roles.MembersOf).ToList();
        if (people.Exists(p => p.Text.AsSpan().IndexOfAny('*', '?') >= 0))
        {
            return;
        }
        var count = people.Select(p => p.Text).Distinct(StringComparer.OrdinalIgnoreCase).Count();
        if (count < rule.Approvals)
        {
            problems.Add(
                rule.Line,
                1,
                $"'{rule.Name}' wants {rule.Approvals} approvals, and {string.Join(" and ", rule.By)} has {count} people",
                "Add people to the role, or ask for fewer."
            );
        }
    }
}
