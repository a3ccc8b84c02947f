using System.Text.Json;
using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Mediation;

public sealed class PlanReaderTests
{
    [Theory]
    [InlineData("fix", TaskKind.Fix, false, "bug_fix")]
    [InlineData("documentation", TaskKind.Documentation, false, "documentation")]
    [InlineData("code_review", TaskKind.CodeReview, true, "code_review")]
    [InlineData("summarize", TaskKind.Summarize, true, "analyze")]
    [InlineData("analyze", TaskKind.Analyze, true, "analyze")]
    public void The_models_type_decides_the_kind_the_agent_and_whether_it_may_write(
        string type,
        TaskKind kind,
        bool readOnly,
        string agent
    )
    {
        var plan = Read(Answer(type: type));

        Assert.Equal(
            (MediationMode.Llama, kind, readOnly, agent),
            (plan.Mode, plan.Kind, plan.ReadOnly, plan.AgentType)
        );
    }

    [Theory]
    [InlineData("bug_fix", TaskKind.Fix)]
    [InlineData("code_review", TaskKind.CodeReview)]
    [InlineData("analyze", TaskKind.Analyze)]
    [InlineData("documentation", TaskKind.Documentation)]
    [InlineData("my_own", TaskKind.Summarize)]
    public void A_chosen_agent_stays_and_decides_the_kind_when_it_is_known(
        string agent,
        TaskKind kind
    )
    {
        var spec = new TaskSpec { Request = "Look", AgentType = agent };

        var plan = PlanReader.Read(spec, "", Answer(type: "summarize"), "", "m");

        Assert.Equal((agent, kind), (plan.AgentType, plan.Kind));
    }

    [Fact]
    public void A_chosen_kind_wins_over_the_chosen_agent_and_the_model()
    {
        var spec = new TaskSpec
        {
            Request = "Fix it",
            Kind = TaskKind.Summarize,
            AgentType = "bug_fix",
        };

        var plan = PlanReader.Read(spec, "", Answer(), "", "m");

        Assert.Equal(
            (TaskKind.Summarize, true, "bug_fix"),
            (plan.Kind, plan.ReadOnly, plan.AgentType)
        );
    }

    [Fact]
    public void What_the_user_did_not_say_is_taken_from_the_model()
    {
        var plan = Read(
            Answer(title: " Retry \n it ", files: ["a.cs"], criteria: [" it\tretries "])
        );

        Assert.Equal(("Retry it", "high"), (plan.Title, plan.Risk));
        Assert.Equal(["a.cs"], plan.TargetFiles);
        Assert.Equal(["it retries"], plan.SuccessCriteria);
    }

    [Theory]
    [InlineData("Fix src/a.cs", "", TaskKind.Fix, "Fix src/a.cs", "src/a.cs", "medium")]
    [InlineData("Update the docs", "", TaskKind.Documentation, "Update the docs", "", "medium")]
    [InlineData("Review b.cs", "", TaskKind.CodeReview, "Review b.cs", "b.cs", "low")]
    [InlineData("Fix src/a.cs", "Review b.cs", TaskKind.CodeReview, "Review b.cs", "b.cs", "low")]
    [InlineData("Review b.cs", "Fix c.cs", TaskKind.Fix, "Fix c.cs", "c.cs", "medium")]
    public void Without_a_model_the_turns_words_make_the_plan(
        string request,
        string message,
        TaskKind kind,
        string title,
        string files,
        string risk
    )
    {
        var spec = new TaskSpec { Request = request };

        var plan = PlanReader.Read(spec, message, "", "It is down.", "m");

        Assert.Equal(
            (kind, title, files, risk),
            (plan.Kind, plan.Title, string.Join(' ', plan.TargetFiles), plan.Risk)
        );
    }

    [Theory]
    [InlineData("Do not change anything", "Fix it", true)]
    [InlineData("Fix it", "Do not change anything", false)]
    [InlineData("Do not change anything", "", false)]
    public void Only_the_turns_own_words_can_forbid_what_the_model_wants(
        string request,
        string message,
        bool taken
    )
    {
        var plan = PlanReader.Read(new TaskSpec { Request = request }, message, Answer(), "", "m");

        Assert.Equal(taken, plan.Mode == MediationMode.Llama);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void A_title_of_200_characters_is_the_longest(int length, bool taken) =>
        Taken(taken, Answer(title: new string('x', length)), "title");

    [Theory]
    [InlineData(400, true)]
    [InlineData(401, false)]
    [InlineData(0, false)]
    public void A_path_has_1_to_400_characters(int length, bool taken) =>
        Taken(taken, Answer(files: [new string('x', length)]), "target files");

    [Theory]
    [InlineData(50, true)]
    [InlineData(51, false)]
    public void Up_to_50_target_files_are_taken(int count, bool taken) =>
        Taken(taken, Answer(files: [.. Enumerable.Repeat("a", count)]), "target files");

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Up_to_20_success_criteria_are_taken(int count, bool taken) =>
        Taken(taken, Answer(criteria: [.. Enumerable.Repeat("a", count)]), "criteria");

    [Theory]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void A_success_criterion_of_500_characters_is_the_longest(int length, bool taken) =>
        Taken(taken, Answer(criteria: [new string('x', length)]), "criteria");

    [Theory]
    [InlineData("low", true)]
    [InlineData("medium", true)]
    [InlineData("high", true)]
    [InlineData("", false)]
    [InlineData("Low", false)]
    public void The_risk_is_one_of_three(string risk, bool taken) =>
        Taken(taken, Answer(risk: risk), "risk");

    [Fact]
    public void Target_files_are_written_one_way_each_once_and_the_folder_itself_is_none()
    {
        var plan = Read(Answer(files: ["src//a.cs", "src\\.\\a.cs", "./src/a.cs/", ".", "b"]));

        Assert.Equal(["src/a.cs", "b"], plan.TargetFiles);
    }

    [Theory]
    [InlineData(65_536, true)]
    [InlineData(65_537, false)]
    public void An_answer_of_65_536_characters_is_the_longest_that_is_read(
        int length,
        bool taken
    ) => Taken(taken, Answer().PadRight(length), "65537 characters; at most 65536 are read");

    [Theory]
    [InlineData(7, "The model's type is none of the known.")]
    [InlineData(8, "The model's answer is no JSON.")]
    public void An_answer_nested_deeper_than_8_is_not_read(int lists, string reason)
    {
        var deep = new string('[', lists) + new string(']', lists);

        var plan = Read(Answer().Replace("\"fix\"", deep, StringComparison.Ordinal));

        Assert.Equal(reason, plan.FallbackReason);
    }

    [Theory]
    [InlineData("type", "The model's type is none of the known.")]
    [InlineData("title", "The model's title is empty or too long.")]
    [InlineData("risk", "The model's risk is none of low, medium, high.")]
    [InlineData("target_files", "The model's target files are not at most 50 relative paths.")]
    [InlineData("success_criteria", "The model's success criteria are out of range.")]
    public void A_member_of_the_wrong_type_is_named_in_the_reason(string member, string reason)
    {
        foreach (var wrong in (string[])["null", "7", "true", "{}", "[null]", "[[]]", "[7]"])
        {
            var members = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Answer())!;
            members[member] = JsonSerializer.Deserialize<JsonElement>(wrong);

            var plan = Read(JsonSerializer.Serialize(members));

            Assert.Equal((wrong, reason), (wrong, plan.FallbackReason));
        }
    }

    private static void Taken(bool taken, string answer, string why)
    {
        var plan = Read(answer);

        Assert.Equal(taken, plan.Mode == MediationMode.Llama);
        Assert.Equal(!taken, plan.FallbackReason.Contains(why, StringComparison.Ordinal));
    }

    private static Plan Read(string answer) =>
        PlanReader.Read(new TaskSpec { Request = "Fix it" }, "", answer, "", "m");

    private static string Answer(
        string type = "fix",
        string title = "x",
        string[]? files = null,
        string[]? criteria = null,
        string risk = "high"
    ) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object>
            {
                ["type"] = type,
                ["title"] = title,
                ["target_files"] = files ?? [],
                ["success_criteria"] = criteria ?? [],
                ["risk"] = risk,
            }
        );
}
