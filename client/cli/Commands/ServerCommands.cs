using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Verbs about the server.</summary>
internal static class ServerCommands
{
    public static async Task<int> StatusAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.GetStatusAsync(token),
            OrchestratorJson.Default.StatusReport,
            s =>
            {
                foreach (var component in s.Components)
                {
                    Output.Line(
                        $"{(component.Ok ? Output.Paint("[OK]", 32) : Output.Paint("[--]", 33))} {component.Name}: {component.Detail}"
                    );
                }
                Output.Line(
                    $"Active: {s.Active}  Queued: {s.Queued}  Completed: {s.Completed}  Failed: {s.Failed}  Workers: {s.Hosts.Sum(h => h.SlotsUsed)}/{s.Hosts.Sum(h => h.Slots)}"
                );
                Output.Line(
                    $"Queue: {s.Queue?.Waiting} waiting, oldest {s.Queue?.OldestSeconds:0}s, {s.Queue?.Refused} refused, {s.Queue?.Admitted}/{s.Queue?.SizeMax} admitted"
                );
                Output.Line($"Version {s.Version}, since {s.StartedAt:u}, data {s.DataDirectory}");
            }
        );
        return ExitCodes.Done;
    }

    public static async Task<int> StatsAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.GetStatsAsync(token),
            OrchestratorJson.Default.StatsReport,
            s =>
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
            }
        );
        return ExitCodes.Done;
    }

    public static async Task<int> DoctorAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        var report = await client.GetDoctorAsync(token);
        output.Answer(
            report,
            OrchestratorJson.Default.DoctorReport,
            r =>
            {
                foreach (var check in r.Checks)
                {
                    Output.Line(
                        $"{check.Level, -4}  {check.Name}: {check.Message}{(check.Cure.Length > 0 ? " → " + check.Cure : "")}"
                    );
                }
            }
        );
        return report.Checks.Any(c => c.Level == "fail") ? ExitCodes.Failed : ExitCodes.Done;
    }

    public static int TailEvents(string data, string? task, int lines)
    {
        var last = new Queue<string>();
        for (var i = 3; i >= 0; i--)
        {
            var file = Path.Combine(data, "logs", i == 0 ? "events.ndjson" : $"events.ndjson.{i}");
            foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
            {
                if (
                    task is null
                    || line.Contains($"\"task_id\":\"{task}\"", StringComparison.Ordinal)
                )
                {
                    last.Enqueue(line);
                    if (last.Count > lines)
                    {
                        last.Dequeue();
                    }
                }
            }
        }
        foreach (var line in last)
        {
            using var json = JsonDocument.Parse(line);
            string Of(string name) =>
                json.RootElement.TryGetProperty(name, out var v) ? v.ToString() : "";
            var rest = string.Join(
                ' ',
                json.RootElement.EnumerateObject()
                    .Where(p => p.Name is not ("timestamp" or "event" or "task_id"))
                    .Select(p => $"{p.Name}={p.Value}")
            );
            Output.Line($"{Of("timestamp")}  {Of("event"), -18}  task={Of("task_id")}  {rest}");
        }
        return ExitCodes.Done;
    }

    public static async Task<int> CreateTokenAsync(
        SiloFinder finder,
        Output output,
        string name,
        string[] scopes,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.CreateTokenAsync(new TokenRequest { Name = name, Scopes = scopes }, token),
            OrchestratorJson.Default.TokenInfo,
            t =>
            {
                Output.Line(t.Secret ?? "");
                Console.Error.WriteLine(
                    $"Token {t.Id} for {t.Name} ({string.Join(", ", t.Scopes)}). It is shown this once."
                );
            }
        );
        return ExitCodes.Done;
    }

    public static async Task<int> ListTokensAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.ListTokensAsync(token),
            OrchestratorJson.Default.TokenList,
            l =>
            {
                foreach (var t in l.Tokens)
                {
                    Output.Line(
                        $"{t.Id}  {t.Name, -20}  {string.Join(',', t.Scopes), -24}  {(t.RevokedAt is null ? "valid" : "revoked")}"
                    );
                }
            }
        );
        return ExitCodes.Done;
    }

    public static async Task<int> RevokeTokenAsync(
        SiloFinder finder,
        string id,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        await client.RevokeTokenAsync(id, token);
        await Console.Error.WriteLineAsync($"{id} is revoked.");
        return ExitCodes.Done;
    }
}
