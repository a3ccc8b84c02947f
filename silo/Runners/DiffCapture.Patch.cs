using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Silo.Runners;

// The patch, and the secrets in it.
internal sealed partial class DiffCapture
{
    // No more of it is held than may be kept: an agent's files are as large as it likes.
    private async Task<byte[]> PatchAsync(
        string folder,
        string baseCommit,
        string tree,
        int files,
        int patchBytesMax,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        var patch = await git.TryAsync(
            folder,
            [
                "diff-tree",
                "-p",
                "--binary",
                "-M",
                "--full-index",
                "--no-ext-diff",
                "--no-textconv",
                baseCommit,
                tree,
            ],
            cancellationToken,
            apart,
            outputMax: patchBytesMax
        );
        return patch.Truncated
                ? throw new GitException(
                    $"The patch of {files} files is larger than {patchBytesMax / 1024 / 1024} MiB, and no more can be kept. Keep build output out by .gitignore, or split the task."
                )
            : patch.ExitCode != 0
                ? throw new GitException(
                    $"git diff-tree failed in {folder}: {(patch.TimedOut ? "it took too long (Workspace:GitTimeMax)" : patch.Tail.Trim())}"
                )
            : patch.Output;
    }

    // An attributes file, which the agent may write, can make git call any text binary: then the patch hides what is in it.
    private async Task<byte[]> LegibleAsync(
        byte[] patch,
        string folder,
        string baseCommit,
        string tree,
        Dictionary<string, string> apart,
        CancellationToken cancellationToken
    )
    {
        if (patch.AsSpan().IndexOf("\nGIT binary patch\n"u8) < 0)
        {
            return patch;
        }
        var all = await git.TryAsync(
            folder,
            [
                "diff-tree",
                "-p",
                "--text",
                "-M",
                "--full-index",
                "--no-ext-diff",
                "--no-textconv",
                baseCommit,
                tree,
            ],
            cancellationToken,
            apart
        );
        // Of more than git's output may hold, its beginning.
        return all.ExitCode == 0 || all.Truncated
            ? all.Output
            : throw new GitException($"git diff-tree failed in {folder}: {all.Tail.Trim()}");
    }

    // A mark that allows a secret is not obeyed: the agent could write it.
    private SecretFinding[] Secrets(byte[] patch) =>
        [
            .. new SecretScan(redactor, allowMarked: false)
                .Patch(patch, FindingsMax)
                .Select(f => new SecretFinding(f.Path, f.Line, f.Rule)),
        ];
}
