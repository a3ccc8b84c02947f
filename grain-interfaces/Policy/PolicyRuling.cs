namespace Orchestrator.GrainInterfaces.Policy;

/// <summary>What the active policy said at one stage of a turn: the strictest of its rulings counts.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.policy-ruling")]
public sealed record PolicyRuling
{
    /// <summary><c>request</c>, <c>plan</c> or <c>diff</c>.</summary>
    [Id(0)]
    public required string Stage { get; init; }

    /// <summary>The policy's name and the first 12 hex digits of its SHA-256: <c>default@0f3a…</c>.</summary>
    [Id(1)]
    public required string Policy { get; init; }

    /// <summary>The strictest verdict; allow when no rule objects.</summary>
    [Id(2)]
    public Verdict Verdict { get; init; }

    /// <summary>The rules that deny or ask, denials first; at most 50. One allow ruling when none does.</summary>
    [Id(3)]
    public IReadOnlyList<Ruling> Rulings
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>What the lane allows; null at the request, when the kind of work is not known yet.</summary>
    [Id(4)]
    public LaneRights? Lane { get; init; }

    /// <summary>How many different people must say yes: the most that any ruling wants.</summary>
    [Id(5)]
    public int Approvals { get; init; }

    /// <summary>Roles of which each approver must have one: those that all asking rulings accept; empty = anybody who may approve.</summary>
    [Id(6)]
    public IReadOnlyList<string> Roles
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>How a lane's work reaches the repository.</summary>
public enum LaneWrite
{
    /// <summary>Not at all: the lane only reads.</summary>
    None = 0,

    /// <summary>As accepted work, by commit or pull request.</summary>
    Direct = 1,

    /// <summary>As a staged diff that people approve and then apply.</summary>
    Guarded = 2,
}

/// <summary>What a lane allows its runs. Made from the policy when the plan is ruled on, and in force for the turn.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lane-rights")]
public sealed record LaneRights
{
    /// <summary>The lane's name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>How its work reaches the repository.</summary>
    [Id(1)]
    public LaneWrite Write { get; init; }

    /// <summary>Globs of the paths it may change; empty = all.</summary>
    [Id(2)]
    public IReadOnlyList<string> Paths
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Globs of the paths that no run of it may touch, whatever else is said.</summary>
    [Id(3)]
    public IReadOnlyList<string> Protected
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Tools the agent is offered, by its own names; empty = what its kind of work gets.</summary>
    [Id(4)]
    public IReadOnlyList<string> Tools
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Commands it may run, by their first words (<c>dotnet test</c>); null = the host's setting, empty = none.</summary>
    [Id(5)]
    public IReadOnlyList<string>? Commands { get; init; }

    /// <summary>True: it only runs on a host with a sandbox.</summary>
    [Id(6)]
    public bool SandboxRequired { get; init; }

    /// <summary><c>open</c>, <c>allowlist</c> or <c>off</c>; empty = the host's setting. Held only in a sandbox.</summary>
    [Id(7)]
    public string Network
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>With <c>allowlist</c>: host names, exact or <c>*.suffix</c>, beside the agent's own API.</summary>
    [Id(8)]
    public IReadOnlyList<string> Hosts
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The model it must use; empty = any.</summary>
    [Id(9)]
    public string Model
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>Wall clock of one run, seconds; 0 = the task's or the server's.</summary>
    [Id(10)]
    public int RunSecondsMax { get; init; }

    /// <summary>Turns of the agent's own loop; 0 = the server's.</summary>
    [Id(11)]
    public int TurnsMax { get; init; }

    /// <summary>What one run may cost, US dollars; 0 = no limit of the lane.</summary>
    [Id(12)]
    public decimal CostUsdMax { get; init; }

    /// <summary>How long an approved guarded diff may be applied, hours; 0 = 168.</summary>
    [Id(13)]
    public int GuardedHours { get; init; }

    /// <summary>How many questions the mediator may ask before code is written, 0 to 5.</summary>
    [Id(14)]
    public int QuestionsMax { get; init; }

    /// <summary>Commands that a person must allow each time, by their first words (<c>git push</c>); stronger than <see cref="Commands"/>. At most 1,000.</summary>
    [Id(15)]
    public IReadOnlyList<string> AskCommands
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>How many different people must allow such a command; 0 counts as 1.</summary>
    [Id(16)]
    public int AskApprovals { get; init; }

    /// <summary>Roles of which each of them must have one; empty = anybody who may approve.</summary>
    [Id(17)]
    public IReadOnlyList<string> AskRoles
    {
        get;
        init => field = value ?? [];
    } = [];
}
