namespace Orchestrator.GrainInterfaces.Delivery;

/// <summary>A task's pull request.</summary>
/// <param name="Repository"><c>github:owner/name</c>.</param>
/// <param name="Number">Its number there, from 1.</param>
/// <param name="WebAddress">For people.</param>
/// <param name="Branch">Head branch.</param>
/// <param name="Base">Base branch.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.pull-request-ref")]
public sealed record PullRequestRef(
    [property: Id(0)] string Repository,
    [property: Id(1)] int Number,
    [property: Id(2)] string WebAddress,
    [property: Id(3)] string Branch,
    [property: Id(4)] string Base
);

/// <summary>What people or checks said about delivered work; each item causes work once.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.feedback")]
public sealed record Feedback
{
    /// <summary>Never twice in a task: <c>review:1</c>, <c>line:2</c>, <c>comment:3</c>, <c>check:HEAD:NAME</c>, <c>conflict:HEAD:BASE</c>.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary><c>review</c>, <c>line</c>, <c>comment</c>, <c>check</c>, <c>conflict</c>.</summary>
    [Id(1)]
    public required string Kind { get; init; }

    /// <summary>Who said it: a login, or the check's name.</summary>
    [Id(2)]
    public string By { get; init; } = "";

    /// <summary>The words, redacted; at most 20,000 characters.</summary>
    [Id(3)]
    public string Text { get; init; } = "";

    /// <summary>Path in the repository, or empty.</summary>
    [Id(4)]
    public string Path { get; init; } = "";

    /// <summary>Line in the new file, or 0.</summary>
    [Id(5)]
    public int Line { get; init; }

    /// <summary>The commit it was said about, or empty.</summary>
    [Id(6)]
    public string Head { get; init; } = "";

    /// <summary>For people, or empty.</summary>
    [Id(7)]
    public string WebAddress { get; init; } = "";
}
