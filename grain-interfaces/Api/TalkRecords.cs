using System.Text.Json.Serialization;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.GrainInterfaces.Api;

/// <summary>A file that was stored by <c>POST /v1/attachments</c>, as requests name it.</summary>
/// <param name="Name">Its name, 1 to 100 characters.</param>
/// <param name="Blob">Where its content lies: 64 hex digits.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AttachedFile(string? Name, string? Blob)
{
    /// <summary>As the answer said it; looked at again where it is used.</summary>
    public long? Bytes { get; init; }

    /// <summary>As the answer said it; looked at again where it is used.</summary>
    public string? MediaType { get; init; }
}

/// <summary>Body of <c>POST /v1/tasks/{id}/reply</c>. Unknown keys are refused. Limits are those of <see cref="Reply"/>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReplyRequest
{
    /// <summary>The words, verbatim; 1 to 200,000 characters. Required.</summary>
    public string? Text { get; init; }

    /// <summary>What must hold in this turn and all later ones; null = nothing new.</summary>
    public IReadOnlyList<string>? Constraints { get; init; }

    /// <summary><c>fix bug_fix code_review summarize analyze documentation</c> from this turn on; null = as before.</summary>
    public string? Type { get; init; }

    /// <summary><c>high medium low</c> from this turn on; null = as before.</summary>
    public string? Priority { get; init; }

    /// <summary>True: what is under way is stopped for it. Default: it waits for the end.</summary>
    public bool? Interrupt { get; init; }

    /// <summary>Files as <c>POST /v1/attachments</c> answered them; null = none.</summary>
    public IReadOnlyList<AttachedFile>? Attachments { get; init; }

    /// <summary>For the scripted runner: the script of this turn as JSON text.</summary>
    public string? Script { get; init; }

    /// <summary>By which client: <c>cli</c>; null = <c>http</c>.</summary>
    public string? Source { get; init; }
}

/// <summary>Answer of <c>POST /v1/tasks/{id}/reply</c>.</summary>
/// <param name="Task">The task after it.</param>
/// <param name="ReplyId">The reply's id: sent again with the same key, it is the same one.</param>
/// <param name="Waiting">True while replies wait for what is under way to end.</param>
public sealed record ReplyAnswer(TaskSnapshot Task, string ReplyId, bool Waiting);

/// <summary>Body of <c>POST /v1/tasks/{id}/fork</c>. Unknown keys are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ForkRequest
{
    /// <summary>What the new task is to do; 1 to 200,000 characters. Required.</summary>
    public string? Request { get; init; }

    /// <summary>The turn whose end the new task begins from, 1 or more; null = the last one that has ended.</summary>
    public int? Turn { get; init; }

    /// <summary>An id of the caller's own for the new task; null = generated.</summary>
    public string? Id { get; init; }

    /// <summary>See <see cref="ReplyRequest.Type"/>; null = the mediator decides.</summary>
    public string? Type { get; init; }

    /// <summary><c>high medium low</c>; null = the parent's.</summary>
    public string? Priority { get; init; }

    /// <summary>Further constraints; the parent's hold too.</summary>
    public IReadOnlyList<string>? Constraints { get; init; }

    /// <summary>For the scripted runner: the script as JSON text.</summary>
    public string? Script { get; init; }

    /// <summary>By which client: <c>cli</c>; null = <c>http</c>.</summary>
    public string? Source { get; init; }
}
