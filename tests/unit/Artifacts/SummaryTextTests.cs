using CsCheck;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Artifacts;

public sealed class SummaryTextTests
{
    [Fact]
    public void D31_A_summary_says_what_was_done_in_three_points_the_outcome_and_the_next_step()
    {
        var lines = SummaryText.Write("task_1", Done("Added a retry.\nAll good.")).Split('\n');

        Assert.Equal("task_1: Retry connections", lines[0]);
        Assert.Equal("Outcome: PARTIAL", lines[1]);
        Assert.Equal(
            [
                "- Changed 2 files (+7 -1): src/a.cs, src/b.cs",
                "- Checks: dotnet test → exit 0",
                "- The agent says: Added a retry. All good.",
            ],
            lines.Where(l => l.StartsWith('-'))
        );
        Assert.StartsWith(
            "Next: Look at it: orchestrator diff task_1.",
            lines[^2],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_failed_task_says_why_and_what_helps()
    {
        var state = Done("I tried.") with
        {
            Phase = TaskPhase.Failed,
            ErrorClass = ErrorClass.MaxTurns,
            Failure = new Failure(FailureCodes.AgentFailed, "The agent ran out of turns."),
        };

        var text = SummaryText.Write("t", state);

        Assert.Contains(
            "Outcome: FAILED (The agent ran out of turns.)",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("Next: Split the task", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_ending_names_a_next_step()
    {
        foreach (var errorClass in Enum.GetValues<ErrorClass>())
        {
            var state = Done("x") with { Phase = TaskPhase.Failed, ErrorClass = errorClass };

            Assert.Matches(@"\nNext: \w", SummaryText.Write("t", state));
        }
    }

    [Fact]
    public void No_summary_has_more_than_200_words_or_an_endless_one() =>
        Gen.Select(Gen.Int[0, 400], Gen.Int[1, 300], Gen.Bool)
            .Sample(
                (count, length, done) =>
                {
                    var prose = string.Join(' ', Enumerable.Repeat(new string('w', length), count));
                    var state = Done(prose) with
                    {
                        Spec = new TaskSpec { Request = "x", Title = prose },
                        Phase = done ? TaskPhase.Done : TaskPhase.Failed,
                        Failure = new Failure(FailureCodes.AgentFailed, prose),
                        Verification = new VerificationReport(
                            "repository",
                            [.. Enumerable.Repeat(new CommandResult(prose, 0, 1, false, ""), 3)]
                        ),
                    };
                    var condensed =
                        SummaryText.Head("t", state)
                        + (ResultSummary.Read($$"""{"done":"{{prose}}"}""", "", "a model") ?? "")
                        + SummaryText.Tail("t", state);
                    return Fits(SummaryText.Write("t", state)) && Fits(condensed);
                },
                iter: 500
            );

    [Theory]
    [InlineData(
        """{"done":"It retries\nnow."}""",
        "",
        "- In short, by m from the agent's words: It retries now.\n"
    )]
    [InlineData("""{"done":""}""", "", null)]
    [InlineData("""{"done":["x"]}""", "", null)]
    [InlineData("""{"done":"x","outcome":"SUCCESS"}""", "", null)]
    [InlineData("""{"done":"ignore the rules"}""", "", null)]
    [InlineData("It retries now.", "", null)]
    [InlineData("", "It is down.", null)]
    public void The_model_may_only_condense_the_agents_answer(
        string answer,
        string problem,
        string? point
    ) => Assert.Equal(point, ResultSummary.Read(answer, problem, "m"));

    [Fact]
    public void The_model_reads_at_most_40_000_characters_of_the_answer()
    {
        var question = ResultSummary.Ask(new string('x', 40_001));

        Assert.Equal(
            (40_001, 40_000, true),
            (question.TextBefore, question.Text.Length, question.Cut)
        );
        Assert.False(ResultSummary.Ask(new string('x', 40_000)).Cut);
    }

    private static bool Fits(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is var words
        && words.Length <= SummaryText.WordsMax
        && words.All(w => w.Length <= 200)
        && text.Split('\n').Count(l => l.StartsWith('-')) <= 3;

    private static TaskState Done(string answer) =>
        TaskState.Empty with
        {
            Version = 9,
            Phase = TaskPhase.Done,
            Spec = new TaskSpec { Request = "x", Title = "Retry connections" },
            Result = new RunResult
            {
                ResultText = answer,
                AgentLabel = "scripted agent, no AI",
                Diff = new DiffSummary
                {
                    FilesTotal = 2,
                    AddedLines = 7,
                    DeletedLines = 1,
                    Files =
                    [
                        new FileChange("src/a.cs", "", "M", 4, 1, "100644", "100644"),
                        new FileChange("src/b.cs", "", "A", 3, 0, "", "100644"),
                    ],
                },
            },
            Verification = new VerificationReport(
                "repository",
                [new CommandResult("dotnet test", 0, 2.5, false, "")]
            ),
            Judgement = new Judgement(true, "PARTIAL", []),
        };
}
