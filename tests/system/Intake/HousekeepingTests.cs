using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Intake;

public sealed class HousekeepingTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private string Data => shared.Silo.Data;

    [Fact]
    public async Task A_sample_is_a_task_file_that_the_reader_takes_and_is_never_written_over()
    {
        var path = Path.Combine(SiloProcess.NewFolder(), "s.task.md");

        Assert.Equal(0, (await CliProcess.RunAsync(Data, "create-sample", path)).ExitCode);
        var again = await CliProcess.RunAsync(Data, "create-sample", path);

        var reading = TaskFileReader.Read("s.task.md", await File.ReadAllBytesAsync(path));
        Assert.Empty(reading.Problems);
        Assert.Empty(reading.Warnings);
        Assert.Equal(("s.task", "code_review"), (reading.File!.Id, reading.File.Type));
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("s.task.md", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_predecessors_folder_is_taken_over_once_and_its_artifacts_can_be_shown()
    {
        var old = Predecessor();

        var dry = await ReportAsync("import", old, "--dry-run");
        Assert.False(File.Exists(Path.Combine(Data, "results", "old_1.json")));
        var first = await ReportAsync("import", old);
        await FolderWait.UntilAsync(
            Path.Combine(Data, "tasks"),
            () =>
                File.Exists(
                    Path.Combine(Data, "tasks", "processed", "pending_1.completed.task.md")
                ),
            "the end of the pending task"
        );
        var second = await ReportAsync("import", old);

        string[] taken =
        [
            "tasks/p.task.md as task pending_1",
            "tasks/processed/old_1.completed.task.md",
            "results/old_1.json",
            "summaries/old_1_summary.txt",
            "logs/events.ndjson",
        ];
        Assert.Equal(taken, first.Done);
        Assert.Equal(first.Done, dry.Done);
        Assert.Contains(
            first.Problems,
            p => p.StartsWith("tasks/bad.task.md: line 2: Invalid task type")
        );
        Assert.Contains(first.Problems, p => p.Contains("gone.task.md"));
        Assert.Contains(first.Skipped, s => s.StartsWith(".env is not taken"));
        Assert.Empty(second.Done);
        Assert.Contains(second.Skipped, s => s.Contains("task pending_1 is there already"));

        var show = await CliProcess.RunAsync(Data, "show", "old_1");
        Assert.True(show.ExitCode == 0, show.Error);
        Assert.Contains("old_1  Done", show.Output, StringComparison.Ordinal);
        Assert.Contains("src/a.cs", show.Output, StringComparison.Ordinal);
        var artifact = await File.ReadAllTextAsync(Path.Combine(Data, "results", "old_1.json"));
        Assert.DoesNotContain("ghp_0123456789abcdefghijABCDEFGHIJ012345", artifact);
        var validate = await CliProcess.RunAsync(Data, "validate-artifacts");
        Assert.True(validate.ExitCode == 0, validate.Output);
        Assert.Contains("index.json: OK", validate.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await shared.Client.GetAsync("pending_1")).Attempt);
    }

    [Theory]
    [InlineData("absent", "is no folder on this host")]
    [InlineData("empty", "is no predecessor's working directory")]
    [InlineData("own", "own data directory")]
    public async Task A_folder_that_is_no_predecessors_is_refused_by_name(
        string which,
        string words
    )
    {
        var folder = which switch
        {
            "own" => Data,
            "empty" => SiloProcess.NewFolder(),
            _ => Path.Combine(SiloProcess.NewFolder(), "absent"),
        };

        var run = await CliProcess.RunAsync(Data, "import", folder);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(folder, run.Error, StringComparison.Ordinal);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D37_D39_Cleaned_artifacts_leave_no_index_entry_without_a_file_and_the_index_stays()
    {
        await using var silo = await SiloProcess.StartAsync();
        var (gone, kept) = (await EndedAsync(silo), await EndedAsync(silo));
        var results = Path.Combine(silo.Data, "results");
        foreach (var id in (string[])[gone, kept])
        {
            await FolderWait.UntilAsync(
                results,
                () =>
                    File.Exists(Path.Combine(results, "index.json"))
                    && File.ReadAllText(Path.Combine(results, "index.json")).Contains(id),
                "the artifact of " + id
            );
        }
        var old = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-40);
        File.SetLastWriteTimeUtc(Path.Combine(results, gone + ".json"), old);
        File.SetLastWriteTimeUtc(Path.Combine(silo.Data, "summaries", gone + "_summary.txt"), old);
        File.SetLastWriteTimeUtc(Path.Combine(results, "index.json"), old);

        var dry = await CliProcess.RunAsync(silo.Data, "clean", "artifacts", "--dry-run", "--json");
        Assert.True(File.Exists(Path.Combine(results, gone + ".json")), dry.Output);
        var run = await CliProcess.RunAsync(
            silo.Data,
            "clean",
            "artifacts",
            "--days",
            "30",
            "--json"
        );

        Assert.Equal(dry.Output, run.Output);
        Assert.Equal(
            [$"results/{gone}.json", $"summaries/{gone}_summary.txt"],
            Report(run.Output).Done
        );
        var index = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(results, "index.json"))
        )!;
        Assert.Equal([kept], index.AsObject().Select(e => e.Key));
        Assert.False(File.Exists(Path.Combine(results, gone + ".json")));

        // From any directory, with a pattern that no shell has looked up.
        var info = CliProcess.Info(
            silo.Data,
            "validate-artifacts",
            Path.Combine(results, "*.json")
        );
        info.WorkingDirectory = SiloProcess.NewFolder();
        var validate = await CliProcess.RunAsync(info);
        Assert.Equal(0, validate.ExitCode);
        Assert.EndsWith(
            "Validation summary: total=2 ok=2 failed=0 skipped_legacy=0",
            validate.Output.TrimEnd(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Cleaned_task_files_go_to_the_archive_under_their_stem_and_rejected_ones_too()
    {
        await using var silo = await SiloProcess.StartAsync("--Intake:Watch", "false");
        var tasks = Path.Combine(silo.Data, "tasks");
        Directory.CreateDirectory(Path.Combine(tasks, "rejected"));
        foreach (var name in (string[])["old.task.md", "new.task.md", "rejected/bad.task.md"])
        {
            await File.WriteAllTextAsync(Path.Combine(tasks, name), "x");
        }
        foreach (var name in (string[])["old.task.md", "rejected/bad.task.md"])
        {
            File.SetLastWriteTimeUtc(
                Path.Combine(tasks, name),
                TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-8)
            );
        }

        var run = await CliProcess.RunAsync(silo.Data, "clean", "tasks", "--days", "7");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Equal(
            ["bad.task.archived.task.md", "old.task.archived.task.md"],
            Directory
                .EnumerateFiles(Path.Combine(tasks, "processed"))
                .Select(Path.GetFileName)
                .Order()
        );
        Assert.True(File.Exists(Path.Combine(tasks, "new.task.md")));
    }

    [Fact]
    public async Task Legacy_artifacts_are_skipped_when_asked_and_refused_otherwise()
    {
        var folder = SiloProcess.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "old.json"), """{"task_id":"old"}""");

        var skipped = await CliProcess.RunAsync(
            Data,
            "validate-artifacts",
            "--ignore-legacy",
            folder
        );
        var refused = await CliProcess.RunAsync(Data, "validate-artifacts", folder);

        Assert.Equal((0, 1), (skipped.ExitCode, refused.ExitCode));
        Assert.Contains("old.json: SKIP (legacy, no schema_version)", skipped.Output);
        Assert.Contains("total=1 ok=0 failed=0 skipped_legacy=1", skipped.Output);
        Assert.Contains("total=1 ok=0 failed=1 skipped_legacy=0", refused.Output);
    }

    [Fact]
    public async Task D25_A_sentence_names_the_repository_it_is_about_and_every_event_fits_its_schema()
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var request = SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze") with
        {
            Request = $"in {repository}: say what is there",
        };

        var task = await shared.Client.SubmitAsync(request);
        using var limit = new CancellationTokenSource(Deadline);
        var end = await task.WaitAsync(limit.Token);

        Assert.Equal((TaskPhase.Done, repository), (end.Phase, end.Repository));
        Assert.Equal(request.Request, end.Request);
        await FolderWait.EventAsync(Data, "\"artifacts_written\"", task.TaskId);
        var lines = await File.ReadAllLinesAsync(Path.Combine(Data, "logs", "events.ndjson"));
        Assert.All(lines, l => Assert.Empty(TextSchemas.CheckEvent(l)));
    }

    private static async Task<string> EndedAsync(SiloProcess silo)
    {
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze")
        );
        using var limit = new CancellationTokenSource(Deadline);
        await task.WaitAsync(limit.Token);
        return task.TaskId;
    }

    private async Task<GrainInterfaces.Api.WorkReport> ReportAsync(params string[] arguments) =>
        Report((await CliProcess.RunAsync(Data, [.. arguments, "--json"])).Output);

    private static GrainInterfaces.Api.WorkReport Report(string json) =>
        JsonSerializer.Deserialize(json, GrainInterfaces.OrchestratorJson.Default.WorkReport)!;

    private static string Predecessor()
    {
        var old = SiloProcess.NewFolder();
        void Write(string path, string text)
        {
            var full = Path.Combine(old, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }
        Write(
            "tasks/p.task.md",
            """
            ---
            id: pending_1
            type: analyze
            runner: scripted
            ---
            **Prompt:**
            Say what is there.
            """
        );
        Write("tasks/bad.task.md", "---\ntype: nonsense\n---\nx");
        Write("tasks/processed/old_1.completed.task.md", "---\ntype: fix\n---\nx");
        Write("results/index.json", """{"old_1":"C:\\elsewhere\\results\\old_1.json"}""");
        Write(
            "results/old_1.json",
            """
            {"schema_version":"1.0","task_id":"old_1","parent_task_id":null,"turn_of":null,"success":true,"return_code":0,
             "execution_time":1.5,"timestamp":"2025-08-03 16:30:00","errors":[],"files_modified":["Modified: src\\a.cs"],
             "raw_stdout":"token ghp_0123456789abcdefghijABCDEFGHIJ012345","raw_stderr":"",
             "triage":{"stdout_head":"","stdout_tail":"","stderr_head":"","stderr_tail":""},
             "parsed_output":{"result":"Fixed it."},"validation":null,"retry":{"retries":0,"error_class":"none"},
             "suggested_actions":[],
             "orchestrator":{"components":{"claude_available":true,"llama_available":false,"file_watcher_running":true},"workers":3},
             "bridge":{"available":true,"claude_executable":"claude","max_turns":0,"timeout":300,"skip_permissions":false},
             "llama":{"ollama_available":false,"client_initialized":false,"model":"m","mode":"FALLBACK"}}
            """
        );
        Write("summaries/old_1_summary.txt", "Fixed it.\n");
        Write("logs/state.json", """{"pending_files":["tasks\\p.task.md","/x/../gone.task.md"]}""");
        Write("logs/events.ndjson", "{}\n");
        Write(".env", "TELEGRAM_BOT_TOKEN=1\n");
        return old;
    }
}
