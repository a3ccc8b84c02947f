using System.Diagnostics;
using Orchestrator.Decisions.Observability;

namespace Orchestrator.Grains.Observability;

/// <summary>
/// Work under way for a turn: log lines written meanwhile name the turn's trace, and calls made over HTTP carry it on. It is no
/// span by itself; those are made of facts (<see cref="TurnTrace"/>).
/// </summary>
public static class TurnActivity
{
    /// <summary>By which it is told from activities of other libraries.</summary>
    public const string Name = "orchestrator.turn";

    /// <summary>Begins it; null, and no cost, where nobody wants traces. Its end is its disposal.</summary>
    /// <param name="sink">Whoever would be sent the trace.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="turn">The turn, from 1; 0 = before the first fact, which belongs to turn 1.</param>
    public static Activity? InTurn(this ISpanSink sink, string taskId, int turn)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (!sink.Wanted)
        {
            return null;
        }
        turn = Math.Max(1, turn);
#pragma warning disable CA2000 // its caller ends it
        var activity = new Activity(Name);
#pragma warning restore CA2000
        activity.SetParentId(
            ActivityTraceId.CreateFromString(TraceIds.Trace(taskId, turn)),
            ActivitySpanId.CreateFromString(TraceIds.Span(taskId, turn, TraceIds.Root, 0)),
            ActivityTraceFlags.Recorded
        );
        return activity.Start();
    }

    /// <summary>The trace that a log line belongs to, 32 hex digits; null outside of a turn.</summary>
    public static string? TraceNow =>
        Activity.Current is { OperationName: Name } now ? now.TraceId.ToHexString() : null;
}
