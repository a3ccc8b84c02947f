using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Sandbox;

/// <summary>
/// A silo with bubblewrap in a tree of the test's own: a home with a key, a folder that is nobody's business, a
/// repository, and in the data directory what belongs to other runs.
/// </summary>
public sealed class SandboxRoom : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>Stands in every file and variable that no run may see.</summary>
    public string Sentinel { get; } = "sentinel-" + Guid.NewGuid().ToString("N");

    internal string Root { get; } = SiloProcess.NewFolder();

    internal string Home => Path.Combine(Root, "home");

    internal string Outside => Path.Combine(Root, "outside");

    internal string Repository { get; private set; } = "";

    internal SiloProcess Silo { get; private set; } = null!;

    /// <summary>What belongs to other runs and to the silo.</summary>
    internal IReadOnlyList<string> Others =>
        [
            Path.Combine(Silo.Data, "tmp", "other-1", "secret"),
            Path.Combine(Silo.Data, "worktrees", "other-1", "secret"),
            Path.Combine(Silo.Data, "claude", "projects", "other", "secret.jsonl"),
            Path.Combine(Silo.Data, "secret"),
        ];

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        Write(Path.Combine(Home, ".ssh", "id_rsa"));
        Write(Path.Combine(Home, ".bashrc"));
        Write(Path.Combine(Outside, "file"));
        Repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        Silo = await StartAsync(
            Path.Combine(Root, "data"),
            "--Task:TriesMax=1",
            "--Runner:Sandboxed:MemoryMiB=1024",
            "--Runner:Sandboxed:ProcessesMax=256",
            "--Runner:Sandboxed:DiskMiBMax=128",
            "--Runner:Sandboxed:FileMiBMax=96",
            "--Runner:Sandboxed:TemporaryMiB=64"
        );
        foreach (var other in Others)
        {
            Write(other);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Silo is not null)
        {
            await Silo.DisposeAsync();
        }
    }

    /// <summary>A silo in this tree whose own environment holds the home and a secret.</summary>
    internal Task<SiloProcess> StartAsync(string data, params string[] arguments) =>
        StartPlainAsync(data, ["--Runner:Sandbox=bubblewrap", .. arguments]);

    /// <summary>As above, with the sandbox that the arguments name.</summary>
    internal async Task<SiloProcess> StartPlainAsync(string data, params string[] arguments)
    {
        var silo = SiloProcess.At(data, arguments);
        silo.Environment["HOME"] = Home;
        silo.Environment["SECRET_OF_THE_HOST"] = Sentinel;
        // Agents get this switch from their silo, and what they may take of memory is looked at as it is elsewhere.
        silo.Environment["DOTNET_EnableWriteXorExecute"] = "1";
        await silo.StartAsync();
        return silo;
    }

    /// <summary>A scripted task, run to its end.</summary>
    internal Task<TaskSnapshot> PlayAsync(string steps, string? repository = null) =>
        EndAsync(Silo, SiloProcess.Scripted(steps, repository));

    /// <summary>A task, run to its end.</summary>
    internal static async Task<TaskSnapshot> EndAsync(SiloProcess silo, SubmitRequest request)
    {
        using var limit = new CancellationTokenSource(Deadline);
        var task = await silo.Client.SubmitAsync(request, cancellationToken: limit.Token);
        return await task.WaitAsync(limit.Token);
    }

    /// <summary>Path, kind, size, time of change and content of everything that no run may change; folders of the product that live are left out.</summary>
    internal IReadOnlyList<string> Snapshot() =>
        [
            .. new[] { Home, Outside, Repository }
                .SelectMany(f =>
                    Directory.EnumerateFileSystemEntries(f, "*", SearchOption.AllDirectories)
                )
                .Concat(Others)
                .Append(Path.Combine(Silo.Data, "silo.json"))
                .Order(StringComparer.Ordinal)
                .Select(Line),
            .. Directory.EnumerateFileSystemEntries(Root).Order(StringComparer.Ordinal),
        ];

    private static string Line(string path)
    {
        var info = new FileInfo(path);
        return Directory.Exists(path)
            ? $"{path} folder"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{path} {info.Length} {info.LastWriteTimeUtc.Ticks} {info.UnixFileMode} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"
            );
    }

    private void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, Sentinel + "\n");
    }
}
