using Orchestrator.GrainInterfaces.Api;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Decisions.Health;

/// <summary>What was seen of a Windows host.</summary>
/// <param name="Session">Number of the silo's session; 0 = that of services, without a desktop.</param>
/// <param name="Account">Who the silo is, such as <c>NT SERVICE\Orchestrator</c>.</param>
/// <param name="IsSystem">True for LocalSystem.</param>
/// <param name="LongPaths">LongPathsEnabled; null = it could not be read.</param>
/// <param name="Antivirus">True while Defender watches in real time; null = not known.</param>
/// <param name="Exclusions">Folders that Defender leaves alone; null = only an administrator may know.</param>
/// <param name="LoggedIn">True when the agent signs in by a key or token of the settings, not by a person's login.</param>
public sealed record WindowsSeen(
    int Session,
    string Account,
    bool IsSystem,
    bool? LongPaths,
    bool? Antivirus,
    IReadOnlyList<string>? Exclusions,
    bool LoggedIn
);

/// <summary>Judges <see cref="WindowsSeen"/>. Its reader was built, and only partly run on Windows.</summary>
public static class WindowsChecks
{
    /// <summary>One line each.</summary>
    /// <param name="seen">What was seen.</param>
    /// <param name="data">The data directory.</param>
    public static IReadOnlyList<DoctorCheck> Of(WindowsSeen seen, string data)
    {
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(data);
        return [Session(seen), Account(seen), LongPaths(seen), Antivirus(seen, data)];
    }

    private static DoctorCheck Session(WindowsSeen seen) =>
        seen.Session != 0 ? Ok("windows session", $"session {seen.Session}, with a desktop")
        : seen.LoggedIn ? Ok("windows session", "session 0, that of services")
        : Warn(
            "windows session",
            "session 0: a service sees no login that a person made for the agent",
            "Set ANTHROPIC_API_KEY for the service, or run the runner at logon (deploy, docs/windows.md)."
        );

    private static DoctorCheck Account(WindowsSeen seen) =>
        seen.IsSystem
            ? Warn(
                "windows account",
                $"{seen.Account}: agents run with every right of the machine",
                "Let the service run as NT SERVICE\\Orchestrator (deploy sets that) or a user of its own."
            )
            : Ok("windows account", seen.Account);

    private static DoctorCheck LongPaths(WindowsSeen seen) =>
        seen.LongPaths switch
        {
            true => Ok("windows long paths", "on"),
            false => Warn(
                "windows long paths",
                "off: programs of a repository may fail on paths over 260 characters (git and the silo do not)",
                "As administrator: reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\FileSystem /v LongPathsEnabled /t REG_DWORD /d 1 /f, then restart the silo."
            ),
            null => Warn(
                "windows long paths",
                "the registry could not be read",
                "Look at LongPathsEnabled as administrator."
            ),
        };

    private static DoctorCheck Antivirus(WindowsSeen seen, string data) =>
        seen.Antivirus is false ? Ok("windows antivirus", "Defender does not watch in real time")
        : seen.Exclusions is null
            ? Warn(
                "windows antivirus",
                "only an administrator may see what Defender leaves alone",
                Cure(data)
            )
        : seen.Exclusions.Any(e => IsWithin(data, e))
            ? Ok("windows antivirus", $"Defender leaves {data} alone")
        : Warn(
            "windows antivirus",
            $"Defender looks into {data}: commits are slow and worktrees are held open",
            Cure(data)
        );

    private static string Cure(string data) =>
        $"If your rules allow it, as administrator: Add-MpPreference -ExclusionPath '{data.Replace("'", "''", StringComparison.Ordinal)}'";

    // Windows paths, whatever system this runs on.
    private static bool IsWithin(string path, string folder)
    {
        var (p, f) = (Plain(path), Plain(folder));
        return f.Length > 0
            && (
                p.Equals(f, StringComparison.OrdinalIgnoreCase)
                || p.StartsWith(f + "\\", StringComparison.OrdinalIgnoreCase)
            );

        static string Plain(string text) => text.Replace('/', '\\').TrimEnd('\\');
    }
}
