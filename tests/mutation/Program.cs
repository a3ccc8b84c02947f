using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Orchestrator.Mutation;

// orchestrator-mutation [--only FOLDER,…] [--every N] [--workers N] [--without PATTERN] [--since FILE]
//
// Judges Stryker.NET's mutants of the decisions by the unit tests. Started by tests/mutation/run, in the folder of the tests
// with the mutated assembly and Stryker.NET's log.
var here = AppContext.BaseDirectory;
var tests = Path.Combine(here, "Orchestrator.UnitTests.dll");
var mutated = Path.Combine(here, "Orchestrator.Decisions.dll");
var reachFile = Path.Combine(here, "reach.json");
if (args is [Worker.Verb, .. var classes])
{
    await Worker.WorkAsync(tests, new MutantSwitch(Assembly.LoadFrom(mutated)), classes);
    return 0;
}

string Option(string name, string otherwise) =>
    Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
int Number(string name, int otherwise) =>
    int.Parse(
        Option(name, otherwise.ToString(CultureInfo.InvariantCulture)),
        CultureInfo.InvariantCulture
    );
var without = new Regex(Option("--without", "Simulation|Fuzz|A_secret_anywhere"));
if (args is ["note", ..])
{
    var (cases, failing) = await Reach.NoteAsync(
        tests,
        new MutantSwitch(Assembly.LoadFrom(mutated)),
        without,
        reachFile
    );
    Console.WriteLine($"{cases} cases, {failing} of them fail without a mutant");
    return 0;
}

var only = Option("--only", "").Split(',', StringSplitOptions.RemoveEmptyEntries);
var every = Number("--every", 1);
var mutants = Mutants
    .Read(Path.Combine(here, "stryker.log"), mutated)
    .Where(m => only.Length == 0 || only.Contains(m.Folder, StringComparer.OrdinalIgnoreCase))
    .Where((_, n) => n % every == 0)
    .ToList();
Console.WriteLine($"{mutants.Count} mutants");
List<(Mutant Mutant, Verdict Verdict)> judged = [];
if (Option("--since", "") is { Length: > 0 } since)
{
    judged = Mutants.DeadSince(since, mutants);
    mutants = [.. mutants.Except(judged.Select(j => j.Mutant))];
    Console.WriteLine($"{judged.Count} of them died before, {mutants.Count} are judged");
}
var all = judged.Count + mutants.Count;
await using var verdicts = File.CreateText(Path.Combine(here, "verdicts.tsv"));
verdicts.AutoFlush = true;
void Note(Mutant mutant, Verdict verdict) =>
    verdicts.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict}\t{mutant.Id}\t{mutant.File}\t{mutant.Mutator}\t{mutant.Change}"
        )
    );
judged.ForEach(j => Note(j.Mutant, j.Verdict));
await new Judge(
    await Reach.ReadAsync(reachFile),
    Number("--workers", Environment.ProcessorCount)
).RunAsync(
    mutants,
    (mutant, verdict) =>
    {
        judged.Add((mutant, verdict));
        Note(mutant, verdict);
        if (judged.Count % 500 == 0)
        {
            Console.WriteLine($"{judged.Count} of {all}");
        }
    }
);
foreach (var line in Judge.Scores(judged))
{
    Console.WriteLine(line);
}
Console.WriteLine($"What came of each: {Path.Combine(here, "verdicts.tsv")}");
return 0;
