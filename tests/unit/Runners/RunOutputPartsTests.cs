using System.Text;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>Lines that come in parts, texts that are no texts, and members in another order.</summary>
public sealed class RunOutputPartsTests
{
    [Theory]
    [InlineData(70_000)]
    [InlineData(131_073)]
    [InlineData(400_000)]
    public void A_part_of_a_line_that_is_larger_than_what_was_kept_before_is_kept(int characters)
    {
        var reader = new RunOutputReader();
        reader.Push("{\"type\":\"result\",\"num_turns\":5,\"other\":\""u8);
        reader.Push(Encoding.UTF8.GetBytes(new string('x', characters)));
        Assert.Null(reader.Result);
        reader.Push("\"}\n"u8);

        Assert.Equal((5, 1, 0), (reader.Result?.Turns, reader.Lines, reader.SkippedLines));
    }

    [Fact]
    public void A_line_that_comes_in_parts_is_read_without_an_allocation()
    {
        var reader = new RunOutputReader();
        void Push()
        {
            reader.Push("{\"type\":\"stream_event\","u8);
            reader.Push("\"event\":{}}\n"u8);
        }
        Push();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Push();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((2, 0), (reader.Lines, reader.SkippedLines));
    }

    [Theory]
    [InlineData("""{"type":"system","note":"hook_started","subtype":"init","session_id":"s"}""")]
    [InlineData("""{"type":"system","note":"hook_response","subtype":"init","session_id":"s"}""")]
    [InlineData("""{"subtype":"init","type":"system","session_id":"s"}""")]
    [InlineData("""{"a":{"type":"user"},"type":"system","subtype":"init","session_id":"s"}""")]
    public void A_line_is_what_its_own_members_say_in_whichever_order(string line) =>
        Assert.Equal("s", Read(line).SessionId);

    [Theory]
    [InlineData("""{"type":"system"}""")]
    [InlineData("""{"type":"system","subtype":7}""")]
    [InlineData("""{"type":"system","subtype":"hook_started","session_id":"s"}""")]
    [InlineData("""{"type":"system","subtype":"hook_response","session_id":"s"}""")]
    [InlineData("""{"type":"stream_event","session_id":"s"}""")]
    public void A_line_of_another_kind_tells_of_no_session(string line)
    {
        var reader = Read(line);

        Assert.Equal(("", 1, 0), (reader.SessionId, reader.Lines, reader.SkippedLines));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("nonsense")]
    [InlineData("""{"type":"result"} x""")]
    [InlineData("""{"type":"assistant"} x""")]
    [InlineData("""{"type":"assistant","message":{"content":[{"type":"text","text":"x"}""")]
    public void What_is_no_object_is_skipped(string line)
    {
        var reader = Read(line);

        Assert.Equal(
            (1, 1, "", null),
            (reader.Lines, reader.SkippedLines, reader.Step, reader.Result)
        );
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[\"x\"]")]
    public void A_member_that_is_no_text_counts_as_empty(string value)
    {
        var reader = Read(
            $$"""{"type":"result","result":{{value}},"subtype":{{value}},"num_turns":2}"""
        );

        Assert.Equal(
            ("", "", 2, 0),
            (reader.Result!.Text, reader.Result.Subtype, reader.Result.Turns, reader.SkippedLines)
        );
    }

    [Fact]
    public void A_result_line_that_says_nothing_is_as_one_that_was_not_filled()
    {
        var (read, made) = (Read("""{"type":"result"}""").Result!, new RunResultLine());

        Assert.Empty(read.Denials);
        Assert.Empty(made.Denials);
        Assert.Equal(made with { Denials = read.Denials }, read);
        Assert.Equal(
            ("", "", "", "", "", "", "", "", ""),
            (
                made.Subtype,
                made.TerminalReason,
                made.Text,
                made.Errors,
                made.ApiErrorType,
                made.ApiError,
                made.StopReason,
                made.StartupFailure,
                made.SessionId
            )
        );
    }

    [Theory]
    [InlineData(10, "e1 e2 e3 e4 e5 e6 e7 e8 e9 e10")]
    [InlineData(11, "e1 e2 e3 e4 e5 e6 e7 e8 e9 e10")]
    public void Of_many_errors_the_first_ten_are_told(int count, string told)
    {
        var errors = string.Join(',', Enumerable.Range(1, count).Select(i => $"7,\"e{i}\""));

        Assert.Equal(told, Read($$"""{"type":"result","errors":[{{errors}}]}""").Result!.Errors);
    }

    [Theory]
    [InlineData("1000000.5", 1_000_000)]
    [InlineData("999999.1234567", 999_999.123457)]
    [InlineData("-0.5", 0)]
    [InlineData("\"3\"", 0)]
    [InlineData("1e999", 0)]
    public void Money_is_between_nothing_and_a_million_with_six_digits(string told, double money) =>
        Assert.Equal(
            (decimal)money,
            Read($$"""{"type":"result","total_cost_usd":{{told}}}""").Result!.SessionCostUsd
        );

    [Theory]
    [InlineData("\"role\":\"assistant\",", "")]
    [InlineData("", ",\"role\":\"assistant\"")]
    [InlineData("\"role\":\"assistant\",\"usage\":{\"content\":[]},", ",\"a\":[{}]")]
    public void The_content_is_found_wherever_it_stands_in_the_message(string before, string after)
    {
        var reader = Read(
            $$$"""{"type":"assistant","message":{{{{before}}}"content":[{"type":"text","text":"words"}]{{{after}}}},"error":"rate_limit"}"""
        );

        Assert.Equal(("words", "rate_limit"), (reader.Step, reader.LastError));
    }

    [Theory]
    [InlineData("\"words\"")]
    [InlineData("{\"type\":\"text\",\"text\":\"words\"}")]
    [InlineData("null")]
    public void What_stands_behind_a_content_that_is_no_list_is_read(string content)
    {
        var reader = Read(
            $$$"""{"type":"assistant","message":{"content":{{{content}}},"role":"assistant"},"error":"rate_limit"}"""
        );

        Assert.Equal(("", "rate_limit", 0), (reader.Step, reader.LastError, reader.SkippedLines));
    }

    [Theory]
    [InlineData(399, "x")]
    [InlineData(400, "")]
    public void Of_words_the_first_400_characters_are_looked_at(int blanks, string step) =>
        Assert.Equal(
            step,
            Read(
                $$$"""{"type":"assistant","message":{"content":[{"type":"text","text":"{{{new string(' ', blanks)}}}x"}]}}"""
            ).Step
        );

    [Theory]
    [InlineData(4_000)]
    [InlineData(4_093)]
    [InlineData(4_094)]
    [InlineData(5_000)]
    public void A_step_of_any_length_is_followed_by_the_next_one(int length)
    {
        string Line(string subject) =>
            $$$"""{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Run","input":{"command":"{{{subject}}}"}}]}}""";
        var subject = new string('y', length);

        Assert.Equal("Run " + new string('y', 155) + "…", Read(Line(subject)).Step);
        Assert.Equal("Run z", Read(Line(subject), Line("z")).Step);
        Assert.Equal("Run " + new string('y', 155) + "…", Read(Line("z"), Line(subject)).Step);
    }

    private static RunOutputReader Read(params string[] lines)
    {
        var reader = new RunOutputReader();
        reader.Push(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        return reader;
    }
}
