using System.Globalization;

namespace Orchestrator.Benchmarks.Rounds;

/// <summary>The command line of the workloads.</summary>
internal sealed record RoundOptions
{
    /// <summary>What <c>--help</c> prints.</summary>
    public const string Help = """
        dotnet run -c Release --project tests/benchmarks -- w1|w2|w3|w4|soak [OPTIONS]

          w1  closed loop: F loops, each hands a task in, waits for its eighth acknowledged step, takes the next
          w2  idle: one task after the other, a pause of 20 to 120 ms before each
          w3  parked: tasks that start tomorrow, then 20 s of rest
          w4  crash: 64 tasks whose steps take 100 ms, SIGKILL after 150 steps, started again at once
          soak  w1 on the product for --minutes M at half load: memory, latency and drift, a line a minute

          --store sqlite|postgresql  where tasks are kept (default: both, one after the other)
          --flight F                 loops and handlers at once, 1 to 1,000 (default 16)
          --tasks N                  counted tasks (default: w1 2,000, w2 200, w3 100,000, w4 64)
          --rounds N                 rounds, 1 to 100 (default 2); each runs every engine once, in turn
          --peers                    also Wolverine, Hangfire and Quartz on PostgreSQL (build tests/benchmarks/peers first)
          --only A,B                 only these engines: row, log, product, watched (the product with 200 open boards), wolverine, hangfire, quartz
          --minutes M                soak: 1 to 10,000 (default 60)
          --load PERCENT             soak: of what the machine did in two minutes before it, 1 to 100 (default 50)
          --park budget|approval     w3: what the product's tasks wait for (default budget: the next day's)
          --without WHAT             the product without files or subscribers, to see what they cost
          --out FILE                 every figure as JSON

        Progress goes to standard error, Markdown tables to standard output. Linux only: processor time is read from /proc.
        PostgreSQL is made by the benchmark itself, on a loopback port, in a temporary folder.
        """;

    private static readonly string[] Engines =
    [
        "row",
        "log",
        "product",
        "watched",
        "wolverine",
        "hangfire",
        "quartz",
    ];

    /// <summary><c>w1</c> to <c>w4</c>, or <c>soak</c>.</summary>
    public string Workload { get; init; } = "";

    /// <summary>Stores to measure, in turn.</summary>
    public IReadOnlyList<string> Stores { get; init; } = ["postgresql", "sqlite"];

    /// <summary>Loops.</summary>
    public int Flight { get; init; } = 16;

    /// <summary>Counted tasks; 0 = the workload's own number.</summary>
    public int Tasks { get; init; }

    /// <summary>Minutes of a soak.</summary>
    public int Minutes { get; init; } = 60;

    /// <summary>Load of a soak, in percent of what the machine does flat out.</summary>
    public int Load { get; init; } = 50;

    /// <summary>Rounds.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>The engines of a round, in order.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = ["row", "log", "product"];

    /// <summary>How the product parks.</summary>
    public string Park { get; init; } = "budget";

    /// <summary>What the product leaves out.</summary>
    public string Without { get; init; } = "";

    /// <summary>File for the figures, or empty.</summary>
    public string Out { get; init; } = "";

    /// <summary>Reads the command line; the words say what is wrong, or are empty.</summary>
    public static (RoundOptions? Options, string Problem) Read(string[] arguments)
    {
        var options = new RoundOptions { Workload = arguments[0] };
        for (var i = 1; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name == "--peers")
            {
                options = options with
                {
                    Subjects = ["row", "log", "product", "wolverine", "hangfire", "quartz"],
                };
                continue;
            }
            if (i + 1 == arguments.Length)
            {
                return (null, $"{name} needs a value. --help shows the options.");
            }
            var (next, problem) = options.With(name, arguments[++i]);
            if (next is null)
            {
                return (null, problem);
            }
            options = next;
        }
        return (options, "");
    }

    /// <summary>Counted tasks of an engine: slow ones get fewer, never fewer than 60.</summary>
    public int TasksOf(string subject)
    {
        var all =
            Tasks > 0 ? Tasks
            : Workload == "w1" ? 2_000
            : Workload == "w2" ? 200
            : Workload == "w4" ? 64
            : 100_000;
        return (Workload, subject) switch
        {
            ("w1", "hangfire") => Math.Clamp(all / 4, 60, 1_500),
            ("w1", "quartz") => Math.Clamp(all / 4, 60, 1_000),
            ("w3", "wolverine") => Math.Min(all, 10_000),
            ("w3", "hangfire") => Math.Min(all, 5_000),
            ("w3", "quartz") => Math.Min(all, 3_000),
            _ => all,
        };
    }

    private (RoundOptions? Options, string Problem) With(string name, string value)
    {
        switch (name)
        {
            case "--store" when value is "sqlite" or "postgresql":
                return (this with { Stores = [value] }, "");
            case "--park" when value is "budget" or "approval":
                return (this with { Park = value }, "");
            case "--without" when value is "files" or "subscribers":
                return (this with { Without = value }, "");
            case "--out":
                return (this with { Out = value }, "");
            case "--flight" when Number(value, 1, 1_000) is { } n:
                return (this with { Flight = n }, "");
            case "--tasks" when Number(value, 1, 5_000_000) is { } n:
                return (this with { Tasks = n }, "");
            case "--minutes" when Number(value, 1, 10_000) is { } n:
                return (this with { Minutes = n }, "");
            case "--load" when Number(value, 1, 100) is { } n:
                return (this with { Load = n }, "");
            case "--rounds" when Number(value, 1, 100) is { } n:
                return (this with { Rounds = n }, "");
            case "--only" when value.Split(',').All(Engines.Contains):
                return (this with { Subjects = value.Split(',') }, "");
            default:
                return (null, $"{name} {value} is not understood. --help shows the options.");
        }
    }

    private static int? Number(string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && n >= least
        && n <= most
            ? n
            : null;
}
