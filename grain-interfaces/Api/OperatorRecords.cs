using System.Text.Json.Serialization;

namespace Orchestrator.GrainInterfaces.Api;

/// <summary>A delivery to a subscriber that was given up; it waits for an operator.</summary>
/// <param name="Id">The letter's number.</param>
/// <param name="Subscriber">The subscriber's kind: <c>files</c>, <c>metrics</c>.</param>
/// <param name="Partition">0 to 7.</param>
/// <param name="TaskId">The fact's task.</param>
/// <param name="Position">The fact's place in the journal.</param>
/// <param name="Error">Why it was given up, redacted.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="At">When it was given up, UTC.</param>
/// <param name="ReplayedAt">When a replay delivered it, UTC; null = it waits.</param>
public sealed record DeadLetterInfo(
    long Id,
    string Subscriber,
    int Partition,
    string TaskId,
    long Position,
    string Error,
    int Attempts,
    DateTimeOffset At,
    DateTimeOffset? ReplayedAt
);

/// <summary>Answer of <c>GET /v1/dead-letters</c>.</summary>
/// <param name="Letters">Oldest first.</param>
/// <param name="Open">How many wait for an operator, all subscribers.</param>
/// <param name="Next">Hand it back as <c>after</c> for the next page; null = the end.</param>
public sealed record DeadLetterPage(IReadOnlyList<DeadLetterInfo> Letters, long Open, long? Next);

/// <summary>Body of <c>POST /v1/dead-letters/replay</c>: either numbers or <c>all</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReplayRequest
{
    /// <summary>Letters to replay, 1 to 1,000; null with <see cref="All"/>.</summary>
    public IReadOnlyList<long>? Ids { get; init; }

    /// <summary>True: the oldest 1,000 that wait.</summary>
    public bool All { get; init; }

    /// <summary>With <see cref="All"/>: only this subscriber's; null = all.</summary>
    public string? Subscriber { get; init; }
}

/// <summary>Answer of <c>POST /v1/dead-letters/replay</c>. Replaying what was replayed before is a success and delivers nothing.</summary>
/// <param name="Replayed">Delivered, now or before.</param>
/// <param name="Failed">Not delivered, and why; they wait on.</param>
public sealed record ReplayReport(
    IReadOnlyList<long> Replayed,
    IReadOnlyList<ReplayFailure> Failed
);

/// <summary>A letter that could not be delivered.</summary>
public sealed record ReplayFailure(long Id, string Error);

/// <summary>Answer of <c>GET /v1/hosts</c>.</summary>
/// <param name="Hosts">Every host that ever was, by name.</param>
public sealed record HostList(IReadOnlyList<HostInfo> Hosts);

/// <summary>Answer of <c>GET /v1/accounts</c>.</summary>
/// <param name="Accounts">The agent accounts that living or former hosts have named since the queue's activation, by name.</param>
public sealed record AccountList(IReadOnlyList<Queueing.UsageWindow> Accounts);

/// <summary>A runner kind on a host.</summary>
/// <param name="Kind">The runner kind.</param>
/// <param name="Version">Its program's version, or empty while it is unknown.</param>
/// <param name="Login">How its agent signs in: the name of a variable, <c>login</c>, or empty when nothing was found (or nothing is needed).</param>
/// <param name="Problem">Why its runs would fail, with the cure; empty = they would not.</param>
/// <param name="Drift">A sentence when the version is another than the tested one, or empty.</param>
public sealed record RunnerInfo(
    string Kind,
    string Version,
    string Login,
    string Problem,
    string Drift
);

/// <summary>A runner host as the store and the queue know it.</summary>
public sealed record HostInfo
{
    /// <summary>Its name.</summary>
    public string Host { get; init; } = "";

    /// <summary><c>online</c>, <c>unfit</c> (takes no new runs: see <see cref="Problem"/>), <c>drained</c> (gets no new runs), <c>offline</c> (it ended by itself) or <c>lost</c> (its lease ended without a word).</summary>
    public string State { get; init; } = "";

    /// <summary>Grows each time its runner starts, and each time it is declared dead.</summary>
    public long Epoch { get; init; }

    /// <summary>Agents at once.</summary>
    public int Slots { get; init; }

    /// <summary>Slots in use as the host itself says; 0 when it is not online.</summary>
    public int SlotsUsed { get; init; }

    /// <summary>What it offers, e.g. <c>os=windows</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Attempts that run there, as <c>task#attempt</c>.</summary>
    public IReadOnlyList<string> Runs { get; init; } = [];

    /// <summary>End of its lease, UTC; null = given back.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Why it takes no new runs, with the cure; empty = it takes them, or is not online.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Free disk where its worktrees lie, bytes; null = not known.</summary>
    public long? DiskFreeBytes { get; init; }

    /// <summary>How far its clock is ahead of the database's, seconds, negative = behind; null = not known. Above 5 either way it should be set right.</summary>
    public double? ClockSkewSeconds { get; init; }

    /// <summary>Its runner kinds; empty when it is not online.</summary>
    public IReadOnlyList<RunnerInfo> Runners { get; init; } = [];
}

/// <summary>Body of <c>POST /v1/merge-queue</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MergeStopRequest
{
    /// <summary><c>github:owner/name</c>. Required.</summary>
    public string? Repository { get; init; }

    /// <summary>True: nothing is merged by itself there; false: it goes on. Required.</summary>
    public bool? Stopped { get; init; }
}
