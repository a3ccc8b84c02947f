using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Policy;

/// <summary>A policy that was read and found whole.</summary>
public sealed record PolicyDocument
{
    /// <summary>Its name and the first 12 hex digits of the SHA-256 of its text.</summary>
    public required string Id { get; init; }

    /// <summary>Its own name, at most 80 characters.</summary>
    public string Name { get; init; } = "";

    /// <summary>The file that rulings name as their source, without a folder.</summary>
    public string FileName { get; init; } = "";

    /// <summary>True when a rule cares whether it is the requester's first task: only then it is looked up.</summary>
    public bool AsksFirstTime =>
        Rules.Concat(Lanes.SelectMany(l => l.Approvals)).Any(r => r.When.FirstTime is not null);

    /// <summary>True when a requester may approve what an own task asks.</summary>
    public bool SelfApproval { get; init; }

    /// <summary>The names of its lanes, in their order.</summary>
    public IReadOnlyList<string> LaneNames => [.. Lanes.Select(l => l.Name)];

    /// <summary>How many examples it holds.</summary>
    public int ExampleCount => Examples.Count;

    /// <summary>Rules and lists that can refuse or ask, all told.</summary>
    public int RuleCount => Rules.Count + Lanes.Sum(l => l.Approvals.Count) + Requesters.Count;

    /// <summary>When the lane's work may be merged by itself; null = never, or no such lane.</summary>
    public MergeRule? MergeOf(string lane) => LaneNamed(lane)?.Merge;

    /// <summary>True: pull requests of the lane are opened as drafts; false: ready for review; null = it does not say, or no such lane.</summary>
    public bool? DraftOf(string lane) => LaneNamed(lane)?.Draft;

    internal IReadOnlyList<NamePattern> RepositoriesAllowed { get; init; } = [];

    internal IReadOnlyList<NamePattern> RepositoriesDenied { get; init; } = [];

    internal IReadOnlyList<NamePattern> BranchesAllowed { get; init; } = [];

    internal IReadOnlyList<NamePattern> BranchesDenied { get; init; } = [];

    internal PolicyRoles Roles { get; init; } = PolicyRoles.None;

    /// <summary>Who may use which lanes; empty = everybody all.</summary>
    internal IReadOnlyList<RequesterRule> Requesters { get; init; } = [];

    internal int RequestersLine { get; init; } = 1;

    internal IReadOnlyList<PolicyLane> Lanes { get; init; } = [];

    internal int LanesLine { get; init; } = 1;

    internal IReadOnlyList<LinedGlob> Protect { get; init; } = [];

    /// <summary>A verdict for each kind, with its line; the built-in one for kinds that are not named.</summary>
    internal IReadOnlyList<KindRule> Changes { get; init; } = [];

    internal IReadOnlyList<PolicyRule> Rules { get; init; } = [];

    internal IReadOnlyList<PolicyExample> Examples { get; init; } = [];

    internal PolicyLane? LaneNamed(string name) =>
        Lanes.FirstOrDefault(l => string.Equals(l.Name, name, StringComparison.OrdinalIgnoreCase));

    internal string At(int line) => $"{FileName}:{line}";
}

/// <summary>When a lane's work may be merged without a person.</summary>
/// <param name="Checks">Names of checks that must be green; empty = all that run.</param>
/// <param name="QuietMinutes">Minutes without a comment or a push before it; from 0.</param>
/// <param name="LinesMax">Most changed lines; 0 = no limit.</param>
/// <param name="FilesMax">Most changed files; 0 = no limit.</param>
public sealed record MergeRule(
    IReadOnlyList<string> Checks,
    int QuietMinutes,
    int LinesMax,
    int FilesMax
)
{
    /// <summary>How many different people with write access must have approved the head; from 0.</summary>
    public int Approvals { get; init; }

    /// <summary><c>squash</c>, <c>merge</c> or <c>rebase</c>. Default: squash.</summary>
    public string Method { get; init; } = "squash";
}

/// <summary>A pattern of paths and the line it stands in.</summary>
internal sealed record LinedGlob(PathGlob Glob, int Line);

/// <summary>A verdict about a kind of change.</summary>
internal sealed record KindRule(ChangeKind Kind, string Name, Verdict Verdict, int Line, bool Said);

/// <summary>Which lanes some requesters may use.</summary>
/// <param name="Names">Patterns of names.</param>
/// <param name="Roles">Names of roles.</param>
/// <param name="Lanes">Empty = all.</param>
/// <param name="Line">Where it stands.</param>
internal sealed record RequesterRule(
    IReadOnlyList<NamePattern> Names,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Lanes,
    int Line
);

/// <summary>What a type of work may do.</summary>
internal sealed record PolicyLane
{
    public required string Name { get; init; }

    public required int Line { get; init; }

    public IReadOnlyList<TaskKind> Types { get; init; } = [];

    public LaneWrite Write { get; init; }

    public IReadOnlyList<LinedGlob> Paths { get; init; } = [];

    public int PathsLine { get; init; }

    public IReadOnlyList<LinedGlob> Protect { get; init; } = [];

    public IReadOnlyList<string>? Commands { get; init; }

    /// <summary>Commands that people must allow each time; null = none.</summary>
    public CommandQuestion? Ask { get; init; }

    public IReadOnlyList<string> Tools { get; init; } = [];

    public string Network { get; init; } = "";

    public IReadOnlyList<string> Hosts { get; init; } = [];

    public string Model { get; init; } = "";

    public int ModelLine { get; init; }

    public bool SandboxRequired { get; init; }

    public int RunSecondsMax { get; init; }

    public int TurnsMax { get; init; }

    public decimal CostUsdMax { get; init; }

    public int DiffLinesMax { get; init; }

    public int DiffFilesMax { get; init; }

    public int BudgetLine { get; init; }

    /// <summary>Questions of this lane only: rules that ask, with the lane among their conditions.</summary>
    public IReadOnlyList<PolicyRule> Approvals { get; init; } = [];

    public MergeRule? Merge { get; init; }

    public bool? Draft { get; init; }

    public int GuardedHours { get; init; }

    public int QuestionsMax { get; init; }
}

/// <summary>Commands that a lane's agents may run only when people allow it.</summary>
/// <param name="Commands">By their first words.</param>
/// <param name="Rule">How many people, and who.</param>
internal sealed record CommandQuestion(IReadOnlyList<string> Commands, PolicyRule Rule);

/// <summary>A rule of its own name: denies or asks when all its conditions hold.</summary>
internal sealed record PolicyRule
{
    public required string Name { get; init; }

    public required int Line { get; init; }

    public required Verdict Verdict { get; init; }

    public PolicyCondition When { get; init; } = new();

    public int Approvals { get; init; }

    public IReadOnlyList<string> By { get; init; } = [];

    public string Because { get; init; } = "";

    /// <summary>True: a question that is put before the run; false: one about the real diff. No matter for denials.</summary>
    public bool AtPlan { get; init; }
}

/// <summary>All that is said must hold; of each list, one entry.</summary>
internal sealed record PolicyCondition
{
    public IReadOnlyList<LinedGlob> Paths { get; init; } = [];

    public ChangeKind Kinds { get; init; }

    public IReadOnlyList<string> Lanes { get; init; } = [];

    public IReadOnlyList<TaskKind> Types { get; init; } = [];

    public IReadOnlyList<NamePattern> Requesters { get; init; } = [];

    public IReadOnlyList<string> Roles { get; init; } = [];

    public IReadOnlyList<NamePattern> Repositories { get; init; } = [];

    public int? LinesOver { get; init; }

    public int? FilesOver { get; init; }

    public IReadOnlyList<string> Risk { get; init; } = [];

    public bool? FirstTime { get; init; }

    /// <summary>True when it is about single files.</summary>
    public bool OfFiles => Paths.Count > 0 || Kinds != ChangeKind.None;

    /// <summary>True when it needs the real diff.</summary>
    public bool OfSize => LinesOver is not null || FilesOver is not null;
}

/// <summary>What a policy's own test gives and expects.</summary>
internal sealed record PolicyExample
{
    public required string Name { get; init; }

    public required int Line { get; init; }

    public required PolicyQuestion Given { get; init; }

    public required Verdict Expect { get; init; }

    public string Rule { get; init; } = "";
}
