using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The built command line as people and scripts meet it.</summary>
public sealed partial class CommandLineTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Each_answer_with_json_is_one_object_in_snake_case_and_without_colour()
    {
        var task = await shared.EndAsync("""{"do":"say","text":"x"}""", type: "analyze");
        (string[] Verb, string Member)[] verbs =
        [
            (["status"], "started_at"),
            (["stats"], "tasks"),
            (["doctor"], "checks"),
            (["list"], "tasks"),
            (["hosts"], "hosts"),
            (["show", task.TaskId], "task_id"),
            (["explain", task.TaskId], "next_steps"),
            (["diff", task.TaskId], "task_id"),
            (["token", "list"], "tokens"),
            (["retry", task.TaskId], "task_id"),
            (["explain-error", "queue_full"], "cure"),
        ];
        foreach (var (verb, member) in verbs)
        {
            var run = await CliProcess.RunAsync(shared.Silo.Data, [.. verb, "--json"]);

            Assert.True(run.ExitCode == 0, $"{verb[0]}: {run.ExitCode} {run.Error}");
            Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            using var json = JsonDocument.Parse(run.Output);
            Assert.True(json.RootElement.TryGetProperty(member, out _), run.Output);
            Assert.DoesNotContain('\u001b', run.Output + run.Error);
        }
    }

    [Fact]
    public async Task A_run_in_a_pipe_tells_phases_diff_checks_and_artifact_and_its_json_is_one_object()
    {
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (".orchestrator.yaml", "verify:\n  - git diff --stat HEAD\n")
        );
        var script = Path.Combine(SiloProcess.NewFolder(), "script.json");
        await File.WriteAllTextAsync(
            script,
            """{"version":1,"steps":[{"do":"append","path":"a.txt","text":"two\n"}]}"""
        );
        string[] arguments =
        [
            "run",
            "Count to two",
            "--repo",
            repository,
            "--type",
            "fix",
            "--runner",
            "scripted",
            "--script",
            script,
            "--idempotency-key",
            "count",
        ];

        var words = await CliProcess.RunAsync(shared.Silo.Data, arguments);
        var json = await CliProcess.RunAsync(shared.Silo.Data, [.. arguments, "--json"]);
        using var end = JsonDocument.Parse(json.Output);
        var id = end.RootElement.GetProperty("task_id").GetString()!;
        var show = await CliProcess.RunAsync(shared.Silo.Data, "show", id);
        var watch = await CliProcess.RunAsync(shared.Silo.Data, "watch", id, "--json");

        Assert.True(words.ExitCode == 0, words.Error);
        Assert.Equal(
            (0, "done"),
            (json.ExitCode, end.RootElement.GetProperty("phase").GetString())
        );
        foreach (var word in (string[])["received", "queued", "running", "validating", "done"])
        {
            Assert.Contains(word, words.Output, StringComparison.Ordinal);
        }
        Assert.Contains("+two", words.Output, StringComparison.Ordinal);
        Assert.Contains("git diff --stat HEAD → exit 0", words.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', words.Output + words.Error);
        Assert.DoesNotContain('\r', words.Output + words.Error);
        foreach (
            var word in (string[])
                ["attempt 1:", "verification", "diff: 1 files", "cost $", id + ".json"]
        )
        {
            Assert.Contains(word, show.Output, StringComparison.Ordinal);
        }
        Assert.All(
            watch.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => JsonDocument.Parse(line).Dispose()
        );
    }

    [Theory]
    [InlineData(2, "'comit' was not matched", "comit")]
    [InlineData(2, "Required argument 'id' missing", "show")]
    [InlineData(2, "nonsense", "explain-error", "nonsense")]
    [InlineData(2, "no-such-script", "submit", "x", "--script", "/no-such-script.json")]
    [InlineData(1, "nobody", "show", "nobody")]
    [InlineData(6, "cannot be reached", "status", "--url", "http://127.0.0.1:9")]
    [InlineData(6, "is no address", "status", "--url", "nonsense")]
    public async Task A_refusal_is_told_on_stderr_with_its_exit_code(
        int code,
        string word,
        params string[] arguments
    )
    {
        var run = await CliProcess.RunAsync(shared.Silo.Data, arguments);

        Assert.Equal(code, run.ExitCode);
        Assert.Contains(word, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_wrong_token_a_failed_and_a_cancelled_task_have_exit_codes_of_their_own()
    {
        var url = shared.Discovery.Address.ToString();
        var failed = await shared.EndAsync(
            """{"do":"result","text":"no","fields":{"is_error":true}}""",
            type: "analyze"
        );
        var cancelled = await shared.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));

        var token = await CliProcess.RunAsync(null, "status", "--url", url, "--token", "wrong");
        await cancelled.CancelAsync();
        var watchFailed = await CliProcess.RunAsync(shared.Silo.Data, "watch", failed.TaskId);
        var watchCancelled = await CliProcess.RunAsync(shared.Silo.Data, "watch", cancelled.TaskId);

        Assert.Equal(TaskPhase.Failed, failed.Phase);
        Assert.Equal((9, 1, 5), (token.ExitCode, watchFailed.ExitCode, watchCancelled.ExitCode));
    }

    [Fact]
    public async Task Every_verb_that_the_readme_names_is_there()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository(), "README.md"));
        var verbs = ReadmeVerbs()
            .Matches(readme)
            .SelectMany(row => Quoted().Matches(row.Groups[1].Value))
            .Select(m => m.Groups[1].Value)
            .Distinct()
            .ToList();

        Assert.True(verbs.Count > 25, string.Join(' ', verbs));
        var root = await CliProcess.RunAsync(null, "--help");
        Assert.All(verbs, v => Assert.Contains($"\n  {v} ", root.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_is_online_then_drained_and_names_what_runs_there()
    {
        var task = await shared.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));
        await using var facts = new FactFollower(shared.Client);
        await facts.UntilAsync(
            "an agent",
            Deadline,
            e => e.TaskId == task.TaskId && e.Fact is TaskFact.AgentStarted
        );

        var online = await CliProcess.RunAsync(shared.Silo.Data, "hosts");
        await CliProcess.RunAsync(shared.Silo.Data, "drain");
        var drained = await CliProcess.RunAsync(shared.Silo.Data, "hosts");
        await CliProcess.RunAsync(shared.Silo.Data, "undrain");
        await task.CancelAsync();

        Assert.StartsWith("online", online.Output, StringComparison.Ordinal);
        Assert.Contains(task.TaskId + "#1", online.Output, StringComparison.Ordinal);
        Assert.StartsWith("drained", drained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_failure_code_is_explained()
    {
        Assert.NotEmpty(FailureCodes.All);
        var runs = await Task.WhenAll(
            FailureCodes.All.Select(c => CliProcess.RunAsync(null, "explain-error", c))
        );
        Assert.All(runs, r => Assert.Equal(0, r.ExitCode));
    }

    [Fact]
    public async Task Ctrl_C_detaches_from_a_watch_and_the_task_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends SIGINT");
        var task = await shared.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"alive"},{"do":"hang"}""")
        );
        using var watch = Process.Start(CliProcess.Info(shared.Silo.Data, "watch", task.TaskId))!;
        await SeenAsync(watch, "running");

        using var signal = Process.Start("kill", ["-INT", watch.Id.ToString()])!;
        await watch.WaitForExitAsync().WaitAsync(Deadline);

        Assert.Equal(130, watch.ExitCode);
        Assert.Equal(TaskPhase.Running, (await task.GetAsync()).Phase);
        await task.CancelAsync();
    }

    [Fact]
    public async Task Tail_events_has_its_columns_its_filter_and_its_number_of_lines()
    {
        var task = await shared.EndAsync("""{"do":"say","text":"x"}""", type: "analyze");
        using var follow = Process.Start(
            CliProcess.Info(shared.Silo.Data, "tail-events", "--task", task.TaskId, "--follow")
        )!;
        // The events are written by a subscriber after the end: following waits for them.
        await SeenAsync(follow, "artifacts_written");
        follow.Kill();

        var run = await CliProcess.RunAsync(
            shared.Silo.Data,
            "tail-events",
            "--task",
            task.TaskId,
            "--lines",
            "3"
        );

        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.All(
            lines,
            line => Assert.Matches(@"^\S+Z?  \S+ *  task=" + task.TaskId + "( |$)", line)
        );
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Orchestrator.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }
        return folder;
    }

    // The first cells of the table of verbs.
    [GeneratedRegex(@"^\| (`.*?) \|", RegexOptions.Multiline)]
    private static partial Regex ReadmeVerbs();

    [GeneratedRegex("`([a-z][a-z-]*)[^`]*`")]
    private static partial Regex Quoted();

    private static async Task SeenAsync(Process process, string word)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline) is { } line)
        {
            if (line.Contains(word, StringComparison.Ordinal))
            {
                return;
            }
        }
        Assert.Fail($"'{word}' was not seen: {await process.StandardError.ReadToEndAsync()}");
    }
}
