using Orchestrator.Decisions.Ci;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Ci;

/// <summary>What a check of a change is asked for.</summary>
internal sealed record CiOrder
{
    /// <summary>Where the policy stands when nothing else is said.</summary>
    public const string PolicyDefault = ".orchestrator/policy.yaml";

    /// <summary>How it is used.</summary>
    public const string Help =
        "Usage: ci [--base REF] [--head REF] [--policy PATH] [--type TYPE] [--requester NAME] [--repo NAME] [--base-branch NAME] [--artifacts PATH ...] [--annotations auto|github|gitlab|azure|none] [--sarif FILE] [--code-quality FILE] [--allow-marked] [--strict] [--json]";

    public string Base { get; init; } = "";

    public string Head { get; init; } = "HEAD";

    /// <summary>Below the repository's root, with '/'; empty = the default, which need not be there.</summary>
    public string Policy { get; init; } = "";

    public TaskKind Kind { get; init; } = TaskKind.Fix;

    public string Requester { get; init; } = "";

    public string Repository { get; init; } = "";

    public string BaseBranch { get; init; } = "";

    public IReadOnlyList<string> Artifacts { get; init; } = [];

    /// <summary>Null = that of the CI system that is seen.</summary>
    public CiSystem? Annotations { get; init; }

    public string Sarif { get; init; } = "";

    public string CodeQuality { get; init; } = "";

    public bool AllowMarked { get; init; }

    public bool Strict { get; init; }

    public bool Json { get; init; }

    private static readonly (string Name, TaskKind Kind)[] Types =
    [
        ("fix", TaskKind.Fix),
        ("documentation", TaskKind.Documentation),
    ];

    /// <summary>Reads the words behind the verb; nothing when they make no sense, and why.</summary>
    public static CiOrder? Read(IReadOnlyList<string> args, out string wrong)
    {
        var order = new CiOrder();
        List<string> artifacts = [];
        wrong = "";
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            if (Switch(order, name) is { } switched)
            {
                order = switched;
                continue;
            }
            if (i + 1 == args.Count || args[i + 1].Length == 0)
            {
                wrong = $"{name} is unknown, or wants a value. {Help}";
                return null;
            }
            var value = args[++i];
            if (name == "--artifacts")
            {
                artifacts.Add(value);
                continue;
            }
            if (Valued(order, name, value) is not { } next)
            {
                wrong = $"{name} {value} is not understood. {Help}";
                return null;
            }
            order = next;
        }
        return order with { Artifacts = artifacts };
    }

    private static CiOrder? Switch(CiOrder order, string name) =>
        name switch
        {
            "--json" => order with { Json = true },
            "--strict" => order with { Strict = true },
            "--allow-marked" => order with { AllowMarked = true },
            _ => null,
        };

    private static CiOrder? Valued(CiOrder order, string name, string value) =>
        name switch
        {
            "--base" => order with { Base = value },
            "--head" => order with { Head = value },
            "--policy" => order with { Policy = value.Replace('\\', '/') },
            "--type" when Types.Any(t => t.Name == value) => order with
            {
                Kind = Types.First(t => t.Name == value).Kind,
            },
            "--requester" => order with { Requester = value },
            "--repo" => order with { Repository = value },
            "--base-branch" => order with { BaseBranch = value },
            "--sarif" => order with { Sarif = value },
            "--code-quality" => order with { CodeQuality = value },
            "--annotations" => value switch
            {
                "auto" => order with { Annotations = null },
                "none" => order with { Annotations = CiSystem.None },
                "github" => order with { Annotations = CiSystem.GitHub },
                "gitlab" => order with { Annotations = CiSystem.GitLab },
                "azure" => order with { Annotations = CiSystem.Azure },
                _ => null,
            },
            _ => null,
        };
}
