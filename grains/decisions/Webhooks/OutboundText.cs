using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Webhooks;

/// <summary>Turns facts into messages of Standard Webhooks: <c>{"type":...,"timestamp":...,"data":{...}}</c>. Shapes: schemas/json/webhook.schema.json.</summary>
public static class OutboundText
{
    /// <summary>Facts older than this when they are read are not told: a new endpoint gets news, not history.</summary>
    public static TimeSpan NewsMax { get; } = TimeSpan.FromHours(24);

    private const int TextMax = 2_000;

    /// <summary>Every type that there is.</summary>
    public static IReadOnlyList<string> Types { get; } =
    [
        "task.submitted",
        "task.turn_started",
        "task.run_started",
        "task.approval_needed",
        "task.approval_reminded",
        "task.approval_handed_over",
        "task.paused",
        "task.resumed",
        "task.staged",
        "task.done",
        "task.failed",
        "task.cancelled",
        "task.pull_request_opened",
        "task.pull_request_merged",
        "task.pull_request_closed",
    ];

    /// <summary>The type of a fact's message; null = it is told to nobody.</summary>
    public static string? TypeOf(TaskFact fact) =>
        fact switch
        {
            TaskFact.Submitted => "task.submitted",
            TaskFact.TurnStarted => "task.turn_started",
            TaskFact.ApprovalReminded => "task.approval_reminded",
            TaskFact.ApprovalHandedOver => "task.approval_handed_over",
            TaskFact.RunStarted => "task.run_started",
            TaskFact.ApprovalAsked => "task.approval_needed",
            TaskFact.Paused => "task.paused",
            TaskFact.Resumed => "task.resumed",
            TaskFact.Staged => "task.staged",
            TaskFact.Delivered => "task.done",
            TaskFact.Failed => "task.failed",
            TaskFact.Cancelled => "task.cancelled",
            TaskFact.PullRequestOpened => "task.pull_request_opened",
            TaskFact.Merged => "task.pull_request_merged",
            TaskFact.PullRequestClosed => "task.pull_request_closed",
            _ => null,
        };

    /// <summary>True when an endpoint with this list wants the type; an empty list wants all, <c>task.pull_request_*</c> a group.</summary>
    public static bool Wants(IReadOnlyList<string> wanted, string type)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(type);
        return wanted.Count == 0
            || wanted.Any(w =>
                w == type || (w.EndsWith('*') && type.StartsWith(w[..^1], StringComparison.Ordinal))
            );
    }

    /// <summary>The message's id: the same for the same fact and endpoint, however often it is made.</summary>
    public static string IdOf(string endpoint, long position) =>
        string.Create(CultureInfo.InvariantCulture, $"msg_{endpoint}_{position}");

    /// <summary>The message of a fact, not redacted yet; null when it is told to nobody.</summary>
    public static string? Write(JournalEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (TypeOf(entry.Fact) is not { } type)
        {
            return null;
        }
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("timestamp", entry.At.UtcDateTime);
            json.WriteStartObject("data");
            json.WriteString("task_id", entry.TaskId);
            json.WriteNumber("sequence", entry.Sequence);
            json.WriteNumber("position", entry.Position);
            Details(json, entry.Fact);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Details(Utf8JsonWriter json, TaskFact fact)
    {
        switch (fact)
        {
            case TaskFact.TurnStarted f:
                json.WriteNumber("turn", f.Turn);
                Text(json, "kind", f.Kind);
                Text(json, "by", f.By);
                break;
            case TaskFact.RunStarted f:
                json.WriteNumber("turn", f.Turn);
                json.WriteNumber("attempt", f.Attempt);
                Text(json, "host", f.Host);
                Text(json, "runner", f.Runner);
                break;
            case TaskFact.ApprovalAsked f:
                Text(json, "what", f.What);
                json.WriteString("deadline", f.Deadline.UtcDateTime);
                if (f.Command is { } command)
                {
                    Text(json, "command", command.Command);
                    Text(json, "folder", command.Folder);
                    Text(json, "hash", f.Hash);
                }
                break;
            case TaskFact.ApprovalReminded f:
                Text(json, "what", f.What);
                json.WriteString("deadline", f.Deadline.UtcDateTime);
                Text(json, "to", f.To);
                break;
            case TaskFact.ApprovalHandedOver f:
                Text(json, "by", f.By);
                Text(json, "to", f.To);
                Text(json, "note", f.Note);
                break;
            case TaskFact.Paused f:
                Text(json, "reason", f.Reason);
                if (f.Until is { } until)
                {
                    json.WriteString("until", until.UtcDateTime);
                }
                break;
            case TaskFact.Resumed f:
                Text(json, "by", f.By);
                break;
            case TaskFact.Staged f:
                json.WriteNumber("turn", f.Turn);
                break;
            case TaskFact.Delivered f:
                json.WriteNumber("turn", f.Turn);
                break;
            case TaskFact.Failed f:
                Text(json, "code", f.Failure.Code);
                Text(json, "message", f.Failure.Message);
                break;
            case TaskFact.PullRequestOpened f:
                Text(json, "repository", f.PullRequest.Repository);
                json.WriteNumber("number", f.PullRequest.Number);
                Text(json, "url", f.PullRequest.WebAddress);
                break;
            case TaskFact.Merged f:
                Text(json, "commit", f.Commit);
                Text(json, "by", f.By);
                break;
            case TaskFact.PullRequestClosed f:
                Text(json, "by", f.By);
                break;
            default:
                break; // the type says it
        }
    }

    private static void Text(Utf8JsonWriter json, string name, string text) =>
        json.WriteString(name, text.Length > TextMax ? text[..TextMax] : text);
}
