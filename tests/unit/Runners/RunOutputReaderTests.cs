using System.Text;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>What a run's stream tells while it goes on: who works, on what, what was kept from it, and what it cost.</summary>
public sealed class RunOutputReaderTests
{
    [Fact]
    public void The_first_line_names_session_model_and_version()
    {
        var reader = Read(
            """{"type":"system","subtype":"init","session_id":"s1","model":"m","claude_code_version":"2.1.330"}"""
        );

        Assert.Equal(("s1", "m", "2.1.330"), (reader.SessionId, reader.Model, reader.Version));
    }

    [Fact]
    public void The_result_line_is_read_whole()
    {
        var reader = Read(
            """{"type":"system","subtype":"init","session_id":"s1"}""",
            """
            {"type":"result","subtype":"success","is_error":true,"terminal_reason":"completed","result":"done","errors":["one",7,"two"],"api_error_status":529,"api_error_type":"overloaded_error","api_error":"connection_failed","stop_reason":"refusal","startup_failure_reason":"why","session_id":"s2","num_turns":3,"total_cost_usd":0.12345678,"usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":4,"cache_creation_input_tokens":8}}
            """.Trim()
        );
        var result = reader.Result!;

        Assert.Equal(
            ("success", true, "completed", "done", "one two", 529, "overloaded_error"),
            (
                result.Subtype,
                result.IsError,
                result.TerminalReason,
                result.Text,
                result.Errors,
                result.ApiStatus,
                result.ApiErrorType
            )
        );
        Assert.Equal(
            ("connection_failed", "refusal", "why", "s2", 3, 0.123457m),
            (
                result.ApiError,
                result.StopReason,
                result.StartupFailure,
                result.SessionId,
                result.Turns,
                result.SessionCostUsd
            )
        );
        Assert.Equal(
            (1L, 2L, 4L, 8L),
            (
                result.InputTokens,
                result.OutputTokens,
                result.CacheReadTokens,
                result.CacheWriteTokens
            )
        );
        Assert.Equal("s2", reader.SessionId);
    }

    [Fact]
    public void What_a_result_line_does_not_tell_or_tells_otherwise_counts_as_nothing()
    {
        var reader = Read(
            """{"type":"system","subtype":"init","session_id":"s1"}""",
            """{"type":"result","is_error":"true","result":7,"errors":"one","usage":[1],"num_turns":-4,"total_cost_usd":"1","permission_denials":{"tool_name":"x"}}"""
        );
        var result = reader.Result!;

        Assert.Equal(
            (false, "", "", 0L, 0, 0m, 0),
            (
                result.IsError,
                result.Text,
                result.Errors,
                result.InputTokens,
                result.Turns,
                result.SessionCostUsd,
                result.Denials.Count
            )
        );
        // A result without a session keeps the one that is known.
        Assert.Equal("s1", reader.SessionId);
        Assert.Equal(
            (999, 1_000_000),
            (
                Read("""{"type":"result","api_error_status":5000}""").Result!.ApiStatus,
                Read("""{"type":"result","num_turns":99999999}""").Result!.Turns
            )
        );
    }

    [Theory]
    [InlineData("""{"file_path":"a","command":"b"}""", "Tool a")]
    [InlineData("""{"pattern":"c","command":"b"}""", "Tool b")]
    [InlineData("""{"path":"d","pattern":"c"}""", "Tool c")]
    [InlineData("""{"notebook_path":"e","path":"d"}""", "Tool d")]
    [InlineData("""{"url":"f","notebook_path":"e"}""", "Tool e")]
    [InlineData("""{"url":"f"}""", "Tool f")]
    [InlineData("""{"file_path":"","other":"x","url":"f"}""", "Tool f")]
    [InlineData("""{"other":"x"}""", "Tool ")]
    [InlineData("[]", "Tool ")]
    public void A_denied_call_names_its_tool_and_what_it_was_to_work_on(
        string input,
        string denial
    ) =>
        Assert.Equal(
            denial.Trim(),
            Assert
                .Single(
                    Read(
                        $$"""{"type":"result","permission_denials":[{"tool_name":"Tool","tool_input":{{input}}}]}"""
                    ).Denials
                )
                .Trim()
        );

    [Fact]
    public void Denials_are_told_once_each_fifty_at_most_and_the_result_s_list_is_the_one_that_counts()
    {
        static string Denied(int n) =>
            $$"""{"type":"system","subtype":"permission_denied","tool_name":"T{{n}}"}""";
        static string Item(int n) => $$"""{"tool_name":"R{{n}}"}""";
        var way = Read([
            Denied(1),
            Denied(1),
            """{"type":"system","subtype":"permission_denied"}""",
        ]);
        var many = Read([.. Enumerable.Range(1, 60).Select(Denied)]);
        var told = Read(
            Denied(1),
            $$"""{"type":"result","permission_denials":[7,{"tool_name":""},{{Item(1)}},{{Item(1)}},{{Item(2)}}]}"""
        );
        var listed = Read(
            $$"""{"type":"result","permission_denials":[{{string.Join(',', Enumerable.Range(1, 60).Select(Item))}}]}"""
        );

        Assert.Equal(["T1"], way.Denials);
        Assert.Equal(50, many.Denials.Count);
        Assert.Equal(["R1", "R2"], told.Denials.Select(d => d.Trim()));
        Assert.Equal(50, listed.Denials.Count);
        Assert.Equal(["T1"], Read(Denied(1), """{"type":"result"}""").Denials);
    }

    [Fact]
    public void Retries_and_refused_logins_are_known_before_the_end()
    {
        var retry = Read("""{"type":"system","subtype":"api_retry","error":"rate_limit"}""");
        var login = Read(
            """{"type":"system","subtype":"api_retry","error":"authentication_failed"}""",
            """{"type":"system","subtype":"api_retry","error":"server_error"}"""
        );
        var said = Read(
            """{"type":"assistant","error":"authentication_failed","message":{"content":[]}}""",
            """{"type":"assistant","message":{"content":[]}}"""
        );

        Assert.Equal(("rate_limit", false), (retry.LastError, retry.AuthenticationFailed));
        Assert.Equal(("server_error", true), (login.LastError, login.AuthenticationFailed));
        Assert.Equal(("authentication_failed", true), (said.LastError, said.AuthenticationFailed));
    }

    [Theory]
    [InlineData("""{"status":"rejected","resetsAt":1735689600}""", true, 1_735_689_600)]
    [InlineData("""{"status":"rejected","resetsAt":"soon"}""", true, 0)]
    [InlineData("""{"status":"rejected","resetsAt":1e30}""", true, 0)]
    [InlineData("""{"status":"rejected"}""", true, 0)]
    [InlineData("""{"status":"allowed","resetsAt":1735689600}""", false, 0)]
    [InlineData("[]", false, 0)]
    public void A_spent_usage_window_is_known_with_its_end_where_it_is_told(
        string info,
        bool reached,
        long reset
    )
    {
        var reader = Read($$"""{"type":"rate_limit_event","rate_limit_info":{{info}}}""");

        Assert.Equal((reached, reset), (reader.UsageLimitReached, reader.UsageResetSeconds));
        Assert.False(Read("""{"type":"rate_limit_event"}""").UsageLimitReached);
    }

    [Theory]
    [InlineData(
        """{"type":"tool_use","name":"Edit","input":{"file_path":"a.cs"},"id":"1"}""",
        "Edit a.cs",
        1
    )]
    [InlineData(
        """{"type":"tool_use","name":"Bash","input":{"description":"x","command":"ls -l","path":"p"}}""",
        "Bash ls -l",
        1
    )]
    [InlineData(
        """{"type":"tool_use","name":"Grep","input":{"path":"src","pattern":"x"}}""",
        "Grep x",
        1
    )]
    [InlineData(
        """{"type":"tool_use","name":"Glob","input":{"notebook_path":"n","path":"src"}}""",
        "Glob src",
        1
    )]
    [InlineData(
        """{"type":"tool_use","name":"NotebookEdit","input":{"notebook_path":"n"}}""",
        "NotebookEdit n",
        1
    )]
    [InlineData(
        """{"type":"tool_use","name":"Read","input":{"file_path":"","path":"p"}}""",
        "Read p",
        1
    )]
    [InlineData(
        """{"type":"tool_use","name":"Read","input":{"file_path":{"a":[1]},"path":"p"}}""",
        "Read p",
        1
    )]
    [InlineData("""{"type":"tool_use","name":"Todo","input":["x"]}""", "Todo", 1)]
    [InlineData("""{"type":"text","text":"I look\ninto it"}""", "I look into it", 0)]
    [InlineData(
        """{"type":"text","text":"1"},{"type":"tool_use","name":"A","input":{}},{"type":"tool_use","name":"B","input":{}}""",
        "B",
        2
    )]
    [InlineData(
        """{"type":"tool_use","name":"A","input":{}},{"type":"text","text":"then"}""",
        "then",
        1
    )]
    [InlineData("""{"type":"thinking","text":"hm"}""", "", 0)]
    [InlineData("7,[1,[2]],\"x\",{\"type\":\"text\",\"text\":\"y\"}", "y", 0)]
    public void The_step_is_what_the_last_block_says_and_calls_are_counted(
        string blocks,
        string step,
        int calls
    )
    {
        var reader = Read(
            $$$"""{"a":{"b":[1]},"type":"assistant","message":{"role":"assistant","usage":{"x":1},"content":[{{{blocks}}}]},"session_id":"s"}"""
        );

        Assert.Equal((step, calls, 0), (reader.Step.Trim(), reader.ToolCalls, reader.SkippedLines));
    }

    [Theory]
    [InlineData("""{"type":"assistant","message":[]}""")]
    [InlineData("""{"type":"assistant","message":{"content":"x"}}""")]
    [InlineData("""{"type":"assistant","message":{"content":{}},"error":{"a":1}}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"other":"x"}""")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("\r")]
    public void A_line_that_says_nothing_changes_nothing(string line)
    {
        var reader = Read(
            """{"type":"assistant","message":{"content":[{"type":"text","text":"before"}]}}""",
            line
        );

        Assert.Equal(
            ("before", 0, 0, "", 2),
            (reader.Step, reader.ToolCalls, reader.SkippedLines, reader.LastError, reader.Lines)
        );
    }

    [Fact]
    public void A_step_is_one_line_of_at_most_160_characters()
    {
        static string Step(string text) =>
            Read(
                $$$"""{"type":"assistant","message":{"content":[{"type":"text","text":"{{{text}}}"}]}}"""
            ).Step;

        Assert.Equal(new string('x', 160), Step(new string('x', 160)));
        Assert.Equal(new string('x', 159) + "…", Step(new string('x', 161)));
        Assert.Equal(new string('x', 159) + "…", Step(new string('x', 10_000)));
        Assert.Equal("a b", Step("  a\\r\\nb  "));
        Assert.Equal("", Step("\\ud800"));
        Assert.Equal("", new RunOutputReader().Step);
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    public void A_line_may_be_as_long_as_the_limit_however_it_arrives(int bytes, int skipped)
    {
        var text = "{\"type\":\"result\",\"result\":\"" + new string('x', bytes - 29) + "\"}";
        Assert.Equal(bytes, text.Length);
        foreach (var chunk in (int[])[1, 7, bytes, bytes + 1])
        {
            var reader = new RunOutputReader(lineBytesMax: 100);
            foreach (var part in Encoding.UTF8.GetBytes(text + "\n").Chunk(chunk))
            {
                reader.Push(part);
            }
            Assert.Equal(
                (skipped, 1, skipped == 0),
                (reader.SkippedLines, reader.Lines, reader.Result is not null)
            );
        }
    }

    [Fact]
    public void A_last_line_without_its_end_counts_when_the_stream_is_over()
    {
        var reader = new RunOutputReader(lineBytesMax: 100);
        reader.Push("""{"type":"result"}"""u8);
        Assert.Equal((0, null), (reader.Lines, reader.Result));
        reader.Finish();
        Assert.Equal(1, reader.Lines);
        Assert.NotNull(reader.Result);
        reader.Finish();
        Assert.Equal(1, reader.Lines);

        var cut = new RunOutputReader(lineBytesMax: 100);
        cut.Push(new byte[200]);
        cut.Finish();
        Assert.Equal((1, 1), (cut.Lines, cut.SkippedLines));
    }

    [Fact]
    public void An_answer_of_a_few_megabytes_is_read_in_parts_and_one_after_it_too()
    {
        var text = new string('x', 3_000_000);
        var reader = new RunOutputReader();
        var bytes = Encoding.UTF8.GetBytes(
            """{"type":"system","subtype":"init","model":"m"}"""
                + "\n"
                + $$"""{"type":"result","subtype":"{{text[..1_000]}}","session_id":"{{text}}","num_turns":5}"""
                + "\n"
                + """{"type":"system","subtype":"init","model":"n"}"""
                + "\n"
        );
        foreach (var part in bytes.Chunk(50_000))
        {
            reader.Push(part);
        }

        Assert.Equal(
            (5, "n", 0, 3),
            (reader.Result!.Turns, reader.Model, reader.SkippedLines, reader.Lines)
        );
        // Of a text that long the first 200,000 characters are kept.
        Assert.Equal(200_000, reader.Result.SessionId.Length);
    }

    private static RunOutputReader Read(params string[] lines)
    {
        var reader = new RunOutputReader();
        reader.Push(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        reader.Finish();
        return reader;
    }
}
