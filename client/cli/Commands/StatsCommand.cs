using System.CommandLine;
using System.Globalization;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Numbers: over all history, or since a day by type, lane, host, requester or day.</summary>
internal static class StatsCommand
{
    private const int BarMax = 24;
    private const string Sparks = "▁▂▃▄▅▆▇█";

    /// <summary>The verb.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var write = new Option<bool>("--write-json")
        {
            Description = "Also have the server write logs/metrics.json.",
        };
        var since = SinceText.Option("Count from that day on (UTC); default with --by: 28 days.");
        var by = new Option<string?>("--by")
        {
            Description = "type, lane, host, requester or day.",
        };
        by.AcceptOnlyFromAmong("type", "lane", "host", "requester", "day");
        var command = new Command(
            "stats",
            "Show numbers over all history, or since a day by what is named."
        )
        {
            write,
            since,
            by,
        };
        command.SetAction(
            (p, token) =>
                RunAsync(
                    finder(p),
                    output(p),
                    p.GetValue(write),
                    p.GetValue(since),
                    p.GetValue(by),
                    token
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        SiloFinder finder,
        Output output,
        bool write,
        string? since,
        string? by,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        if (write)
        {
            var report = await client.WriteStatsAsync(token);
            await Console.Error.WriteLineAsync("Written: " + report.Done[0]);
        }
        if (since is null && by is null)
        {
            output.Answer(
                await client.GetStatsAsync(token),
                OrchestratorJson.Default.StatsReport,
                All
            );
        }
        else
        {
            output.Answer(
                await client.GetStatsByAsync(
                    by ?? "type",
                    SinceText.Read(since, TimeProvider.System.GetUtcNow()),
                    token
                ),
                OrchestratorJson.Default.StatsBreakdown,
                Since
            );
        }
        return ExitCodes.Done;
    }

    private static void All(StatsReport s)
    {
        Output.Line($"From {s.Window.From:u} to {s.Window.To:u}");
        Output.Line(
            $"Total {s.Tasks.Total}, success {s.Tasks.Success}, failed {s.Tasks.Failed}, cancelled {s.Tasks.Cancelled}, success rate {s.Tasks.SuccessRate} %"
        );
        Output.Line(
            $"Duration p50 {s.Tasks.Durations.P50}s p90 {s.Tasks.Durations.P90}s p95 {s.Tasks.Durations.P95}s p99 {s.Tasks.Durations.P99}s; ${s.Tasks.CostUsd:0.00}, {s.Tasks.Tokens} tokens"
        );
        foreach (var (type, n) in s.Tasks.ByType)
        {
            Output.Line($"  {type}: {n.Total} ({n.Success} success, {n.Failed} failed)");
        }
        foreach (var (error, n) in s.Tasks.ByError)
        {
            Output.Line($"  error {error}: {n}");
        }
        foreach (var (phase, p) in s.Tasks.ByPhase)
        {
            Output.Line($"  phase {phase}: p50 {p.P50}s p95 {p.P95}s");
        }
    }

    private static void Since(StatsBreakdown s)
    {
        Output.Line($"From {s.From} (UTC), by {s.By}{Counted(s)}");
        Output.Line(
            $"Ended {s.Days.Sum(d => d.Total)}, success {s.Days.Sum(d => d.Success)}, failed {s.Days.Sum(d => d.Failed)}, cancelled {s.Days.Sum(d => d.Cancelled)}; ${s.Days.Sum(d => d.CostUsd):0.00}, {s.Days.Sum(d => d.Tokens)} tokens"
        );
        Output.Line(
            $"Duration p50 {s.Durations.P50}s p95 {s.Durations.P95}s; in the queue p50 {s.Waiting.P50}s p95 {s.Waiting.P95}s"
        );
        if (Output.Drawn && s.Days.Count > 1)
        {
            Output.Line("Per day " + Spark([.. s.Days.Select(d => d.Total)]));
        }
        var width = s.Lines.Select(l => l.Name.Length).DefaultIfEmpty(0).Max();
        var most = s.Lines.Select(l => l.Total).DefaultIfEmpty(0).Max();
        foreach (var line in s.Lines)
        {
            var numbers = string.Create(
                CultureInfo.InvariantCulture,
                $"{line.Total, 7}  {line.Success} success, {line.Failed} failed, {line.Cancelled} cancelled, {line.SuccessRate} %, ${line.CostUsd:0.00}"
            );
            Output.Line(
                $"  {line.Name.PadRight(width)}  {(Output.Drawn ? Bar(line, most) + "  " : "")}{numbers}"
            );
        }
    }

    private static string Counted(StatsBreakdown s) =>
        s.CountedFrom is null ? "; nothing was counted by days yet"
        : string.CompareOrdinal(s.CountedFrom, s.From) > 0
            ? $"; counted by days since {s.CountedFrom}, what was before is in 'stats' alone"
        : "";

    /// <summary>One character a day, by the largest.</summary>
    public static string Spark(IReadOnlyList<long> values)
    {
        var most = Math.Max(1, values.DefaultIfEmpty(0).Max());
        return new string([
            .. values.Select(v => v == 0 ? ' ' : Sparks[(int)((v * (Sparks.Length - 1)) / most)]),
        ]);
    }

    private static string Bar(StatsLine line, long most)
    {
        int Part(long n) => most == 0 ? 0 : (int)Math.Round((double)n * BarMax / most);
        var all = Part(line.Total);
        var failed = Math.Min(all, Part(line.Failed));
        return Output.Paint(new string('█', all - failed), 32)
            + Output.Paint(new string('█', failed), 31)
            + new string(' ', BarMax - all);
    }
}
