using System.Globalization;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>Writes <see cref="RollupChanges"/> into SQLite.</summary>
internal static class SqliteRollups
{
    private static readonly string[] PhaseNames = ["$p", "$n"];
    private static readonly string[] RollupNames = ["$k", "$o", "$e", "$c", "$t"];
    private static readonly string[] BucketNames = ["$m", "$b"];
    private static readonly string[] SpanNames = ["$n", "$a"];
    private static readonly string[] TallyNames = ["$m", "$d", "$n", "$b", "$a"];
    private static readonly string[] SpendNames = ["$d", "$s", "$n", "$r", "$c", "$t"];

    /// <summary>Applies one append. Only on the writer thread, inside its transaction, before the head is written.</summary>
    public static void Apply(SqliteStore s, AppendRequest request, TaskHead head)
    {
        var (oldPhase, oldAt) = Old(s, request.TaskId);
        var changes = RollupChanges.Of(request, head, oldPhase, oldAt);
        foreach (var (phase, by) in changes.Phases)
        {
            s.Execute(
                "INSERT INTO phase_count (phase, n) VALUES ($p, $n) ON CONFLICT (phase) DO UPDATE SET n = n + $n",
                PhaseNames,
                (int)phase,
                by
            );
        }
        foreach (var (measure, bucket) in changes.Buckets)
        {
            s.Execute(
                "INSERT INTO histogram (measure, bucket, n) VALUES ($m, $b, 1) ON CONFLICT (measure, bucket) DO UPDATE SET n = n + 1",
                BucketNames,
                measure,
                bucket
            );
        }
        foreach (var row in changes.Rows)
        {
            s.Execute(
                "INSERT INTO rollup (kind, outcome, error_class, n, cost_microusd, tokens) VALUES ($k, $o, $e, 1, $c, $t) "
                    + "ON CONFLICT (kind, outcome, error_class) DO UPDATE SET n = n + 1, cost_microusd = cost_microusd + $c, tokens = tokens + $t",
                RollupNames,
                (int)row.Kind,
                row.Outcome,
                (int)row.Error,
                row.CostMicroUsd,
                row.Tokens
            );
        }
        foreach (var row in changes.Spending)
        {
            s.Execute(
                "INSERT INTO spending (day, scope, name, runs, cost_microusd, tokens) VALUES ($d, $s, $n, $r, $c, $t) "
                    + "ON CONFLICT (day, scope, name) DO UPDATE SET runs = runs + $r, cost_microusd = cost_microusd + $c, tokens = tokens + $t",
                SpendNames,
                row.Day,
                row.Scope,
                row.Name,
                row.Runs,
                row.CostMicroUsd,
                row.Tokens
            );
        }
        foreach (var row in changes.Tallies)
        {
            s.Execute(
                "INSERT INTO tally (measure, day, name, bucket, amount) VALUES ($m, $d, $n, $b, $a) "
                    + "ON CONFLICT (measure, day, name, bucket) DO UPDATE SET amount = amount + $a",
                TallyNames,
                row.Measure,
                row.Day,
                row.Name,
                row.Bucket,
                row.Amount
            );
        }
        foreach (var (name, at) in changes.Spans)
        {
            s.Execute(
                name == RollupChanges.First
                    ? "INSERT INTO span (name, at) VALUES ($n, $a) ON CONFLICT DO NOTHING"
                    : "INSERT INTO span (name, at) VALUES ($n, $a) ON CONFLICT (name) DO UPDATE SET at = max(at, $a)",
                SpanNames,
                name,
                at.UtcTicks
            );
        }
    }

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
                DateTimeOffset.Parse(reader.GetString(1), CultureInfo.InvariantCulture)
            )
            : (null, default);
    }
}
