using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>The local model asks before code is written, where the lane lets it.</summary>
public sealed class ClarifyTests
{
    private const string Policy = """
        version: 1
        name: asks
        lanes:
          read-only:
            types: [analyze, code_review, summarize]
            write: none
            questions: 1
          code:
            types: [fix, documentation]
            write: direct
            questions: 0
        """;

    private const string Plan =
        """{"type":"analyze","title":"Look at the numbers","target_files":[],"success_criteria":[],"risk":"low","questions":["Which year is meant?","Which currency?"],"assumptions":["The last one.","Euro."]}""";

    [Fact]
    public async Task A_question_is_asked_once_answered_by_a_reply_and_stands_in_prompt_conversation_and_artifact()
    {
        await using var model = await ModelServer.StartAsync(ModelServer.Says(Plan));
        await using var silo = await StartAsync(model, "01:00:00");
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"looked"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.ApprovalAsked);
        var asked = await task.GetAsync();
        var explained = await CliProcess.RunAsync(silo.Data, "explain", task.TaskId);

        await task.ReplyAsync("2024, of course");
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);

        Assert.Equal(TaskPhase.AwaitingApproval, asked.Phase);
        Assert.Equal(["Which year is meant?"], asked.Questions);
        Assert.Equal(["The last one."], asked.Assumptions);
        Assert.Contains("orchestrator reply", explained.Output, StringComparison.Ordinal);
        Assert.Contains("The last one.", explained.Output, StringComparison.Ordinal);
        var end = await task.GetAsync();
        Assert.Equal((TaskPhase.Done, 1), (end.Phase, end.Turn));
        var said = (await silo.Client.GetConversationAsync(task.TaskId)).Entries;
        Assert.Contains(said, e => e is { Role: "user", Text: "2024, of course", Turn: 1 });
        Assert.Contains(
            said,
            e => e.Role == "mediator" && e.Text == "1. Which year is meant? (else: The last one.)"
        );
        Assert.Equal(
            "Which year is meant?\nAnswered: 2024, of course",
            await ClarifiedAsync(silo, task.TaskId)
        );
    }

    [Fact]
    public async Task Nobody_answers_and_what_is_assumed_stands_and_a_lane_that_asks_nothing_goes_on_at_once()
    {
        await using var model = await ModelServer.StartAsync(ModelServer.Says(Plan));
        await using var silo = await StartAsync(model, "00:00:01");

        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"looked"}""", type: "analyze")
        );
        var other = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"ok"}""", type: "documentation")
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
        await FactWait.SeenAsync(
            silo,
            other.TaskId,
            f => f is TaskFact.Delivered or TaskFact.Failed
        );

        Assert.Equal(
            "Which year is meant? Assumed: The last one.",
            await ClarifiedAsync(silo, task.TaskId)
        );
        var facts = await silo.Client.GetFactsAsync(other.TaskId);
        Assert.DoesNotContain(facts.Facts, f => f.Fact is TaskFact.ApprovalAsked);
    }

    private static async Task<SiloProcess> StartAsync(ModelServer model, string wait)
    {
        var silo = await SiloProcess.StartAsync(
            "--Mediator:Endpoint=" + model.Address.GetLeftPart(UriPartial.Authority),
            "--Mediator:Model=m",
            "--Task:QuestionsWaitMax=" + wait
        );
        await silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = Policy });
        return silo;
    }

    private static async Task<string?> ClarifiedAsync(SiloProcess silo, string id)
    {
        await Exports.WaitAsync(silo.Data, [id]);
        using var artifact = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(silo.Data, "results", id + ".json"))
        );
        return artifact.RootElement.GetProperty("clarified").GetString();
    }
}
