using Orchestrator.Decisions.Health;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Health;

/// <summary>Each line about a machine says what was seen, and, where it is not well, what helps.</summary>
public sealed class MachineChecksTextTests
{
    private const string DiskCure =
        "Free some space there ('orchestrator clean artifacts --days 30' removes old exports), or move the data directory with --data.";
    private const string ClockCure =
        "The clock was set back, or runs behind: set it right (timedatectl, w32tm /resync). Deadlines and leases go by it.";
    private const string FilesCure =
        "Raise it to 65536: LimitNOFILE in the systemd unit, or 'ulimit -n' before the start.";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_line_that_is_well_has_no_cure()
    {
        Assert.Equal(new DoctorCheck("n", "ok", "m", ""), MachineChecks.Ok("n", "m"));
        Assert.Equal(new DoctorCheck("n", "warn", "m", "c"), MachineChecks.Warn("n", "m", "c"));
        Assert.Equal(new DoctorCheck("n", "fail", "m", "c"), MachineChecks.Fail("n", "m", "c"));
    }

    [Theory]
    [InlineData(-1, 256, "warn", "the system does not say how much is free for /data")]
    [InlineData(0, 0, "warn", "0 MiB free for /data")]
    [InlineData(
        0,
        1,
        "fail",
        "0 MiB free for /data; below 1 (Runner:DiskFreeMinMiB) no new run begins here"
    )]
    [InlineData(
        255,
        256,
        "fail",
        "255 MiB free for /data; below 256 (Runner:DiskFreeMinMiB) no new run begins here"
    )]
    [InlineData(256, 256, "warn", "256 MiB free for /data")]
    [InlineData(1_023, 256, "warn", "1023 MiB free for /data")]
    [InlineData(1_024, 256, "ok", "1024 MiB free for /data")]
    [InlineData(
        1_024,
        1_025,
        "fail",
        "1024 MiB free for /data; below 1025 (Runner:DiskFreeMinMiB) no new run begins here"
    )]
    [InlineData(5_000_000, 256, "ok", "5000000 MiB free for /data")]
    public void Free_disk_is_told_in_MiB(long free, int min, string level, string message) =>
        AssertLine("disk", level, message, DiskCure, MachineChecks.Disk(free, min, "/data"));

    [Theory]
    [InlineData(0, "ok", "a commit: 0.0 ms")]
    [InlineData(12.34, "ok", "a commit: 12.3 ms")]
    [InlineData(50, "ok", "a commit: 50.0 ms")]
    [InlineData(50.1, "warn", "a commit: 50.1 ms")]
    [InlineData(1_234.5, "warn", "a commit: 1234.5 ms")]
    public void A_durable_write_is_told_in_milliseconds(
        double milliseconds,
        string level,
        string message
    ) =>
        AssertLine(
            "disk speed",
            level,
            message,
            "Take a faster disk.",
            MachineChecks.Sync(
                "disk speed",
                TimeSpan.FromMilliseconds(milliseconds),
                "a commit",
                "Take a faster disk."
            )
        );

    [Theory]
    [InlineData("git version 2.39.0", "ok", "git version 2.39.0", "")]
    [InlineData("git version 3.0.1", "ok", "git version 3.0.1", "")]
    [InlineData(
        "git version 2.38.9",
        "warn",
        "git version 2.38.9; tried are 2.39 and newer",
        "Install a newer git and restart the silo."
    )]
    [InlineData(
        "git version 1.99.0",
        "warn",
        "git version 1.99.0; tried are 2.39 and newer",
        "Install a newer git and restart the silo."
    )]
    [InlineData(
        "git version none",
        "warn",
        "its version cannot be read: 'git version none'",
        "Install git 2.39 or newer."
    )]
    [InlineData(
        "git version 2.x",
        "warn",
        "its version cannot be read: 'git version 2.x'",
        "Install git 2.39 or newer."
    )]
    [InlineData(
        "git version 3",
        "warn",
        "its version cannot be read: 'git version 3'",
        "Install git 2.39 or newer."
    )]
    [InlineData("", "warn", "its version cannot be read: ''", "Install git 2.39 or newer.")]
    public void Git_is_told_by_what_it_says_of_itself(
        string said,
        string level,
        string message,
        string cure
    ) => Assert.Equal(new DoctorCheck("git", level, message, cure), MachineChecks.Git(said));

    [Theory]
    [InlineData(7, 7, 7, "ok", "journal.db has version 7", "")]
    [InlineData(9, 7, 7, "ok", "journal.db has version 9", "")]
    [InlineData(
        6,
        7,
        0,
        "warn",
        "journal.db has version 6; this build brings it to 7 at its next start",
        "Make a backup (docs/runbook.md), then start the silo."
    )]
    [InlineData(
        9,
        7,
        8,
        "fail",
        "journal.db has version 9; this build knows 7",
        "Start the newer release that wrote it, or restore a backup made with this one."
    )]
    public void A_schema_is_told_by_its_version(
        int found,
        int known,
        int needed,
        string level,
        string message,
        string cure
    ) =>
        Assert.Equal(
            new DoctorCheck("database schema", level, message, cure),
            MachineChecks.Schema("journal.db", found, known, needed)
        );

    [Theory]
    [InlineData(-3_600, "ok", "2026-03-01 12:00:00Z; nothing in the store is later")]
    [InlineData(0, "ok", "2026-03-01 12:00:00Z; nothing in the store is later")]
    [InlineData(
        61,
        "warn",
        "the newest task was made at 2026-03-01 12:01:01Z, and this machine says 2026-03-01 12:00:00Z"
    )]
    public void The_clock_is_held_against_the_newest_task(
        int seconds,
        string level,
        string message
    ) =>
        AssertLine(
            "clock",
            level,
            message,
            ClockCure,
            MachineChecks.Clock(Now.AddSeconds(seconds), Now)
        );

    // Clocks of two machines are never quite the same.
    [Fact]
    public void A_clock_may_be_a_minute_behind() =>
        Assert.Equal("ok", MachineChecks.Clock(Now.AddMinutes(1), Now).Level);

    [Fact]
    public void An_empty_store_says_nothing_of_the_clock() =>
        Assert.Equal(
            new DoctorCheck(
                "clock",
                "ok",
                "2026-03-01 12:00:00Z; nothing in the store is later",
                ""
            ),
            MachineChecks.Clock(null, Now)
        );

    [Fact]
    public void The_clock_is_told_in_the_time_of_the_world() =>
        Assert.Equal(
            "2026-03-01 12:00:00Z; nothing in the store is later",
            MachineChecks.Clock(null, Now.ToOffset(TimeSpan.FromHours(2))).Message
        );

    [Theory]
    [InlineData(0, "ok", "no limit told")]
    [InlineData(1, "warn", "at most 1")]
    [InlineData(1_023, "warn", "at most 1023")]
    [InlineData(1_024, "ok", "at most 1024")]
    [InlineData(1_048_576, "ok", "at most 1048576")]
    public void Open_files_are_told_by_their_limit(long max, string level, string message) =>
        AssertLine("open files", level, message, FilesCure, MachineChecks.OpenFiles(max));

    [Theory]
    [InlineData(
        0,
        24,
        false,
        "ok",
        "0 files were sent and are named by nothing yet; kept for 24 h"
    )]
    [InlineData(
        1_234,
        1.5,
        true,
        "warn",
        "1234 files were sent and are named by nothing yet; kept for 1.5 h; some are older"
    )]
    public void Uploads_are_counted(
        long count,
        double hours,
        bool overdue,
        string level,
        string message
    ) =>
        AssertLine(
            "uploads",
            level,
            message,
            "'orchestrator clean uploads --days 1' removes them; the log says why it was not done by itself.",
            MachineChecks.Uploads(count, TimeSpan.FromHours(hours), overdue)
        );

    private static void AssertLine(
        string name,
        string level,
        string message,
        string cure,
        DoctorCheck told
    ) => Assert.Equal(new DoctorCheck(name, level, message, level == "ok" ? "" : cure), told);
}
