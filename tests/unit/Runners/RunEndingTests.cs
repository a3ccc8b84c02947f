using System.Text;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

public sealed class RunEndingTests
{
    private const string Ok =
        """{"subtype":"success","is_error":false,"terminal_reason":"completed","num_turns":2,"result":"done","session_id":"s","total_cost_usd":0.5,"usage":{"input_tokens":10,"output_tokens":5},"type":"result"}""";

    [Theory]
    [InlineData(Ok, 0, ErrorClass.None)]
    [InlineData(Ok, 1, ErrorClass.Fatal)]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error_status":401,"result":"Invalid API key"}""",
        1,
        ErrorClass.Auth
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error_status":529,"result":"Overloaded"}""",
        1,
        ErrorClass.UpstreamError
    )]
    [InlineData(
        """{"type":"result","subtype":"error_max_turns","is_error":true,"terminal_reason":"max_turns","errors":["Reached maximum number of turns (3)"]}""",
        0,
        ErrorClass.MaxTurns
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","result":"Claude AI usage limit reached|1735689600"}""",
        1,
        ErrorClass.UsageLimit
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"prompt_too_long","result":"Prompt is too long"}""",
        1,
        ErrorClass.ContextOverflow
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","result":"The test saw a 503 and a timeout, permission denied"}""",
        1,
        ErrorClass.Fatal
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error_status":403,"result":"x"}""",
        1,
        ErrorClass.Auth
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error_status":404,"result":"x"}""",
        1,
        ErrorClass.ModelNotFound
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error_status":413,"result":"x"}""",
        1,
        ErrorClass.ContextOverflow
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error_status":429,"result":"Too many requests"}""",
        1,
        ErrorClass.RateLimit
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error_status":429,"result":"You've hit your session limit"}""",
        1,
        ErrorClass.UsageLimit
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error_status":500,"result":"x"}""",
        1,
        ErrorClass.UpstreamError
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error":"connection_failed","result":"x"}""",
        1,
        ErrorClass.Network
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","result":"Request timed out. Check your internet connection"}""",
        1,
        ErrorClass.Network
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","api_error":"max_output_tokens","result":"x"}""",
        1,
        ErrorClass.ContextOverflow
    )]
    [InlineData(
        """{"type":"result","subtype":"error_max_budget_usd","is_error":true,"terminal_reason":"budget_exhausted"}""",
        1,
        ErrorClass.Budget
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"completed","stop_reason":"refusal","result":"x"}""",
        1,
        ErrorClass.Refusal
    )]
    [InlineData(
        """{"type":"result","subtype":"error_during_execution","is_error":true,"errors":["No conversation found with session ID: x"]}""",
        1,
        ErrorClass.SessionLost
    )]
    [InlineData(
        """{"type":"result","subtype":"error_during_execution","is_error":true,"startup_failure_reason":"sandbox_required_unavailable"}""",
        1,
        ErrorClass.Config
    )]
    [InlineData(
        """{"type":"result","subtype":"error_during_execution","is_error":true,"terminal_reason":"aborted_tools"}""",
        0,
        ErrorClass.Killed
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"api_error","result":"Not logged in · Please run /login"}""",
        1,
        ErrorClass.Auth
    )]
    [InlineData(
        """{"type":"result","subtype":"success","is_error":true,"terminal_reason":"completed","result":"The usage limit of the pool was reached, says the log"}""",
        1,
        ErrorClass.Fatal
    )]
    [InlineData("", 139, ErrorClass.Killed)]
    [InlineData("", -1073741510, ErrorClass.Killed)]
    [InlineData(
        """{"type":"system","subtype":"init","claude_code_version":"2.1.330"}""",
        1,
        ErrorClass.StreamClosed
    )]
    [InlineData("", 137, ErrorClass.Killed)]
    [InlineData("", 0, ErrorClass.StreamClosed)]
    [InlineData("garbage", 1, ErrorClass.Config)]
    public void D12_D16_An_end_is_classed_by_its_structured_fields_first(
        string line,
        int exitCode,
        ErrorClass expected
    ) => Assert.Equal(expected, RunEnding.Classify(Read(line), exitCode, "", StopCause.None).Class);

    [Theory]
    [InlineData("authentication_failed", ErrorClass.Auth)]
    [InlineData("billing_error", ErrorClass.Billing)]
    [InlineData("rate_limit", ErrorClass.RateLimit)]
    [InlineData("model_not_found", ErrorClass.ModelNotFound)]
    [InlineData("server_error", ErrorClass.UpstreamError)]
    [InlineData("unknown", ErrorClass.UpstreamError)]
    public void D16_Without_a_status_the_agents_error_word_is_the_class(
        string word,
        ErrorClass expected
    )
    {
        var line =
            $$"""{"type":"assistant","message":{"content":[]},"error":"{{word}}"}"""
            + "\n"
            + """{"type":"result","is_error":true,"terminal_reason":"api_error","result":"x"}""";

        Assert.Equal(expected, RunEnding.Classify(Read(line), 1, "", StopCause.None).Class);
    }

    [Theory]
    [InlineData("Claude AI usage limit reached|1735689600", 1_735_689_600)]
    [InlineData("5-hour limit reached|1735689600", 1_735_689_600)]
    [InlineData("You've hit your limit", 0)]
    public void D16_A_usage_limit_carries_its_reset_time_where_it_is_told(string text, long reset)
    {
        var line =
            $$"""{"type":"result","is_error":true,"terminal_reason":"api_error","result":"{{text}}"}""";

        var end = RunEnding.Classify(Read(line), 1, "", StopCause.None);

        Assert.Equal(
            (ErrorClass.UsageLimit, reset),
            (end.Class, end.ResetAt?.ToUnixTimeSeconds() ?? 0)
        );
    }

    [Fact]
    public void D16_A_rejected_rate_limit_event_is_a_usage_limit_with_its_reset()
    {
        const string Lines =
            """{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1735689600}}"""
            + "\n"
            + """{"type":"result","is_error":true,"terminal_reason":"api_error","result":"x"}""";

        var end = RunEnding.Classify(Read(Lines), 1, "", StopCause.None);

        Assert.Equal(
            (ErrorClass.UsageLimit, 1_735_689_600L),
            (end.Class, end.ResetAt!.Value.ToUnixTimeSeconds())
        );
    }

    [Fact]
    public void Every_class_has_a_suggested_action_and_bounded_retries()
    {
        foreach (var errorClass in Enum.GetValues<ErrorClass>().Where(c => c != ErrorClass.None))
        {
            Assert.NotEmpty(
                Orchestrator.Decisions.Failures.RetrySchedule.SuggestedAction(errorClass)
            );
            Assert.True(Orchestrator.Decisions.Failures.RetrySchedule.RetriesMax(errorClass) >= 0);
        }
    }

    [Theory]
    [InlineData(StopCause.Cancel, ErrorClass.Cancelled)]
    [InlineData(StopCause.WallClock, ErrorClass.Timeout)]
    [InlineData(StopCause.Silence, ErrorClass.Timeout)]
    [InlineData(StopCause.Shutdown, ErrorClass.HostLost)]
    [InlineData(StopCause.SandboxLimit, ErrorClass.Fatal)]
    public void D15_What_the_product_stopped_has_the_class_of_its_cause(
        StopCause cause,
        ErrorClass expected
    )
    {
        var (errorClass, message, _) = RunEnding.Classify(Read(Ok), 0, "", cause);

        Assert.Equal(expected, errorClass);
        Assert.NotEmpty(message);
    }

    [Fact]
    public void A_stream_cut_at_any_byte_reads_the_same()
    {
        var text = Encoding.UTF8.GetBytes(
            """{"type":"system","subtype":"init","session_id":"ü","model":"m","claude_code_version":"2.1.330"}"""
                + "\nnoise\n"
                + Ok
                + "\n"
        );
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var reader = new RunOutputReader();
            reader.Push(text.AsSpan(0, cut));
            reader.Push(text.AsSpan(cut));
            reader.Finish();
            Assert.Equal(
                ("ü", "done", 1, 0.5m),
                (
                    reader.Result!.SessionId == "s" ? "ü" : "",
                    reader.Result.Text,
                    reader.SkippedLines,
                    reader.Result.SessionCostUsd
                )
            );
        }
    }

    [Fact]
    public void A_line_over_the_limit_is_skipped_and_counted_and_the_next_is_read()
    {
        var reader = new RunOutputReader(lineBytesMax: 1_000);
        for (var i = 0; i < 100; i++)
        {
            reader.Push(new byte[100]);
        }
        reader.Push(Encoding.UTF8.GetBytes("\n" + Ok + "\n"));

        Assert.Equal(1, reader.SkippedLines);
        Assert.NotNull(reader.Result);
    }

    [Theory]
    [InlineData("""{"type":"stream_event","event":{"delta":{"text":"Hello"}}}""")]
    [InlineData("""{"session_id":"s","message":{"content":[{"a":[1,2]}]},"type":"user"}""")]
    [InlineData("""{"type":"user","cut in the mid""")]
    public void A_line_that_says_nothing_costs_no_allocation(string text)
    {
        var reader = new RunOutputReader();
        var bytes = Encoding.UTF8.GetBytes(text + "\n");
        reader.Push(bytes);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            reader.Push(bytes);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((101, 0), (reader.Lines, reader.SkippedLines));
    }

    [Theory]
    [InlineData("""{"type":"assistant","message":{}} trailing""")]
    [InlineData("""{"type":"assistant","message":{""")]
    [InlineData("""[{"type":"assistant"}]""")]
    [InlineData("42")]
    [InlineData("{")]
    public void A_line_that_is_no_whole_object_is_counted_and_changes_nothing(string text)
    {
        var reader = Read(text);

        Assert.Equal((1, "", 0), (reader.SkippedLines, reader.Step, reader.ToolCalls));
    }

    [Fact]
    public void D13_D17_The_answer_is_the_result_field_whole()
    {
        var words = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{i} words. "));

        var reader = Read(
            $$"""{"type":"result","subtype":"success","is_error":false,"result":"{{words}}","content":"not this","terminal_reason":"completed"}"""
        );

        Assert.True(words.Length > 4_000);
        Assert.Equal(words, reader.Result!.Text);
    }

    [Theory]
    [InlineData("prompt_too_long")]
    [InlineData("blocking_limit")]
    public void D17_A_prompt_that_is_too_long_is_a_failure_and_no_answer(string reason)
    {
        var reader = Read(
            $$"""{"type":"result","subtype":"success","is_error":true,"result":"Prompt is too long","terminal_reason":"{{reason}}"}"""
        );

        var (errorClass, _, _) = RunEnding.Classify(reader, 1, "", StopCause.None);

        Assert.Equal(ErrorClass.ContextOverflow, errorClass);
    }

    private static RunOutputReader Read(string line)
    {
        var reader = new RunOutputReader();
        reader.Push(Encoding.UTF8.GetBytes(line + "\n"));
        reader.Finish();
        return reader;
    }
}
