using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Xunit;

namespace Orchestrator.SystemTests.Observability;

/// <summary>A silo's /metrics.</summary>
internal static class Scrape
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>Scrapes until a text is there: facts are measured behind their append, and nobody says when a scrape would show them.</summary>
    public static async Task<string> UntilAsync(SiloProcess silo, string wanted)
    {
        var token = JsonSerializer
            .Deserialize(
                await File.ReadAllBytesAsync(Path.Combine(silo.Data, "silo.json")),
                OrchestratorJson.Default.SiloDiscovery
            )!
            .Token;
        using var http = new HttpClient { BaseAddress = silo.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var limit = new CancellationTokenSource(Longest);
        var text = "";
        while (!limit.IsCancellationRequested)
        {
            text = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            if (text.Contains(wanted, StringComparison.Ordinal))
            {
                return text;
            }
        }
        Assert.Fail($"{wanted} never came: {text}");
        return text;
    }
}
