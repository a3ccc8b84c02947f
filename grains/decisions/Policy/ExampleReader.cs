using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Policy;

/// <summary>A change that somebody asks a policy about.</summary>
public sealed record PolicyQuestion
{
    /// <summary>Name of the requester.</summary>
    public string Requester { get; init; } = "";

    /// <summary>Path or name of the repository; empty = none.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Branch to start from; empty = the repository's HEAD.</summary>
    public string BaseBranch { get; init; } = "";

    /// <summary>The kind of work.</summary>
    public TaskKind Type { get; init; }

    /// <summary><c>low</c>, <c>medium</c>, <c>high</c> or empty.</summary>
    public string Risk { get; init; } = "";

    /// <summary>The model asked for, or empty.</summary>
    public string Model { get; init; } = "";

    /// <summary>True when none of the requester's tasks has ended well yet.</summary>
    public bool FirstTime { get; init; }

    /// <summary>The paths that are changed; empty = nothing is changed.</summary>
    public IReadOnlyList<string> Paths
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>A name of a kind of change that is about more than the path; empty = an ordinary change.</summary>
    public string Change { get; init; } = "";

    /// <summary>Where a symlink points to.</summary>
    public string Target { get; init; } = "";

    /// <summary>The name before a rename.</summary>
    public string From { get; init; } = "";

    /// <summary>Changed lines of the whole diff.</summary>
    public int Lines { get; init; } = 1;

    /// <summary>Changed files of the whole diff; at least the number of paths.</summary>
    public int Files { get; init; }
}

/// <summary>Reads the examples that a policy must hold to.</summary>
internal static class ExampleReader
{
    private const int ExamplesMax = 500;
    private const int PathMax = 4_096;

    private static readonly string[] GivenKeys =
    [
        "requester",
        "repository",
        "base_branch",
        "type",
        "risk",
        "model",
        "first_time",
        "path",
        "paths",
        "change",
        "target",
        "from",
        "lines",
        "files",
    ];

    public static IReadOnlyList<PolicyExample> All(PolicySection root, PolicyProblems problems)
    {
        var examples = new List<PolicyExample>();
        foreach (var part in root.List("tests", ExamplesMax))
        {
            var section = new PolicySection(
                part,
                "A test",
                ["name", "given", "expect", "rule"],
                problems
            );
            var name = section.Text("name", 120);
            if (name.Length == 0)
            {
                problems.Add(
                    part,
                    "A test has no name",
                    "Write 'name: …' as a sentence that can be false."
                );
            }
            var expect = section.Choice("expect", PolicyReader.Verdicts);
            if (section["expect"] is null)
            {
                problems.Add(
                    part,
                    $"Test '{name}' expects nothing",
                    "Write 'expect: allow', 'expect: ask' or 'expect: deny'."
                );
            }
            if (section["given"] is null)
            {
                problems.Add(
                    part,
                    $"Test '{name}' has nothing given",
                    "Write 'given: {requester: alice, type: fix, path: src/a.cs}'."
                );
            }
            examples.Add(
                new PolicyExample
                {
                    Name = name,
                    Line = part.Line,
                    Given = Given(
                        new PolicySection(
                            section["given"],
                            $"'given' of test '{name}'",
                            GivenKeys,
                            problems
                        ),
                        name,
                        problems
                    ),
                    Expect = expect ?? Verdict.Allow,
                    Rule = section.Text("rule", 200),
                }
            );
        }
        return examples;
    }

    private static PolicyQuestion Given(PolicySection given, string name, PolicyProblems problems)
    {
        var type = given.Choice("type", PolicyReader.Types);
        if (given.Part is not null && given["type"] is null)
        {
            problems.Add(given.Part, $"'given' of test '{name}' has no type", "Write 'type: fix'.");
        }
        var change = given.Choice("change", [.. ChangeKinds.All.Select(k => (k.Name, k.Name))]);
        return new PolicyQuestion
        {
            Requester = given.Text("requester", 200),
            Repository = given.Text("repository", PathMax),
            BaseBranch = given.Text("base_branch", 250),
            Type = type,
            Risk = given.Choice("risk", RuleReader.Risks) ?? "",
            Model = given.Text("model", 200),
            FirstTime = given.Flag("first_time") ?? false,
            Paths = [.. given.Texts("path", PathMax), .. given.Texts("paths", PathMax)],
            Change = change ?? "",
            Target = given.Text("target", PathMax),
            From = given.Text("from", PathMax),
            Lines = given.Number("lines", 0, 10_000_000) ?? 1,
            Files = given.Number("files", 0, 1_000_000) ?? 0,
        };
    }
}
