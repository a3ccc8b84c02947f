using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>What is written into a run's control group, and what its counters mean.</summary>
public sealed class CgroupLimitsTests
{
    private static readonly SandboxTerms Terms = new()
    {
        MemoryMiB = 1_024,
        ProcessesMax = 256,
        ProcessorSecondsMax = 60,
    };

    [Fact]
    public void A_group_gets_memory_without_swap_processes_and_a_lesser_share_of_the_processor() =>
        Assert.Equal(
            [
                "memory.max=1073741824",
                "memory.swap.max=0",
                "memory.oom.group=1",
                "pids.max=256",
                "cpu.weight=50",
            ],
            CgroupLimits.Of(Terms).Select(s => $"{s.File}={s.Text}")
        );

    [Fact]
    public void Only_memory_and_processes_are_demanded_of_a_kernel() =>
        Assert.Equal(
            ["memory.max", "pids.max"],
            CgroupLimits.Of(Terms).Where(s => s.Required).Select(s => s.File)
        );

    [Theory]
    [InlineData("", "", "", "")]
    [InlineData("low 0\noom 1\noom_kill 0\n", "max 0\n", "usage_usec 60000000\n", "")]
    [InlineData("oom_kill x\n", "maximum 9\n", "usage_usec", "")]
    [InlineData("oom 3\noom_kill 2\n", "max 4\n", "", "1024 MiB")]
    [InlineData("oom_kill 0\noom_group_kill 1\n", "max 4\n", "", "256")]
    [InlineData("", "", "usage_usec 60000001\nuser_usec 1\n", "60 seconds")]
    public void A_limit_that_was_met_is_named(string memory, string pids, string cpu, string words)
    {
        var told = CgroupLimits.Breach(Terms, memory, pids, cpu);

        Assert.Equal(words.Length == 0, told.Length == 0);
        Assert.Contains(words, told, StringComparison.Ordinal);
    }
}
