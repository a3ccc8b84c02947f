using System.Diagnostics;
using System.Globalization;
using System.Text;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Fuzz;

/// <summary>
/// Every reader of outside text against mutants of real ones: no crash, no input over 100 ms, memory bounded by the
/// input. ORCHESTRATOR_FUZZ_INPUTS=10000000 is the long form.
/// </summary>
public sealed class FuzzTests
{
    private const int InputsMax = 10_000;
    private static readonly TimeSpan InputTimeMax = TimeSpan.FromMilliseconds(100);

    public static TheoryData<string> Readers => [.. FuzzedReaders.All.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_reader_takes_every_mutant_of_real_input_without_crash_hang_or_flood(string name)
    {
        var reader = FuzzedReaders.All.Single(r => r.Name == name);
        var mutator = new Mutator(reader.Seeds, (ulong)name.Length * 7_919);
        foreach (var seed in reader.Seeds)
        {
            reader.Read(Encoding.UTF8.GetBytes(seed)); // warm, and the real ones pass
        }
        var inputs = Inputs();
        for (var i = 0; i < inputs; i++)
        {
            var mutant = mutator.Next();
            try
            {
                Check(reader, mutant);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Assert.Fail(
                    $"{name}, mutant {i}: {e.GetType().Name}: {e.Message}\n{Shown(mutant)}\n{e.StackTrace}"
                );
            }
        }
    }

    [Fact]
    public void Every_reader_has_at_least_twenty_real_seeds() =>
        Assert.All(
            FuzzedReaders.All,
            r => Assert.True(r.Seeds.Distinct().Count() >= 20, $"{r.Name} has {r.Seeds.Count}")
        );

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_text_ten_thousand_deep_is_refused_in_bounded_memory(string name)
    {
        var reader = FuzzedReaders.All.Single(r => r.Name == name);
        string[] deep =
        [
            new string('[', 10_000),
            new string('[', 10_000) + new string(']', 10_000),
            string.Concat(Enumerable.Repeat("{\"a\":", 10_000)),
            string.Concat(Enumerable.Repeat("{\"type\":", 10_000)) + "1" + new string('}', 10_000),
            string.Concat(Enumerable.Range(0, 300).Select(i => new string(' ', i) + "- \n")),
            new string('{', 10_000) + new string('}', 10_000),
        ];
        foreach (var text in deep)
        {
            Check(reader, Encoding.UTF8.GetBytes(text));
        }
    }

    private static void Check(FuzzedReader reader, byte[] input)
    {
        var took = TimeSpan.MaxValue;
        long allocated = 0;
        // A slow machine is no slow reader: the best of five decides.
        for (var round = 0; round < 5 && took > InputTimeMax; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            reader.Read(input);
            took = Stopwatch.GetElapsedTime(started);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.True(took <= InputTimeMax, $"It took {took.TotalMilliseconds:f0} ms.");
        var bound = reader.AllocationBase + ((long)reader.AllocationPerByte * input.Length);
        Assert.True(allocated <= bound, $"{allocated} bytes for an input of {input.Length}.");
    }

    private static int Inputs() =>
        Environment.GetEnvironmentVariable("ORCHESTRATOR_FUZZ_INPUTS") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : InputsMax;

    private static string Shown(byte[] mutant) =>
        Convert.ToBase64String(mutant.AsSpan(0, Math.Min(mutant.Length, 3_000)))
        + "\n"
        + Encoding.UTF8.GetString(mutant.AsSpan(0, Math.Min(mutant.Length, 1_000)));
}
