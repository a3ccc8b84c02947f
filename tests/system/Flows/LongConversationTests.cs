using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>Conversations with the real Claude Code CLI that outlive its session, its host, or both.</summary>
public sealed class LongConversationTests
{
    private const int Turns = 10;
    private const string Constraint = "Never touch the file config.lock.";

    private static IReadOnlyList<JsonObject> Answers =>
        [
            .. Enumerable
                .Range(1, Turns + 1)
                .Select(n =>
                    ModelApi.Say(string.Create(CultureInfo.InvariantCulture, $"answer number {n}"))
                ),
        ];

    [Fact]
    public async Task Ten_turns_resume_on_their_host_and_the_eleventh_runs_elsewhere_when_that_host_and_its_agents_state_are_gone()
    {
        await using var model = await ModelApi.StartAsync(Answers);
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var control = Silo(model, database, "control", "control");
        await control.StartAsync();
        await using var first = Silo(model, database, "first", "runner");
        await first.StartAsync();

        var task = await control.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = "What is the meaning of this?",
                Type = "analyze",
                Constraints = [Constraint],
            }
        );
        await TurnAsync(control, task, 1);
        for (var turn = 2; turn <= Turns; turn++)
        {
            await ReplyAsync(task, turn);
            await TurnAsync(control, task, turn);
        }
        var tenth = await task.GetAsync();
        await first.KillAsync();
        Directory.Delete(Path.Combine(first.Data, "claude"), recursive: true);
        await using var second = Silo(model, database, "second", "runner");
        await second.StartAsync();
        var asked = model.Requests.Count;
        await ReplyAsync(task, Turns + 1);
        await TurnAsync(control, task, Turns + 1);

        var end = await task.GetAsync();
        Assert.Equal(("first", "resumed"), (tenth.Host, tenth.Session));
        Assert.Equal(("second", "resumed"), (end.Host, end.Session));
        Assert.Equal("answer number 11", end.Result!.ResultText);
        var request = model
            .Requests.Skip(asked)
            .First(r => Said(r).Contains("Question 11", StringComparison.Ordinal));
        // The whole conversation is there, and the constraint in the new turn's own words.
        for (var turn = 2; turn <= Turns; turn++)
        {
            Assert.Contains(Words(turn), Said(request), StringComparison.Ordinal);
        }
        var last = LastSaid(request);
        Assert.Contains(Words(Turns + 1), last, StringComparison.Ordinal);
        Assert.Contains(Constraint, last, StringComparison.Ordinal);
        var said = await control.Client.GetConversationAsync(task.TaskId);
        Assert.Equal(2 * (Turns + 1), said.Total);
        Assert.Equal(
            Enumerable.Range(1, Turns + 1).SelectMany(n => (int[])[n, n]),
            said.Entries.Select(e => e.Turn)
        );
    }

    [Fact]
    public async Task A_session_that_nobody_has_any_more_is_replaced_by_one_primed_with_what_is_remembered()
    {
        await using var model = await ModelApi.StartAsync(Answers);
        // A session that holds a secret is not kept by the store (decision 006): only its host has it.
        var secret = "ghp_" + string.Concat(Enumerable.Repeat("aB3dE6gH9", 4));
        await using var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Runner:ClaudeCode:Executable=" + LockedClaude.Path()
        );
        Connect(silo, model);
        await silo.StartAsync();
        var task = await silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = "What is the meaning of this? " + secret,
                Type = "analyze",
                Constraints = [Constraint],
            }
        );
        await TurnAsync(silo, task, 1);
        await ReplyAsync(task, 2);
        await TurnAsync(silo, task, 2);
        await silo.KillAsync();
        Directory.Delete(Path.Combine(silo.Data, "claude"), recursive: true);
        var asked = model.Requests.Count;
        await silo.StartAsync();

        await silo.Client.ReplyAsync(task.TaskId, new ReplyRequest { Text = Words(3) }, "3");
        await FactWait.SeenAsync(
            silo,
            task.TaskId,
            f => f is TaskFact.Delivered { Turn: 3 } or TaskFact.Failed
        );

        var end = await silo.Client.GetAsync(task.TaskId);
        Assert.True(end.Phase == TaskPhase.Done, $"{end.Phase}: {end.Failure?.Message}");
        Assert.Equal("primed", end.Session);
        var request = model.Requests.Skip(asked).Last();
        var prompt = LastSaid(request);
        Assert.Contains(secret, prompt, StringComparison.Ordinal);
        foreach (
            var remembered in (string[])
                [
                    "What is the meaning of this?",
                    "answer number 1",
                    Words(2),
                    "answer number 2",
                    Words(3),
                    Constraint,
                ]
        )
        {
            Assert.Contains(remembered, prompt, StringComparison.Ordinal);
        }
        await Exports.WaitAsync(silo.Data, [task.TaskId]);
        var artifact = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(silo.Data, "results", task.TaskId + ".json"))
        )!;
        Assert.Equal("primed", artifact["session_continued"]!.GetValue<string>());
        Assert.Equal("FALLBACK", artifact["earlier_summary_by"]!.GetValue<string>());
    }

    private static string Words(int turn) =>
        string.Create(CultureInfo.InvariantCulture, $"Question {turn} about it?");

    private static Task<ReplyAnswer> ReplyAsync(TaskHandle task, int turn) =>
        task.ReplyAsync(Words(turn));

    private static async Task TurnAsync(SiloProcess silo, TaskHandle task, int turn)
    {
        var end = await FactWait.SeenAsync(
            silo,
            task.TaskId,
            f => f is TaskFact.Delivered d && d.Turn == turn || f is TaskFact.Failed
        );
        Assert.True(
            end is TaskFact.Delivered,
            $"Turn {turn}: {(end as TaskFact.Failed)?.Failure.Message}"
        );
    }

    private static SiloProcess Silo(ModelApi model, string database, string host, string roles)
    {
        var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Cluster:Roles=" + roles,
            "--Runner:Host=" + host,
            "--Runner:ClaudeCode:Executable=" + LockedClaude.Path()
        );
        Connect(silo, model);
        return silo;
    }

    private static void Connect(SiloProcess silo, ModelApi model)
    {
        silo.Environment["ANTHROPIC_API_KEY"] = "test-key-not-real";
        silo.Environment["ANTHROPIC_BASE_URL"] = model.Address.ToString();
    }

    private static string Said(string request) =>
        string.Join('\n', JsonNode.Parse(request)!["messages"]!.AsArray().Select(TextOf));

    private static string LastSaid(string request) =>
        TextOf(
            JsonNode.Parse(request)!["messages"]!
                .AsArray()
                .Last(m => m!["role"]!.GetValue<string>() == "user")
        );

    private static string TextOf(JsonNode? message) =>
        message!["content"] is JsonArray blocks
            ? string.Join('\n', blocks.Select(b => b!["text"]?.GetValue<string>() ?? ""))
            : message["content"]!.GetValue<string>();
}
