using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests;

/// <summary>Waits for a fact of a task by the task's own stream.</summary>
internal static class FactWait
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>The first fact that is wanted, old ones after a number included.</summary>
    public static async Task<TaskFact> SeenAsync(
        SiloProcess silo,
        string taskId,
        Func<TaskFact, bool> wanted,
        long after = 0
    )
    {
        using var limit = new CancellationTokenSource(Deadline);
        try
        {
            await foreach (var entry in silo.Client.WatchAsync(taskId, after, limit.Token))
            {
                if (wanted(entry.Fact))
                {
                    return entry.Fact;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The awaited fact of {taskId} did not come.");
        }
        throw new InvalidOperationException("The stream ended.");
    }
}
