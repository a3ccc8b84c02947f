using System.Diagnostics;
using System.Globalization;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Benchmarks;

/// <summary>How long a policy takes to rule on a diff of 10,000 files, and to be read.</summary>
internal static class PolicyBenchmark
{
    private const int Files = 10_000;

    public static void Run(int rounds)
    {
        var text = File.ReadAllText(Sample());
        var sample =
            PolicyReader.Read(text, "policy.yaml").Policy
            ?? throw new InvalidOperationException("docs/samples/policy.yaml is no policy.");
        var request = new PolicyRequest(
            "alice",
            "/srv/git/shop",
            "",
            TaskKind.Fix,
            false,
            "low",
            "",
            false
        );
        (string Name, PolicyDocument Policy, DiffSummary Diff)[] works =
        [
            (
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"sample ({sample.RuleCount} rules), ordinary files"
                ),
                sample,
                Diff(i => $"src/area{i % 40}/part{i % 7}/Component{i}.cs")
            ),
            (
                "sample, names beyond ASCII",
                sample,
                Diff(i => $"src/Größe{i % 40}/Übersicht{i % 7}/Résumé{i}.cs")
            ),
            (
                "sample, deep paths that meet rules",
                sample,
                Diff(i => $"a/b/c/d/e/f/g/h/migrations/{i}/deploy/core/docker-compose.yml")
            ),
            (
                "built-in policy, ordinary files",
                DefaultPolicy.Document,
                Diff(i => $"src/area{i % 40}/part{i % 7}/Component{i}.cs")
            ),
        ];
        Figures.Head(
            $"policy, a diff of {Files:N0} files ({rounds * 20} rulings each)",
            "policy and diff",
            "p50, ms",
            "p99, ms"
        );
        foreach (var (name, policy, diff) in works)
        {
            var times = Times(rounds * 20, () => PolicyEngine.OnDiff(policy, request, null, diff));
            Figures.Row(
                name,
                Figures.N(Figures.Median(times)),
                Figures.N(Figures.Percentile(times, 0.99))
            );
        }
        var reads = Times(rounds * 20, () => PolicyReader.Read(text, "policy.yaml"));
        Figures.Row(
            "the sample is read",
            Figures.N(Figures.Median(reads)),
            Figures.N(Figures.Percentile(reads, 0.99))
        );
    }

    private static List<double> Times(int count, Func<object> work)
    {
        for (var i = 0; i < 5; i++)
        {
            _ = work(); // the JIT's warm-up
        }
        var times = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var made = work();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            GC.KeepAlive(made);
        }
        return times;
    }

    private static DiffSummary Diff(Func<int, string> path) =>
        new()
        {
            Files =
            [
                .. Enumerable
                    .Range(0, Files)
                    .Select(i => new FileChange(path(i), "", "M", 1, 1, "100644", "100644")),
            ],
            FilesTotal = Files,
        };

    private static string Sample()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            var file = Path.Combine(folder.FullName, "docs", "samples", "policy.yaml");
            if (File.Exists(file))
            {
                return file;
            }
        }
        throw new FileNotFoundException(
            "docs/samples/policy.yaml is above no folder of this program."
        );
    }
}
