using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Artifacts;

public sealed class ArtifactTests
{
    public static TheoryData<string> Situations =>
        [.. TaskSituations.All.Where(s => s.State.Spec is not null).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Situations))]
    public void What_the_writer_writes_the_validator_accepts(string situation)
    {
        var text = ArtifactFixture.Write(TaskSituations.Named(situation), []);

        Assert.Empty(ArtifactValidator.Check(ArtifactFixture.TaskId, text));
    }

    [Fact]
    public void A_member_of_another_type_a_missing_one_and_another_name_are_each_a_finding()
    {
        var root = JsonNode
            .Parse(ArtifactFixture.Write(TaskSituations.Named("Done"), []))!
            .AsObject();
        root["success"] = "yes";
        root.Remove("return_code");

        var findings = ArtifactValidator.Check("other", root.ToJsonString());

        Assert.Contains(findings, f => f.StartsWith("/success: ", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Contains("return_code", StringComparison.Ordinal));
        Assert.Contains("task_id is t; the file is named other.", findings);
    }

    [Theory]
    [InlineData("[]", "The artifact is no JSON object.")]
    [InlineData("1", "The artifact is no JSON object.")]
    [InlineData("{}", "schema_version is absent; known: 1.0, 1.1.")]
    [InlineData("""{"schema_version":"2.0"}""", "schema_version is 2.0; known: 1.0, 1.1.")]
    public void What_is_no_artifact_is_told_as_such(string text, string finding) =>
        Assert.Equal(finding, Assert.Single(ArtifactValidator.Check("t", text)));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\":1,}")]
    public void What_is_no_JSON_throws_and_the_caller_says_so(string text) =>
        Assert.ThrowsAny<JsonException>(() => ArtifactValidator.Check("t", text));

    [Fact]
    public void A_summary_says_what_came_of_it_in_at_most_200_words()
    {
        foreach (var (name, state) in TaskSituations.All.Where(s => s.State.Spec is not null))
        {
            var text = SummaryText.Write("t", state);

            Assert.StartsWith("t: ", text, StringComparison.Ordinal);
            Assert.Contains("\nOutcome: ", text, StringComparison.Ordinal);
            Assert.Contains("\nNext: ", text, StringComparison.Ordinal);
            Assert.True(text.Split(' ', '\n').Length <= 200, $"{name}: {text}");
        }
        Assert.Contains(
            "Outcome: SUCCESS\n",
            SummaryText.Write("t", TaskSituations.Named("Done")),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Outcome: FAILED (x)",
            SummaryText.Write("t", TaskSituations.Named("Failed")),
            StringComparison.Ordinal
        );
    }
}
