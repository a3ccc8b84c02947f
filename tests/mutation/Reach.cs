using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace Orchestrator.Mutation;

/// <summary>What one test case reaches.</summary>
/// <param name="Case">Its lasting id.</param>
/// <param name="Class">Its class, with namespace.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Milliseconds">How long it took, with what was reached being noted.</param>
/// <param name="Mutants">Mutants that it reached.</param>
/// <param name="Static">Those of them in static initialisers, which the first test to come by runs, and no other.</param>
internal sealed record Reach(
    string Case,
    string Class,
    string Name,
    double Milliseconds,
    IReadOnlyList<int> Mutants,
    IReadOnlyList<int> Static
)
{
    /// <summary>Runs every case alone and writes what each reached.</summary>
    /// <param name="tests">The assembly of the tests.</param>
    /// <param name="mutants">The switch; it notes when this begins.</param>
    /// <param name="without">Cases that are no part of it: those that take seconds and reach everything.</param>
    /// <param name="file">Where it is written.</param>
    /// <returns>How many cases there are, and how many fail without any mutant: those are left out.</returns>
    public static async Task<(int Cases, int Failing)> NoteAsync(
        string tests,
        MutantSwitch mutants,
        Regex without,
        string file
    )
    {
        mutants.Notes = true;
        await using var bench = await TestBench.OpenAsync(tests, []);
        var wanted = bench
            .Cases.Values.Where(c =>
                !without.IsMatch(c.TestClassName + "." + c.TestCaseDisplayName)
            )
            .ToList();
        // What the search itself made and kept, such as a table that rows are made from, no case makes again.
        var reached = new List<Reach>
        {
            new("", "", "the search for cases", 0, [], mutants.Take().All),
        };
        var failing = 0;
        var done = 0;
        foreach (var test in wanted)
        {
            _ = mutants.Take();
            var started = Stopwatch.GetTimestamp();
            var passed = await bench.PassAsync([test]);
            var (all, inStatic) = mutants.Take();
            if (passed)
            {
                reached.Add(Of(test, Stopwatch.GetElapsedTime(started), all, inStatic));
            }
            else
            {
                failing++;
                await Console.Error.WriteLineAsync($"fails as it is: {test.TestCaseDisplayName}");
            }
            if (++done % 500 == 0)
            {
                await Console.Error.WriteLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{done} of {wanted.Count} cases")
                );
            }
        }
        await using var output = File.Create(file);
        await JsonSerializer.SerializeAsync(output, reached);
        return (wanted.Count, failing);
    }

    /// <summary>Reads them.</summary>
    public static async Task<IReadOnlyList<Reach>> ReadAsync(string file)
    {
        await using var input = File.OpenRead(file);
        return (await JsonSerializer.DeserializeAsync<List<Reach>>(input))!;
    }

    private static Reach Of(
        ITestCase test,
        TimeSpan time,
        IReadOnlyList<int> all,
        IReadOnlyList<int> inStatic
    ) =>
        new(
            test.UniqueID,
            test.TestClassName ?? "",
            test.TestCaseDisplayName,
            time.TotalMilliseconds,
            all,
            inStatic
        );
}
