using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>Exit codes that scripts act on: what is paused, what is busy.</summary>
public sealed class ExitCodeTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_paused_task_is_seven_and_a_full_queue_is_eight_with_the_way_on()
    {
        await using var silo = await SiloProcess.StartAsync(
            "--Runner:Slots=1",
            "--MAX_QUEUE_SIZE=1"
        );
        await using var facts = new FactFollower(silo.Client);
        var reset = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        var paused = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                $$$"""{"do":"result","text":"Claude AI usage limit reached|{{{reset}}}","fields":{"is_error":true}}""",
                type: "analyze"
            )
        );

        var watch = await CliProcess.RunAsync(silo.Data, "watch", paused.TaskId);

        Assert.Equal(7, watch.ExitCode);
        Assert.Contains("paused", watch.Output, StringComparison.Ordinal);

        await AgentAccounts.OpenAllAsync(silo.Client);
        var running = await silo.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));
        await facts.UntilAsync(
            "an agent in the only slot",
            Deadline,
            e => e.TaskId == running.TaskId && e.Fact is TaskFact.AgentStarted
        );
        await silo.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));

        var refused = await CliProcess.RunAsync(silo.Data, "submit", "One more", "--type", "fix");

        Assert.Equal(8, refused.ExitCode);
        Assert.Contains("holds its 1 tasks", refused.Error, StringComparison.Ordinal);
        Assert.Contains("again in", refused.Error, StringComparison.Ordinal);
        Assert.Empty(refused.Output);
    }
}
