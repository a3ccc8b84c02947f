namespace Orchestrator.Benchmarks.Workloads;

/// <summary>Percentiles by the nearest rank.</summary>
internal static class Samples
{
    /// <summary>The value below or at which a share (0 to 1) of the samples lies; NaN without any.</summary>
    public static double Percentile(IEnumerable<double> samples, double share)
    {
        var sorted = samples.Order().ToArray();
        return sorted.Length == 0
            ? double.NaN
            : sorted[
                Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)
            ];
    }
}
