using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Runners;
using Orchestrator.Decisions.Settings;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Fuzz;

/// <summary>A reader under fuzz.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Seeds">Real inputs, at least 20.</param>
/// <param name="Read">Reads an input; throws only when the reader is broken.</param>
/// <param name="AllocationBase">Bytes that any input may allocate.</param>
/// <param name="AllocationPerByte">Bytes more for each byte of the input.</param>
internal sealed record FuzzedReader(
    string Name,
    IReadOnlyList<string> Seeds,
    Action<byte[]> Read,
    int AllocationBase,
    int AllocationPerByte
);

/// <summary>The readers of the decisions.</summary>
internal static class FuzzedReaders
{
    private static readonly Redactor Redactor = new(["the-literal-secret"]);

    public static IReadOnlyList<FuzzedReader> All { get; } =
    [
        new("stream-json", FuzzSeeds.Streams, Stream, 512 * 1024, 24),
        new("plan", FuzzSeeds.Plans, Plan, 256 * 1024, 64),
        new("sentence", FuzzSeeds.Sentences, Sentence, 256 * 1024, 200),
        new("submission", FuzzSeeds.Submissions, Submission, 256 * 1024, 32),
        new("agent-script", FuzzSeeds.Scripts, Script, 256 * 1024, 32),
        new("verify-file", FuzzSeeds.VerifyFiles, Verify, 1024 * 1024, 400),
        new("artifact", FuzzSeeds.Artifacts, Artifact, 4 * 1024 * 1024, 400),
        new("task-file", FileSeeds.Tasks, TaskFile, 512 * 1024, 200),
        new("settings", FileSeeds.Settings, Settings, 256 * 1024, 64),
        new("policy", PolicySeeds.Policies, Policy, 1024 * 1024, 400),
        new("telegram-update", UpdateSeeds.Updates, Update, 512 * 1024, 64),
        new("redactor", FuzzSeeds.Redacted, Redact, 256 * 1024, 64),
    ];

    private static string Text(byte[] input) => Encoding.UTF8.GetString(input);

    private static void Stream(byte[] input)
    {
        var reader = new RunOutputReader(lineBytesMax: 64 * 1024);
        var size = 1 + (input.Length % 4_096);
        for (var at = 0; at < input.Length; at += size)
        {
            reader.Push(input.AsSpan(at, Math.Min(size, input.Length - at)));
        }
        reader.Finish();
        Assert.True(reader.SkippedLines <= reader.Lines);
        Assert.True(reader.Step.Length <= 160, reader.Step);
        Assert.InRange(reader.Denials.Count, 0, 50);
        Assert.True((reader.Result?.SessionCostUsd ?? 0) >= 0);
        var (_, message, _) = RunEnding.Classify(reader, 1, "", StopCause.None);
        Assert.True(message.Length <= 400, message);
        Assert.DoesNotContain('\n', message);
    }

    private static void Plan(byte[] input)
    {
        var plan = PlanReader.Read(new TaskSpec { Request = "fix it" }, "", Text(input), "", "m");
        Assert.NotEqual(TaskKind.Unknown, plan.Kind);
        Assert.InRange(plan.Title.Length, 1, 200);
        Assert.True(plan.TargetFiles.Count <= 50 && plan.SuccessCriteria.Count <= 20);
        Assert.All(plan.TargetFiles, f => Assert.DoesNotContain("..", f.Split('/', '\\')));
    }

    private static void Sentence(byte[] input)
    {
        var text = Text(input);
        Assert.NotEqual(TaskKind.Unknown, SentenceReader.KindOf(text));
        Assert.InRange(SentenceReader.TitleOf(text).Length, 1, 81);
        Assert.All(
            SentenceReader.FilesOf(text),
            f => Assert.False(f.StartsWith('/') || f.Contains("..", StringComparison.Ordinal), f)
        );
    }

    private static void Submission(byte[] input)
    {
        GrainInterfaces.Api.SubmitRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(input, OrchestratorJson.Default.SubmitRequest);
        }
        catch (JsonException)
        {
            return; // the door's refusal
        }
        if (request is null)
        {
            return;
        }
        var (spec, failure) = SubmissionReader.Read(request, "ann", "key");
        Assert.True(spec is null != failure is null);
        if (spec is not null)
        {
            Assert.InRange(spec.Request.Length, 1, SubmissionReader.RequestMax);
            Assert.All(spec.TargetFiles, f => Assert.DoesNotContain("..", f.Split('/', '\\')));
        }
    }

    private static void Script(byte[] input)
    {
        var script = AgentScript.Read(Text(input), out var problem);
        Assert.True(script is null == problem.Length > 0);
        Assert.True(script is null || script.Steps.Count <= AgentScript.StepsMax);
    }

    private static void Verify(byte[] input)
    {
        var plan = VerifyPlan.Choose(Text(input), [], [], null);
        Assert.Equal("repository", plan.Source);
        Assert.True(plan.Commands.Count == 0 || plan.Problem.Length == 0);
    }

    private static void Policy(byte[] input)
    {
        var (policy, problems) = PolicyReader.Read(Text(input), "p.yaml");
        Assert.True(policy is null == problems.Count > 0);
        Assert.All(
            problems,
            p => Assert.True(p is { Line: > 0, Column: > 0, Message.Length: > 0 }, p.ToString())
        );
        if (policy is not null)
        {
            Assert.All(PolicyExplainer.Test(policy).Take(5), f => Assert.NotEmpty(f.Reason));
            Assert.NotEmpty(PolicyEngine.OnPlan(policy, PolicySeeds.Request, ["src/a.cs"]).Rulings);
        }
    }

    private static void Artifact(byte[] input)
    {
        try
        {
            Assert.All(ArtifactValidator.Check("t", Text(input)), Assert.NotEmpty);
        }
        catch (JsonException)
        {
            // its stated answer to what is no JSON
        }
    }

    private static void TaskFile(byte[] input)
    {
        var read = TaskFileReader.Read("t.task.md", input);
        Assert.True(read.File is null != (read.Problems.Count == 0), "read or refused, never both");
        Assert.All(read.Problems, p => Assert.True(p.Line >= 1 && p.Cure.Length > 0, p.ToString()));
        if (read.File is { } file)
        {
            Assert.False(string.IsNullOrWhiteSpace(file.Request + file.Title));
            Assert.All(file.TargetFiles, f => Assert.DoesNotContain("..", f.Split('/', '\\')));
        }
    }

    private static void Settings(byte[] input)
    {
        var env = EnvText.Read(Text(input));
        Assert.All(env.Values.Keys, k => Assert.Matches("^[A-Za-z_:.-][A-Za-z0-9_:.-]*$", k));
        var (settings, problems) = PredecessorSettings.Translate(
            env.Values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))
        );
        Assert.All(settings.Keys, k => Assert.Contains(':', k));
        Assert.All(problems, p => Assert.NotEmpty(p));
    }

    private static void Update(byte[] input)
    {
        var id = ChatUpdateReader.IdOf(input);
        var update = ChatUpdateReader.Read(input);
        Assert.True(id is null or > 0);
        Assert.True(update.Text.Length <= ChatUpdateReader.TextMax);
        Assert.Matches("^([a-z]{2})?$", update.Language);
        Assert.True(update.Document is null or { Name.Length: <= 300, FileId.Length: <= 300 });
        // What the desk does next with what it read.
        foreach (var about in (string[])["", "task_1"])
        {
            var order = ChatOrderReader.Read(update.Text, "bot", about);
            Assert.True(order.Text.Length <= update.Text.Length);
            Assert.True(
                order.TaskId.Length == 0
                    || order.TaskId == about
                    || SubmissionReader.IsId(order.TaskId)
                    || order.TaskId.StartsWith(TaskIds.Prefix, StringComparison.Ordinal)
            );
            Assert.True(order.Turn is null or >= 0 and < 1_000_000);
        }
        var data = ButtonData.Read(update.TapData);
        Assert.True(data.Subject.Length == 0 || SubmissionReader.IsId(data.Subject));
        Assert.Equal(update, ChatParts.Join([update]));
    }

    private static void Redact(byte[] input)
    {
        var text = Text(input);
        var once = Redactor.Redact(text);
        Assert.Equal(once, Redactor.Redact(once));
        Assert.Equal(once == text, Redactor.Find(text, 1).Count == 0);
    }
}
