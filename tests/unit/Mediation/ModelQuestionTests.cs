using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Mediation;

public sealed class ModelQuestionTests
{
    [Theory]
    [InlineData("", "", "Request:\nFix the login")]
    [InlineData("Add a test", "", "Request:\nAdd a test")]
    [InlineData("", "It was red.", "Earlier result: It was red.\n\nRequest:\nFix the login")]
    [InlineData("Add a test", "It was red.", "Earlier result: It was red.\n\nRequest:\nAdd a test")]
    public void The_question_for_a_plan_holds_the_turns_words_and_what_came_before(
        string message,
        string earlier,
        string text
    )
    {
        var spec = new TaskSpec { Request = "Fix the login" };

        var question = PlanPrompt.Write(spec, message, earlier);

        Assert.Equal(
            ("plan", text, false, text.Length, 0.1f, 1_000),
            (
                question.Job,
                question.Text,
                question.Cut,
                question.TextBefore,
                question.Temperature,
                question.AnswerTokensMax
            )
        );
    }

    [Fact]
    public void The_question_about_earlier_turns_is_bounded_and_says_what_it_is_for()
    {
        var question = EarlierTurns.Ask("It was red.");

        Assert.Equal(
            ("earlier", "It was red.", false, 11, 0.2f, 700),
            (
                question.Job,
                question.Text,
                question.Cut,
                question.TextBefore,
                question.Temperature,
                question.AnswerTokensMax
            )
        );
    }

    [Theory]
    [InlineData("abc", 4, "abc")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abc", 2, "ab")]
    [InlineData("abc", 0, "")]
    [InlineData("a😀b", 3, "a😀")]
    [InlineData("a😀b", 2, "a")]
    public void A_text_is_cut_at_its_limit_and_never_inside_a_character(
        string text,
        int max,
        string head
    ) => Assert.Equal(head, TextCut.Head(text, max));

    [Fact]
    public void A_text_that_fits_is_left_as_it_is_even_when_it_ends_in_half_a_character() =>
        Assert.Equal(2, TextCut.Head("a" + "😀"[0], 2).Length);

    [Theory]
    [InlineData(" a \r\n\t b  ", "a b")]
    [InlineData(" \n ", "")]
    public void A_line_has_single_blanks_and_no_ends(string text, string line) =>
        Assert.Equal(line, TextCut.Line(text));

    [Fact]
    public void A_good_summary_is_not_taken_when_the_model_has_a_problem() =>
        Assert.Equal(
            ("done", MediationMode.Fallback),
            EarlierTurns.Read("done", """{"summary":"It retries now."}""", "It was cut off.")
        );

    [Fact]
    public void Line_ends_and_tabs_in_a_summary_are_no_orders() =>
        Assert.Equal(
            ("a\nb\rc\td", MediationMode.Llama),
            EarlierTurns.Read("done", """{"summary":" a\nb\rc\td "}""", "")
        );

    [Theory]
    [InlineData(4_000, MediationMode.Llama)]
    [InlineData(4_001, MediationMode.Fallback)]
    public void A_summary_of_4_000_characters_is_the_longest_that_is_taken(
        int length,
        MediationMode mode
    )
    {
        var summary = new string('y', length);

        Assert.Equal(mode, EarlierTurns.Read("z", $$"""{"summary":"{{summary}}"}""", "").Mode);
    }

    [Fact]
    public void By_rules_4_000_characters_are_kept_whole_and_one_more_is_cut_and_marked()
    {
        var whole = new string('y', EarlierTurns.SummaryMax);

        Assert.Equal(whole, EarlierTurns.Read(whole, "", "down").Summary);
        Assert.Equal(whole[1..] + "…", EarlierTurns.Read(whole + "y", "", "down").Summary);
    }

    [Fact]
    public void A_second_turn_remembers_the_answer_of_the_first_and_nothing_when_there_is_none()
    {
        var first = new TurnMemory
        {
            Turn = 1,
            Asked = "do it",
            Answered = "done",
            Outcome = "done",
        };
        var state = TaskState.Empty with { Turn = 2, Memory = [first] };

        Assert.Equal(
            "Turn 1, the user: do it\nTurn 1, the agent: done",
            EarlierTurns.TextOf(state).ReplaceLineEndings("\n")
        );
        Assert.Equal(
            "Turn 1, the user: do it\nTurn 1 ended: failed",
            EarlierTurns
                .TextOf(state with { Memory = [first with { Answered = "", Outcome = "failed" }] })
                .ReplaceLineEndings("\n")
        );
        Assert.Equal("", EarlierTurns.TextOf(state with { Memory = [] }));
    }
}
