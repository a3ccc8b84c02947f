using System.Globalization;
using Orchestrator.Benchmarks;
using Orchestrator.Benchmarks.Rounds;
using Orchestrator.Benchmarks.Workloads;

// One engine of a workload, in a process of its own.
if (args is [SubjectProcess.Verb, var order])
{
    return await SubjectProcess.RunAsync(order, Subjects.Find);
}

// Who looks on while a workload runs, in a process of their own.
if (args is [Orchestrator.Benchmarks.Product.Watchers.Verb, var address, var token, var count])
{
    return await Orchestrator.Benchmarks.Product.Watchers.RunAsync(
        new Uri(address),
        token,
        int.Parse(count, CultureInfo.InvariantCulture)
    );
}

// dotnet run -c Release --project tests/benchmarks -- w1|w2|w3|w4|soak [OPTIONS]
if (args is ["w1" or "w2" or "w3" or "w4" or "soak", ..])
{
    return await RoundRun.RunAsync(args);
}

// dotnet run -c Release --project tests/benchmarks -- webhooks [--rate 200] [--seconds 60] [--kill] [--store postgresql]
if (args is ["webhooks", ..])
{
    return await WebhookBenchmark.RunAsync(args);
}
if (args is ["--help" or "-h" or "help", ..])
{
    Console.WriteLine(RoundOptions.Help);
    return 0;
}

// dotnet run -c Release --project tests/benchmarks -- VERB [ROUNDS]
string[] known =
[
    "stream",
    "redact",
    "policy",
    "journal",
    "start",
    "submit",
    "memory",
    "cli",
    "sandbox",
];

// They need a database of their own, a gigabyte of disk, many minutes or a published program, so that "all" leaves them out.
string[] more = ["postgres", "flat", "conversation", "client", "metrics", "history"];
var verbs = args.Length == 0 || args[0] == "all" ? known : [args[0]];
var rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
if (verbs.Except(known).Except(more).FirstOrDefault() is { } unknown)
{
    await Console.Error.WriteLineAsync(
        $"'{unknown}' is no benchmark. Known: all, {string.Join(", ", known.Concat(more))}, w1, w2, w3, w4, soak, webhooks."
    );
    return 2;
}
foreach (var verb in verbs)
{
    switch (verb)
    {
        case "stream":
            StreamBenchmark.Run(rounds);
            break;
        case "redact":
            RedactBenchmark.Run(rounds);
            break;
        case "policy":
            PolicyBenchmark.Run(rounds);
            break;
        case "journal":
            await JournalBenchmark.RunAsync(rounds, TimeSpan.FromSeconds(2));
            break;
        case "metrics":
            await MetricsBenchmark.RunAsync(rounds, TimeSpan.FromSeconds(2));
            break;
        case "postgres":
            await PostgresBenchmark.RunAsync(rounds, TimeSpan.FromSeconds(2));
            break;
        case "conversation":
            await ConversationBenchmark.RunAsync(args.Length > 1 ? rounds : 1_000);
            break;
        case "history":
            await HistoryBenchmark.RunAsync(args.Length > 1 ? rounds : 1_000_000);
            break;
        case "client":
            await ClientLatencyBenchmark.RunAsync();
            break;
        case "flat":
            await FlatnessBenchmark.RunAsync(100_000, 3_000_000);
            break;
        case "start":
            await SiloBenchmarks.StartAsync(rounds * 2);
            break;
        case "submit":
            await SiloBenchmarks.SubmitAsync();
            break;
        case "memory":
            await SiloBenchmarks.MemoryAsync();
            break;
        case "sandbox":
            await SandboxBenchmark.RunAsync(Math.Max(rounds, 1) * 40);
            break;
        default:
            await CliBenchmark.RunAsync();
            break;
    }
}
return 0;
