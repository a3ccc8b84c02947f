using System.Diagnostics;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

public sealed class ScriptedFlowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_sentence_becomes_a_verified_diff_with_an_artifact_and_the_same_key_is_the_same_task()
    {
        await using var silo = await SiloProcess.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (".orchestrator.yaml", "verify:\n  - git diff --stat HEAD\n")
        );
        var request = SiloProcess.Scripted(
            """{"do":"append","path":"a.txt","text":"two\n"},{"do":"write","path":".env","text":"KEY=1"},{"do":"say","text":"Added two."}""",
            repository
        );

        var task = await silo.Client.SubmitAsync(request, "key-1");
        var again = await silo.Client.SubmitAsync(request, "key-1");
        var end = await EndAsync(task);

        Assert.Equal((task.TaskId, true), (again.TaskId, again.AlreadyThere));
        Assert.Equal(TaskPhase.Done, end.Phase);
        Assert.Equal("a.txt", Assert.Single(end.Result!.Diff.Files).Path);
        Assert.Equal(".env", Assert.Single(end.Result.Diff.ExcludedFiles));
        Assert.Contains(
            "+two",
            await silo.Client.GetDiffAsync(task.TaskId),
            StringComparison.Ordinal
        );
        Assert.Equal("one\n", await File.ReadAllTextAsync(Path.Combine(repository, "a.txt")));
        await ArtifactAsync(silo, task.TaskId);
        Assert.Equal(0, await ValidateAsync(silo));
    }

    [Fact]
    public async Task D19_A_read_only_task_that_writes_is_not_accepted()
    {
        await using var silo = await SiloProcess.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));

        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"append","path":"a.txt","text":"x"}""",
                repository,
                "code_review"
            )
        );
        var end = await EndAsync(task);

        Assert.Equal(TaskPhase.Failed, end.Phase);
        Assert.Contains(end.Judgement!.Findings, f => f.Code == "read_only_task_wrote");
    }

    [Fact]
    public async Task D12_An_agent_that_reports_an_error_with_exit_code_0_has_failed()
    {
        await using var silo = await SiloProcess.StartAsync();

        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"result","text":"no","fields":{"is_error":true,"subtype":"error_max_turns","terminal_reason":"max_turns"}}"""
            )
        );

        Assert.Equal(
            (TaskPhase.Failed, ErrorClass.MaxTurns),
            await EndAsync(task) is var end ? (end.Phase, end.ErrorClass) : default
        );
    }

    [Fact]
    public async Task D1_D2_D3_Cancelled_runs_leave_no_process_and_every_slot_works_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        await using var silo = await SiloProcess.StartAsync();
        for (var round = 0; round < 4; round++)
        {
            var task = await silo.Client.SubmitAsync(
                SiloProcess.Scripted(
                    """{"do":"grandchild","milliseconds":600000},{"do":"say","text":"alive"},{"do":"hang"}"""
                )
            );
            await SeenAsync(task, f => f is TaskFact.AgentStarted);
            await task.CancelAsync("test");
            Assert.Equal(TaskPhase.Cancelled, (await EndAsync(task)).Phase);
            Assert.Empty(Marked(task.TaskId));
            await ArtifactAsync(silo, task.TaskId);
        }
        var last = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"still here"}""", type: "analyze")
        );
        Assert.Equal(TaskPhase.Done, (await EndAsync(last)).Phase);
    }

    [Fact]
    public async Task D15_A_run_over_its_time_is_stopped_classed_timeout_and_leaves_no_process()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        await using var silo = await SiloProcess.StartAsync();

        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"grandchild","milliseconds":600000},{"do":"hang"}""") with
            {
                TimeoutSec = 1,
            }
        );
        var end = await EndAsync(task);

        Assert.Equal((TaskPhase.Failed, ErrorClass.Timeout), (end.Phase, end.ErrorClass));
        Assert.Empty(Marked(task.TaskId));
    }

    [Fact]
    public async Task D4_A_killed_silo_leaves_no_agent_and_its_task_ends_once_after_the_restart()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for processes in /proc");
        await using var silo = await SiloProcess.StartAsync();
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                """{"do":"grandchild","milliseconds":600000},{"do":"hang","attempt":1},{"do":"say","text":"second life"}""",
                type: "analyze"
            )
        );
        await SeenAsync(task, f => f is TaskFact.AgentStarted);

        await silo.KillAsync();
        await silo.StartAsync();
        var entries = new List<TaskFact>();
        using var limit = new CancellationTokenSource(Deadline);
        await foreach (var entry in silo.Client.WatchAsync(task.TaskId, 0, limit.Token))
        {
            entries.Add(entry.Fact);
            if (entry.Fact is TaskFact.Released { Attempt: 2 })
            {
                break;
            }
        }

        Assert.Single(entries, f => f is TaskFact.Delivered);
        Assert.Equal(2, entries.Count(f => f is TaskFact.RunStarted));
        Assert.Empty(Marked(task.TaskId));
        Assert.DoesNotContain(
            (await silo.Client.GetDoctorAsync()).Checks,
            c => c.Name == "journal" && c.Level != "ok"
        );
    }

    [Fact]
    public async Task A_full_queue_refuses_clearly_and_the_retry_of_the_refused_caller_succeeds()
    {
        await using var silo = await SiloProcess.StartAsync(
            "--MAX_QUEUE_SIZE=1",
            "--Runner:Slots=1"
        );
        var running = await silo.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"hang"}"""));
        await SeenAsync(running, f => f is TaskFact.AgentStarted);
        var waiting = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze")
        );

        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            silo.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"y"}""", type: "analyze"),
                "retry-me"
            )
        );
        Assert.Equal(
            (FailureCodes.QueueFull, 8, true),
            (refused.Failure!.Code, refused.ExitCode, refused.Failure.RetryAfterSeconds > 0)
        );

        await running.CancelAsync();
        await EndAsync(waiting);
        var later = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"y"}""", type: "analyze"),
            "retry-me"
        );
        Assert.Equal(TaskPhase.Done, (await EndAsync(later)).Phase);
    }

    [Fact]
    public async Task A_folder_that_is_no_repository_fails_with_its_name_and_the_cure()
    {
        await using var silo = await SiloProcess.StartAsync();

        var end = await EndAsync(
            await silo.Client.SubmitAsync(SiloProcess.Scripted("", SiloProcess.NewFolder()))
        );

        Assert.Equal(FailureCodes.RepositoryUnusable, end.Failure!.Code);
        Assert.Contains("git init", end.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_silo_on_the_same_data_is_refused_by_name()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var second = Process.Start(
            new ProcessStartInfo(
                SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo"),
                ["--data", silo.Data, "--urls", "http://127.0.0.1:0"]
            )
            {
                RedirectStandardError = true,
            }
        )!;

        var error = await second.StandardError.ReadToEndAsync().WaitAsync(Deadline);
        await second.WaitForExitAsync().WaitAsync(Deadline);

        Assert.Equal(2, second.ExitCode);
        Assert.Contains(silo.Data, error, StringComparison.Ordinal);
        Assert.Contains("serve --stop", error, StringComparison.Ordinal);
    }

    private static async Task<TaskSnapshot> EndAsync(TaskHandle task)
    {
        using var limit = new CancellationTokenSource(Deadline);
        return await task.WaitAsync(limit.Token);
    }

    private static async Task SeenAsync(TaskHandle task, Func<TaskFact, bool> wanted)
    {
        using var limit = new CancellationTokenSource(Deadline);
        await foreach (var entry in task.WatchAsync(0, limit.Token))
        {
            if (wanted(entry.Fact))
            {
                return;
            }
        }
    }

    // Written by a subscriber after the end: its folder tells when.
    private static async Task ArtifactAsync(SiloProcess silo, string taskId)
    {
        var results = Directory.CreateDirectory(Path.Combine(silo.Data, "results")).FullName;
        var there = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(results) { EnableRaisingEvents = true };
        void Look()
        {
            var index = Path.Combine(results, "index.json");
            if (
                File.Exists(Path.Combine(results, taskId + ".json"))
                && File.Exists(index)
                && File.ReadAllText(index).Contains(taskId, StringComparison.Ordinal)
            )
            {
                there.TrySetResult();
            }
        }
        watcher.Created += (_, _) => Look();
        watcher.Renamed += (_, _) => Look();
        watcher.Changed += (_, _) => Look();
        Look();
        await there.Task.WaitAsync(Deadline);
    }

    private static async Task<int> ValidateAsync(SiloProcess silo)
    {
        using var validate = Process.Start(
            new ProcessStartInfo(
                SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo"),
                ["validate-artifacts", Path.Combine(silo.Data, "results")]
            )
        )!;
        await validate.WaitForExitAsync().WaitAsync(Deadline);
        return validate.ExitCode;
    }

    // Every process of a run carries its id in the environment.
    private static List<string> Marked(string taskId)
    {
        var left = new List<string>();
        foreach (
            var folder in Directory
                .EnumerateDirectories("/proc")
                .Where(f => int.TryParse(Path.GetFileName(f), out _))
        )
        {
            try
            {
                if (
                    File.ReadAllText(folder + "/environ")
                        .Contains($"ORCHESTRATOR_RUN={taskId}-", StringComparison.Ordinal)
                )
                {
                    left.Add(
                        Path.GetFileName(folder) + " " + File.ReadAllText(folder + "/cmdline")
                    );
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // it ended while we looked
            }
        }
        return left;
    }
}
