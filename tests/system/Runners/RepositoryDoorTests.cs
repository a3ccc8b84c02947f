using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Runners;

/// <summary>Which repositories are let in, and what the others are told.</summary>
public sealed class RepositoryDoorTests
{
    private const string Base = "echo 1 >a; git add -A; git commit -qm base";

    [Fact]
    public async Task D20_A_repository_outside_the_roots_is_refused_and_never_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs symbolic links");
        var parent = SiloProcess.NewFolder();
        await WorkspaceRoom.ShellAsync(
            parent,
            $"""
            mkdir root root-evil other ROOT
            for r in root/in root-evil/in other/in ROOT/in; do git init -q -b main $r; (cd $r; {Base}); done
            ln -s ../other/in root/link; ln -s ../other root/dir
            mkdir root/worn; echo "gitdir: {parent}/other/in/.git" >root/worn/.git
            ln -s root/in inward
            """
        );
        await using var room = new WorkspaceRoom(Path.Combine(parent, "root"));
        async Task<string?> CodeAsync(string path) =>
            (await room.Door.OpenAsync(path, CancellationToken.None)).Problem?.Code;

        foreach (
            var outside in (string[])
                [
                    "root-evil/in",
                    "other/in",
                    "ROOT/in",
                    "root/../other/in",
                    "root/link",
                    "root/dir/in",
                    "root/worn",
                ]
        )
        {
            Assert.Equal(
                (outside, FailureCodes.PathOutsideRoot),
                (outside, await CodeAsync(Path.Combine(parent, outside)))
            );
        }
        Assert.Null(await CodeAsync(Path.Combine(parent, "root/in")));
        Assert.Null(await CodeAsync(Path.Combine(parent, "root/../root/in")));
        Assert.Null(await CodeAsync(Path.Combine(parent, "inward")));
        await Assert.ThrowsAsync<GitException>(() =>
            room.PrepareAsync(Path.Combine(parent, "other/in"))
        );
    }

    [Theory]
    [InlineData(@"\\server\share\repo")]
    [InlineData("//server/share/repo")]
    [InlineData(@"\\?\C:\repo")]
    [InlineData(@"\\.\pipe\x")]
    public async Task D20_A_network_or_device_path_is_refused_before_it_is_looked_at(string path)
    {
        await using var room = new WorkspaceRoom();

        var (_, problem) = await room.Door.OpenAsync(path, CancellationToken.None);

        Assert.Equal(FailureCodes.PathOutsideRoot, problem!.Code);
    }

    [Theory]
    [InlineData("/srv/root", "/srv/root", true)]
    [InlineData("/srv/root/", "/srv/root/a", true)]
    [InlineData("/", "/srv", true)]
    [InlineData("/srv/root", "/srv/root-evil", false)]
    [InlineData("/srv/root", "/srv", false)]
    public void D20_Inside_means_the_root_or_below_it(string root, string path, bool inside)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "paths of other systems");
        Assert.Equal(inside, RepositoryDoor.IsWithin(root, path));
    }

    [Theory]
    [InlineData("mkdir plain", "plain", "is not a git repository", "git init")]
    [InlineData("git init -q --bare bare", "bare", "bare repository", "working tree")]
    [InlineData("git init -q empty", "empty", "has no commit yet", "Commit something")]
    [InlineData("true", "missing", "no folder on this host", "full path")]
    [InlineData(
        "git init -q top; cd top; mkdir sub; " + "echo 1 >sub/a; git add -A; git commit -qm 1",
        "top/sub",
        "the folder 'sub' inside a repository",
        "working directory"
    )]
    public async Task A_folder_that_cannot_be_worked_in_is_refused_with_what_and_the_cure(
        string line,
        string folder,
        string what,
        string cure
    )
    {
        await using var room = new WorkspaceRoom();
        var parent = SiloProcess.NewFolder();
        await WorkspaceRoom.ShellAsync(parent, line);

        var refused = await Assert.ThrowsAsync<GitException>(() =>
            room.PrepareAsync(Path.Combine(parent, folder))
        );

        Assert.Contains(folder, refused.Message, StringComparison.Ordinal);
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
        Assert.Contains(cure, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_base_branch_is_refused_with_the_branches_there_are()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base + "; git branch release");

        var refused = await Assert.ThrowsAsync<GitException>(() =>
            room.PrepareAsync(repository, "relaese")
        );
        var option = await Assert.ThrowsAsync<GitException>(() =>
            room.PrepareAsync(repository, "--upload-pack=touch x")
        );

        Assert.Contains("'relaese'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("main, release", refused.Message, StringComparison.Ordinal);
        Assert.Contains("no branch or commit", option.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detached_shallow_tagged_and_foreign_owned_repositories_work()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "changes owners");
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(
            Base
                + "; echo 2 >a; git commit -qam two; git tag v2; git checkout -q --detach; echo 3 >a; git commit -qam three"
        );
        var parent = SiloProcess.NewFolder();
        await WorkspaceRoom.ShellAsync(
            parent,
            $"git clone -q --depth 1 --branch main 'file://{repository}' shallow; if [ $(id -u) = 0 ]; then chown -R 12345 shallow; fi"
        );

        var detached = await room.PrepareAsync(repository);
        var tagged = await room.PrepareAsync(repository, "v2");
        var shallow = await room.PrepareAsync(Path.Combine(parent, "shallow"));

        Assert.Equal("", detached.Branch);
        Assert.Equal("3\n", await File.ReadAllTextAsync(Path.Combine(detached.Worktree, "a")));
        Assert.Equal("2\n", await File.ReadAllTextAsync(Path.Combine(tagged.Worktree, "a")));
        Assert.Equal("2\n", await File.ReadAllTextAsync(Path.Combine(shallow.Worktree, "a")));
        await WorkspaceRoom.ShellAsync(shallow.Worktree, "git log --oneline; git status");
    }

    [Fact]
    public async Task A_later_attempt_stays_on_the_base_commit_after_the_users_history_was_rewritten()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        var first = await room.PrepareAsync(repository);
        await WorkspaceRoom.ShellAsync(
            repository,
            "echo 9 >a; git commit -qa --amend -m other; git reflog expire --expire=now --all; git gc -q --prune=now"
        );

        var second = await room.PrepareAsync(repository, "", first.BaseCommit);
        var fresh = await room.PrepareAsync(repository);

        Assert.Equal(first.BaseCommit, second.BaseCommit);
        Assert.Equal("1\n", await File.ReadAllTextAsync(Path.Combine(second.Worktree, "a")));
        Assert.NotEqual(first.BaseCommit, fresh.BaseCommit);
    }

    [Fact]
    public async Task What_a_killed_life_left_is_cleaned_locks_read_only_files_and_deep_folders_included()
    {
        await using var room = new WorkspaceRoom();
        var repository = await WorkspaceRoom.RepositoryAsync(Base);
        var work = await room.PrepareAsync(repository);
        var deep = string.Join('/', Enumerable.Repeat("a-folder-with-a-long-name", 20));
        await WorkspaceRoom.ShellAsync(
            work.Worktree,
            $"mkdir -p {deep}; echo x >{deep}/f; chmod 444 {deep}/f; chmod 555 {deep}; touch .git/index.lock"
        );
        var clone = Directory.GetDirectories(Path.Combine(room.Data, "repos")).Single();
        await WorkspaceRoom.ShellAsync(
            clone,
            "touch packed-refs.lock HEAD.lock config.lock; mkdir -p refs/remotes/user objects/pack ../x.new; touch refs/remotes/user/main.lock objects/pack/tmp_pack_x"
        );
        await WorkspaceRoom.ShellAsync(repository, "echo 2 >a; git commit -qam two");

        await room.Workspace.CleanAsync(CancellationToken.None);
        var next = await room.PrepareAsync(repository);

        Assert.False(Directory.Exists(work.Worktree));
        Assert.Equal("2\n", await File.ReadAllTextAsync(Path.Combine(next.Worktree, "a")));
        Assert.Empty(Directory.GetFiles(clone, "tmp_*", SearchOption.AllDirectories));
        Assert.Single(Directory.GetDirectories(Path.Combine(room.Data, "repos")));
    }
}
