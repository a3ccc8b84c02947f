using System.Text.Json.Serialization;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.GrainInterfaces.Api;

/// <summary>Counts of one type, host, requester, lane or day. Of a host its runs are counted, else turns that ended.</summary>
/// <param name="Name">Whose; a day as <c>2026-03-01</c> (UTC).</param>
/// <param name="Total">All.</param>
/// <param name="Success">Those that ended well.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Cancelled">Those that were cancelled.</param>
/// <param name="SuccessRate">Per cent of those that ended well or failed; 0 when there are none.</param>
/// <param name="Runs">Runs that ended.</param>
/// <param name="CostUsd">What they cost.</param>
/// <param name="Tokens">All kinds.</param>
public sealed record StatsLine(
    string Name,
    long Total,
    long Success,
    long Failed,
    long Cancelled,
    double SuccessRate,
    long Runs,
    decimal CostUsd,
    long Tokens
);

/// <summary>Answer of <c>GET /v1/stats/by/{dimension}</c>.</summary>
/// <param name="By"><c>type lane host requester day</c>.</param>
/// <param name="From">The first day, UTC, <c>2026-03-01</c>.</param>
/// <param name="CountedFrom">The first day that was counted by days; earlier ones are in <c>stats</c> alone. Null = none yet.</param>
/// <param name="Lines">The largest first, at most 1,000; days in their order.</param>
/// <param name="Days">Every day from the first to today, of all tasks.</param>
/// <param name="Durations">From submission to end, seconds.</param>
/// <param name="Waiting">In the queue, seconds.</param>
public sealed record StatsBreakdown(
    string By,
    string From,
    string? CountedFrom,
    IReadOnlyList<StatsLine> Lines,
    IReadOnlyList<StatsLine> Days,
    Percentiles Durations,
    Percentiles Waiting
);

/// <summary>A goal of section <c>Slo</c> and how it stands.</summary>
/// <param name="Name"><c>success</c> or <c>start</c>.</param>
/// <param name="Target">Share that must be good, 0 to 1.</param>
/// <param name="Reached">Share that was; null = nothing happened.</param>
/// <param name="Good">How many were good.</param>
/// <param name="Bad">How many were not.</param>
/// <param name="Allowed">How many may be bad: the error budget.</param>
/// <param name="WindowDays">Over so many days, today included.</param>
public sealed record SloLine(
    string Name,
    double Target,
    double? Reached,
    long Good,
    long Bad,
    long Allowed,
    int WindowDays
);

/// <summary>Answer of <c>GET /v1/health/gate</c>.</summary>
/// <param name="Passed">False when a check says <c>fail</c>.</param>
/// <param name="Checks">Each with its cure.</param>
/// <param name="Slos">The goals.</param>
public sealed record GateReport(
    bool Passed,
    IReadOnlyList<DoctorCheck> Checks,
    IReadOnlyList<SloLine> Slos
);

/// <summary>Body of <c>POST /v1/support-bundle</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SupportRequest
{
    /// <summary>Tasks whose facts go in, at most 20; null = none.</summary>
    public IReadOnlyList<string>? Tasks { get; init; }
}

/// <summary>What happened to one task in a time.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Title">Its title.</param>
/// <param name="Phase">Where it is now.</param>
/// <param name="At">When the last of it happened.</param>
/// <param name="Facts">How much happened.</param>
/// <param name="Happened">Kinds of facts in order, each once in a row, the last 20.</param>
public sealed record ProgressLine(
    string TaskId,
    string Title,
    TaskPhase Phase,
    DateTimeOffset At,
    int Facts,
    IReadOnlyList<string> Happened
);

/// <summary>Answer of <c>GET /v1/progress</c>.</summary>
/// <param name="Since">From then on.</param>
/// <param name="Tasks">Those to which something happened, the last first.</param>
/// <param name="Cut">True when more happened than is looked at (20,000 facts): the newest of it is missing; ask for a later time.</param>
public sealed record ProgressReport(
    DateTimeOffset Since,
    IReadOnlyList<ProgressLine> Tasks,
    bool Cut
);
