using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Counts kept in the same commit as the facts they count, so that <c>stats</c> never scans history.</summary>
internal static class Rollups
{
    /// <summary>Growth of one histogram bucket over the one before: 2 %.</summary>
    public const double BucketGrowth = 1.02;

    private static readonly string[] PhaseNames = ["$p", "$n"];
    private static readonly string[] RollupNames = ["$k", "$o", "$e", "$n", "$c", "$t"];
    private static readonly string[] BucketNames = ["$m", "$b"];
    private static readonly string[] SpanNames = ["$n", "$a"];

    /// <summary>Applies one append. Only on the writer thread, inside its transaction, before the head is written.</summary>
    public static void Apply(SqliteStore s, AppendRequest request, TaskHead head)
    {
        var (oldPhase, oldAt) = Old(s, request.TaskId);
        if (oldPhase != head.Phase)
        {
            if (oldPhase is { } left)
            {
                Count(s, left, -1);
                AddBucket(s, "phase:" + (int)left, (request.At - oldAt).TotalSeconds);
            }
            Count(s, head.Phase, 1);
        }
        foreach (var fact in request.Facts)
        {
            ApplyFact(s, request, head, fact);
        }
    }

    /// <summary>The bucket of a duration in seconds; 0 for everything up to a millisecond.</summary>
    public static int BucketOf(double seconds) =>
        seconds <= 0.001 ? 0 : (int)Math.Ceiling(Math.Log(seconds / 0.001, BucketGrowth));

    /// <summary>The duration, in seconds, that a bucket stands for: its geometric middle.</summary>
    public static double SecondsOf(int bucket) =>
        bucket <= 0 ? 0.001 : 0.001 * Math.Pow(BucketGrowth, bucket - 0.5);

    private static void ApplyFact(
        SqliteStore s,
        AppendRequest request,
        TaskHead head,
        TaskFact fact
    )
    {
        switch (fact)
        {
            case TaskFact.Submitted:
                s.Execute(
                    "INSERT INTO span (name, at) VALUES ($n, $a) ON CONFLICT DO NOTHING",
                    SpanNames,
                    "first",
                    request.At.UtcTicks
                );
                break;
            case TaskFact.RunEnded f:
                var usage = f.Result.Usage;
                var tokens =
                    usage.InputTokens
                    + usage.OutputTokens
                    + usage.CacheReadTokens
                    + usage.CacheWriteTokens;
                Add(
                    s,
                    head,
                    "run",
                    f.Result.ErrorClass,
                    (long)(usage.CostUsd * 1_000_000m),
                    tokens
                );
                break;
            case TaskFact.Delivered:
                End(s, request, head, "success", ErrorClass.None);
                break;
            case TaskFact.Failed f:
                End(s, request, head, "failed", f.ErrorClass);
                break;
            case TaskFact.Cancelled:
                End(s, request, head, "cancelled", ErrorClass.Cancelled);
                break;
            default:
                break;
        }
    }

    private static void End(
        SqliteStore s,
        AppendRequest request,
        TaskHead head,
        string outcome,
        ErrorClass errorClass
    )
    {
        Add(s, head, outcome, errorClass, 0, 0);
        AddBucket(s, "task", (request.At - head.CreatedAt).TotalSeconds);
        s.Execute(
            "INSERT INTO span (name, at) VALUES ($n, $a) ON CONFLICT (name) DO UPDATE SET at = max(at, $a)",
            SpanNames,
            "last",
            request.At.UtcTicks
        );
    }

    private static void Add(
        SqliteStore s,
        TaskHead head,
        string outcome,
        ErrorClass errorClass,
        long cost,
        long tokens
    ) =>
        s.Execute(
            "INSERT INTO rollup (kind, outcome, error_class, n, cost_microusd, tokens) VALUES ($k, $o, $e, $n, $c, $t) "
                + "ON CONFLICT (kind, outcome, error_class) DO UPDATE SET n = n + $n, cost_microusd = cost_microusd + $c, tokens = tokens + $t",
            RollupNames,
            (int)head.Kind,
            outcome,
            (int)errorClass,
            1,
            cost,
            tokens
        );

    private static void AddBucket(SqliteStore s, string measure, double seconds) =>
        s.Execute(
            "INSERT INTO histogram (measure, bucket, n) VALUES ($m, $b, 1) ON CONFLICT (measure, bucket) DO UPDATE SET n = n + 1",
            BucketNames,
            measure,
            BucketOf(seconds)
        );

    private static void Count(SqliteStore s, TaskPhase phase, int by) =>
        s.Execute(
            "INSERT INTO phase_count (phase, n) VALUES ($p, $n) ON CONFLICT (phase) DO UPDATE SET n = n + $n",
            PhaseNames,
            (int)phase,
            by
        );

    private static (TaskPhase? Phase, DateTimeOffset At) Old(SqliteStore s, string taskId)
    {
        var command = s.Command(
            "SELECT phase, json_extract(CAST(body AS TEXT), '$.updated_at') FROM head WHERE task_id = $t",
            "$t"
        );
        command.Parameters[0].Value = taskId;
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? (
                (TaskPhase)reader.GetInt32(0),
                DateTimeOffset.Parse(
                    reader.GetString(1),
                    System.Globalization.CultureInfo.InvariantCulture
                )
            )
            : (null, default);
    }
}
