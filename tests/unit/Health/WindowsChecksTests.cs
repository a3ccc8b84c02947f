using Orchestrator.Decisions.Health;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Health;

/// <summary>The four lines about a Windows host say word by word what was seen and what helps.</summary>
public sealed class WindowsChecksTests
{
    private const string Data = @"D:\Orchestrator\data";
    private const string DefenderCure =
        @"If your rules allow it, as administrator: Add-MpPreference -ExclusionPath 'D:\Orchestrator\data'";

    private static readonly WindowsSeen Good = new(
        Session: 1,
        Account: @"PC\ann",
        IsSystem: false,
        LongPaths: true,
        Antivirus: true,
        Exclusions: [Data],
        LoggedIn: false
    );

    [Fact]
    public void A_host_on_which_all_is_well_has_four_lines() =>
        Assert.Equal(
            [
                new DoctorCheck("windows session", "ok", "session 1, with a desktop", ""),
                new DoctorCheck("windows account", "ok", @"PC\ann", ""),
                new DoctorCheck("windows long paths", "ok", "on", ""),
                new DoctorCheck("windows antivirus", "ok", $"Defender leaves {Data} alone", ""),
            ],
            WindowsChecks.Of(Good, Data)
        );

    [Theory]
    [InlineData(0, true, "ok", "session 0, that of services")]
    [InlineData(
        0,
        false,
        "warn",
        "session 0: a service sees no login that a person made for the agent"
    )]
    [InlineData(1, true, "ok", "session 1, with a desktop")]
    [InlineData(12, false, "ok", "session 12, with a desktop")]
    public void A_session_is_told_by_its_number(
        int session,
        bool loggedIn,
        string level,
        string message
    ) =>
        Assert.Equal(
            new DoctorCheck(
                "windows session",
                level,
                message,
                level == "ok"
                    ? ""
                    : "Set ANTHROPIC_API_KEY for the service, or run the runner at logon (deploy, docs/windows.md)."
            ),
            Line(0, Good with { Session = session, LoggedIn = loggedIn })
        );

    [Fact]
    public void The_systems_own_account_has_every_right() =>
        Assert.Equal(
            new DoctorCheck(
                "windows account",
                "warn",
                @"NT AUTHORITY\SYSTEM: agents run with every right of the machine",
                @"Let the service run as NT SERVICE\Orchestrator (deploy sets that) or a user of its own."
            ),
            Line(1, Good with { Account = @"NT AUTHORITY\SYSTEM", IsSystem = true })
        );

    [Theory]
    [InlineData(
        false,
        "off: programs of a repository may fail on paths over 260 characters (git and the silo do not)",
        @"As administrator: reg add HKLM\SYSTEM\CurrentControlSet\Control\FileSystem /v LongPathsEnabled /t REG_DWORD /d 1 /f, then restart the silo."
    )]
    [InlineData(
        null,
        "the registry could not be read",
        "Look at LongPathsEnabled as administrator."
    )]
    public void Long_paths_that_are_off_or_not_known(
        bool? longPaths,
        string message,
        string cure
    ) =>
        Assert.Equal(
            new DoctorCheck("windows long paths", "warn", message, cure),
            Line(2, Good with { LongPaths = longPaths })
        );

    [Fact]
    public void Defender_that_sleeps_needs_no_exclusion() =>
        Assert.Equal(
            new DoctorCheck("windows antivirus", "ok", "Defender does not watch in real time", ""),
            Line(3, Good with { Antivirus = false, Exclusions = [] })
        );

    [Fact]
    public void What_Defender_leaves_alone_may_be_hidden() =>
        Assert.Equal(
            new DoctorCheck(
                "windows antivirus",
                "warn",
                "only an administrator may see what Defender leaves alone",
                DefenderCure
            ),
            Line(3, Good with { Exclusions = null })
        );

    [Fact]
    public void Defender_that_looks_into_the_data_slows_it() =>
        Assert.Equal(
            new DoctorCheck(
                "windows antivirus",
                "warn",
                $"Defender looks into {Data}: commits are slow and worktrees are held open",
                DefenderCure
            ),
            Line(3, Good with { Exclusions = [] })
        );

    [Theory]
    [InlineData(@"D:\Orchestrator\data", Data, "ok")]
    [InlineData(@"D:\Orchestrator", Data, "ok")]
    [InlineData(@"d:/orchestrator/", Data, "ok")]
    [InlineData(@"D:\", Data, "ok")]
    [InlineData(@"D:\Orch", Data, "warn")]
    [InlineData(@"D:\Orchestrator\data\logs", Data, "warn")]
    [InlineData(@"E:\Orchestrator", Data, "warn")]
    // What names no folder leaves nothing alone, be the data on another machine.
    [InlineData("", @"\\server\share\data", "warn")]
    [InlineData(@"\", @"\\server\share\data", "warn")]
    [InlineData(@"\\server\share", @"\\server\share\data", "ok")]
    public void An_exclusion_holds_for_the_folder_and_all_below_it(
        string exclusion,
        string data,
        string level
    ) =>
        Assert.Equal(
            level,
            WindowsChecks.Of(Good with { Exclusions = [exclusion] }, data)[3].Level
        );

    [Fact]
    public void One_of_several_exclusions_is_enough() =>
        Assert.Equal(
            "ok",
            Line(3, Good with { Exclusions = [@"C:\Windows", @"D:\Orchestrator", @"E:\x"] }).Level
        );

    // PowerShell doubles the quote inside of quotes.
    [Fact]
    public void A_quote_in_the_folders_name_ends_no_order() =>
        Assert.Equal(
            @"If your rules allow it, as administrator: Add-MpPreference -ExclusionPath 'D:\Ann''s data'",
            WindowsChecks.Of(Good with { Exclusions = [] }, @"D:\Ann's data")[3].Cure
        );

    private static DoctorCheck Line(int index, WindowsSeen seen) =>
        WindowsChecks.Of(seen, Data)[index];
}
