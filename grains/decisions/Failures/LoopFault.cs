namespace Orchestrator.Decisions.Failures;

/// <summary>
/// What a loop that must not end outlives. A loop of the silo that ends by an exception ends the silo with it, and whoever it
/// asks may be cancelled for reasons of their own: an <see cref="OperationCanceledException"/> alone does not say that this
/// loop is to stop.
/// </summary>
public static class LoopFault
{
    /// <summary>False for the loop's own end, and for a process that has no memory left.</summary>
    /// <param name="e">What came instead of an answer.</param>
    /// <param name="end">The token that ends the loop.</param>
    public static bool IsOutlived(Exception e, CancellationToken end) =>
        e is not OutOfMemoryException
        && !(e is OperationCanceledException && end.IsCancellationRequested);
}
