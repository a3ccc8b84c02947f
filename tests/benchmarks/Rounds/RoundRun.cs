using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Benchmarks.Limits;
using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Rounds;

/// <summary>Runs the rounds: every engine of a round in a process of its own, one after the other, each on an empty database.</summary>
internal sealed class RoundRun(RoundOptions options)
{
    private static readonly TimeSpan SubjectMax = TimeSpan.FromMinutes(60);
    private static readonly string[] Peers = ["wolverine", "hangfire", "quartz"];
    private int runs;

    /// <summary>Runs them and prints the tables; 0 = every check passed.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Contains("--help"))
        {
            Console.WriteLine(RoundOptions.Help);
            return 0;
        }
        var (options, problem) = RoundOptions.Read(arguments);
        if (options is null)
        {
            await Console.Error.WriteLineAsync(problem);
            return 2;
        }
        if (!OperatingSystem.IsLinux())
        {
            await Console.Error.WriteLineAsync(
                "The workloads need Linux: processor time of PostgreSQL is read from /proc."
            );
            return 2;
        }
        if (options.Subjects.Intersect(Peers).Any() && !File.Exists(PeersProgram()))
        {
            await Console.Error.WriteLineAsync(
                $"The peers are not built ({PeersProgram()}). Build them: dotnet build -c Release tests/benchmarks/peers"
            );
            return 2;
        }
        return options.Workload == "soak"
            ? await new Soak(options).RunAsync()
            : await new RoundRun(options).AllAsync();
    }

    private async Task<int> AllAsync()
    {
        var results = new List<WorkloadResult>();
        foreach (var store in options.Stores)
        {
            await StoreAsync(store, results);
        }
        RoundTables.Print(options, results);
        if (options.Out.Length > 0)
        {
            await File.WriteAllTextAsync(
                options.Out,
                "[\n" + string.Join(",\n", results.Select(r => r.Write())) + "\n]\n"
            );
        }
        return results.TrueForAll(r =>
            r.Findings.Count == 0 && r.DoubledSteps is null or 0 && r.LostSteps is null or 0
        )
            ? 0
            : 1;
    }

    private async Task StoreAsync(string store, List<WorkloadResult> results)
    {
        using var folder = new ScratchFolder();
        await using var server =
            store == "postgresql" ? await PrivatePostgres.StartAsync(folder.Path) : null;
        var subjects = options
            .Subjects.Where(s => server is not null || !Peers.Contains(s))
            // The bounds recover nothing.
            .Where(s => options.Workload != "w4" || s is not ("row" or "log"))
            .ToList();
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var subject in subjects)
            {
                var result = await OneAsync(subject, store, server, folder.Path);
                results.Add(result with { Round = round });
                await Console.Error.WriteLineAsync($"round {round}: {results[^1].Write()}");
            }
        }
    }

    private async Task<WorkloadResult> OneAsync(
        string subject,
        string store,
        PrivatePostgres? server,
        string folder
    )
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"b_{subject}_{++runs}");
        var own = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var order = new SubjectOrder(
            subject,
            options.Workload,
            options.TasksOf(subject),
            options.Workload switch
            {
                "w1" => 200,
                "w2" => 20,
                _ => 0,
            },
            options.Flight,
            store,
            server is null ? "" : await server.MakeDatabaseAsync(name),
            server?.Postmaster ?? 0,
            own,
            Path.Combine(own, "result.json"),
            options.Park
        )
        {
            Without = options.Without,
        };
        var file = Path.Combine(own, "order.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(order));
        await Console.Error.WriteLineAsync(
            $"{options.Workload} on {store}: {subject}, {order.Tasks} tasks, {order.Flight} in flight"
        );
        try
        {
            if (options.Workload == "w4")
            {
                return await new CrashRun(order, f => Life(order, f)).RunAsync();
            }
            await using var life = Life(order, file);
            await life.EndAsync(SubjectMax);
            return WorkloadResult.Read(await File.ReadAllTextAsync(order.Result));
        }
        finally
        {
            if (server is not null)
            {
                await server.DropDatabaseAsync(name);
            }
            Directory.Delete(own, recursive: true);
        }
    }

    // In the same form as this program: on the machine's .NET, or with its own.
    private static SubjectLife Life(SubjectOrder order, string file)
    {
        var own = Environment.ProcessPath!;
        var info =
            Peers.Contains(order.Subject)
                ? new ProcessStartInfo("dotnet", [PeersProgram(), SubjectProcess.Verb, file])
            : Path.GetFileNameWithoutExtension(own) == "dotnet"
                ? new ProcessStartInfo(
                    own,
                    [typeof(RoundRun).Assembly.Location, SubjectProcess.Verb, file]
                )
            : new ProcessStartInfo(own, [SubjectProcess.Verb, file]);
        info.Environment["ORCHESTRATOR_DATA"] = Path.Combine(order.Folder, "data");
        return new SubjectLife(info, Path.ChangeExtension(file, ".log"));
    }

    // Beside this program in the build's output.
    private static string PeersProgram() =>
        Path.GetFullPath(
            Path.Combine(
                AppContext.BaseDirectory,
                "..",
                "..",
                "Orchestrator.Benchmarks.Peers",
                Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
                "Orchestrator.Benchmarks.Peers.dll"
            )
        );
}
