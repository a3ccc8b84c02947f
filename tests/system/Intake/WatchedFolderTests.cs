using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Intake;

public sealed class WatchedFolderTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task D9_D11_Files_are_taken_at_start_by_rename_and_corrected_in_place_and_bad_ones_are_answered()
    {
        await using var silo = await SiloProcess.StartOnAsync(data =>
        {
            Directory.CreateDirectory(Path.Combine(data, "tasks"));
            File.WriteAllText(Path.Combine(data, "tasks", "first.task.md"), Text("before"));
        });
        await ArchivedAsync(silo, "before", "completed");

        // A name that the folder does not take, renamed when it is whole.
        var part = Path.Combine(silo.Data, "tasks", ".renamed.task.tmp");
        await File.WriteAllTextAsync(part, Text("renamed"));
        File.Move(part, Path.Combine(silo.Data, "tasks", "renamed.task.md"));
        await ArchivedAsync(silo, "renamed", "completed");

        await WriteAsync(silo, "bad.task.md", Text("bad").Replace("bug_fix", "bugfix"));
        var rejected = Path.Combine(silo.Data, "tasks", "rejected", "bad.task.md");
        await FolderWait.FileAsync(rejected);
        var answer = await File.ReadAllTextAsync(rejected + ".error.md");
        Assert.Contains("line 3: Invalid task type: bugfix", answer, StringComparison.Ordinal);
        Assert.Contains("bug_fix", answer, StringComparison.Ordinal);
        await FolderWait.EventAsync(silo.Data, "\"intake_refused\"", "bad.task.md", "line 3");

        await WriteAsync(silo, "bad.task.md", Text("bad"));
        await ArchivedAsync(silo, "bad", "completed");
        await FolderWait.EventAsync(silo.Data, "\"task_archived\"", "\"bad\"", "completed.task.md");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(silo.Data, "tasks")));
    }

    [Fact]
    public async Task D21_One_id_is_one_content_and_no_id_leaves_the_folder()
    {
        await using var silo = await SiloProcess.StartAsync("--Intake:Rescan", "00:00:01");
        await WriteAsync(silo, "one.task.md", Text("same"));
        await ArchivedAsync(silo, "same", "completed");

        await WriteAsync(silo, "two.task.md", Text("same", "Something else"));
        await WriteAsync(silo, "out.task.md", Text("../../out"));
        await WriteAsync(silo, "again.task.md", Text("same"));

        var rejected = Path.Combine(silo.Data, "tasks", "rejected");
        await FolderWait.FileAsync(Path.Combine(rejected, "two.task.md"));
        await FolderWait.FileAsync(Path.Combine(rejected, "out.task.md"));
        Assert.Contains(
            "an id of its own",
            await File.ReadAllTextAsync(Path.Combine(rejected, "two.task.md.error.md")),
            StringComparison.Ordinal
        );
        await FolderWait.UntilAsync(
            Path.Combine(silo.Data, "tasks"),
            () => !File.Exists(Path.Combine(silo.Data, "tasks", "again.task.md")),
            "the archive of the second file with the same content"
        );
        Assert.Equal(1, (await silo.Client.GetAsync("same")).Attempt);
        Assert.Equal("same", Assert.Single((await silo.Client.ListAsync()).Tasks).TaskId);
        Assert.False(Directory.Exists(Path.Combine(silo.Data, "..", "out")));
    }

    [Fact]
    public async Task D10_A_file_that_meets_a_full_queue_stays_says_so_and_runs_later()
    {
        await using var silo = await SiloProcess.StartAsync(
            "--Queue:SizeMax",
            "1",
            "--Runner:Slots",
            "1"
        );
        var running = await silo.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));
        using var limit = new CancellationTokenSource(Deadline);
        await foreach (var entry in running.WatchAsync(0, limit.Token))
        {
            if (entry.Fact is TaskFact.AgentStarted)
            {
                break;
            }
        }
        var waiting = await silo.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));

        await WriteAsync(silo, "late.task.md", Text("late"));
        await FolderWait.EventAsync(silo.Data, "\"throttled\"", "queue_full");
        Assert.True(File.Exists(Path.Combine(silo.Data, "tasks", "late.task.md")));
        await waiting.CancelAsync();
        await running.CancelAsync();

        await ArchivedAsync(silo, "late", "completed");
    }

    [Fact]
    public async Task D20_A_folder_outside_the_root_is_refused_and_one_below_the_base_is_found()
    {
        var home = SiloProcess.NewFolder();
        var root = Path.Combine(home, "root");
        var inside = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        Directory.CreateDirectory(root);
        Directory.Move(inside, Path.Combine(root, "backend"));
        Directory.CreateDirectory(Path.Combine(home, "root-evil"));
        Directory.CreateDirectory(Path.Combine(home, "outside"));
        Directory.CreateSymbolicLink(Path.Combine(root, "link"), Path.Combine(home, "outside"));
        await using var silo = await SiloProcess.StartAsync("--CLAUDE_BASE_CWD", root);
        string[] outside =
        [
            Path.Combine(root, "..", "outside"),
            Path.Combine(home, "root-evil"),
            Path.Combine(root, "link"),
            "../outside",
            @"\\server\share",
            "/absent",
        ];
        for (var i = 0; i < outside.Length; i++)
        {
            await WriteAsync(silo, $"no{i}.task.md", Text($"no{i}", cwd: outside[i]));
        }
        await WriteAsync(silo, "yes.task.md", Text("yes", cwd: "/backend"));

        await ArchivedAsync(silo, "yes", "completed");
        Assert.Equal(Path.Combine(root, "backend"), (await silo.Client.GetAsync("yes")).Repository);
        for (var i = 0; i < outside.Length; i++)
        {
            var path = Path.Combine(silo.Data, "tasks", "rejected", $"no{i}.task.md");
            await FolderWait.FileAsync(path);
            Assert.Contains(
                "line 4: Invalid cwd: ",
                await File.ReadAllTextAsync(path + ".error.md"),
                StringComparison.Ordinal
            );
        }
        Assert.Equal("yes", Assert.Single((await silo.Client.ListAsync()).Tasks).TaskId);
    }

    [Fact]
    public async Task D3_A_file_that_could_not_be_archived_is_told_and_archived_later_also_after_a_kill()
    {
        await using var silo = await SiloProcess.StartAsync("--Intake:Rescan", "00:00:01");
        var blocked = Path.Combine(silo.Data, "tasks", "processed");
        Directory.CreateDirectory(Path.GetDirectoryName(blocked)!);
        await File.WriteAllTextAsync(blocked, "a file where a folder must be");
        await WriteAsync(silo, "kept.task.md", Text("kept"));

        await FolderWait.EventAsync(silo.Data, "\"task_archive_failed\"", "\"kept\"");
        Assert.True(File.Exists(Path.Combine(silo.Data, "tasks", "kept.task.md")));
        await silo.KillAsync();
        File.Delete(blocked);
        await silo.StartAsync();

        await ArchivedAsync(silo, "kept", "completed");
        Assert.Equal(1, (await silo.Client.GetAsync("kept")).Attempt);
    }

    private static string Text(string id, string request = "Play the script", string cwd = "") =>
        $$"""
            ---
            id: {{id}}
            type: bug_fix
            cwd: {{(cwd.Length > 0 ? $"'{cwd}'" : "")}}
            runner: scripted
            script: '{"version":1,"steps":[{"do":"write","path":"new.txt","text":"x"},{"do":"say","text":"Done."}]}'
            ---
            **Prompt:**
            {{request}}
            """;

    private static async Task WriteAsync(SiloProcess silo, string name, string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(silo.Data, "tasks")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, name), text);
    }

    private static Task ArchivedAsync(SiloProcess silo, string id, string end)
    {
        var path = Path.Combine(silo.Data, "tasks", "processed", $"{id}.{end}.task.md");
        return FolderWait.UntilAsync(
            Path.Combine(silo.Data, "tasks"),
            () => File.Exists(path),
            path
        );
    }
}
