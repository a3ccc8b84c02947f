using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.SystemTests.Runners;

/// <summary>The workspace's own parts on a data directory of a test, with real git.</summary>
internal sealed class WorkspaceRoom : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly ProcessGroupStarter starter;
    private readonly CachedClones clones;
    private int attempt;

    public WorkspaceRoom(params string[] roots)
    {
        Data = Path.Combine(SiloProcess.NewFolder(), "data");
        starter = new ProcessGroupStarter(Guid.NewGuid().ToString("N"), TimeProvider.System);
        var options = new WorkspaceOptions();
        options.AllowedRoots.AddRange(roots);
        Git = new GitCli(starter, TimeProvider.System, Data, TimeSpan.FromMinutes(1));
        clones = new CachedClones(Git, Data);
        Door = new RepositoryDoor(
            Git,
            Options.Create(options),
            new NamedRepositories(Options.Create(new RunnerOptions()))
        );
        Workspace = new GitWorkspace(Git, clones, Door, Blobs, TimeProvider.System, Data);
        Capture = new DiffCapture(Git, clones, Blobs, new Redactor([]));
    }

    public string Data { get; }

    public GitCli Git { get; }

    public RepositoryDoor Door { get; }

    public GitWorkspace Workspace { get; }

    public DiffCapture Capture { get; }

    public MemoryBlobs Blobs { get; } = new();

    /// <summary>A worktree of the next attempt.</summary>
    public Task<WorkspaceInfo> PrepareAsync(
        string repository,
        string branch = "",
        string baseCommit = "",
        string patch = ""
    ) =>
        Workspace.PrepareAsync(
            new WorkspaceWish
            {
                TaskId = "t",
                Attempt = ++attempt,
                Repository = repository,
                BaseBranch = branch,
                BaseCommit = baseCommit,
                StartPatch = patch,
            },
            CancellationToken.None
        );

    public Task<DiffSummary> TakeAsync(string repository, WorkspaceInfo info) =>
        Capture.TakeAsync(repository, info.Worktree, info.BaseCommit, CancellationToken.None);

    /// <summary>A shell line, as a person or an agent would run it; what it printed.</summary>
    public static async Task<string> ShellAsync(string folder, string line)
    {
        var info = new ProcessStartInfo("/bin/sh", ["-ec", line])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in (string[])["AUTHOR", "COMMITTER"])
        {
            info.Environment[$"GIT_{name}_NAME"] = "t";
            info.Environment[$"GIT_{name}_EMAIL"] = "t@localhost";
        }
        using var shell = Process.Start(info)!;
        var error = shell.StandardError.ReadToEndAsync();
        var text = await shell.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);
        await shell.WaitForExitAsync().WaitAsync(Deadline);
        return shell.ExitCode == 0
            ? text
            : throw new InvalidOperationException(
                $"'{line}' ended with {shell.ExitCode}: " + await error
            );
    }

    /// <summary>A repository on branch main made by a shell line after <c>git init</c>.</summary>
    public static async Task<string> RepositoryAsync(string line)
    {
        var folder = SiloProcess.NewFolder();
        await ShellAsync(folder, "git init -q -b main\n" + line);
        return folder;
    }

    public ValueTask DisposeAsync()
    {
        clones.Dispose();
        starter.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Blobs in memory.</summary>
internal sealed class MemoryBlobs : IBlobStore
{
    private readonly ConcurrentDictionary<string, byte[]> blobs = new();

    public Task<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        blobs[id] = content.ToArray();
        return Task.FromResult(id);
    }

    public Task<ReadOnlyMemory<byte>?> GetAsync(string id, CancellationToken cancellationToken) =>
        Task.FromResult(blobs.TryGetValue(id, out var b) ? (ReadOnlyMemory<byte>?)b : null);

    public string Text(string id) => Encoding.UTF8.GetString(blobs[id]);
}
