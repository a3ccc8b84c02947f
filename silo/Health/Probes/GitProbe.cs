using Orchestrator.Decisions.Health;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>Git itself, and a repository with a commit and a worktree made in the data directory and taken away again.</summary>
internal sealed class GitProbe(SettingsData data, GitCli git, TimeProvider time) : IDoctorProbe
{
    private static readonly string[] Who =
    [
        "-c",
        "user.name=doctor",
        "-c",
        "user.email=doctor@localhost",
    ];

    /// <inheritdoc />
    public string Name => "git";

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return
            [
                MachineChecks.Git(
                    await git.TextAsync(data.Directory, ["--version"], cancellationToken)
                ),
                await WorktreeAsync(cancellationToken),
            ];
        }
        catch (GitException e)
        {
            return [Fail(Name, e.Message, "Install git and restart the silo.")];
        }
    }

    private async Task<DoctorCheck> WorktreeAsync(CancellationToken cancellationToken)
    {
        const string Line = "git worktree";
        var folder = Path.Combine(data.Directory, "tmp", "doctor-" + Guid.NewGuid().ToString("N"));
        try
        {
            RunFolders.Private(folder);
            var tree = Path.Combine(folder, "worktree");
            await git.RunAsync(folder, ["init", "-q", "repository"], cancellationToken);
            var repository = Path.Combine(folder, "repository");
            await File.WriteAllTextAsync(
                Path.Combine(repository, "a file.txt"),
                "one\n",
                cancellationToken
            );
            await git.RunAsync(repository, ["add", "-A"], cancellationToken);
            await git.RunAsync(
                repository,
                [.. Who, "commit", "-q", "-m", "one"],
                cancellationToken
            );
            await git.RunAsync(
                repository,
                ["worktree", "add", "-q", "--detach", tree],
                cancellationToken
            );
            var text = await File.ReadAllTextAsync(
                Path.Combine(tree, "a file.txt"),
                cancellationToken
            );
            return text == "one\n"
                ? Ok(Line, "a repository, a commit and a worktree were made and removed")
                : Fail(
                    Line,
                    "git gave a file back with other content",
                    "Look for a filter or line-end setting of the system's git."
                );
        }
        catch (Exception e) when (e is GitException or IOException or UnauthorizedAccessException)
        {
            return Fail(
                Line,
                e.Message,
                "Read the message; runs need this. The data directory must be on a disk with space where git may make files and lock them."
            );
        }
        finally
        {
            await FolderRemoval.RemoveAsync(folder, time, CancellationToken.None);
        }
    }
}
