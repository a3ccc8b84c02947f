using Orchestrator.Decisions.Observability;

namespace Orchestrator.Grains.Observability;

/// <summary>Where finished spans go.</summary>
public interface ISpanSink
{
    /// <summary>False = nobody wants any; none is made.</summary>
    bool Wanted { get; }

    /// <summary>Sends them, with a few tries. What the receiver does not take within the limits is dropped and counted; never throws for it.</summary>
    Task SendAsync(IReadOnlyList<TraceSpan> spans, CancellationToken cancellationToken);
}
