using System.Globalization;

namespace Orchestrator.Benchmarks.Workloads;

/// <summary>
/// What a step stores: 1,536 ASCII characters that do not compress and differ for each task and step. The first twelve name
/// both, the rest is a window of a fixed pool.
/// </summary>
internal static class Payload
{
    /// <summary>Steps of a task after its acceptance, which is step 0.</summary>
    public const int Steps = 8;

    /// <summary>Length in characters and bytes.</summary>
    public const int Length = 1_536;

    private const int NameLength = 12;
    private const int PoolBytes = 786_432;
    private const int PoolSeed = 42;
    private static readonly string Pool = MakePool();

    /// <summary>Bytes of payload that a task stores: its request and eight steps.</summary>
    public static int BytesPerTask => (Steps + 1) * Length;

    /// <summary>The payload of a step.</summary>
    public static string Of(int task, int step)
    {
        var from = (int)(((task * 131L) + (step * 7_919L)) % (Pool.Length - Length));
        return string.Concat(
            string.Create(CultureInfo.InvariantCulture, $"{task:D8}:{step:D2}:"),
            Pool.AsSpan(from, Length - NameLength)
        );
    }

    /// <summary>The task that a payload, or a text that begins with one, belongs to.</summary>
    public static int TaskOf(ReadOnlySpan<char> text) =>
        int.Parse(text[..8], NumberStyles.None, CultureInfo.InvariantCulture);

    private static string MakePool()
    {
        var bytes = new byte[PoolBytes];
#pragma warning disable CA5394 // the same bytes in every run
        new Random(PoolSeed).NextBytes(bytes);
#pragma warning restore CA5394
        return Convert.ToBase64String(bytes);
    }
}
