using System.Runtime.Versioning;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Silo.Artifacts;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Storage;
using Xunit;

namespace Orchestrator.WindowsTests.Win32;

/// <summary>Files that another program has open: Windows lets nobody move, replace or delete them meanwhile.</summary>
[SupportedOSPlatform("windows")]
public sealed class HeldFileTests : WindowsTest
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly WaitedClock clock = new();

    [Fact]
    public async Task Git_processes_that_begin_at_once_find_their_configuration_though_others_read_it_already()
    {
        const int AtOnce = 6;
        for (var round = 0; round < 100; round++)
        {
            var home = Path.Combine(Folder, "git-" + round);
            using var together = new Barrier(AtOnce);
            await Task.WhenAll(
                    Enumerable
                        .Range(0, AtOnce)
                        .Select(_ =>
                            Task.Factory.StartNew(
                                () =>
                                {
                                    together.SignalAndWait(Deadline);
                                    GitCli.WriteConfiguration(home);
                                    // As git opens it.
                                    using var git = new FileStream(
                                        Path.Combine(home, "config"),
                                        FileMode.Open,
                                        FileAccess.Read,
                                        FileShare.ReadWrite
                                    );
                                    Assert.True(git.Length > 0);
                                },
                                CancellationToken.None,
                                TaskCreationOptions.LongRunning,
                                TaskScheduler.Default
                            )
                        )
                )
                .WaitAsync(Deadline);
            Assert.Equal(["config"], Directory.GetFiles(home).Select(Path.GetFileName));
        }
    }

    [Fact]
    public async Task A_program_that_a_scanner_reads_starts_once_it_is_let_go()
    {
        var program = Path.Combine(AppContext.BaseDirectory, $"held-{Guid.NewGuid():N}.exe");
        File.Copy(Environment.ProcessPath!, program);
        using var starter = new ProcessGroupStarter("windows-tests", clock);
        await using var scanner = new FileStream(
            program,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.None
        );
#pragma warning disable CA2025 // awaited before its starter goes
        var running = starter.CaptureAsync(
            Child.Order("arguments", "started") with
            {
                Executable = program,
            },
            Deadline,
            1024,
            TimeProvider.System,
            CancellationToken.None
        );
#pragma warning restore CA2025
        await clock.Waiting.WaitAsync(Deadline);

        await scanner.DisposeAsync();
        clock.Advance(Longest);

        Assert.Equal("[\"started\"]", (await running.WaitAsync(Deadline)).Text.Trim());
        File.Delete(program);
    }

    [Fact]
    public async Task A_folder_with_a_held_file_is_removed_once_it_is_let_go()
    {
        var file = Write("held.txt", "text");
        await using var held = Hold(file);

        var removing = FolderRemoval.RemoveAsync(Folder, clock, CancellationToken.None);
        Assert.False(removing.IsCompleted);
        Assert.True(File.Exists(file));
        await held.DisposeAsync();
        clock.Advance(Longest);

        await removing.WaitAsync(Deadline);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task A_folder_with_a_file_that_stays_held_is_told_and_stays()
    {
        var file = Write("held.txt", "text");
        await using var held = Hold(file);

        var removing = FolderRemoval.RemoveAsync(
            Folder,
            TimeProvider.System,
            CancellationToken.None
        );

        var told = await Assert.ThrowsAnyAsync<IOException>(() => removing.WaitAsync(Deadline));
        Assert.Equal(32, told.HResult & 0xFFFF);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Read_only_objects_of_git_are_removed()
    {
        var file = Write(Path.Combine(".git", "objects", "ab", "cdef"), "object");
        File.SetAttributes(file, FileAttributes.ReadOnly);
        Assert.Throws<UnauthorizedAccessException>(() => File.Delete(file));

        await FolderRemoval.RemoveAsync(Folder, clock, CancellationToken.None);

        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task The_working_folder_of_a_process_is_removed_once_it_has_ended()
    {
        var worktree = Directory.CreateDirectory(Path.Combine(Folder, "worktree")).FullName;
        using var starter = new ProcessGroupStarter("windows-tests", TimeProvider.System);
        await using var group = await starter.StartAsync(
            Child.Order("ready") with
            {
                WorkingDirectory = worktree,
            }
        );
        using var reader = new StreamReader(group.StandardOutput);
        Assert.Equal("ready", await reader.ReadLineAsync().WaitAsync(Deadline));

        var removing = FolderRemoval.RemoveAsync(worktree, clock, CancellationToken.None);
        Assert.False(removing.IsCompleted);
        await group.KillAsync();
        clock.Advance(Longest);

        await removing.WaitAsync(Deadline);
        Assert.False(Directory.Exists(worktree));
    }

    [Fact]
    public async Task A_file_that_somebody_reads_is_replaced_once_it_is_let_go()
    {
        var from = Write("new.txt", "new");
        var to = Write("old.txt", "old");
        await using var held = Hold(to);

        var moving = HeldFiles.MoveOverAsync(from, to, clock, CancellationToken.None);
        Assert.False(moving.IsCompleted);
        await held.DisposeAsync();
        clock.Advance(Longest);

        await moving.WaitAsync(Deadline);
        Assert.Equal("new", await File.ReadAllTextAsync(to));
    }

    [Fact]
    public async Task A_file_that_somebody_reads_is_deleted_once_it_is_let_go()
    {
        var file = Write("silo.json", "{}");
        await using var held = Hold(file);

        var deleting = HeldFiles.DeleteAsync(file, clock, CancellationToken.None);
        Assert.False(deleting.IsCompleted);
        await held.DisposeAsync();
        clock.Advance(Longest);

        await deleting.WaitAsync(Deadline);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task An_index_that_somebody_reads_is_written_once_it_is_let_go()
    {
        using var exports = new ExportFolder(Folder, new TaskInbox(Folder, clock), clock);
        await exports.WriteArtifactAsync("one", "{}"u8.ToArray(), CancellationToken.None);
        await exports.WriteIndexAsync(CancellationToken.None);
        var index = Path.Combine(Folder, "results", "index.json");
        await using var held = Hold(index);

        await exports.WriteArtifactAsync("two", "{}"u8.ToArray(), CancellationToken.None);
        clock.Advance(Longest);
        var writing = exports.WriteIndexAsync(CancellationToken.None);
        await clock.Waiting.WaitAsync(Deadline);
        await held.DisposeAsync();
        clock.Advance(Longest);

        await writing.WaitAsync(Deadline);
        Assert.Contains("two", await File.ReadAllTextAsync(index), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_held_task_file_is_not_taken_and_not_lost()
    {
        var inbox = new TaskInbox(Folder, TimeProvider.System);
        var file = Write(Path.Combine("tasks", "one.task.md"), "words");
        var key = TaskInbox.KeyOf("words"u8);
        await using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Null(await inbox.ReadAsync(file, CancellationToken.None));
            var refused = await inbox.ArchiveAsync(file, key, "one", true, CancellationToken.None);
            Assert.Contains("is held by another program", refused.Error, StringComparison.Ordinal);
        }

        var archived = await inbox.ArchiveAsync(file, key, "one", true, CancellationToken.None);

        Assert.Equal("words", await File.ReadAllTextAsync(archived.To));
        Assert.False(File.Exists(file));
    }

    private static FileStream Hold(string file) =>
        new(file, FileMode.Open, FileAccess.Read, FileShare.Read);

    private string Write(string name, string text)
    {
        var file = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text, new UTF8Encoding(false));
        return file;
    }

    /// <summary>Tells when somebody begins to wait for it.</summary>
    private sealed class WaitedClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource waiting = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task Waiting => waiting.Task;

        public override ITimer CreateTimer(
            TimerCallback callback,
            object? state,
            TimeSpan dueTime,
            TimeSpan period
        )
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            waiting.TrySetResult();
            return timer;
        }
    }
}
