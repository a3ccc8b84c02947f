using Orchestrator.GrainInterfaces.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Runners;

/// <summary>What real git tells of what an agent did, and nothing of what it did not.</summary>
public sealed class DiffCaptureTests
{
    private const string Base =
        "printf 'one\\n' >app.py; printf 'a\\nb\\nc\\nd\\ne\\n' >old.txt; printf '\\0\\1' >bin; printf gone >gone; ln -s app.py link\n"
        + "git add -A; git commit -qm base";

    [Fact]
    public async Task D14_Every_kind_of_change_is_seen_with_its_real_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "names and modes that Windows has not");
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        var work = await room.PrepareAsync(repository);
        await WorkspaceRoom.ShellAsync(
            work.Worktree,
            """
            printf 'two\n' >>app.py; chmod +x app.py
            git mv old.txt 'neu ü.txt'
            printf '\0\2\3' >bin; rm gone; ln -sfn bin link
            mkdir -p rebuild blogs 'a"b'; echo x >rebuild/x.cs; echo y >blogs/p.md; printf 'q\n' >'a"b/tab	name.txt'
            """
        );

        var diff = await room.TakeAsync(repository, work);

        FileChange Of(string path) => Assert.Single(diff.Files, f => f.Path == path);
        Assert.Equal(
            [
                "a\"b/tab\tname.txt",
                "app.py",
                "bin",
                "blogs/p.md",
                "gone",
                "link",
                "neu ü.txt",
                "rebuild/x.cs",
            ],
            diff.Files.Select(f => f.Path).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            ("M", 1, "100644", "100755"),
            (
                Of("app.py").Status,
                Of("app.py").AddedLines,
                Of("app.py").OldMode,
                Of("app.py").NewMode
            )
        );
        Assert.Equal(("R", "old.txt"), (Of("neu ü.txt").Status, Of("neu ü.txt").OldPath));
        Assert.Equal(("M", -1), (Of("bin").Status, Of("bin").AddedLines));
        Assert.Equal("D", Of("gone").Status);
        Assert.Equal(("M", "120000"), (Of("link").Status, Of("link").NewMode));
        Assert.Equal(1, Of("a\"b/tab\tname.txt").AddedLines);
        // The patch alone makes the same work again.
        var again = await room.PrepareAsync(repository, "", work.BaseCommit, diff.PatchBlob);
        Assert.Equal(diff.Tree, (await room.TakeAsync(repository, again)).Tree);
    }

    [Fact]
    public async Task D14_Commits_and_branches_of_the_agent_are_part_of_its_work()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        var work = await room.PrepareAsync(repository);
        await WorkspaceRoom.ShellAsync(
            work.Worktree,
            "echo 1 >c1; git add -A; git commit -qm c1; git checkout -qb mine; echo 2 >c2; git add -A; git commit -qm c2; echo 3 >c3"
        );

        var diff = await room.TakeAsync(repository, work);

        Assert.Equal(["c1", "c2", "c3"], diff.Files.Select(f => f.Path));
        Assert.Equal(2, diff.AgentCommits);
        Assert.Equal("main", work.Branch);
        Assert.Equal("* main\n", await WorkspaceRoom.ShellAsync(repository, "git branch -a"));
    }

    [Fact]
    public async Task D14_A_dirty_checkout_works_is_left_untouched_and_its_dirt_is_not_the_agents()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        await WorkspaceRoom.ShellAsync(
            repository,
            "echo dirt >>app.py; echo staged >staged; git add staged; echo loose >loose; touch .git/index.lock"
        );
        const string State =
            "ls -A; sha1sum .git/index app.py staged loose; cat .git/HEAD; git rev-parse HEAD; stat -c %Y .git/index";
        var before = await WorkspaceRoom.ShellAsync(repository, State);

        var work = await room.PrepareAsync(repository);
        await File.AppendAllTextAsync(Path.Combine(work.Worktree, "app.py"), "two\n");
        var diff = await room.TakeAsync(repository, work);

        Assert.True(work.RepositoryWasDirty);
        Assert.Equal("app.py", Assert.Single(diff.Files).Path);
        Assert.DoesNotContain("dirt", room.Blobs.Text(diff.PatchBlob), StringComparison.Ordinal);
        Assert.Equal(before, await WorkspaceRoom.ShellAsync(repository, State));
    }

    [Fact]
    public async Task D18_Sensitive_files_never_reach_the_patch_however_many_and_whoever_staged_them()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(
            "echo A=1 >.env; echo x >a; git add -A -f; git commit -qm base"
        );
        var work = await room.PrepareAsync(repository);
        await WorkspaceRoom.ShellAsync(
            work.Worktree,
            """
            echo A=SECRET >.env; mkdir -p .aws config d; echo SECRET >.aws/credentials; echo SECRET >.npmrc; echo SECRET >config/secrets.yaml
            for i in $(seq 300); do echo SECRET >"d/$i *.log"; done
            echo half >id_rsa.pub.tmp.7.00c0ffee0001
            echo ok >.env.example; echo ok >id_rsa.pub; echo ok >my.environment.ts; echo ok >api.keys.ts
            git add -A -f; git commit -qm all
            """
        );

        var diff = await room.TakeAsync(repository, work);

        Assert.Equal(
            [".env.example", "api.keys.ts", "id_rsa.pub", "my.environment.ts"],
            diff.Files.Select(f => f.Path).Order(StringComparer.Ordinal)
        );
        Assert.Equal(100, diff.ExcludedFiles.Count);
        Assert.DoesNotContain("SECRET", room.Blobs.Text(diff.PatchBlob), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_in_an_added_line_is_found_with_its_file_and_line_and_a_line_that_looks_like_a_header_is_none()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        var work = await room.PrepareAsync(repository);
        await File.WriteAllTextAsync(
            Path.Combine(work.Worktree, "app.py"),
            "one\n++ b/other.py\n@@ -1,1 +900,1 @@\nkey = \"" + "AKIA" + "Q3ZT7WLM5RKD2XVB\"\n"
        );

        var diff = await room.TakeAsync(repository, work);

        Assert.Contains(diff.Secrets, s => (s.Path, s.Line) == ("app.py", 4));
        Assert.All(diff.Secrets, s => Assert.Equal("app.py", s.Path));
    }

    [Fact]
    public async Task A_secret_in_a_file_that_an_attributes_file_calls_binary_is_found()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        var work = await room.PrepareAsync(repository);
        await File.WriteAllTextAsync(
            Path.Combine(work.Worktree, ".gitattributes"),
            "app.py binary\n"
        );
        await File.WriteAllTextAsync(
            Path.Combine(work.Worktree, "app.py"),
            "one\nkey = \"" + "AKIA" + "Q3ZT7WLM5RKD2XVB\" # orchestrator:allow-secret\n"
        );

        var diff = await room.TakeAsync(repository, work);

        var secret = Assert.Single(diff.Secrets);
        Assert.Equal(("app.py", 2, "aws-key"), (secret.Path, secret.Line, secret.Rule));
    }

    [Fact]
    public async Task Nothing_that_the_agent_configures_in_its_worktree_is_run_by_the_product()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(
            "echo '*.txt filter=evil diff=evil' >.gitattributes; echo one >a.txt; git add -A; git commit -qm base"
        );
        var work = await room.PrepareAsync(repository);
        var proof = Path.Combine(room.Data, "hijacked");
        await WorkspaceRoom.ShellAsync(
            work.Worktree,
            $"""
            evil="touch {proof}; cat"
            for k in filter.evil.clean filter.evil.smudge filter.evil.process diff.evil.command diff.evil.textconv core.fsmonitor core.sshCommand core.pager diff.external core.editor; do git config "$k" "$evil"; done
            git config extensions.worktreeConfig true; git config core.worktree /; git config core.bare true
            mkdir -p .git/hooks; printf '#!/bin/sh\ntouch {proof}\n' >.git/hooks/post-checkout; cp .git/hooks/post-checkout .git/hooks/pre-commit; cp .git/hooks/post-checkout .git/hooks/post-index-change; chmod +x .git/hooks/*
            touch .git/index.lock .git/HEAD.lock
            echo two >a.txt
            """
        );

        var diff = await room.TakeAsync(repository, work);
        var next = await room.PrepareAsync(repository, "", work.BaseCommit, diff.PatchBlob);

        Assert.False(File.Exists(proof), "a program that the agent configured was run");
        Assert.Equal("a.txt", Assert.Single(diff.Files).Path);
        Assert.Equal("two\n", await File.ReadAllTextAsync(Path.Combine(next.Worktree, "a.txt")));
        Assert.Equal(
            "",
            await WorkspaceRoom.ShellAsync(
                next.Worktree,
                "git config --local --get-regexp evil || true"
            )
        );
    }

    [Fact]
    public async Task A_worktree_that_the_agent_broke_costs_no_work_that_can_be_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "uses pipes in the file system");
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        var work = await room.PrepareAsync(repository);
        await WorkspaceRoom.ShellAsync(
            work.Worktree,
            "echo 1 >good; mkfifo pipe; mkdir nested; git init -q nested; echo 2 >nested/hidden; rm -rf .git"
        );

        var diff = await room.TakeAsync(repository, work);

        Assert.Equal("good", Assert.Single(diff.Files).Path);
        Assert.Contains(diff.ExcludedFiles, f => f.Contains("nested", StringComparison.Ordinal));
        Assert.Equal(0, diff.AgentCommits);
    }

    [Fact]
    public async Task A_worktree_that_became_a_link_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs symbolic links");
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        var work = await room.PrepareAsync(repository);
        var outside = await WorkspaceRoom.RepositoryAsync(Base);
        await WorkspaceRoom.ShellAsync(
            room.Data,
            $"rm -rf '{work.Worktree}'; ln -s '{outside}' '{work.Worktree}'"
        );

        var refused = await Assert.ThrowsAnyAsync<Exception>(() =>
            room.TakeAsync(repository, work)
        );
        await room.Workspace.RemoveAsync("t", 1, CancellationToken.None);

        Assert.Contains("replaced", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(outside, "app.py")));
        Assert.False(Directory.Exists(work.Worktree));
    }

    [Fact]
    public async Task A_submodule_that_is_not_checked_out_is_no_change_and_ignored_files_are_none()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(
            "echo out/ >.gitignore; git add -A; git commit -qm one; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; printf '[submodule \"sub\"]\\n\\tpath = sub\\n\\turl = ../sub\\n' >.gitmodules; git add .gitmodules; git commit -qm base"
        );
        var work = await room.PrepareAsync(repository);
        await WorkspaceRoom.ShellAsync(work.Worktree, "mkdir out; echo x >out/x");

        Assert.Equal(0, (await room.TakeAsync(repository, work)).FilesTotal);
    }

    [Fact]
    public async Task A_task_without_a_repository_starts_from_nothing_and_its_files_are_seen()
    {
        await using var room = new WorkspaceRoom();
        var work = await room.PrepareAsync("");
        await File.WriteAllTextAsync(Path.Combine(work.Worktree, "new.txt"), "x\n");

        var diff = await room.TakeAsync("", work);

        Assert.Equal(("new.txt", "A"), (diff.Files[0].Path, diff.Files[0].Status));
        Assert.Equal((await room.PrepareAsync("")).BaseCommit, work.BaseCommit);
    }
}
