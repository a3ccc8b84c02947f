using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Mediation;

/// <summary>Mediation through the built silo: what the model says decides only what it may, and the artifact says who mediated.</summary>
public sealed class MediationFlowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_scripted_plan_changes_lane_and_targets_and_every_bad_answer_falls_back_in_the_artifact_too()
    {
        await using var emulator = await OllamaEmulator.StartAsync();
        await using var silo = await SiloProcess.StartAsync(
            "--Mediator:Endpoint=" + emulator.Address.GetLeftPart(UriPartial.Authority),
            "--Mediator:Model=" + OllamaEmulator.Model,
            "--Mediator:TimeMax=00:00:03",
            "--Mediator:BreakerCallsMin=1000"
        );
        var repository = await SiloProcess.RepositoryAsync(("numbers.txt", "one\n"));
        const string Append =
            """{"do":"append","path":"numbers.txt","text":"two\n"},{"do":"say","text":"case-done: I added a line."}""";

        // By the rules both sentences are read-only; only the plan of the model opens the writing lane.
        var good = await silo.Client.SubmitAsync(Request("look at case-good", Append, repository));
        var bad = await silo.Client.SubmitAsync(Request("look at case-enum", Append, repository));
        var others = new List<(string Reason, TaskHandle Task)>();
        // All of them are read by LlamaModelTests; here those that end differently on their way through the silo.
        foreach (
            var (word, reason) in OllamaEmulator.BadAnswers.Where(c =>
                c.Word is "case-escape" or "case-cut" or "case-slow" or "case-503"
            )
        )
        {
            others.Add(
                (
                    reason,
                    await silo.Client.SubmitAsync(
                        Request("look at " + word, """{"do":"say","text":"ok"}""")
                    )
                )
            );
        }

        var end = await EndAsync(good);
        Assert.Equal((TaskPhase.Done, TaskKind.Fix), (end.Phase, end.Kind));
        Assert.Equal((MediationMode.Llama, false), (end.Plan!.Mode, end.Plan.ReadOnly));
        Assert.Equal(["numbers.txt"], end.Plan.TargetFiles);
        Assert.Equal("Add the numbers", end.Title);
        Assert.Equal(
            ("LLAMA", OllamaEmulator.Model, "", true),
            await LlamaOfAsync(silo, good.TaskId)
        );
        var summary = await FileAsync(
            Path.Combine(silo.Data, "summaries", good.TaskId + "_summary.txt"),
            text => text.Contains("In short", StringComparison.Ordinal)
        );
        Assert.Contains(
            $"- In short, by {OllamaEmulator.Model} from the agent's words: One line was added.\n",
            summary,
            StringComparison.Ordinal
        );
        Assert.Contains("Outcome: SUCCESS", summary, StringComparison.Ordinal);
        var refused = await EndAsync(bad);
        Assert.Equal((TaskPhase.Failed, true), (refused.Phase, refused.Plan!.ReadOnly));
        Assert.Contains(refused.Judgement!.Findings, f => f.Code == "read_only_task_wrote");
        foreach (var (reason, task) in others)
        {
            var done = await EndAsync(task);
            Assert.Equal((TaskPhase.Done, TaskKind.Analyze), (done.Phase, done.Kind));
            var (mode, model, why, _) = await LlamaOfAsync(silo, task.TaskId);
            Assert.Equal(("FALLBACK", OllamaEmulator.Model), (mode, model));
            Assert.Contains(reason, why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task D5_Tasks_go_on_while_the_model_hangs_and_status_and_doctor_tell_the_truth()
    {
        await using var server = await ModelServer.StartAsync(ModelServer.HangAsync);
        await using var silo = await SiloProcess.StartAsync(
            "--Mediator:Endpoint=" + server.Address.GetLeftPart(UriPartial.Authority),
            "--Mediator:Model=m",
            "--Mediator:TimeMax=00:00:01",
            "--Mediator:BreakerPause=00:10:00",
            "--Mediator:CallsMax=2",
            "--Mediator:BreakerCallsMin=2"
        );
        var before = await silo.Client.GetDoctorAsync();

        var tasks = new List<TaskHandle>();
        for (var i = 0; i < 6; i++)
        {
            tasks.Add(
                await silo.Client.SubmitAsync(Request("look at it", """{"do":"say","text":"ok"}"""))
            );
        }
        var cancelled = await silo.Client.SubmitAsync(Request("look", """{"do":"hang"}"""));
        await cancelled.CancelAsync("test");
        foreach (var task in tasks)
        {
            var end = await EndAsync(task);
            Assert.Equal((TaskPhase.Done, MediationMode.Fallback), (end.Phase, end.Plan!.Mode));
        }
        Assert.Equal(TaskPhase.Cancelled, (await EndAsync(cancelled)).Phase);

        // The server lists its models, so the look at the start found it well; the calls showed otherwise.
        Assert.Equal("ok", Mediator(before).Level);
        var status = (await silo.Client.GetStatusAsync()).Mediator!;
        Assert.Equal(
            (false, true, "m", "FALLBACK"),
            (status.OllamaAvailable, status.ClientInitialized, status.Model, status.Mode)
        );
        Assert.Contains("left alone", status.Reason, StringComparison.Ordinal);
        Assert.Equal("warn", Mediator(await silo.Client.GetDoctorAsync()).Level);
        Assert.InRange(server.Calls, 2, 4);
    }

    [Fact]
    public async Task A_real_engine_with_random_words_leaves_the_task_to_the_rules()
    {
        var file = Path.Combine(SiloProcess.NewFolder(), "tiny.gguf");
        await NodeTool.RunAsync("models/random-gguf.mjs", file);
        await using var engine = await NodeTool.ServeAsync("models/ollama-front.mjs", file);
        await using var silo = await SiloProcess.StartAsync(
            "--Mediator:Endpoint=" + engine.Address.GetLeftPart(UriPartial.Authority),
            "--Mediator:Model=tiny-random:latest",
            "--Mediator:TimeMax=00:01:00"
        );

        var task = await silo.Client.SubmitAsync(
            Request("review the numbers", """{"do":"say","text":"ok"}""")
        );
        var end = await EndAsync(task);

        Assert.Equal((TaskPhase.Done, TaskKind.CodeReview), (end.Phase, end.Kind));
        var (mode, model, reason, _) = await LlamaOfAsync(silo, task.TaskId);
        Assert.Equal(("FALLBACK", "tiny-random:latest"), (mode, model));
        Assert.NotEmpty(reason);
        Assert.Contains(engine.Said, l => l.StartsWith("answered ", StringComparison.Ordinal));
        Assert.True((await silo.Client.GetStatusAsync()).Mediator!.OllamaAvailable);
    }

    private static DoctorCheck Mediator(DoctorReport report) =>
        Assert.Single(report.Checks, c => c.Name == "mediator");

    private static SubmitRequest Request(string words, string steps, string? repository = null) =>
        SiloProcess.Scripted(steps, repository) with
        {
            Request = words,
            Type = null,
        };

    private static async Task<TaskSnapshot> EndAsync(TaskHandle task)
    {
        using var limit = new CancellationTokenSource(Deadline);
        return await task.WaitAsync(limit.Token);
    }

    // Mode, model, reason, available: as the artifact says them.
    private static async Task<(string, string, string, bool)> LlamaOfAsync(
        SiloProcess silo,
        string taskId
    )
    {
        using var json = JsonDocument.Parse(
            await FileAsync(Path.Combine(silo.Data, "results", taskId + ".json"), _ => true)
        );
        var llama = json.RootElement.GetProperty("llama");
        return (
            llama.GetProperty("mode").GetString()!,
            llama.GetProperty("model").GetString()!,
            llama.GetProperty("reason").GetString()!,
            llama.GetProperty("ollama_available").GetBoolean()
        );
    }

    // Written after the task's end, whole, by a rename; its folder tells when.
    private static async Task<string> FileAsync(string file, Func<string, bool> wanted)
    {
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(file)!).FullName;
        var there = new TaskCompletionSource<string>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        using var watcher = new FileSystemWatcher(folder);
        void Look()
        {
            if (File.Exists(file) && File.ReadAllText(file) is var text && wanted(text))
            {
                there.TrySetResult(text);
            }
        }
        watcher.Created += (_, _) => Look();
        watcher.Renamed += (_, _) => Look();
        watcher.EnableRaisingEvents = true;
        Look();
        try
        {
            return await there.Task.WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"{file} does not hold what is awaited within {Deadline.TotalSeconds} s."
            );
        }
    }
}
