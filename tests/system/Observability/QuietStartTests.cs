using Orchestrator.Silo;
using Xunit;

namespace Orchestrator.SystemTests.Observability;

/// <summary>A start that is as it should be warns of nothing; what is so is still said.</summary>
public sealed class QuietStartTests
{
    [Fact]
    public async Task A_start_warns_of_nothing()
    {
        await using var silo = await SiloProcess.StartAsync();

        Assert.DoesNotContain(silo.Log, l => l.Contains(" warn ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Orleans.Runtime.Silo", 100405, 0, true)]
    [InlineData("Orleans.Runtime.Silo", 100404, 0, false)]
    [InlineData("Orleans.Runtime.Watchdog", 100150, 6, true)]
    [InlineData("Orleans.Runtime.Watchdog", 100150, 4, false)]
    [InlineData("Orleans.Runtime.Watchdog", 100151, 6, false)]
    [InlineData("Orchestrator.Silo", 100405, 6, false)]
    public void Only_what_cannot_be_so_is_left_out(string category, int id, int late, bool left)
    {
        KeyValuePair<string, object?>[] state =
        [
            new("Duration", TimeSpan.FromMinutes(late)),
            new("{OriginalFormat}", "late {Duration}"),
        ];

        Assert.Equal(left, PlatformNoise.Is(category, id, state, TimeSpan.FromMinutes(5)));
    }
}
