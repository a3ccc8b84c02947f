using Orchestrator.SystemTests;
using Xunit;

namespace Orchestrator.ChaosTests;

/// <summary>Silos on one PostgreSQL whose processes, and whose database, are killed while tasks run. Seed: <c>ORCHESTRATOR_TESTS_SEED</c>; long form: <c>ORCHESTRATOR_TESTS_LONG=1</c>.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_is_lost_stuck_or_done_twice_while_silos_and_the_database_die()
    {
        var report = await RunAsync(ChaosPlan.Storm);

        Assert.Equal([], report.Problems);
    }

    [Fact]
    public async Task What_a_dead_host_ran_goes_on_elsewhere_within_seconds()
    {
        var report = await RunAsync(ChaosPlan.Deaths);

        Assert.Equal([], report.Problems);
        Assert.NotEmpty(report.Resumed);
        // The measured figures are reported; a test bounds only what a slow machine keeps as well.
        Assert.True(report.Resumed[^1] < 60, $"a turn waited {report.Resumed[^1]:F1} s");
        // The scanner's round of all that is owed comes each minute: nobody may need it.
        Assert.True(report.Waited[^1] < 30, $"a new task waited {report.Waited[^1]:F1} s");
    }

    /// <summary><c>ORCHESTRATOR_TESTS_EARLIER</c>: full path of an earlier release's silo program.</summary>
    [Fact]
    public async Task Nothing_is_lost_while_silos_are_upgraded_one_by_one_and_taken_back()
    {
        var earlier = Environment.GetEnvironmentVariable("ORCHESTRATOR_TESTS_EARLIER") ?? "";
        Assert.SkipUnless(
            earlier.Length > 0,
            "ORCHESTRATOR_TESTS_EARLIER names no silo program of an earlier release."
        );

        var report = await RunAsync(ChaosPlan.Upgrade(earlier));

        Assert.Equal([], report.Problems);
    }

    private async Task<ChaosReport> RunAsync(ChaosPlan plan)
    {
        output.WriteLine(plan.ToString());
        await using var cluster = await ChaosCluster.StartAsync(plan);
        var report = await cluster.RunAsync();
        if (report.Problems.Count > 0 || LongForm.Enabled)
        {
            output.WriteLine(string.Join('\n', report.Stories));
        }
        // Last, behind the long stories: what is looked for.
        output.WriteLine(report.ToString());
        foreach (var problem in report.Problems)
        {
            output.WriteLine(problem);
        }
        return report;
    }
}
