using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Benchmarks;

/// <summary>
/// What people wait for when they look at a server with a long history: the built silo, over HTTP, on as many facts as are
/// asked for. One real task is run first; its facts are stored again under other names, through the product's own journal,
/// spread over a year.
/// </summary>
internal static partial class HistoryBenchmark
{
    private const int Loaders = 256;
    private const int Samples = 100;
    private const int Days = 365;

    private const string Script = """
        {"version":1,"steps":[{"do":"say","text":"I look."},{"do":"append","path":"greet.sh","text":"echo again\n"},{"do":"result","text":"It greets twice."}]}
        """;

    /// <summary>Loads the facts, then measures.</summary>
    /// <param name="facts">About how many; 1,000 to 10,000,000.</param>
    public static async Task RunAsync(int facts)
    {
        using var repository = await ScratchRepository.CreateAsync();
        await using var silo = await SiloUnderTest.StartAsync("--Runner:Default=scripted");
        var task = await silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = "Greet twice",
                Type = "fix",
                Runner = "scripted",
                Repository = repository.Folder,
                Script = Script,
            }
        );
        await task.WaitAsync();
        var lines = await EventsAsync(silo.Data);
        // So that the first figure is what the server needs for its first answer, not what this client does.
        using (var first = ClientOf(silo))
        {
            await first.GetByteArrayAsync(new Uri("/v1/stats", UriKind.Relative));
        }
        await silo.StopAsync();
        await FillEventsAsync(silo.Data, lines);
        var (tasks, stored, rate) = await FillAsync(silo.Data, task.TaskId, facts);
        await silo.StartAgainAsync();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{stored:N0} facts of {tasks:N0} tasks (loaded at {rate:N0} facts/s); ready {silo.Ready.TotalSeconds:F1} s after its start"
            )
        );
        await RestAsync(silo);
        using var http = ClientOf(silo);
        var some = Name(tasks / 3);
        Figures.Head($"over HTTP ({Samples} each)", "what", "p50 ms", "p99 ms", "most ms");
        foreach (
            var (what, path) in ((string, string)[])
                [
                    ("stats", "/v1/stats"),
                    ("stats by day, a month", "/v1/stats/by/day"),
                    ("stats by type, the year", $"/v1/stats/by/type?since={Since(Days)}"),
                    ("stats by requester, the year", $"/v1/stats/by/requester?since={Since(Days)}"),
                    ("board: newest 50", "/v1/tasks?max=50"),
                    ("board: newest 50 done", "/v1/tasks?max=50&phase=done"),
                    ("board: failed (none there)", "/v1/tasks?max=50&phase=failed"),
                    ("board: of one requester", "/v1/tasks?max=50&requester=person07"),
                    ("board: words that are nowhere", "/v1/tasks?max=50&text=nowhere"),
                    ("board: status", "/v1/status"),
                    ("board: page", "/"),
                    ("task: page", "/tasks/" + some),
                    ("task: itself", "/v1/tasks/" + some),
                    ("task: facts", $"/v1/tasks/{some}/facts"),
                    ("task: conversation", $"/v1/tasks/{some}/conversation"),
                    ("progress, an hour", $"/v1/progress?since={Since(1.0 / 24)}"),
                ]
        )
        {
            await MeasureAsync(http, what, path);
        }
        await CliAsync(silo.Data, "tail-events, since an hour", "tail-events", "--since", "1h");
        await CliAsync(silo.Data, "stats", "stats");
    }

    private static HttpClient ClientOf(SiloUnderTest silo)
    {
        var http = new HttpClient { BaseAddress = silo.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            silo.Token
        );
        return http;
    }

    private static async Task<(int Tasks, long Facts, double Rate)> FillAsync(
        string data,
        string template,
        int facts
    )
    {
        var file = Path.Combine(data, "journal.db");
        using var store = new SqliteStore(file, "journal");
        var journal = new SqliteJournal(store, TimeProvider.System);
        var entries = await journal.ReadTaskAsync(template, 0, 1_000, CancellationToken.None);
        var head = (await new SqliteIndex(store).FindAsync(template, CancellationToken.None))!;
        TaskFact[] told = [.. entries.Select(e => e.Fact)];
        var tasks = Math.Max(1, facts / told.Length);
        var clock = Stopwatch.StartNew();
        var begin = TimeProvider.System.GetUtcNow().AddDays(-Days);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, tasks),
            new ParallelOptions { MaxDegreeOfParallelism = Loaders },
            async (n, token) =>
            {
                var at = begin.AddDays((double)Days * n / tasks);
                var spec = ((TaskFact.Submitted)told[0]).Spec with { Requester = Person(n) };
                var outcome = await journal.AppendAsync(
                    new AppendRequest(
                        Name(n),
                        0,
                        at,
                        [new TaskFact.Submitted(spec), .. told[1..]],
                        head with
                        {
                            TaskId = Name(n),
                            Requester = Person(n),
                            CreatedAt = at,
                            UpdatedAt = at,
                        }
                    ),
                    Durability.Wait,
                    token
                );
                if (outcome != AppendOutcome.Appended)
                {
                    throw new InvalidOperationException($"An append was answered {outcome}.");
                }
            }
        );
        var rate = (long)tasks * told.Length / clock.Elapsed.TotalSeconds;
        // What subscribers would make of it is another figure.
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            WITH RECURSIVE part(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM part WHERE n < {JournalPartitions.Count
                - 1})
            INSERT OR REPLACE INTO cursor
            SELECT subscriber, n, (SELECT max(position) FROM fact)
            FROM (SELECT DISTINCT subscriber FROM cursor), part
            """;
        command.Parameters.AddWithValue("$last", JournalPartitions.Count - 1);
        await command.ExecuteNonQueryAsync();
        return (tasks, (long)tasks * told.Length, rate);
    }

    private static string EventsFile(string data) => Path.Combine(data, "logs", "events.ndjson");

    // The lines of the first task, once they are written.
    private static async Task<string[]> EventsAsync(string data)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 300; i++)
        {
            await timer.WaitForNextTickAsync();
            if (File.Exists(EventsFile(data)))
            {
                var lines = await File.ReadAllLinesAsync(EventsFile(data));
                if (lines.Length >= 5)
                {
                    return lines;
                }
            }
        }
        throw new InvalidOperationException("The first task's events were not written.");
    }

    // All four files full, as a busy server's are; the newest lines are of now.
    private static async Task FillEventsAsync(string data, string[] lines)
    {
        const int FileBytes = 1_000_000;
        for (var i = 3; i >= 0; i--)
        {
            var file =
                EventsFile(data) + (i == 0 ? "" : "." + i.ToString(CultureInfo.InvariantCulture));
            await using var writer = new StreamWriter(file);
            for (var n = 0; writer.BaseStream.Position < FileBytes; n++)
            {
                var line = lines[n % lines.Length];
                // Only the last file is of this hour.
                await writer.WriteLineAsync(
                    i == 0 ? line : Year().Replace(line, "\"timestamp\":\"2020", 1)
                );
                await writer.FlushAsync();
            }
        }
    }

    // What a start still has to do is over when it uses less than a twentieth of a core for three seconds.
    private static async Task RestAsync(SiloUnderTest silo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(3));
        var clock = Stopwatch.StartNew();
        for (var before = silo.CpuSeconds; await timer.WaitForNextTickAsync(); )
        {
            var now = silo.CpuSeconds;
            if (now - before < 0.15 || clock.Elapsed > TimeSpan.FromMinutes(3))
            {
                break;
            }
            before = now;
        }
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"at rest {clock.Elapsed.TotalSeconds:F0} s later, {silo.ResidentMegabytes:F0} MB"
            )
        );
    }

    private static async Task MeasureAsync(HttpClient http, string what, string path)
    {
        var samples = new List<double>(Samples);
        for (var i = 0; i < Samples; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            await answer.Content.ReadAsByteArrayAsync();
            samples.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            answer.EnsureSuccessStatusCode();
        }
        Row(what, samples);
    }

    // From the program's start to its first line.
    private static async Task CliAsync(string data, string what, params string[] words)
    {
        var program =
            Environment.GetEnvironmentVariable("ORCHESTRATOR_CLI")
            ?? SiloUnderTest
                .Program.Replace("Orchestrator.Silo", "Orchestrator.Cli", StringComparison.Ordinal)
                .Replace("orchestrator-silo", "orchestrator", StringComparison.Ordinal);
        var samples = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var run = Process.Start(
                new ProcessStartInfo(program, [.. words, "--data", data])
                {
                    RedirectStandardOutput = true,
                }
            )!;
            if (await run.StandardOutput.ReadLineAsync() is null)
            {
                throw new InvalidOperationException($"{program} said nothing.");
            }
            samples.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await run.StandardOutput.ReadToEndAsync();
            await run.WaitForExitAsync();
        }
        Row($"command line: {what}, first line", samples);
    }

    private static void Row(string what, List<double> samples)
    {
        samples.Sort();
        Figures.Row(
            what,
            Figures.N(samples[samples.Count / 2]),
            Figures.N(samples[(int)(0.99 * (samples.Count - 1))]),
            Figures.N(samples[^1])
        );
    }

    [GeneratedRegex("\"timestamp\":\"[0-9]{4}")]
    private static partial Regex Year();

    private static string Name(int n) =>
        string.Create(CultureInfo.InvariantCulture, $"task_{n:x26}");

    private static string Person(int n) =>
        string.Create(CultureInfo.InvariantCulture, $"person{n % 100:D2}");

    private static string Since(double days) =>
        Uri.EscapeDataString(
            TimeProvider
                .System.GetUtcNow()
                .AddDays(-days)
                .ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
        );
}
