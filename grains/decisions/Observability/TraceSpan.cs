namespace Orchestrator.Decisions.Observability;

/// <summary>A finished span.</summary>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="SpanId">16 hex digits.</param>
/// <param name="ParentId">16 hex digits; empty = it is the root.</param>
/// <param name="Name">Of a closed set.</param>
/// <param name="Start">UTC.</param>
/// <param name="End">UTC; not before the start.</param>
/// <param name="Error">Why it ended badly, a name of a closed set; empty = it did not.</param>
/// <param name="Attributes">Ids, names of closed sets and numbers (<see cref="long"/>, <see cref="double"/>); never words.</param>
public sealed record TraceSpan(
    string TraceId,
    string SpanId,
    string ParentId,
    string Name,
    DateTimeOffset Start,
    DateTimeOffset End,
    string Error,
    IReadOnlyList<KeyValuePair<string, object>> Attributes
)
{
    /// <summary>Of a root: the span of another trace that caused it, as a W3C <c>traceparent</c>; empty = none is known.</summary>
    public string CausedBy { get; init; } = "";
}
