using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>Folders are written to, a durable write is measured, the configured places are looked at.</summary>
internal sealed class DataProbe(
    SettingsData data,
    IOptions<RunnerOptions> runner,
    IOptions<WorkspaceOptions> workspace,
    IConfiguration configuration,
    IServer server
) : IDoctorProbe
{
    /// <summary>Name of what a look writes, up to the number that makes it its own.</summary>
    public const string Trace = ".doctor-";

    private const int SyncTrials = 5;

    /// <summary>Folders of the data directory that the product writes to.</summary>
    public static IReadOnlyList<string> Folders { get; } =
    ["", "tasks", "results", "summaries", "logs", "worktrees", "repos", "remotes"];

    /// <inheritdoc />
    public string Name => "directory data";

    /// <inheritdoc />
    public Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<DoctorCheck>>([
            Disk(
                FreeDisk.BytesAt(data.Directory) is >= 0 and var free ? free / (1024 * 1024) : -1,
                runner.Value.DiskFreeMinMiB,
                data.Directory
            ),
            .. Folders.Select(f => Folder(Path.Combine(data.Directory, f), f)),
            DiskSpeed(),
            OpenFiles(OpenFilesMax()),
            .. Roots(),
            .. Repositories(),
            visit.Live ? Ok("address", string.Join(", ", Addresses())) : Port(),
        ]);

    /// <summary>The line of one folder.</summary>
    internal static DoctorCheck Folder(string folder, string part)
    {
        var name = "directory " + (part.Length > 0 ? part : "data");
        if (!Directory.Exists(folder))
        {
            return File.Exists(folder)
                ? Fail(name, $"{folder} is a file", "Move it away: a folder belongs there.")
                : Ok(name, $"{folder} exists=False (made when it is needed)");
        }
        var probe = Path.Combine(folder, Trace + Guid.NewGuid().ToString("N"));
        try
        {
            // A byte, because a full disk still makes empty files.
            File.WriteAllBytes(probe, [1]);
            File.Delete(probe);
            return Ok(name, $"{folder} exists=True writable=True");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(probe);
            return Fail(
                name,
                $"{folder} exists=True writable=False: {e.Message}",
                e is UnauthorizedAccessException
                    ? "Give the server's user the right to write there, or choose another folder with --data."
                    : "Free some space, or make the disk writable again; or choose another folder with --data."
            );
        }
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // 'doctor --fix' takes it away later.
        }
    }

    private DoctorCheck DiskSpeed()
    {
        const string Line = "disk speed";
        var file = Path.Combine(data.Directory, Trace + Guid.NewGuid().ToString("N"));
        try
        {
            var took = new List<TimeSpan>();
            using (
                var stream = new FileStream(
                    file,
                    FileMode.CreateNew,
                    FileAccess.Write,
                    FileShare.None,
                    0,
                    FileOptions.DeleteOnClose
                )
            )
            {
                var block = new byte[4096];
                for (var i = 0; i < SyncTrials; i++)
                {
                    var began = Stopwatch.GetTimestamp();
                    stream.Write(block);
                    stream.Flush(flushToDisk: true);
                    took.Add(Stopwatch.GetElapsedTime(began));
                }
            }
            took.Sort();
            return Sync(
                Line,
                took[SyncTrials / 2],
                "4 KiB written through to the disk",
                "Move the data directory to a local, faster disk; each commit of the journal waits for one."
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(
                Line,
                $"nothing can be written through to the disk of {data.Directory}: {e.Message}",
                "See the lines of its directories."
            );
        }
    }

    private static long OpenFilesMax()
    {
        const string Limits = "/proc/self/limits";
        if (!OperatingSystem.IsLinux() || !File.Exists(Limits))
        {
            return 0;
        }
        // Max open files            1048576              1048576              files
        var line = File.ReadLines(Limits)
            .FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        return
            line is not null
            && long.TryParse(
                line["Max open files".Length..]
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .FirstOrDefault(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var max
            )
            ? max
            : 0;
    }

    private IEnumerable<DoctorCheck> Roots() =>
        workspace.Value.AllowedRoots.Select(root =>
            Directory.Exists(root)
                ? Ok("allowed root", $"{root} exists=True")
                : Warn(
                    "allowed root",
                    $"{root} exists=False",
                    "Correct Workspace:AllowedRoots; no repository can lie there."
                )
        );

    private IEnumerable<DoctorCheck> Repositories() =>
        runner
            .Value.Repositories.OrderBy(r => r.Key, StringComparer.Ordinal)
            .Select(r =>
                !Directory.Exists(r.Value)
                    ? Warn(
                        "repository " + r.Key,
                        $"{r.Value} exists=False",
                        $"Clone it there, or correct Runner:Repositories:{r.Key}; no task that names it runs on this host."
                    )
                : Path.Exists(Path.Combine(r.Value, ".git"))
                || File.Exists(Path.Combine(r.Value, "HEAD"))
                    ? Ok("repository " + r.Key, $"{r.Value} exists=True")
                : Warn(
                    "repository " + r.Key,
                    $"{r.Value} is no git repository",
                    $"Name the top folder of a clone in Runner:Repositories:{r.Key}."
                )
            );

    private IEnumerable<string> Addresses() =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    // Nothing runs: whether it could be listened on.
    private DoctorCheck Port()
    {
        var url = configuration["urls"] ?? SiloHost.DefaultUrl;
        if (
            !Uri.TryCreate(url.Split(';')[0], UriKind.Absolute, out var address)
            || !(
                IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)
                || (address.IsLoopback && (ip = IPAddress.Loopback) is not null)
            )
        )
        {
            return Ok("address", url);
        }
        try
        {
            using var listener = new TcpListener(ip, address.Port);
            listener.Start();
            return Ok("address", $"{url} is free");
        }
        catch (SocketException e)
        {
            return Fail(
                "address",
                $"{url} cannot be listened on: {e.Message}",
                "Another program uses the port: choose one with --urls http://127.0.0.1:PORT, or end that program."
            );
        }
    }
}
