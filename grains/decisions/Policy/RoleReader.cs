namespace Orchestrator.Decisions.Policy;

/// <summary>Reads the roles: members, and other roles as <c>role:NAME</c>.</summary>
internal static class RoleReader
{
    private const string Include = "role:";

    public static PolicyRoles Read(
        IReadOnlyList<(YamlPart.Text Key, YamlPart Value)> named,
        PolicyProblems problems
    )
    {
        var own = new Dictionary<string, List<NamePattern>>(StringComparer.OrdinalIgnoreCase);
        var includes = new Dictionary<string, List<YamlPart.Text>>(
            StringComparer.OrdinalIgnoreCase
        );
        foreach (var (name, value) in named)
        {
            own[name.Value] = [];
            includes[name.Value] = [];
            foreach (var part in Members(value))
            {
                if (part is not YamlPart.Text member)
                {
                    problems.Add(
                        part,
                        $"Role '{name.Value}' is no list of names",
                        "Write [alice, \"release-*\", \"role:other\"]."
                    );
                }
                else if (member.Value.StartsWith(Include, StringComparison.Ordinal))
                {
                    includes[name.Value].Add(member);
                }
                else if (
                    NamePattern.OfPerson(member.Value, member.Line, out var problem) is { } made
                )
                {
                    own[name.Value].Add(made);
                }
                else
                {
                    problems.Add(
                        member,
                        $"'{PolicySection.Shown(member.Value)}' in role '{name.Value}' {problem}",
                        ""
                    );
                }
            }
        }
        Check(named, includes, problems);
        return new PolicyRoles(
            named.ToDictionary(
                n => n.Key.Value,
                n =>
                    (IReadOnlyList<NamePattern>)
                        [.. Closure(n.Key.Value, includes).SelectMany(r => own[r])],
                StringComparer.OrdinalIgnoreCase
            )
        );
    }

    private static IEnumerable<YamlPart> Members(YamlPart value) =>
        value switch
        {
            YamlPart.Items items => items.Parts,
            YamlPart.Text { Value: "", Plain: true } => [],
            _ => [value],
        };

    private static void Check(
        IReadOnlyList<(YamlPart.Text Key, YamlPart Value)> named,
        Dictionary<string, List<YamlPart.Text>> includes,
        PolicyProblems problems
    )
    {
        foreach (var (name, _) in named)
        {
            foreach (var include in includes[name.Value])
            {
                var other = include.Value[Include.Length..];
                if (!includes.ContainsKey(other))
                {
                    problems.Add(
                        include,
                        $"There is no role '{PolicySection.Shown(other)}'",
                        NearestName.Hint(other, includes.Keys)
                    );
                }
                else if (
                    Closure(other, includes).Contains(name.Value, StringComparer.OrdinalIgnoreCase)
                )
                {
                    problems.Add(
                        include,
                        $"Roles go in a circle: '{name.Value}' includes '{other}', which includes '{name.Value}'",
                        "Name the people of one of them instead."
                    );
                }
            }
        }
    }

    /// <summary>The role and all that it includes, each once, so that a circle ends.</summary>
    private static HashSet<string> Closure(
        string role,
        Dictionary<string, List<YamlPart.Text>> includes
    )
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var todo = new Stack<string>([role]);
        while (todo.TryPop(out var next))
        {
            if (includes.TryGetValue(next, out var more) && seen.Add(next))
            {
                foreach (var include in more)
                {
                    todo.Push(include.Value[Include.Length..]);
                }
            }
        }
        return seen;
    }
}
