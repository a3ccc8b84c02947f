using System.Security.Cryptography;
using System.Text;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Policy;

/// <summary>Reads a policy. Finds all problems at once, each with its line and column; never throws on any text.</summary>
public static class PolicyReader
{
    /// <summary>Longest text, in bytes of UTF-8: 1 MiB.</summary>
    public const int BytesMax = 1024 * 1024;

    private const int NameMax = 80;
    private const int LanesMax = 64;
    private const int RolesMax = 100;
    private const int RulesMax = 500;

    private static readonly string[] Keys =
    [
        "version",
        "name",
        "repositories",
        "roles",
        "requesters",
        "self_approval",
        "protect",
        "changes",
        "lanes",
        "rules",
        "tests",
    ];

    internal static readonly (string, Verdict?)[] Verdicts =
    [
        ("allow", Verdict.Allow),
        ("ask", Verdict.NeedsApproval),
        ("deny", Verdict.Deny),
    ];

    internal static readonly (string, TaskKind)[] Types =
    [
        ("fix", TaskKind.Fix),
        ("bug_fix", TaskKind.Fix),
        ("code_review", TaskKind.CodeReview),
        ("summarize", TaskKind.Summarize),
        ("analyze", TaskKind.Analyze),
        ("documentation", TaskKind.Documentation),
    ];

    /// <summary>Reads a policy.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="fileName">What rulings call the file; a folder before it is dropped.</param>
    /// <returns>The policy, or null with at least one problem, in the text's order.</returns>
    public static (PolicyDocument? Policy, IReadOnlyList<PolicyProblem> Problems) Read(
        string text,
        string fileName
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        var problems = new PolicyProblems();
        if (text.Length > BytesMax || Encoding.UTF8.GetByteCount(text) > BytesMax)
        {
            problems.Add(
                1,
                1,
                $"The policy is longer than {BytesMax} bytes",
                "Use wider patterns."
            );
            return (null, problems.InOrder);
        }
        var plain = (text.StartsWith('\uFEFF') ? text[1..] : text).ReplaceLineEndings("\n");
        var root = new PolicyYaml(problems).Read(plain);
        if (root is null)
        {
            return (null, problems.InOrder);
        }
        var made = Make(new PolicySection(root, "The policy", Keys, problems), problems) with
        {
            FileName = PolicySection.Shown(fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..]),
        };
        return problems.None
            ? (made with { Id = $"{made.Name}@{Hash(plain)}" }, [])
            : (null, problems.InOrder);
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];

    private static PolicyDocument Make(PolicySection root, PolicyProblems problems)
    {
        if (root.Number("version", 1, 1) is null && root["version"] is null)
        {
            problems.Add(
                root.Part!,
                "The policy does not say its version",
                "Begin with 'version: 1'."
            );
        }
        var name = root.Text("name", NameMax);
        if (!IsName(name))
        {
            problems.Add(
                root.At("name"),
                "The policy has no name of letters, digits, '.', '_' and '-'",
                "Write 'name: team'."
            );
        }
        var repositories = new PolicySection(
            root["repositories"],
            "'repositories'",
            ["allow", "deny", "base_branches"],
            problems
        );
        var branches = new PolicySection(
            repositories["base_branches"],
            "'base_branches'",
            ["allow", "deny"],
            problems
        );
        var roles = RoleReader.Read(Named(root, "roles", RolesMax, problems), problems);
        var lanes = Named(root, "lanes", LanesMax, problems);
        var names = new PolicyNames([.. lanes.Select(l => l.Key.Value)], roles, problems);
        var policy = new PolicyDocument
        {
            Id = "",
            Name = name,
            SelfApproval = root.Flag("self_approval") ?? false,
            RepositoriesAllowed = repositories.Each<NamePattern>("allow", NamePattern.OfRepository),
            RepositoriesDenied = repositories.Each<NamePattern>("deny", NamePattern.OfRepository),
            BranchesAllowed = branches.Each<NamePattern>("allow", NamePattern.OfBranch),
            BranchesDenied = branches.Each<NamePattern>("deny", NamePattern.OfBranch),
            Roles = roles,
            Requesters = Requesters(root, names, problems),
            RequestersLine = root.LineOf("requesters"),
            Lanes = [.. lanes.Select(l => LaneReader.Read(l.Key, l.Value, names, problems))],
            LanesLine = root.LineOf("lanes"),
            Protect = root.Globs("protect"),
            Changes = Changes(root, problems),
            Rules = RuleReader.All(root, names, RulesMax, problems),
            Examples = ExampleReader.All(root, problems),
        };
        PolicyContradictions.Find(policy, root, lanes, problems);
        return policy;
    }

    private static List<RequesterRule> Requesters(
        PolicySection root,
        PolicyNames names,
        PolicyProblems problems
    )
    {
        var rules = new List<RequesterRule>();
        foreach (var part in root.List("requesters"))
        {
            var section = new PolicySection(
                part,
                "A rule of 'requesters'",
                ["names", "roles", "lanes"],
                problems
            );
            var rule = new RequesterRule(
                section.Each<NamePattern>("names", NamePattern.OfPerson),
                names.Roles(section, "roles"),
                names.Lanes(section, "lanes"),
                part.Line
            );
            if (rule.Names.Count + rule.Roles.Count == 0)
            {
                problems.Add(
                    part,
                    "This rule of 'requesters' names nobody",
                    "Write roles: [maintainer], or names: [\"*\"]."
                );
            }
            rules.Add(rule);
        }
        return rules;
    }

    private static IReadOnlyList<KindRule> Changes(PolicySection root, PolicyProblems problems)
    {
        var section = new PolicySection(
            root["changes"],
            "'changes'",
            [.. ChangeKinds.All.Select(k => k.Name)],
            problems
        );
        return
        [
            .. ChangeKinds.All.Select(k => new KindRule(
                k.Kind,
                k.Name,
                section.Choice(k.Name, Verdicts) ?? ChangeKinds.Unsaid(k.Kind),
                section[k.Name] is null ? root.LineOf("changes") : section.LineOf(k.Name),
                section[k.Name] is not null
            )),
        ];
    }

    // Entries of a mapping whose keys are names of the policy's own.
    private static List<(YamlPart.Text Key, YamlPart Value)> Named(
        PolicySection root,
        string key,
        int max,
        PolicyProblems problems
    )
    {
        if (root[key] is not { } part)
        {
            return [];
        }
        if (part is not YamlPart.Entries map)
        {
            problems.Add(
                part,
                $"'{key}' is no mapping",
                $"Write a name and ':' for each below '{key}:'."
            );
            return [];
        }
        if (map.Parts.Count > max)
        {
            problems.Add(
                part,
                $"'{key}' has {map.Parts.Count} entries; at most {max} are taken",
                "Join some."
            );
            return [];
        }
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var named = new List<(YamlPart.Text Key, YamlPart Value)>();
        foreach (var (name, value) in map.Parts)
        {
            if (!IsName(name.Value))
            {
                problems.Add(
                    name,
                    $"'{PolicySection.Shown(name.Value)}' under '{key}' is no name",
                    "Use letters, digits, '.', '_' and '-', at most 80."
                );
            }
            else if (!seen.TryAdd(name.Value, name.Line))
            {
                problems.Add(
                    name,
                    $"'{name.Value}' stands under '{key}' a second time, first in line {seen[name.Value]}",
                    "Keep one of them; case does not count."
                );
            }
            else
            {
                named.Add((name, value));
            }
        }
        return named;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= NameMax
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}

/// <summary>The names that rules may use, and the words for one that is not there.</summary>
internal sealed class PolicyNames(
    IReadOnlyList<string> lanes,
    PolicyRoles roles,
    PolicyProblems problems
)
{
    /// <summary>Lanes of a list, each there.</summary>
    public IReadOnlyList<string> Lanes(PolicySection section, string key) =>
        Known(
            section,
            key,
            "lane",
            n => lanes.Contains(n, StringComparer.OrdinalIgnoreCase),
            lanes
        );

    /// <summary>Roles of a list, each there.</summary>
    public IReadOnlyList<string> Roles(PolicySection section, string key) =>
        Known(section, key, "role", roles.Knows, roles.Names);

    private List<string> Known(
        PolicySection section,
        string key,
        string what,
        Func<string, bool> isThere,
        IReadOnlyList<string> known
    )
    {
        var names = new List<string>();
        foreach (var part in section.List(key))
        {
            if (part is YamlPart.Text text && isThere(text.Value))
            {
                names.Add(text.Value);
                continue;
            }
            var name = (part as YamlPart.Text)?.Value ?? "";
            problems.Add(
                part,
                $"There is no {what} '{PolicySection.Shown(name)}'",
                known.Count > 0
                    ? NearestName.Hint(name, known)
                    : $"Write it under '{what}s:' first."
            );
        }
        return names;
    }
}
