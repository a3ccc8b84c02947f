using Orchestrator.Decisions.Health;
using Xunit;

namespace Orchestrator.UnitTests.Health;

public sealed class MachineChecksTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WindowsSeen Good = new(
        Session: 1,
        Account: "PC\\ann",
        IsSystem: false,
        LongPaths: true,
        Antivirus: true,
        Exclusions: ["D:\\Orchestrator"],
        LoggedIn: true
    );

    [Theory]
    [InlineData(5_000, 256, "ok")]
    [InlineData(1_024, 256, "ok")]
    [InlineData(1_023, 256, "warn")]
    [InlineData(255, 256, "fail")]
    [InlineData(0, 0, "warn")]
    [InlineData(-1, 256, "warn")]
    public void Free_disk_is_judged_by_what_a_run_needs(long free, int min, string level) =>
        Assert.Equal(level, MachineChecks.Disk(free, min, "/data").Level);

    [Theory]
    [InlineData("git version 2.43.0", "ok")]
    [InlineData("git version 2.45.1.windows.1", "ok")]
    [InlineData("git version 2.39.5 (Apple Git-154)", "ok")]
    [InlineData("git version 2.38.9", "warn")]
    [InlineData("git version 3.0", "ok")]
    [InlineData("", "warn")]
    [InlineData("git version none", "warn")]
    public void Git_is_judged_by_its_version(string said, string level) =>
        Assert.Equal(level, MachineChecks.Git(said).Level);

    [Theory]
    [InlineData(7, 7, 0, "ok")]
    [InlineData(5, 7, 0, "warn")]
    [InlineData(9, 7, 7, "ok")]
    [InlineData(9, 7, 9, "fail")]
    public void A_schema_is_judged_by_what_this_build_knows(
        int found,
        int known,
        int needed,
        string level
    ) => Assert.Equal(level, MachineChecks.Schema("journal.db", found, known, needed).Level);

    [Theory]
    [InlineData(-3600, "ok")]
    [InlineData(59, "ok")]
    [InlineData(61, "warn")]
    public void A_task_from_the_future_tells_of_the_clock(int seconds, string level) =>
        Assert.Equal(level, MachineChecks.Clock(Now.AddSeconds(seconds), Now).Level);

    [Theory]
    [InlineData(0, "ok")]
    [InlineData(512, "warn")]
    [InlineData(1_024, "ok")]
    public void Few_open_files_are_told(long max, string level) =>
        Assert.Equal(level, MachineChecks.OpenFiles(max).Level);

    [Theory]
    [InlineData(49, "ok")]
    [InlineData(51, "warn")]
    public void A_slow_commit_is_told(int milliseconds, string level) =>
        Assert.Equal(
            level,
            MachineChecks
                .Sync("database commit", TimeSpan.FromMilliseconds(milliseconds), "a commit", "x")
                .Level
        );

    [Fact]
    public void A_windows_host_on_which_all_is_well_has_no_cure() =>
        Assert.All(
            WindowsChecks.Of(Good, "D:\\Orchestrator\\data"),
            c => Assert.Equal(("ok", ""), (c.Level, c.Cure))
        );

    [Fact]
    public void What_only_windows_has_is_told_with_its_cure()
    {
        (WindowsSeen Seen, string Line, string Cure)[] table =
        [
            (Good with { Session = 0, LoggedIn = false }, "windows session", "ANTHROPIC_API_KEY"),
            (Good with { IsSystem = true }, "windows account", "NT SERVICE"),
            (Good with { LongPaths = false }, "windows long paths", "LongPathsEnabled"),
            (Good with { LongPaths = null }, "windows long paths", "administrator"),
            (Good with { Exclusions = [] }, "windows antivirus", "Add-MpPreference"),
            (Good with { Exclusions = null }, "windows antivirus", "Add-MpPreference"),
            (Good with { Exclusions = ["D:\\Orch"] }, "windows antivirus", "'D:\\Orchestrator"),
        ];
        foreach (var (seen, line, cure) in table)
        {
            var told = Assert.Single(
                WindowsChecks.Of(seen, "D:\\Orchestrator\\data"),
                c => c.Level != "ok"
            );
            Assert.Equal(line, told.Name);
            Assert.Contains(cure, told.Cure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Session_0_is_well_with_a_key_and_defender_that_sleeps_needs_no_exclusion()
    {
        var lines = WindowsChecks.Of(
            Good with
            {
                Session = 0,
                Antivirus = false,
                Exclusions = null,
            },
            "C:\\d"
        );

        Assert.All(lines, c => Assert.Equal("ok", c.Level));
    }
}
