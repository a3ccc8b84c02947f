using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;
using static Orchestrator.UnitTests.Telegram.ChatSituations;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>How a turn ended, whole and line by line.</summary>
public sealed class ChatSummaryTests
{
    private const string Tail = "\n- Changed no files.\n- Checks: not run\nNext: ";

    [Fact]
    public void An_end_of_which_nothing_is_known_says_so() =>
        Assert.Equal(
            "Outcome: SUCCESS" + Tail + "look at it with /diff, keep it with /commit.",
            ChatSummary.Write(In(TaskPhase.Done), "en")
        );

    [Theory]
    [InlineData(TaskPhase.Done, "PARTIAL", "look at it with /diff, keep it with /commit.")]
    [InlineData(TaskPhase.InReview, "PARTIAL", "/show says more.")]
    [InlineData(TaskPhase.Cancelled, "cancelled", "/show says more.")]
    public void The_outcome_is_the_judgement_of_work_that_was_accepted_else_the_phase(
        TaskPhase phase,
        string outcome,
        string next
    ) =>
        Assert.Equal(
            "Outcome: " + outcome + Tail + next,
            ChatSummary.Write(
                In(phase) with
                {
                    Judgement = new Judgement(true, "PARTIAL", []),
                },
                "en"
            )
        );

    [Fact]
    public void A_review_without_a_judgement_is_a_success() =>
        Assert.Equal(
            "Outcome: SUCCESS" + Tail + "/show says more.",
            ChatSummary.Write(In(TaskPhase.InReview), "en")
        );

    [Fact]
    public void A_failure_is_told_in_one_line_with_what_helps()
    {
        var failed = In(TaskPhase.Failed) with { ErrorClass = ErrorClass.MaxTurns };

        Assert.Equal(
            "Outcome: FAILED (MaxTurns)" + Tail + "Split the task, or raise max_turns.",
            ChatSummary.Write(failed, "en")
        );
        Assert.Equal(
            "Outcome: FAILED (too many turns)" + Tail + "Split the task, or raise max_turns.",
            ChatSummary.Write(
                failed with
                {
                    Failure = new Failure("f", " too\n  many\tturns "),
                },
                "en"
            )
        );
        Assert.Equal(
            $"Outcome: FAILED ({new string('x', 399)}…)"
                + Tail
                + "Split the task, or raise max_turns.",
            ChatSummary.Write(
                failed with
                {
                    Failure = new Failure("f", new string('x', 401)),
                },
                "en"
            )
        );
    }

    [Theory]
    [InlineData(1, "- Changed 1 files (+7 -3): src/1.cs")]
    [InlineData(2, "- Changed 2 files (+7 -3): src/1.cs, src/2.cs")]
    [InlineData(6, "- Changed 6 files (+7 -3): src/1.cs, src/2.cs, src/3.cs, src/4.cs, src/5.cs")]
    public void The_first_five_files_are_named(int files, string line) =>
        Assert.Equal(line, ChatSummary.Write(Changed(TaskPhase.Done, files), "en").Split('\n')[1]);

    [Fact]
    public void The_checks_are_told_one_after_the_other_with_how_each_ended()
    {
        Assert.Equal(
            "- Checks: build → exit 0; test → exit 3; lint → timed out",
            Checks(
                new VerificationReport(
                    "repository",
                    [
                        new CommandResult("build", 0, 1, false, ""),
                        new CommandResult("test", 3, 1, false, ""),
                        new CommandResult("lint", 0, 1, true, ""),
                    ]
                )
            )
        );
        Assert.Equal(
            "- Checks: none known for this repository",
            Checks(new VerificationReport("none", []))
        );
        Assert.Equal("- Checks: no tools", Checks(new VerificationReport("none", [], "no tools")));
        Assert.Equal("- Checks: not run", Checks(null));
    }

    [Fact]
    public void What_the_agent_says_is_told_in_one_line_that_is_cut()
    {
        Assert.Equal("- The agent says: it is done", Says(" it\nis\r\n done "));
        Assert.Equal("- The agent says: " + new string('x', 899) + "…", Says(new string('x', 901)));
        Assert.Equal("Next: look at it with /diff, keep it with /commit.", Says(" \n "));
    }

    private static string Checks(VerificationReport? report) =>
        ChatSummary.Write(In(TaskPhase.Done) with { Verification = report }, "en").Split('\n')[2];

    private static string Says(string text) =>
        ChatSummary
            .Write(In(TaskPhase.Done) with { Result = new RunResult { ResultText = text } }, "en")
            .Split('\n')[3];
}
