using System.Text;
using Orchestrator.Decisions.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>What the stream tells of a guard that works, and of one that does not. Lines as the CLI 2.1.330 wrote them.</summary>
public sealed class GuardWatchTests
{
    [Fact]
    public void A_guard_that_answers_before_each_call_works()
    {
        var reader = Read(
            Call("Write", "t1"),
            Call("Read", "t2"),
            Answer("Write"),
            Answer("Read"),
            Result("t1", error: false, judged: true),
            Result("t2", error: false, judged: true),
            Call("Bash", "t3"),
            Answer("Bash"),
            Result("t3", error: true, judged: true)
        );
        Assert.Equal(("", 3, 0), (reader.GuardFailure, reader.ToolCalls, reader.SkippedLines));
    }

    [Fact]
    public void A_call_that_never_came_to_the_guard_is_no_failure()
    {
        // Malformed input: an error on which nothing was decided; beside a good call of the same tool.
        var reader = Read(
            Call("Write", "t1"),
            Call("Write", "t2"),
            Result("t1", error: true, judged: false),
            Answer("Write"),
            Result("t2", error: false, judged: true)
        );
        Assert.Equal("", reader.GuardFailure);
    }

    [Fact]
    public void A_call_that_a_rule_refused_with_its_input_never_came_to_the_guard() =>
        Assert.Equal(
            "",
            Read(
                Call("Write", "t1"),
                """{"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"<tool_use_error>File is in a directory that is denied by your permission settings.</tool_use_error>","is_error":true,"tool_use_id":"t1"}]},"tool_result_meta":[{"id":"t1","permission_decision":{"decision":"reject","source":"config","reason_type":"rule"}}]}"""
            ).GuardFailure
        );

    [Fact]
    public void A_tool_that_the_mode_denied_without_an_answer_is_a_failure() =>
        Assert.NotEqual(
            "",
            Read(
                Call("Write", "t1"),
                """{"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"x","is_error":true,"tool_use_id":"t1"}]},"tool_result_meta":[{"id":"t1","non_execution_kind":"permission-rule","permission_decision":{"decision":"reject","source":"config","reason_type":"mode"}}]}"""
            ).GuardFailure
        );

    [Theory]
    [InlineData("Write")]
    [InlineData("Edit")]
    [InlineData("Bash")]
    [InlineData("NotebookEdit")]
    public void A_tool_that_acts_without_an_answer_is_a_failure(string tool) =>
        Assert.Contains(
            "without it",
            Read(Call(tool, "t1"), Result("t1", error: false, judged: false)).GuardFailure,
            StringComparison.Ordinal
        );

    [Fact]
    public void An_answer_counts_for_one_call_of_its_own_tool()
    {
        Assert.NotEqual(
            "",
            Read(
                Call("Write", "t1"),
                Answer("Write"),
                Result("t1", error: true, judged: true),
                Call("Write", "t2"),
                Result("t2", error: false, judged: true)
            ).GuardFailure
        );
        Assert.NotEqual(
            "",
            Read(
                Call("Bash", "t1"),
                Answer("Write"),
                Result("t1", error: false, judged: true)
            ).GuardFailure
        );
    }

    [Theory]
    [InlineData("error")]
    [InlineData("cancelled")]
    [InlineData("")]
    public void An_answer_that_is_no_success_is_a_failure(string outcome) =>
        Assert.Contains(
            "before Read",
            Read(Call("Read", "t1"), Answer("Read", outcome)).GuardFailure,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("true", "in time")]
    [InlineData("false", "no verdict")]
    public void No_verdict_is_a_failure(string timedOut, string word) =>
        Assert.Contains(
            word,
            Read(
                $$$"""{"type":"system","subtype":"informational","tag":"hook_no_verdict","hook_no_verdict":{"hook_event":"PreToolUse","timed_out":{{{timedOut}}}}}"""
            ).GuardFailure,
            StringComparison.Ordinal
        );

    [Fact]
    public void Without_an_expected_guard_nothing_is_missed()
    {
        var reader = new RunOutputReader();
        reader.Push(
            Encoding.UTF8.GetBytes(Call("Write", "t1") + "\n" + Result("t1", false, true) + "\n")
        );
        Assert.Equal("", reader.GuardFailure);
    }

    [Fact]
    public void Lines_of_hooks_and_results_are_read_without_an_allocation()
    {
        var reader = new RunOutputReader();
        reader.ExpectGuard();
        var lines = Encoding.UTF8.GetBytes(
            string.Join(
                '\n',
                """{"type":"system","subtype":"hook_started","hook_name":"PreToolUse:Write"}""",
                Answer("Write"),
                Result("t1", error: false, judged: true),
                ""
            )
        );
        var call = Encoding.UTF8.GetBytes(Call("Write", "t1") + "\n");
        reader.Push(call);
        reader.Push(lines);
        reader.Push(call);
        var before = GC.GetAllocatedBytesForCurrentThread();
        reader.Push(lines);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(("", 0), (reader.GuardFailure, reader.SkippedLines));
    }

    private static RunOutputReader Read(params string[] lines)
    {
        var reader = new RunOutputReader();
        reader.ExpectGuard();
        reader.Push(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        reader.Finish();
        return reader;
    }

    private static string Call(string tool, string id) =>
        $$$"""{"type":"assistant","message":{"content":[{"type":"tool_use","name":"{{{tool}}}","input":{"file_path":"a"},"id":"{{{id}}}"}]},"session_id":"s"}""";

    private static string Answer(string tool, string outcome = "success") =>
        $$"""{"type":"system","subtype":"hook_response","hook_id":"h","hook_name":"PreToolUse:{{tool}}","hook_event":"PreToolUse","output":"","stdout":"","stderr":"","exit_code":0,"outcome":"{{outcome}}"}""";

    private static string Result(string id, bool error, bool judged)
    {
        var meta = judged
            ? $$$""","tool_result_meta":[{"id":"{{{id}}}","permission_decision":{"decision":"accept"}}]"""
            : "";
        return $$$"""{"type":"user","message":{"role":"user","content":[{"tool_use_id":"{{{id}}}","type":"tool_result","content":"x","is_error":{{{(error ? "true" : "false")}}}}]},"tool_use_result":{"a":[1]}{{{meta}}}}""";
    }
}
