namespace Orchestrator.GrainInterfaces.Mediation;

/// <summary>Who made a plan.</summary>
public enum MediationMode
{
    /// <summary>Deterministic rules; on disk <c>FALLBACK</c>.</summary>
    Fallback = 0,

    /// <summary>The local model; on disk <c>LLAMA</c>.</summary>
    Llama = 1,
}

/// <summary>What the mediator adds to a request. The user's words are not part of it: they reach the agent verbatim.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.plan")]
public sealed record Plan
{
    /// <summary>Which mediator made it.</summary>
    [Id(0)]
    public MediationMode Mode { get; init; }

    /// <summary>The model asked, or empty.</summary>
    [Id(1)]
    public string Model { get; init; } = "";

    /// <summary>Why the fallback was used, one sentence; empty with <see cref="MediationMode.Llama"/>.</summary>
    [Id(2)]
    public string FallbackReason { get; init; } = "";

    /// <summary>The kind of work; never <see cref="Tasks.TaskKind.Unknown"/>.</summary>
    [Id(3)]
    public Tasks.TaskKind Kind { get; init; }

    /// <summary>1 to 200 characters, one line.</summary>
    [Id(4)]
    public string Title { get; init; } = "";

    /// <summary>Files the work is expected to touch, relative, '/' separated. At most 50.</summary>
    [Id(5)]
    public IReadOnlyList<string> TargetFiles { get; init; } = [];

    /// <summary>What must hold in the end. At most 20.</summary>
    [Id(6)]
    public IReadOnlyList<string> SuccessCriteria { get; init; } = [];

    /// <summary><c>low</c>, <c>medium</c> or <c>high</c>.</summary>
    [Id(7)]
    public string Risk { get; init; } = "low";

    /// <summary>True when the agent must not write.</summary>
    [Id(8)]
    public bool ReadOnly { get; init; }

    /// <summary>Summary of earlier turns for a continued task, or empty. At most 4,000 characters.</summary>
    [Id(9)]
    public string PriorSummary { get; init; } = "";

    /// <summary>The agent prompt in force (<c>bug_fix</c>, ...); a requester's choice survives mediation.</summary>
    [Id(10)]
    public string AgentType { get; init; } = "";

    /// <summary>True when the model's answer was read, whether it was of use or not.</summary>
    [Id(11)]
    public bool ModelAnswered { get; init; }

    /// <summary>Who wrote <see cref="PriorSummary"/>: the model, or the rules that cut the earlier text.</summary>
    [Id(12)]
    public MediationMode PriorSummaryMode { get; init; }
}
