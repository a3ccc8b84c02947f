using System.Text.Json.Nodes;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Pages;

/// <summary>A person's whole way over the board, which is also where its pictures come from.</summary>
public sealed class BoardJourneyTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    [Theory]
    [InlineData(1280, 900, false)]
    [InlineData(1280, 900, true)]
    [InlineData(390, 844, false)]
    [InlineData(390, 844, true)]
    public async Task A_person_watches_reads_answers_approves_and_applies(
        int width,
        int height,
        bool dark
    )
    {
        await BoardRoom.FillAsync(shared);
        var keeper = await shared.Client.CreateTokenAsync(
            new TokenRequest { Name = "keeper", Scopes = ["read", "submit", "operate"] }
        );
        var repository = await BoardRoom.ShopAsync();

        var seen = await BrowserRun.PlayAsync(
            "journey",
            new JsonObject
            {
                ["url"] = shared.Discovery.Address.ToString().TrimEnd('/'),
                ["token"] = shared.Discovery.Token,
                ["keeper"] = keeper.Secret,
                ["repository"] = repository,
                ["images"] = BrowserRun.Images,
                ["width"] = width,
                ["height"] = height,
                ["dark"] = dark,
            }
        );

        Assert.Contains(
            seen.Texts("lines"),
            l => l.Contains("ROUND_HALF_EVEN)", StringComparison.Ordinal)
        );
        Assert.StartsWith("/tasks/", seen.Text("focused"), StringComparison.Ordinal);
        Assert.Equal(0, seen.Number("wider"));
        Assert.Empty(seen.Texts("errors"));
        Assert.Empty(seen.Texts("violations"));
        Assert.Contains(
            "ROUND_HALF_EVEN",
            await File.ReadAllTextAsync(Path.Combine(repository, "src", "total.py")),
            StringComparison.Ordinal
        );
        var facts = (await shared.Client.GetFactsAsync(seen.Text("task"))).Facts.Select(f =>
            f.Fact
        );
        var yes = Assert.Single(facts.OfType<TaskFact.Approved>());
        Assert.Equal(("keeper", "Reads well."), (yes.By, yes.Note));
        Assert.NotEmpty(yes.Hash);
    }
}
