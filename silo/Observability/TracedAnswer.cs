using Orchestrator.Decisions.Observability;

namespace Orchestrator.Silo.Observability;

/// <summary>An answer about a turn, with the turn's trace in its header <c>traceparent</c>.</summary>
internal sealed class TracedAnswer(IResult answer, string taskId, int turn) : IResult
{
    /// <inheritdoc />
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        httpContext.Response.Headers.TraceParent = TraceIds.ParentOfTurn(taskId, turn);
        return answer.ExecuteAsync(httpContext);
    }
}
