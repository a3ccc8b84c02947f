using System.Globalization;

namespace Orchestrator.SystemTests;

/// <summary>Waits for the files that a silo exports.</summary>
internal static class Exports
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Until everything that is in the journal about these tasks is exported: artifact, summary, events.</summary>
    public static async Task WaitAsync(
        string data,
        IEnumerable<string> taskIds,
        CancellationToken cancellationToken = default
    )
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        foreach (var id in taskIds)
        {
            // The exporter's durable cursor tells it, and nobody is told of a cursor: looked at until it has come by.
            while (
                ChainReader.Scalar(
                    data,
                    $"""
                    SELECT (SELECT max(position) FROM fact WHERE task_id = '{id}') > coalesce((
                      SELECT max(c.position) FROM cursor c
                      WHERE c.subscriber = 'files'
                        AND c.partition = (SELECT partition FROM fact WHERE task_id = '{id}' LIMIT 1)), 0)
                    """
                ) != 0
            )
            {
                if (limit.IsCancellationRequested)
                {
                    throw new TimeoutException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Task {id} was not exported within {Deadline.TotalSeconds:F0} s."
                        )
                    );
                }
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }
}
