using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Mutation;

/// <summary>
/// A process that runs mutants: a line in names a mutant and its cases, a line out says what came of it. A mutant may never
/// end, and nothing ends a thread but the end of its process.
/// </summary>
internal sealed class Worker : IDisposable
{
    /// <summary>First argument of a worker; the classes to find follow.</summary>
    public const string Verb = "work";

    private const int FirstCases = 8;

    private readonly Process process;

    /// <param name="classes">Classes whose cases it can be asked for; none = all.</param>
    public Worker(params string[] classes)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[typeof(Worker).Assembly.Location, Verb, .. classes])
        {
            info.ArgumentList.Add(argument);
        }
        process = Process.Start(info)!;
        process.BeginErrorReadLine(); // a test's own words; nobody reads them, and nobody may wait for that
    }

    /// <summary>Runs one. Null when no answer came in time: this worker is of no use any more.</summary>
    /// <param name="mutant">Its number.</param>
    /// <param name="cases">Ids of the cases, in the order they are run.</param>
    /// <param name="limit">Longest wait, its start included.</param>
    public async Task<bool?> KilledAsync(int mutant, IEnumerable<string> cases, TimeSpan limit)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{mutant} {string.Join(' ', cases)}"
        );
        try
        {
            await process.StandardInput.WriteLineAsync(line).WaitAsync(limit);
            await process.StandardInput.FlushAsync().WaitAsync(limit);
            while (true)
            {
                switch (await process.StandardOutput.ReadLineAsync().WaitAsync(limit))
                {
                    case "killed":
                        return true;
                    case "survived":
                        return false;
                    case null:
                        return null; // it ended: a mutant can do that to its process
                    default:
                        break; // a test that writes to the console
                }
            }
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself.
        }
        process.Dispose();
    }

    /// <summary>The worker itself.</summary>
    public static async Task WorkAsync(string tests, MutantSwitch mutants, string[] classes)
    {
        var line = await Console.In.ReadLineAsync();
        if (line is null)
        {
            return;
        }
        // A mutant in a static initialiser is to run when its type is first used, be it by the search for cases.
        mutants.Active = IdOf(line);
        await using var bench = await TestBench.OpenAsync(tests, classes);
        for (; line is not null; line = await Console.In.ReadLineAsync())
        {
            mutants.Active = IdOf(line);
            var words = line.Split(' ');
            var cases = words
                .Skip(1)
                .Select(c => bench.Cases.GetValueOrDefault(c))
                .OfType<Xunit.Sdk.ITestCase>()
                .ToList();
            // A case that a mutant hides from the search is a case that fails.
            var passed =
                cases.Count == words.Length - 1
                && await bench.PassAsync([.. cases.Take(FirstCases)])
                && (
                    cases.Count <= FirstCases || await bench.PassAsync([.. cases.Skip(FirstCases)])
                );
            mutants.Active = MutantSwitch.None;
            Console.WriteLine(passed ? "survived" : "killed");
        }
    }

    private static int IdOf(string line) =>
        int.Parse(
            line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)),
            CultureInfo.InvariantCulture
        );
}
