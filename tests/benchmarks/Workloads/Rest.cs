namespace Orchestrator.Benchmarks.Workloads;

/// <summary>
/// Time that passes because the workload says so (pauses, idle time) or because an engine has no event for what is waited
/// for. The only such place of the workloads.
/// </summary>
internal static class Rest
{
    /// <summary>Lets so much time pass.</summary>
    public static Task ForAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);
}
