using System.Text.Json;

namespace Orchestrator.Benchmarks.Workloads;

/// <summary>The child's side: takes an order from a file, runs it, writes the result to the file that the order names.</summary>
internal static class SubjectProcess
{
    /// <summary>The first argument of a child; the second is the order's file.</summary>
    public const string Verb = "subject";

    /// <summary>Runs the order; 0 when its result is written.</summary>
    public static async Task<int> RunAsync(string file, Func<SubjectOrder, Subject?> find)
    {
        var order = JsonSerializer.Deserialize<SubjectOrder>(await File.ReadAllTextAsync(file))!;
        await using var subject =
            find(order)
            ?? throw new ArgumentException($"'{order.Subject}' is not known to this program.");
        var result = await new WorkloadRun(subject, order).RunAsync();
        await File.WriteAllTextAsync(order.Result, result.Write());
        return 0;
    }
}
