using System.Text;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Delivery;

/// <summary>
/// Moves a branch to a commit that follows its tip, all or nothing. A branch that is not checked out is moved by its ref
/// alone. One that is checked out is fast-forwarded with its files; a note in the git folder, written before the first
/// file, says what is under way, so that after a crash the files are put back and moved again.
/// </summary>
internal sealed class BranchMover(
    GitCli git,
    UserRepository door,
    CommitTrees trees,
    TimeProvider time
)
{
    private const string NoteName = "orchestrator-moving";
    private static readonly TimeSpan LockWaitMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Moves it. Asked again with the same tip and commit after a crash, it finishes what was begun.</summary>
    /// <param name="folder">Top folder of the repository.</param>
    /// <param name="branch">Its short name.</param>
    /// <param name="tip">Where it stands; null = there is none yet.</param>
    /// <param name="commit">Where to; a child of the tip.</param>
    /// <param name="taskId">For the ref's log.</param>
    /// <param name="cancellationToken">Ends it between steps.</param>
    /// <exception cref="DeliveryException">It cannot be moved; everything is as it was.</exception>
    public async Task MoveAsync(
        string folder,
        string branch,
        string? tip,
        string commit,
        string taskId,
        CancellationToken cancellationToken
    )
    {
        if (
            tip is not null
            && await door.CheckoutOfAsync(folder, branch, cancellationToken) is { } checkout
        )
        {
            await ForwardAsync(checkout, branch, tip, commit, cancellationToken);
            return;
        }
        // The old value (empty: must not exist) makes this a compare-and-swap.
        var moved = await git.TryAsync(
            folder,
            [
                "update-ref",
                "-m",
                "orchestrator: " + taskId,
                "refs/heads/" + branch,
                commit,
                tip ?? "",
            ],
            cancellationToken
        );
        if (moved.ExitCode != 0)
        {
            throw UserRepository.Refuse(
                FailureCodes.Conflict,
                $"The branch {branch} cannot be moved ({moved.Tail.Trim()}). If somebody moved it just now, ask again."
            );
        }
    }

    /// <summary>Puts back what a move that a crash cut off has left in the files of a branch; true when there was one.</summary>
    /// <param name="folder">Top folder of the repository.</param>
    /// <param name="branch">Its short name.</param>
    /// <param name="cancellationToken">Ends it between steps.</param>
    public async Task<bool> RepairAsync(
        string folder,
        string branch,
        CancellationToken cancellationToken
    )
    {
        if (await door.CheckoutOfAsync(folder, branch, cancellationToken) is not { } checkout)
        {
            return false;
        }
        var note = await PathAsync(checkout, NoteName, cancellationToken);
        if (!File.Exists(note))
        {
            return false;
        }
        var words = (await File.ReadAllTextAsync(note, cancellationToken)).Split('\n');
        // A git that outlived its silo may still be at work: its lock says so.
        await UnlockAsync(checkout, cancellationToken);
        var tip = await trees.FindAsync(
            checkout,
            "refs/heads/" + branch + "^{commit}",
            cancellationToken
        );
        if (words.Length >= 2 && tip == words[0])
        {
            await PutBackAsync(checkout, words[0], words[1], cancellationToken);
        }
        File.Delete(note);
        return true;
    }

    private async Task ForwardAsync(
        string checkout,
        string branch,
        string tip,
        string commit,
        CancellationToken cancellationToken
    )
    {
        var touched = await trees.NamesAsync(checkout, tip, commit, cancellationToken);
        if (await ChangedAsync(checkout, touched, cancellationToken) is { Count: > 0 } changed)
        {
            throw Disturbed(
                branch,
                checkout,
                $"{string.Join(", ", changed.Take(5))} {(changed.Count == 1 ? "is" : "are")} changed there."
            );
        }
        var note = await PathAsync(checkout, NoteName, cancellationToken);
        Write(note, $"{tip}\n{commit}\n");
        // Files are written as the user's own git would write them.
        var lineEnds = await door.SettingAsync(checkout, "core.autocrlf", cancellationToken);
        var forward = await git.TryAsync(
            checkout,
            [
                "-c",
                "core.autocrlf=" + (lineEnds.Length > 0 ? lineEnds : "false"),
                "-c",
                "merge.autoStash=false",
                "merge",
                "--ff-only",
                "-q",
                commit,
            ],
            cancellationToken,
            UserRepository.UserConfiguration()
        );
        if (forward.ExitCode != 0)
        {
            await PutBackAsync(checkout, tip, commit, cancellationToken);
        }
        File.Delete(note);
        if (forward.ExitCode != 0)
        {
            throw Disturbed(branch, checkout, forward.Tail.Trim());
        }
    }

    private static DeliveryException Disturbed(string branch, string checkout, string why) =>
        UserRepository.Refuse(
            FailureCodes.NotPossibleNow,
            $"The branch {branch} is checked out in {checkout}, and moving it would disturb that: {why} Commit or stash there first, or leave --no-branch out: then the work goes to a branch of its own."
        );

    // The files that the move was to touch, as they are at the tip again. What is neither the tip's nor the commit's
    // content is somebody's own: a copy of it is kept.
    private async Task PutBackAsync(
        string checkout,
        string tip,
        string commit,
        CancellationToken cancellationToken
    )
    {
        var touched = await trees.NamesAsync(checkout, tip, commit, cancellationToken);
        var rescue = "";
        foreach (var path in await ChangedAsync(checkout, touched, cancellationToken))
        {
            var file = Path.Combine(checkout, path);
            if (
                new FileInfo(file) is not { Exists: true, LinkTarget: null }
                || await IsOfAsync(checkout, path, commit, cancellationToken)
            )
            {
                continue;
            }
            rescue =
                rescue.Length > 0
                    ? rescue
                    : await PathAsync(
                        checkout,
                        $"orchestrator-rescued-{time.GetUtcNow():yyyyMMddTHHmmss}",
                        cancellationToken
                    );
            var kept = Path.Combine(rescue, path);
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            File.Copy(file, kept, overwrite: true);
        }
        var there = (await NamesOfAsync(checkout, tip, touched, cancellationToken)).ToHashSet(
            StringComparer.Ordinal
        );
        await OnPathsAsync(checkout, ["reset", "-q", tip], touched, cancellationToken);
        foreach (var path in touched.Where(p => !there.Contains(p)))
        {
            var file = Path.Combine(checkout, path);
            if (new FileInfo(file) is { Exists: true } or { LinkTarget: not null })
            {
                File.Delete(file);
            }
        }
        if (there.Count > 0)
        {
            await OnPathsAsync(checkout, ["checkout", "-q", tip], there, cancellationToken);
        }
    }

    private async Task<bool> IsOfAsync(
        string checkout,
        string path,
        string commit,
        CancellationToken cancellationToken
    )
    {
        var own = await git.TryAsync(
            checkout,
            ["hash-object", "--path=" + path, "--", path],
            cancellationToken,
            UserRepository.UserConfiguration()
        );
        return own.ExitCode == 0
            && own.Text.Trim()
                == await trees.FindAsync(checkout, $"{commit}:{path}", cancellationToken);
    }

    private async Task<List<string>> ChangedAsync(
        string checkout,
        List<string> paths,
        CancellationToken cancellationToken
    )
    {
        var wanted = paths.ToHashSet(StringComparer.Ordinal);
        var fields = UserRepository.Split(
            await git.RunAsync(
                checkout,
                [
                    "--no-optional-locks",
                    "status",
                    "--porcelain=v1",
                    "--no-renames",
                    "-z",
                    "--untracked-files=all",
                    "--ignored=matching",
                ],
                cancellationToken,
                UserRepository.UserConfiguration()
            )
        );
        return [.. fields.Where(f => f.Length > 3).Select(f => f[3..]).Where(wanted.Contains)];
    }

    private async Task<List<string>> NamesOfAsync(
        string checkout,
        string commit,
        List<string> paths,
        CancellationToken cancellationToken
    )
    {
        var wanted = paths.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. UserRepository
                .Split(
                    await git.RunAsync(
                        checkout,
                        ["ls-tree", "-r", "--name-only", "-z", commit],
                        cancellationToken
                    )
                )
                .Where(wanted.Contains),
        ];
    }

    private Task<byte[]> OnPathsAsync(
        string checkout,
        string[] command,
        IEnumerable<string> paths,
        CancellationToken cancellationToken
    ) =>
        git.RunAsync(
            checkout,
            ["--literal-pathspecs", .. command, "--pathspec-from-file=-", "--pathspec-file-nul"],
            cancellationToken,
            UserRepository.UserConfiguration(),
            Encoding.UTF8.GetBytes(string.Join('\0', paths))
        );

    private async Task<string> PathAsync(
        string checkout,
        string name,
        CancellationToken cancellationToken
    ) =>
        Path.GetFullPath(
            await git.TextAsync(checkout, ["rev-parse", "--git-path", name], cancellationToken),
            checkout
        );

    // A lock that nobody takes away belongs to a git that died with the silo.
    private async Task UnlockAsync(string checkout, CancellationToken cancellationToken)
    {
        var held = await PathAsync(checkout, "index.lock", cancellationToken);
        var since = time.GetTimestamp();
        while (File.Exists(held))
        {
            if (time.GetElapsedTime(since) > LockWaitMax)
            {
                File.Delete(held);
                return;
            }
            await Task.Delay(LockPause, time, cancellationToken);
        }
    }

    // Whole and on the disk, or not there.
    private static void Write(string path, string text)
    {
        var making = path + ".new";
        using (var file = new FileStream(making, FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(making, path, overwrite: true);
    }
}
