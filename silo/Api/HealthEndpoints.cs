using System.Globalization;
using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Health;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints that say how things go: counts by day, the gate, what happened since.</summary>
internal static class HealthEndpoints
{
    private const int DaysDefault = 28;
    private const int DaysMax = 3_660;
    private const int FactsMax = 20_000;
    private const int PageMax = 1_000;
    private const int HappenedMax = 20;

    /// <summary>Maps them.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/v1/stats/by/{dimension}", ByAsync)
            .Is(
                "get_stats_by",
                ScopeNeeded.Read,
                "Counts since a day by type, lane, host, requester or day."
            )
            .Answers<StatsBreakdown>();
        app.MapGet("/v1/health/gate", GateAsync)
            .Is(
                "get_gate",
                ScopeNeeded.Read,
                "Whether the server does what it is for: goals, stuck tasks, dead letters, the hash chain."
            )
            .Answers<GateReport>();
        app.MapGet("/v1/progress", ProgressAsync)
            .Is("get_progress", ScopeNeeded.Read, "What happened since an instant, by task.")
            .Answers<ProgressReport>();
    }

    private static async Task<IResult> ByAsync(
        string dimension,
        string? since,
        TallySums sums,
        TimeProvider time,
        CancellationToken token
    )
    {
        if (!TallySums.Dimensions.Contains(dimension))
        {
            throw Bodies.Refuse(
                $"'{dimension}' is none of {string.Join(", ", TallySums.Dimensions)}."
            );
        }
        var today = SpendingScopes.DayOf(time.GetUtcNow());
        var from = Instant(since) is { } instant
            ? SpendingScopes.DayOf(instant)
            : today - DaysDefault + 1;
        if (from > today || today - from > DaysMax)
        {
            throw Bodies.Refuse($"since must lie in the last {DaysMax} days.");
        }
        return ApiHosting.Json(
            await sums.ReadAsync(dimension, from, today, token),
            OrchestratorJson.Compact.StatsBreakdown
        );
    }

    private static async Task<IResult> GateAsync(HealthGate gate, CancellationToken token) =>
        ApiHosting.Json(await gate.CheckAsync(token), OrchestratorJson.Compact.GateReport);

    private static async Task<IResult> ProgressAsync(
        string? since,
        IJournal journal,
        ITaskIndex index,
        TimeProvider time,
        CancellationToken token
    )
    {
        var from = Instant(since) ?? time.GetUtcNow().AddDays(-1);
        var position = await BeforeAsync(journal, from, token);
        var tasks = new Dictionary<string, List<JournalEntry>>(StringComparer.Ordinal);
        var read = 0;
        while (read < FactsMax)
        {
            var page = await journal.ReadAllAsync(position, PageMax, token);
            foreach (var entry in page)
            {
                (
                    tasks.TryGetValue(entry.TaskId, out var list) ? list : tasks[entry.TaskId] = []
                ).Add(entry);
                position = entry.Position;
            }
            read += page.Count;
            if (page.Count < PageMax)
            {
                break;
            }
        }
        var lines = new List<ProgressLine>(tasks.Count);
        foreach (var (id, facts) in tasks)
        {
            // What belongs to no task, such as a new policy, has no head.
            if (await index.FindAsync(id, token) is { } head)
            {
                lines.Add(
                    new ProgressLine(
                        id,
                        head.Title,
                        head.Phase,
                        facts[^1].At,
                        facts.Count,
                        Happened(facts)
                    )
                );
            }
        }
        return ApiHosting.Json(
            new ProgressReport(
                from,
                [.. lines.OrderByDescending(l => l.At)],
                read >= FactsMax && await journal.GetEndAsync(token) > position
            ),
            OrchestratorJson.Compact.ProgressReport
        );
    }

    private static List<string> Happened(List<JournalEntry> facts)
    {
        var kinds = new List<string>();
        foreach (
            var kind in facts.Select(f =>
                JsonNamingPolicy.KebabCaseLower.ConvertName(f.Fact.GetType().Name)
            )
        )
        {
            if (kinds.Count == 0 || kinds[^1] != kind)
            {
                kinds.Add(kind);
            }
        }
        return [.. kinds.TakeLast(HappenedMax)];
    }

    // The last position whose fact is older: instants grow with positions, but for clocks that were set back.
    private static async Task<long> BeforeAsync(
        IJournal journal,
        DateTimeOffset since,
        CancellationToken token
    )
    {
        long low = 0;
        var high = await journal.GetEndAsync(token);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var next = await journal.ReadAllAsync(middle, 1, token);
            if (next.Count == 0 || next[0].At >= since)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }

    private static DateTimeOffset? Instant(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at
        )
            ? at
        : throw Bodies.Refuse(
            $"since '{(text.Length > 40 ? text[..40] : text)}' is no instant. Example: 2026-03-01T00:00:00Z."
        );
}
