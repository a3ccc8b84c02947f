using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Mediation;

public sealed class MediationTests
{
    private const string Good =
        """{"type":"fix","title":"Retry connections","target_files":["src/db.cs"],"success_criteria":["it retries"],"risk":"low"}""";

    [Theory]
    [InlineData("Fix the flaky test", TaskKind.Fix)]
    [InlineData("please add a retry to src/db.cs", TaskKind.Fix)]
    [InlineData("review the authentication code", TaskKind.CodeReview)]
    [InlineData("Summarize the error handling", TaskKind.Summarize)]
    [InlineData("Do not create anything, only review auth", TaskKind.CodeReview)]
    [InlineData("What does this repository do?", TaskKind.Analyze)]
    [InlineData("look at the update of the schema", TaskKind.Analyze)]
    public void D19_A_sentence_is_read_by_its_words_and_negations(string sentence, TaskKind kind) =>
        Assert.Equal(kind, SentenceReader.KindOf(sentence));

    [Fact]
    public void A_valid_model_answer_makes_the_plan_and_is_named_in_it()
    {
        var plan = PlanReader.Read(new TaskSpec { Request = "look at it" }, "", Good, "", "llama3");

        Assert.Equal(
            (MediationMode.Llama, TaskKind.Fix, "llama3"),
            (plan.Mode, plan.Kind, plan.Model)
        );
        Assert.Equal(["src/db.cs"], plan.TargetFiles);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData(
        """{"type":"destroy","title":"x","target_files":[],"success_criteria":[],"risk":"low"}"""
    )]
    [InlineData(
        """{"type":"fix","title":"","target_files":[],"success_criteria":[],"risk":"low"}"""
    )]
    [InlineData(
        """{"type":"fix","title":"x","target_files":["../../etc/passwd"],"success_criteria":[],"risk":"low"}"""
    )]
    [InlineData(
        """{"type":"fix","title":"x","target_files":[],"success_criteria":[],"risk":55353}"""
    )]
    public void An_absurd_model_answer_falls_back_and_says_why(string answer)
    {
        var plan = PlanReader.Read(
            new TaskSpec { Request = "review it" },
            "",
            answer,
            "",
            "llama3"
        );

        Assert.Equal(
            (MediationMode.Fallback, TaskKind.CodeReview, true),
            (plan.Mode, plan.Kind, plan.ReadOnly)
        );
        Assert.NotEmpty(plan.FallbackReason);
    }

    [Fact]
    public void D29_A_chosen_agent_survives_mediation()
    {
        var plan = PlanReader.Read(
            new TaskSpec { Request = "x", AgentType = "code_review" },
            "",
            Good,
            "",
            "m"
        );

        Assert.Equal(("code_review", TaskKind.CodeReview), (plan.AgentType, plan.Kind));
    }

    [Fact]
    public void D28_The_users_words_reach_the_agent_verbatim_and_once()
    {
        const string Words = "**Note** keep this\n## Steps\n/compact @file  two  spaces\r\nend";
        var state = TaskState.Empty.After(
            new TaskFact.Submitted(new TaskSpec { Request = Words }),
            DateTimeOffset.UnixEpoch
        );

        var prompt = PromptWriter.Write(state);

        Assert.Equal(2, prompt.Split(Words).Length);
        Assert.False(prompt.StartsWith('/'));
    }
}
