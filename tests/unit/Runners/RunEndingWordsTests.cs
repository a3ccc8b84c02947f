using System.Text;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>The sentence that people read about an end, and the ends that lie just beside another class.</summary>
public sealed class RunEndingWordsTests
{
    [Theory]
    [InlineData(StopCause.Cancel, ErrorClass.Cancelled, "The run was cancelled.")]
    [InlineData(
        StopCause.WallClock,
        ErrorClass.Timeout,
        "The run passed its wall clock and was stopped."
    )]
    [InlineData(
        StopCause.Silence,
        ErrorClass.Timeout,
        "The agent was silent too long and was stopped."
    )]
    [InlineData(
        StopCause.Authentication,
        ErrorClass.Auth,
        "The model's server refuses the agent's key or login."
    )]
    [InlineData(StopCause.Shutdown, ErrorClass.HostLost, "The host was stopped.")]
    [InlineData(
        StopCause.Policy,
        ErrorClass.PolicyViolation,
        "The run was stopped at the first change that its lane forbids."
    )]
    [InlineData(
        StopCause.SandboxLimit,
        ErrorClass.Fatal,
        "The run passed a limit of its sandbox and was ended."
    )]
    public void What_the_product_stopped_says_why(
        StopCause cause,
        ErrorClass expected,
        string words
    ) => Assert.Equal((expected, words, null), End("", 0, "", cause));

    [Theory]
    [InlineData("", 137, ErrorClass.Killed, "The agent was killed from outside (exit code 137).")]
    [InlineData("", 129, ErrorClass.Killed, "The agent was killed from outside (exit code 129).")]
    [InlineData("", 192, ErrorClass.Killed, "The agent was killed from outside (exit code 192).")]
    [InlineData(
        "",
        128,
        ErrorClass.Config,
        "The agent did not start properly (exit code 128): it said nothing"
    )]
    [InlineData(
        "",
        193,
        ErrorClass.Config,
        "The agent did not start properly (exit code 193): it said nothing"
    )]
    [InlineData(
        "no such\noption",
        2,
        ErrorClass.Config,
        "The agent did not start properly (exit code 2): no such option"
    )]
    [InlineData(
        "Error: no conversation FOUND with that id",
        1,
        ErrorClass.SessionLost,
        "The agent's session is not known any more."
    )]
    [InlineData(
        "",
        0,
        ErrorClass.StreamClosed,
        "The agent ended without a result line (exit code 0)."
    )]
    public void An_end_without_a_result_says_what_is_known_of_it(
        string stderr,
        int exitCode,
        ErrorClass expected,
        string words
    ) => Assert.Equal((expected, words, null), End("", exitCode, stderr));

    [Fact]
    public void An_agent_that_began_and_ended_without_a_result_closed_its_stream() =>
        Assert.Equal(
            (ErrorClass.StreamClosed, "The agent ended without a result line (exit code 1).", null),
            End("""{"type":"system","subtype":"init","claude_code_version":"2"}""", 1)
        );

    [Theory]
    [InlineData("\"is_error\":false,\"terminal_reason\":\"completed\"", 0, ErrorClass.None)]
    [InlineData("\"is_error\":true,\"terminal_reason\":\"completed\"", 0, ErrorClass.Fatal)]
    [InlineData("\"is_error\":false,\"terminal_reason\":\"other\"", 0, ErrorClass.Fatal)]
    [InlineData("\"is_error\":false,\"terminal_reason\":\"completed\"", 2, ErrorClass.Fatal)]
    [InlineData("\"terminal_reason\":\"max_turns\"", 1, ErrorClass.MaxTurns)]
    [InlineData("\"subtype\":\"error_max_turns\"", 1, ErrorClass.MaxTurns)]
    [InlineData("\"terminal_reason\":\"budget_exhausted\"", 1, ErrorClass.Budget)]
    [InlineData("\"subtype\":\"error_max_budget_usd\"", 1, ErrorClass.Budget)]
    [InlineData("\"terminal_reason\":\"blocking_limit\"", 1, ErrorClass.ContextOverflow)]
    [InlineData("\"terminal_reason\":\"image_error\"", 1, ErrorClass.ContextOverflow)]
    [InlineData("\"terminal_reason\":\"aborted_streaming\"", 1, ErrorClass.Killed)]
    [InlineData("\"terminal_reason\":\"aborted_tools\"", 1, ErrorClass.Killed)]
    [InlineData("\"api_error_status\":402", 1, ErrorClass.Billing)]
    [InlineData("\"api_error_status\":408", 1, ErrorClass.Network)]
    [InlineData("\"api_error_status\":499", 1, ErrorClass.Fatal)]
    [InlineData("\"api_error_status\":503", 1, ErrorClass.UpstreamError)]
    [InlineData("\"api_error_type\":\"overloaded_error\"", 1, ErrorClass.UpstreamError)]
    [InlineData("\"api_error\":\"connection_failed\"", 1, ErrorClass.Network)]
    [InlineData("\"startup_failure_reason\":\"x\",\"api_error_status\":401", 1, ErrorClass.Config)]
    [InlineData("\"result\":\"Prompt is too long, really\"", 1, ErrorClass.ContextOverflow)]
    [InlineData("\"result\":\"The Prompt is too long\"", 1, ErrorClass.Fatal)]
    [InlineData("\"result\":\"Not logged in\"", 1, ErrorClass.Auth)]
    [InlineData("\"result\":\"It is Not logged in\"", 1, ErrorClass.Fatal)]
    [InlineData("\"result\":\"no conversation found\"", 1, ErrorClass.SessionLost)]
    [InlineData(
        "\"terminal_reason\":\"api_error\",\"result\":\"Unable to connect\"",
        1,
        ErrorClass.Network
    )]
    [InlineData(
        "\"terminal_reason\":\"other\",\"result\":\"Unable to connect\"",
        1,
        ErrorClass.Fatal
    )]
    public void The_fields_of_a_result_decide_and_its_words_only_where_they_begin_it(
        string members,
        int exitCode,
        ErrorClass expected
    ) => Assert.Equal(expected, End(Result(members), exitCode).Class);

    [Theory]
    [InlineData("server_error", "\"terminal_reason\":\"other\"", ErrorClass.UpstreamError)]
    [InlineData("unknown", "\"terminal_reason\":\"api_error\"", ErrorClass.UpstreamError)]
    [InlineData("unknown", "\"terminal_reason\":\"other\"", ErrorClass.Fatal)]
    [InlineData(
        "unknown",
        "\"terminal_reason\":\"api_error\",\"api_error_status\":400",
        ErrorClass.Fatal
    )]
    public void A_stream_that_broke_is_the_server_s_failure_where_it_told_no_status(
        string word,
        string members,
        ErrorClass expected
    ) =>
        Assert.Equal(
            expected,
            End(
                $$"""{"type":"assistant","message":{},"error":"{{word}}"}"""
                    + "\n"
                    + Result(members),
                1
            ).Class
        );

    [Theory]
    [InlineData("\"api_error_status\":429,\"result\":\"You are out of extra usage\"", true)]
    [InlineData("\"api_error_status\":429,\"result\":\"Slow down\"", false)]
    [InlineData("\"api_error_status\":400,\"result\":\"You are out of extra usage\"", false)]
    [InlineData("\"result\":\"API Error: 429 Claude usage limit reached\"", true)]
    [InlineData("\"is_error\":false,\"result\":\"Claude usage limit reached\"", false)]
    public void A_usage_limit_is_the_server_s_or_the_agent_s_own_word_and_no_talk_of_one(
        string members,
        bool limit
    ) => Assert.Equal(limit, End(Result(members), 1).Class == ErrorClass.UsageLimit);

    [Fact]
    public void A_usage_limit_is_looked_for_in_the_first_400_characters_and_its_instant_is_one()
    {
        static (ErrorClass, string, DateTimeOffset?) Limit(string text) =>
            End(Result($"\"api_error_status\":429,\"result\":\"{text}\""), 1);
        var far = new string('x', 400);

        Assert.Equal(ErrorClass.RateLimit, Limit(far + " usage limit").Item1);
        Assert.Equal(ErrorClass.UsageLimit, Limit(far[..380] + " usage limit").Item1);
        Assert.Equal(
            DateTimeOffset.FromUnixTimeSeconds(1_735_689_600),
            Limit("limit reached|1735689600").Item3
        );
        Assert.Null(Limit("limit reached|999999999999").Item3);
        Assert.Null(Limit("limit reached|000000000000").Item3);
        // What the server told counts before what the sentence says.
        Assert.Equal(
            DateTimeOffset.FromUnixTimeSeconds(1_800_000_000),
            End(
                """{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1800000000}}"""
                    + "\n"
                    + Result("\"result\":\"limit reached|1735689600\""),
                1
            ).ResetAt
        );
    }

    [Theory]
    [InlineData("\"errors\":[\"it broke\"],\"result\":\"else\"", "it broke")]
    [InlineData("\"result\":\"it\\nbroke\"", "it broke")]
    [InlineData("\"result\":\"\"", "The agent ended with exit code 3.")]
    [InlineData(
        "\"terminal_reason\":\"aborted_tools\",\"result\":\"\"",
        "The agent was interrupted from outside."
    )]
    [InlineData("\"terminal_reason\":\"aborted_tools\",\"result\":\"so far\"", "so far")]
    public void A_bad_end_is_told_in_the_agent_s_words_where_it_had_any(
        string members,
        string words
    ) => Assert.Equal(words, End(Result(members), 3).Message);

    private static string Result(string members) =>
        members.Contains("is_error", StringComparison.Ordinal)
            ? $$"""{"type":"result",{{members}}}"""
            : $$"""{"type":"result","is_error":true,{{members}}}""";

    private static (ErrorClass Class, string Message, DateTimeOffset? ResetAt) End(
        string lines,
        int exitCode,
        string stderr = "",
        StopCause cause = StopCause.None
    )
    {
        var reader = new RunOutputReader();
        reader.Push(Encoding.UTF8.GetBytes(lines + "\n"));
        reader.Finish();
        return RunEnding.Classify(reader, exitCode, stderr, cause);
    }
}
