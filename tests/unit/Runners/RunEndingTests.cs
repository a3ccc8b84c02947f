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
    [InlineData("", 137, ErrorClass.Killed)]
    [InlineData("", 0, ErrorClass.StreamClosed)]
    [InlineData("garbage", 1, ErrorClass.Config)]
    public void D12_D16_An_end_is_classed_by_its_structured_fields_first(
        string line,
        int exitCode,
        ErrorClass expected
    ) => Assert.Equal(expected, RunEnding.Classify(Read(line), exitCode, "", StopCause.None).Class);

    [Theory]
    [InlineData(StopCause.Cancel, ErrorClass.Cancelled)]
    [InlineData(StopCause.WallClock, ErrorClass.Timeout)]
    [InlineData(StopCause.Silence, ErrorClass.Timeout)]
    [InlineData(StopCause.Shutdown, ErrorClass.HostLost)]
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

    private static RunOutputReader Read(string line)
    {
        var reader = new RunOutputReader();
        reader.Push(Encoding.UTF8.GetBytes(line + "\n"));
        reader.Finish();
        return reader;
    }
}
