using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>Figures of one measurement, printed as a Markdown row.</summary>
internal static class Figures
{
    /// <summary>The value below which a share (0 to 1) of the samples lies.</summary>
    public static double Percentile(IEnumerable<double> samples, double share)
    {
        var sorted = samples.Order().ToArray();
        return sorted.Length == 0
            ? double.NaN
            : sorted[
                Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)
            ];
    }

    /// <summary>Middle of the samples.</summary>
    public static double Median(IEnumerable<double> samples) => Percentile(samples, 0.5);

    /// <summary>Prints a table's head.</summary>
    public static void Head(string title, params ReadOnlySpan<string> columns)
    {
        Console.WriteLine($"\n### {title}\n");
        Console.WriteLine($"| {string.Join(" | ", columns)} |");
        Console.WriteLine("|" + string.Concat(Enumerable.Repeat("---|", columns.Length)));
    }

    /// <summary>Prints a row.</summary>
    public static void Row(params ReadOnlySpan<string> cells) =>
        Console.WriteLine($"| {string.Join(" | ", cells)} |");

    /// <summary>A number with a sensible count of digits.</summary>
    public static string N(double value) =>
        value.ToString(
            Math.Abs(value) switch
            {
                >= 100 => "N0",
                >= 10 => "N1",
                _ => "N2",
            },
            CultureInfo.InvariantCulture
        );

    /// <summary>This process' CPU time so far, in seconds.</summary>
    public static double CpuSeconds()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds;
    }
}
