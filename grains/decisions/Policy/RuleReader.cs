using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Policy;

/// <summary>Reads rules and the questions of lanes, which are rules that ask.</summary>
internal static class RuleReader
{
    internal const int ApprovalsMax = 10;
    private const int BecauseMax = 300;

    private static readonly string[] ConditionKeys =
    [
        "paths",
        "kinds",
        "lanes",
        "types",
        "requesters",
        "roles",
        "repositories",
        "lines_over",
        "files_over",
        "risk",
        "first_time",
    ];

    private static readonly (string, bool?)[] Times = [("plan", true), ("diff", false)];

    private static readonly (string, Verdict?)[] Verdicts =
    [
        ("deny", Verdict.Deny),
        ("ask", Verdict.NeedsApproval),
    ];

    public static IReadOnlyList<PolicyRule> All(
        PolicySection root,
        PolicyNames names,
        int max,
        PolicyProblems problems
    )
    {
        var rules = new List<PolicyRule>();
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in root.List("rules", max))
        {
            var section = new PolicySection(
                part,
                "A rule",
                ["name", "verdict", "when", "approvals", "by", "because", "at"],
                problems
            );
            var name = section.Text("name", 80);
            if (name.Length == 0)
            {
                problems.Add(part, "A rule has no name", "Write 'name: …'; rulings name it.");
            }
            else if (!seen.TryAdd(name, part.Line))
            {
                problems.Add(
                    section["name"]!,
                    $"A second rule is called '{name}', the first in line {seen[name]}",
                    "Call them differently."
                );
            }
            var verdict = section.Choice("verdict", Verdicts);
            if (section["verdict"] is null)
            {
                problems.Add(
                    part,
                    $"Rule '{name}' has no verdict",
                    "Write 'verdict: deny' or 'verdict: ask'."
                );
            }
            var rule = new PolicyRule
            {
                Name = name,
                Line = section.Has("name") ? section.LineOf("name") : part.Line,
                Verdict = verdict ?? Verdict.Deny,
                When = Condition(section, $"'when' of rule '{name}'", names, problems),
                Because = section.Text("because", BecauseMax),
            };
            rules.Add(
                verdict == Verdict.NeedsApproval
                    ? Question(rule, section, "approvals", names, askedAtPlan: true, problems)
                    : rule
            );
            if (verdict == Verdict.Deny)
            {
                foreach (var key in (string[])["approvals", "by", "at"])
                {
                    if (section.Has(key))
                    {
                        problems.Add(
                            section.At(key),
                            $"Rule '{name}' denies, and '{key}' speaks of a question",
                            "Remove it, or write 'verdict: ask'."
                        );
                    }
                }
            }
        }
        return rules;
    }

    public static IReadOnlyList<PolicyRule> OfLane(
        PolicySection lane,
        string laneName,
        PolicyNames names,
        PolicyProblems problems
    )
    {
        var rules = new List<PolicyRule>();
        foreach (var part in lane.List("approvals", 100))
        {
            var section = new PolicySection(
                part,
                $"An approval of lane '{laneName}'",
                ["name", "count", "by", "when", "because", "at"],
                problems
            );
            var own = section.Text("name", 80);
            var rule = new PolicyRule
            {
                Name = own.Length > 0 ? own : $"approval {rules.Count + 1} of lane {laneName}",
                Line = part.Line,
                Verdict = Verdict.NeedsApproval,
                When = Condition(
                    section,
                    $"'when' of an approval of lane '{laneName}'",
                    names,
                    problems
                ),
                Because = section.Text("because", BecauseMax),
            };
            rules.Add(Question(rule, section, "count", names, askedAtPlan: false, problems));
        }
        return rules;
    }

    // A rule's question about the request is put before the run costs anything; a lane's is about its work.
    private static PolicyRule Question(
        PolicyRule rule,
        PolicySection section,
        string countKey,
        PolicyNames names,
        bool askedAtPlan,
        PolicyProblems problems
    )
    {
        var needsDiff = rule.When.OfFiles || rule.When.OfSize;
        var at = section.Choice("at", Times);
        if (at == true && needsDiff)
        {
            problems.Add(
                section["at"]!,
                $"'{rule.Name}' asks at the plan about paths, kinds or sizes, which only the diff shows",
                "Write 'at: diff', or remove those conditions."
            );
        }
        return rule with
        {
            Approvals = section.Number(countKey, 1, ApprovalsMax) ?? 1,
            By = names.Roles(section, "by"),
            AtPlan = at ?? (askedAtPlan && !needsDiff),
        };
    }

    private static PolicyCondition Condition(
        PolicySection rule,
        string what,
        PolicyNames names,
        PolicyProblems problems
    )
    {
        var when = new PolicySection(rule["when"], what, ConditionKeys, problems);
        foreach (var key in ConditionKeys)
        {
            // An empty list would be read as "any", which its author may not mean.
            if (when.Has(key) && when[key] is null or YamlPart.Items { Parts.Count: 0 })
            {
                problems.Add(
                    when.At(key),
                    $"'{key}' has no entry, so the rule would never hold",
                    "Remove it, or say what it is about."
                );
            }
        }
        return new PolicyCondition
        {
            Paths = when.Globs("paths"),
            Kinds = when.List("kinds")
                .Aggregate(
                    ChangeKind.None,
                    (all, part) => all | when.Choose(part, "A kind of change", ChangeKinds.All)
                ),
            Lanes = names.Lanes(when, "lanes"),
            Types =
            [
                .. when.List("types").Select(t => when.Choose(t, "A type", PolicyReader.Types)),
            ],
            Requesters = when.Each<NamePattern>("requesters", NamePattern.OfPerson),
            Roles = names.Roles(when, "roles"),
            Repositories = when.Each<NamePattern>("repositories", NamePattern.OfRepository),
            LinesOver = when.Number("lines_over", 0, 10_000_000),
            FilesOver = when.Number("files_over", 0, 1_000_000),
            Risk = [.. when.List("risk").Select(r => when.Choose(r, "A risk", Risks) ?? "")],
            FirstTime = when.Flag("first_time"),
        };
    }

    internal static readonly (string, string)[] Risks =
    [
        ("low", "low"),
        ("medium", "medium"),
        ("high", "high"),
    ];
}
