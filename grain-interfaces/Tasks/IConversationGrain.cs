namespace Orchestrator.GrainInterfaces.Tasks;

/// <summary>One thing that was said in a task.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.conversation-entry")]
public sealed record ConversationEntry
{
    /// <summary>Its number in the task, from 1.</summary>
    [Id(0)]
    public int Number { get; init; }

    /// <summary>The turn it belongs to, from 1; 0 = a reply that still waits for its turn.</summary>
    [Id(1)]
    public int Turn { get; init; }

    /// <summary><c>user</c>, <c>mediator</c> or <c>agent</c>.</summary>
    [Id(2)]
    public string Role { get; init; } = "";

    /// <summary>What was said, whole.</summary>
    [Id(3)]
    public string Text { get; init; } = "";

    /// <summary>When, UTC.</summary>
    [Id(4)]
    public DateTimeOffset At { get; init; }

    /// <summary>Who: the requester's name, the model, the agent.</summary>
    [Id(5)]
    public string Author { get; init; } = "";

    /// <summary>By which door a user said it: <c>cli http file telegram github</c>; empty for the others.</summary>
    [Id(6)]
    public string Channel { get; init; } = "";

    /// <summary>For an agent's answer: the artifact that holds the rest, e.g. <c>results/task_1.json</c>.</summary>
    [Id(7)]
    public string Artifact { get; init; } = "";

    /// <summary>Names of the files that were sent along.</summary>
    [Id(8)]
    public IReadOnlyList<string> Attachments
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Constraints that it added.</summary>
    [Id(9)]
    public IReadOnlyList<string> Constraints
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>True for a reply that was withdrawn because the task was cancelled before its turn.</summary>
    [Id(10)]
    public bool Withdrawn { get; init; }
}

/// <summary>Part of a conversation, oldest first.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Entries">In order.</param>
/// <param name="Total">Entries there are.</param>
/// <param name="Next">Hand back as <c>after</c> for the next part; null when this is the last one.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.conversation-page")]
public sealed record ConversationPage(
    [property: Id(0)] string TaskId,
    [property: Id(1)] IReadOnlyList<ConversationEntry> Entries,
    [property: Id(2)] int Total,
    [property: Id(3)] int? Next
);

#if !CLIENT_PACKAGE
/// <summary>What was said in a task: a read model of its facts, never a truth of its own. Key = the task's id.</summary>
[GrainInterfaceType("conversation"), Alias("orchestrator.conversation")]
public interface IConversationGrain : IGrainWithStringKey
{
    /// <summary>Entries after a number, at most <paramref name="max"/> (1 to 1,000); null when there is no such task.</summary>
    [Alias("read")]
    Task<ConversationPage?> ReadAsync(int after, int max, CancellationToken cancellationToken);

    /// <summary>For the Orleans dashboard: how much there is and the last entry, cut. Keeps nothing for an unknown task.</summary>
    [Alias("get-state")]
    Task<ConversationPage?> GetState();
}
#endif
