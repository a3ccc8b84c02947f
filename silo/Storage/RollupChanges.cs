using System.Text.Json;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>One more of (kind, outcome, error class), with what it cost.</summary>
/// <param name="Kind">The task's kind.</param>
/// <param name="Outcome"><c>run</c>, <c>success</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="CostMicroUsd">Millionths of a US dollar.</param>
/// <param name="Tokens">All kinds of tokens.</param>
internal readonly record struct RollupRow(
    TaskKind Kind,
    string Outcome,
    ErrorClass Error,
    long CostMicroUsd,
    long Tokens
);

/// <summary>What a run adds to the spending of a day.</summary>
/// <param name="Day">Days since 1970-01-01, UTC.</param>
/// <param name="Scope">A name of <see cref="SpendingScopes"/>.</param>
/// <param name="Name">The requester or the repository; empty for all.</param>
/// <param name="Runs">Runs that began.</param>
/// <param name="CostMicroUsd">Millionths of a US dollar.</param>
/// <param name="Tokens">All kinds of tokens.</param>
internal readonly record struct SpendRow(
    int Day,
    string Scope,
    string Name,
    long Runs,
    long CostMicroUsd,
    long Tokens
);

/// <summary>
/// What one append changes in the counts, worked out without a store: every store writes it in the same commit as the
/// facts, so that <c>stats</c> never scans history.
/// </summary>
internal sealed class RollupChanges
{
    /// <summary>Name of the span row of the first submission.</summary>
    public const string First = "first";

    /// <summary>Name of the span row of the last end.</summary>
    public const string Last = "last";

    private const double BucketGrowth = 1.02;
    private const double SmallestSeconds = 0.001;

    private RollupChanges() { }

    /// <summary>Tasks more or fewer in a phase.</summary>
    public List<(TaskPhase Phase, int By)> Phases { get; } = [];

    /// <summary>One more in each of these histogram buckets.</summary>
    public List<(string Measure, int Bucket)> Buckets { get; } = [];

    /// <summary>One more of each of these.</summary>
    public List<RollupRow> Rows { get; } = [];

    /// <summary>Instants: <see cref="First"/> is kept when it is there, of <see cref="Last"/> the later stays.</summary>
    public List<(string Name, DateTimeOffset At)> Spans { get; } = [];

    /// <summary>What runs began and cost.</summary>
    public List<SpendRow> Spending { get; } = [];

    /// <summary>What is counted of the day.</summary>
    public List<Tally> Tallies { get; } = [];

    /// <summary>The changes of an append to a task that was in <paramref name="oldPhase"/> (null = it is new) since <paramref name="oldAt"/>.</summary>
    public static RollupChanges Of(
        AppendRequest request,
        TaskHead head,
        TaskPhase? oldPhase,
        DateTimeOffset oldAt
    )
    {
        var changes = new RollupChanges();
        if (oldPhase != head.Phase)
        {
            if (oldPhase is { } left)
            {
                changes.Phases.Add((left, -1));
                changes.AddBucket(request, TallyMeasures.Phase + (int)left, request.At - oldAt);
            }
            changes.Phases.Add((head.Phase, 1));
        }
        foreach (var fact in request.Facts)
        {
            changes.Take(request, head, fact);
        }
        return changes;
    }

    /// <summary>The bucket of a duration in seconds, each 2 % wider than the one before; 0 for everything up to a millisecond.</summary>
    public static int BucketOf(double seconds) =>
        seconds <= SmallestSeconds
            ? 0
            : (int)Math.Ceiling(Math.Log(seconds / SmallestSeconds, BucketGrowth));

    /// <summary>The duration, in seconds, that a bucket stands for: its geometric middle.</summary>
    public static double SecondsOf(int bucket) =>
        bucket <= 0 ? SmallestSeconds : SmallestSeconds * Math.Pow(BucketGrowth, bucket - 0.5);

    private void Take(AppendRequest request, TaskHead head, TaskFact fact)
    {
        switch (fact)
        {
            case TaskFact.Submitted:
                Spans.Add((First, request.At));
                break;
            case TaskFact.RunStarted:
                Spend(request, head, 1, 0, 0);
                break;
            case TaskFact.RunEnded f:
                var usage = f.Result.Usage;
                var tokens =
                    usage.InputTokens
                    + usage.OutputTokens
                    + usage.CacheReadTokens
                    + usage.CacheWriteTokens;
                var cost = (long)(usage.CostUsd * 1_000_000m);
                Rows.Add(new RollupRow(head.Kind, "run", f.Result.ErrorClass, cost, tokens));
                Count(request, head, TallyBucket.Runs, 1);
                Count(request, head, TallyBucket.CostMicroUsd, cost);
                Count(request, head, TallyBucket.Tokens, tokens);
                CountHost(request, f.Result.ErrorClass, cost, tokens);
                if (cost != 0 || tokens != 0)
                {
                    Spend(request, head, 0, cost, tokens);
                }
                break;
            case TaskFact.Delivered:
                End(request, head, "success", ErrorClass.None);
                break;
            case TaskFact.Failed f:
                End(request, head, "failed", f.ErrorClass);
                break;
            case TaskFact.Cancelled:
                End(request, head, "cancelled", ErrorClass.Cancelled);
                break;
            default:
                break;
        }
    }

    private void End(AppendRequest request, TaskHead head, string outcome, ErrorClass error)
    {
        Rows.Add(new RollupRow(head.Kind, outcome, error, 0, 0));
        AddBucket(request, TallyMeasures.Task, request.At - head.CreatedAt);
        Count(
            request,
            head,
            outcome switch
            {
                "success" => TallyBucket.Success,
                "failed" => TallyBucket.Failed,
                _ => TallyBucket.Cancelled,
            },
            1
        );
        Spans.Add((Last, request.At));
    }

    private void Spend(AppendRequest request, TaskHead head, long runs, long cost, long tokens)
    {
        var day = SpendingScopes.DayOf(request.At);
        Spending.Add(new SpendRow(day, SpendingScopes.All, "", runs, cost, tokens));
        Spending.Add(
            new SpendRow(day, SpendingScopes.Requester, head.Requester, runs, cost, tokens)
        );
        if (head.Repository.Length > 0)
        {
            Spending.Add(
                new SpendRow(day, SpendingScopes.Repository, head.Repository, runs, cost, tokens)
            );
        }
    }

    private void AddBucket(AppendRequest request, string measure, TimeSpan length)
    {
        var bucket = BucketOf(length.TotalSeconds);
        Buckets.Add((measure, bucket));
        Tallies.Add(new Tally(measure, SpendingScopes.DayOf(request.At), "", bucket, 1));
    }

    private void Count(AppendRequest request, TaskHead head, TallyBucket bucket, long amount)
    {
        Count(request, TallyMeasures.All, "", bucket, amount);
        Count(
            request,
            TallyMeasures.Type,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(head.Kind.ToString()),
            bucket,
            amount
        );
        Count(request, TallyMeasures.Requester, head.Requester, bucket, amount);
        if (head.Lane.Length > 0)
        {
            Count(request, TallyMeasures.Lane, head.Lane, bucket, amount);
        }
    }

    // Of a host its runs count, each by its own end: a task may have had runs on several.
    private void CountHost(AppendRequest request, ErrorClass error, long cost, long tokens)
    {
        if (request.Host.Length == 0)
        {
            return;
        }
        var (measure, host) = (TallyMeasures.Host, request.Host);
        Count(
            request,
            measure,
            host,
            error switch
            {
                ErrorClass.None => TallyBucket.Success,
                ErrorClass.Cancelled => TallyBucket.Cancelled,
                _ => TallyBucket.Failed,
            },
            1
        );
        Count(request, measure, host, TallyBucket.Runs, 1);
        Count(request, measure, host, TallyBucket.CostMicroUsd, cost);
        Count(request, measure, host, TallyBucket.Tokens, tokens);
    }

    private void Count(
        AppendRequest request,
        string measure,
        string name,
        TallyBucket bucket,
        long amount
    )
    {
        if (amount != 0)
        {
            Tallies.Add(
                new Tally(measure, SpendingScopes.DayOf(request.At), name, (int)bucket, amount)
            );
        }
    }
}
