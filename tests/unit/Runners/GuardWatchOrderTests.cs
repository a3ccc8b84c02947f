using System.Text;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>Which answer counts for which call, in whichever order and shape the stream tells of them, and what is said of a guard that failed.</summary>
public sealed class GuardWatchOrderTests
{
    private const string Without =
        "The guard of its tools does not work: a tool that changes files was judged without it.";

    private static readonly string[] Changing = ["Write", "Edit", "Bash", "NotebookEdit"];

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var called in Changing)
            {
                foreach (var answered in Changing)
                {
                    pairs.Add(called, answered);
                }
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void An_answer_for_one_tool_is_none_for_another(string called, string answered) =>
        Assert.Equal(
            called == answered ? "" : Without,
            Failure(Call(called, "t1"), Answer(answered), Result("t1", Accepted("t1")))
        );

    [Theory]
    [InlineData("Read")]
    [InlineData("write")]
    [InlineData("")]
    public void A_tool_that_changes_nothing_needs_no_answer(string tool) =>
        Assert.Equal("", Failure(Call(tool, "t1"), Result("t1", Accepted("t1"))));

    [Fact]
    public void Results_belong_to_their_calls_in_whichever_order_they_come()
    {
        string[] calls = [Call("Write", "t1"), Call("Bash", "t2"), Call("Edit", "t3")];

        Assert.Equal("", Failure([.. calls, Answer("Write"), Result("t1", Accepted("t1"))]));
        Assert.Equal("", Failure([.. calls, Answer("Bash"), Result("t2", Accepted("t2"))]));
        Assert.Equal("", Failure([.. calls, Answer("Edit"), Result("t3", Accepted("t3"))]));
        Assert.Equal(Without, Failure([.. calls, Answer("Write"), Result("t3", Accepted("t3"))]));
    }

    [Fact]
    public void The_result_of_a_call_that_nobody_made_says_nothing() =>
        Assert.Equal("", Failure(Call("Write", "t1"), Result("t9", Accepted("t9"))));

    [Fact]
    public void A_result_counts_once_and_so_does_what_was_decided_of_it()
    {
        Assert.Equal(
            "",
            Failure(
                Call("Write", "t1"),
                Answer("Write"),
                Result("t1", Accepted("t1")),
                Call("Write", "t1"),
                Result("t2", Accepted("t2"))
            )
        );
        // The second call ended in an error before anything was decided of it.
        Assert.Equal(
            "",
            Failure(
                Call("Write", "t1"),
                Answer("Write"),
                Result("t1", Accepted("t1"), "true"),
                Call("Write", "t1"),
                Result("t1", "", "true")
            )
        );
    }

    [Theory]
    [InlineData("true", "", "")]
    [InlineData("false", "", Without)]
    [InlineData("\"true\"", "", Without)]
    [InlineData("{\"a\":[true]}", "", Without)]
    [InlineData("true", "\"permission_decision\":{\"decision\":\"accept\"}", Without)]
    [InlineData(
        "true",
        "\"permission_decision\":{\"source\":{\"a\":[1]},\"decision\":\"accept\"}",
        Without
    )]
    [InlineData(
        "true",
        "\"permission_decision\":{\"decision\":\"accept\",\"source\":\"config\"}",
        Without
    )]
    [InlineData("true", "\"permission_decision\":{\"decision\":\"reject\"}", "")]
    [InlineData("true", "\"permission_decision\":{\"decision\":[\"accept\"]}", "")]
    [InlineData("true", "\"permission_decision\":{}", "")]
    [InlineData("true", "\"permission_decision\":\"accept\"", "")]
    [InlineData("true", "\"permission_decision\":[\"accept\"]", "")]
    [InlineData("true", "\"non_execution_kind\":\"permission-rule\"", Without)]
    [InlineData("true", "\"non_execution_kind\":\"\"", "")]
    [InlineData("true", "\"non_execution_kind\":{\"a\":\"b\"}", "")]
    [InlineData(
        "true",
        "\"non_execution_kind\":\"x\",\"permission_decision\":{\"decision\":\"reject\"}",
        Without
    )]
    [InlineData("true", "\"other\":{\"decision\":\"accept\"}", "")]
    public void A_call_that_ended_in_an_error_was_judged_when_it_was_accepted_or_kept_from_being_executed(
        string error,
        string meta,
        string failure
    ) =>
        Assert.Equal(
            failure,
            Failure(
                Call("Write", "t1"),
                Result("t1", meta.Length > 0 ? $"{{\"id\":\"t1\",{meta}}}" : "", error)
            )
        );

    [Fact]
    public void A_result_that_says_of_no_error_had_its_effect() =>
        Assert.Equal(
            Without,
            Failure(
                Call("Write", "t1"),
                """{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1"}]}}"""
            )
        );

    [Theory]
    [InlineData("""{"type":"user","message":"x"}""")]
    [InlineData("""{"type":"user","message":[{"content":[]}]}""")]
    [InlineData("""{"type":"user","message":{"content":"x"}}""")]
    [InlineData("""{"type":"user","message":{"content":{"tool_use_id":"t1"}}}""")]
    [InlineData("""{"type":"user","message":{"content":["x",7]}}""")]
    [InlineData("""{"type":"user","message":{"content":[{"id":"t1"}]}}""")]
    [InlineData("""{"type":"user","message":{"content":[{"tool_use_id":7}]}}""")]
    [InlineData("""{"type":"user","tool_result_meta":{"id":"t1"}}""")]
    public void A_line_without_the_result_leaves_the_call_open(string line) =>
        Assert.Equal(
            ("", Without),
            (
                Failure(Call("Write", "t1"), line),
                Failure(Call("Write", "t1"), line, Result("t1", Accepted("t1")))
            )
        );

    [Fact]
    public void What_stands_before_the_result_in_its_line_is_passed_over() =>
        Assert.Equal(
            Without,
            Failure(
                Call("Write", "t1"),
                """{"a":{"b":[1]},"type":"user","c":[{}],"message":{"role":"user","usage":{"content":[]},"x":1,"content":[{"d":{"is_error":true},"tool_use_id":"t1"}]}}"""
            )
        );

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("""{"outcome":"error","hook_name":"PostToolUse:Write"}""")]
    [InlineData("""["error"]""")]
    public void What_the_hook_said_on_its_stderr_is_no_outcome(string stderr)
    {
        string Said(string outcome) =>
            $$"""{"type":"system","subtype":"hook_response","a":{"b":1},"hook_name":"PreToolUse:Write","stderr":{{stderr}},"outcome":"{{outcome}}"}""";

        Assert.Equal(
            "",
            Failure(Call("Write", "t1"), Said("success"), Result("t1", Accepted("t1")))
        );
        Assert.Equal(
            "The guard of its tools does not work: before Write it ended as 'cancelled'.",
            Failure(Call("Write", "t1"), Said("cancelled"))
        );
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(61, 60)]
    [InlineData(500, 60)]
    public void A_failure_names_tool_and_outcome_by_their_first_60_characters(int length, int shown)
    {
        var (name, outcome) = (new string('n', length), new string('o', length));

        Assert.Equal(
            $"The guard of its tools does not work: before {name[..shown]} it ended as '{outcome[..shown]}'.",
            Failure(Answer(name, outcome))
        );
    }

    [Theory]
    [InlineData("""{"timed_out":true}""", "it did not answer in time")]
    [InlineData("""{"timed_out":false}""", "it came to no verdict")]
    [InlineData("""{"timed_out":"true"}""", "it came to no verdict")]
    [InlineData("{}", "it came to no verdict")]
    [InlineData("true", "it came to no verdict")]
    public void A_hook_without_a_verdict_is_told_with_the_reason(string told, string words) =>
        Assert.Equal(
            $"The guard of its tools does not work: {words}.",
            Failure(
                $$"""{"type":"system","subtype":"informational","tag":"hook_no_verdict","hook_no_verdict":{{told}}}"""
            )
        );

    [Fact]
    public void Of_several_failures_the_first_is_told() =>
        Assert.Equal(
            "The guard of its tools does not work: before Bash it ended as 'error'.",
            Failure(
                Call("Write", "t1"),
                Answer("Bash", "error"),
                Answer("Edit", "cancelled"),
                Result("t1", Accepted("t1"))
            )
        );

    [Theory]
    [InlineData(1_000, "")]
    [InlineData(
        1_001,
        "The guard of its tools does not work: more calls are open at once than can be followed."
    )]
    public void A_thousand_calls_may_be_open_at_once(int calls, string failure) =>
        Assert.Equal(
            failure,
            Failure([.. Enumerable.Range(0, calls).Select(i => Call("Write", $"t{i}"))])
        );

    private static string Failure(params string[] lines)
    {
        var reader = new RunOutputReader();
        reader.ExpectGuard();
        reader.Push(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        reader.Finish();
        Assert.Equal(0, reader.SkippedLines);
        return reader.GuardFailure;
    }

    private static string Call(string tool, string id) =>
        $$$"""{"type":"assistant","message":{"content":[{"type":"tool_use","name":"{{{tool}}}","input":{},"id":"{{{id}}}"}]}}""";

    private static string Answer(string tool, string outcome = "success") =>
        $$"""{"type":"system","subtype":"hook_response","hook_name":"PreToolUse:{{tool}}","outcome":"{{outcome}}"}""";

    private static string Accepted(string id) =>
        $$$"""{"id":"{{{id}}}","permission_decision":{"decision":"accept"}}""";

    private static string Result(string id, string meta, string error = "false") =>
        $$$"""{"type":"user","message":{"content":[{"tool_use_id":"{{{id}}}","is_error":{{{error}}}}]},"tool_result_meta":[{{{meta}}}]}""";
}
