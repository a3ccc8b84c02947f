namespace Orchestrator.GrainInterfaces.Api;

/// <summary>One fact of a task as an auditor reads it.</summary>
/// <param name="Sequence">The fact's number in its task, from 1.</param>
/// <param name="Position">Its place in the whole journal.</param>
/// <param name="At">When it was recorded, UTC.</param>
/// <param name="Kind">The fact's name on disk, such as <c>approved</c>.</param>
/// <param name="Who">The person or program that the fact names; empty = the orchestrator itself.</param>
/// <param name="Channel">By which door the request came (<c>cli</c>, <c>http</c>, a task file); empty when the fact names none.</param>
/// <param name="What">Its other values, <c>name=value</c>, at most 400 characters; long texts are cut.</param>
/// <param name="Hash">The stored hash, lower-case hex.</param>
public sealed record AuditEntry(
    long Sequence,
    long Position,
    DateTimeOffset At,
    string Kind,
    string Who,
    string Channel,
    string What,
    string Hash
);

/// <summary>Answer of <c>GET /v1/tasks/{id}/audit</c>.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Entries">Its facts in order, at most the wanted number.</param>
/// <param name="Next">Hand it back as <c>after</c> for the next page; null = the end.</param>
/// <param name="Breaks">What is wrong with the task's hash chain, one sentence each; empty = it verifies.</param>
public sealed record AuditReport(
    string TaskId,
    IReadOnlyList<AuditEntry> Entries,
    long? Next,
    IReadOnlyList<string> Breaks
);

/// <summary>Something that is wrong in an exported file.</summary>
/// <param name="Line">The line in the file, from 1.</param>
/// <param name="TaskId">The task of the record there, or of the last one before it that could be read; empty = none.</param>
/// <param name="Sequence">The record's number in its task; 0 = it could not be read.</param>
/// <param name="Message">What is wrong, with line, task and number.</param>
public sealed record AuditFinding(long Line, string TaskId, long Sequence, string Message);

/// <summary>Answer of <c>audit verify FILE --json</c>.</summary>
/// <param name="Records">Facts that the file holds.</param>
/// <param name="Tasks">Tasks that they are of.</param>
/// <param name="Digest">The file's digest, lower-case hex: the same file has the same. Empty when there are findings.</param>
/// <param name="Findings">At most 100, in the order of the file; empty = it verifies.</param>
public sealed record AuditVerdict(
    long Records,
    int Tasks,
    string Digest,
    IReadOnlyList<AuditFinding> Findings
);
