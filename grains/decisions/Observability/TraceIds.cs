using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Decisions.Observability;

/// <summary>
/// Ids of traces and spans, made from names alone: whoever knows the task, the turn and the number makes the same ones, before
/// and after a crash, exported or not.
/// </summary>
public static class TraceIds
{
    /// <summary>Name of a turn's root span.</summary>
    public const string Root = "turn";

    /// <summary>Name of an agent's run.</summary>
    public const string Run = "run";

    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    /// <summary>A turn's trace, 32 hex digits.</summary>
    public static string Trace(string taskId, int turn) =>
        Hash(TraceBytes, $"trace\n{taskId}\n{Text(turn)}");

    /// <summary>A span of a turn, 16 hex digits.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="turn">The turn, from 1.</param>
    /// <param name="name">The span's name.</param>
    /// <param name="number">The attempt, or the number of the fact that began it; 0 for the root.</param>
    public static string Span(string taskId, int turn, string name, long number) =>
        Hash(SpanBytes, $"span\n{taskId}\n{Text(turn)}\n{name}\n{Text(number)}");

    /// <summary>The W3C <c>traceparent</c> of a turn.</summary>
    public static string ParentOfTurn(string taskId, int turn) =>
        Parent(Trace(taskId, turn), Span(taskId, turn, Root, 0));

    /// <summary>The W3C <c>traceparent</c> that an attempt's agent gets.</summary>
    public static string ParentOfRun(string taskId, int turn, int attempt) =>
        Parent(Trace(taskId, turn), Span(taskId, turn, Run, attempt));

    /// <summary>The W3C <c>traceparent</c> of the turn that a message to an endpoint names; null when it names none.</summary>
    /// <param name="message">JSON: <c>{"data":{"task_id":…,"turn":…}}</c>.</param>
    public static string? ParentOfMessage(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            if (
                !json.RootElement.TryGetProperty("data", out var data)
                || !data.TryGetProperty("task_id", out var task)
                || task.GetString() is not { Length: > 0 } id
            )
            {
                return null;
            }
            // The request itself is turn 1 and does not say so.
            return data.TryGetProperty("turn", out var turn) && turn.TryGetInt32(out var number)
                    ? ParentOfTurn(id, number)
                : data.TryGetProperty("sequence", out var first)
                && first.TryGetInt64(out var sequence)
                && sequence == 1
                    ? ParentOfTurn(id, 1)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Parent(string trace, string span) => $"00-{trace}-{span}-01";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Hash(int bytes, string name) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes("orchestrator\n" + name)).AsSpan(0, bytes)
        );
}
