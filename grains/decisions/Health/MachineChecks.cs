using System.Globalization;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Decisions.Health;

/// <summary>What is to be thought of what was seen of a machine. Whoever looks hands in numbers; here they are judged.</summary>
public static class MachineChecks
{
    /// <summary>Free disk below which it is told, MiB.</summary>
    public const long FreeMiBWarn = 1_024;

    /// <summary>Oldest git that was tried.</summary>
    public static readonly Version GitMin = new(2, 39);

    private const int FilesMin = 1_024;
    private static readonly TimeSpan SyncWarn = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(1);

    /// <summary>All is well.</summary>
    public static DoctorCheck Ok(string name, string message) => new(name, "ok", message, "");

    /// <summary>It works, and somebody should look.</summary>
    public static DoctorCheck Warn(string name, string message, string cure) =>
        new(name, "warn", message, cure);

    /// <summary>Something does not work.</summary>
    public static DoctorCheck Fail(string name, string message, string cure) =>
        new(name, "fail", message, cure);

    /// <summary>Free disk where the data directory lies.</summary>
    /// <param name="freeMiB">-1 = the system does not say.</param>
    /// <param name="minMiB">Below it the host takes no new runs; 0 = no limit.</param>
    /// <param name="where">The data directory.</param>
    public static DoctorCheck Disk(long freeMiB, int minMiB, string where)
    {
        const string Cure =
            "Free some space there ('orchestrator clean artifacts --days 30' removes old exports), or move the data directory with --data.";
        return freeMiB < 0
                ? Warn("disk", $"the system does not say how much is free for {where}", Cure)
            : freeMiB < minMiB
                ? Fail(
                    "disk",
                    $"{freeMiB} MiB free for {where}; below {minMiB} (Runner:DiskFreeMinMiB) no new run begins here",
                    Cure
                )
            : freeMiB < FreeMiBWarn ? Warn("disk", $"{freeMiB} MiB free for {where}", Cure)
            : Ok("disk", $"{freeMiB} MiB free for {where}");
    }

    /// <summary>What a durable write costs.</summary>
    /// <param name="name">The line's name.</param>
    /// <param name="took">The median of a few.</param>
    /// <param name="what">What was written.</param>
    /// <param name="cure">When it is slow.</param>
    public static DoctorCheck Sync(string name, TimeSpan took, string what, string cure)
    {
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {took.TotalMilliseconds:0.0} ms"
        );
        return took > SyncWarn ? Warn(name, message, cure) : Ok(name, message);
    }

    /// <summary>Git by what <c>git --version</c> says.</summary>
    public static DoctorCheck Git(string said)
    {
        ArgumentNullException.ThrowIfNull(said);
        // "git version 2.43.0", "git version 2.45.1.windows.1"
        var number = said.Split(' ').LastOrDefault(w => w.Length > 0 && char.IsAsciiDigit(w[0]));
        var parts = (number ?? "").Split('.');
        return
            parts.Length >= 2
            && int.TryParse(
                parts[0],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var major
            )
            && int.TryParse(
                parts[1],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var minor
            )
            ? new Version(major, minor) < GitMin
                ? Warn(
                    "git",
                    $"{said}; tried are {GitMin} and newer",
                    "Install a newer git and restart the silo."
                )
                : Ok("git", said)
            : Warn("git", $"its version cannot be read: '{said}'", "Install git 2.39 or newer.");
    }

    /// <summary>A store's schema against this build.</summary>
    /// <param name="store">Its name.</param>
    /// <param name="found">Version of the store.</param>
    /// <param name="known">Newest version of this build.</param>
    /// <param name="needed">The version a build must know to use it.</param>
    public static DoctorCheck Schema(string store, int found, int known, int needed) =>
        needed > known
            ? Fail(
                "database schema",
                $"{store} has version {found}; this build knows {known}",
                "Start the newer release that wrote it, or restore a backup made with this one."
            )
        : found < known
            ? Warn(
                "database schema",
                $"{store} has version {found}; this build brings it to {known} at its next start",
                "Make a backup (docs/runbook.md), then start the silo."
            )
        : Ok("database schema", $"{store} has version {found}");

    /// <summary>The clock against the newest instant in the store.</summary>
    public static DoctorCheck Clock(DateTimeOffset? newest, DateTimeOffset now) =>
        newest is { } last && last - now > AheadMax
            ? Warn(
                "clock",
                $"the newest task was made at {last:u}, and this machine says {now:u}",
                "The clock was set back, or runs behind: set it right (timedatectl, w32tm /resync). Deadlines and leases go by it."
            )
            : Ok("clock", $"{now:u}; nothing in the store is later");

    /// <summary>Files that this process may hold open; 0 = not known.</summary>
    public static DoctorCheck OpenFiles(long max) =>
        max is > 0 and < FilesMin
            ? Warn(
                "open files",
                $"at most {max}",
                "Raise it to 65536: LimitNOFILE in the systemd unit, or 'ulimit -n' before the start."
            )
            : Ok("open files", max > 0 ? $"at most {max}" : "no limit told");

    /// <summary>Files that were sent and that nothing names yet.</summary>
    /// <param name="count">How many.</param>
    /// <param name="kept">How long such a file stays.</param>
    /// <param name="overdue">True when some should be gone for hours.</param>
    public static DoctorCheck Uploads(long count, TimeSpan kept, bool overdue)
    {
        const string Line = "uploads";
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{count} files were sent and are named by nothing yet; kept for {kept.TotalHours:0.#} h"
        );
        return overdue
            ? Warn(
                Line,
                message + "; some are older",
                "'orchestrator clean uploads --days 1' removes them; the log says why it was not done by itself."
            )
            : Ok(Line, message);
    }
}
