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
