using System.Text;
using Orchestrator.Decisions.Observability;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

/// <summary>
/// Ids are the same in every build: an agent that was started before an upgrade has its parent's in its environment, and
/// spans that are made again after it are sent under the ids of before.
/// </summary>
public sealed class TraceIdsTests
{
    [Theory]
    [InlineData("t", 1, "803e67fa7c578d9dafd511ab11372c6b")]
    [InlineData("task_a", 12, "199dad1c89e98a7ab59b15929d14eb2c")]
    public void A_turns_trace_is_this_one(string task, int turn, string expected) =>
        Assert.Equal(expected, TraceIds.Trace(task, turn));

    [Theory]
    [InlineData("t", 1, "turn", 0, "1faffe2ea37be03b")]
    [InlineData("t", 1, "run", 2, "d8e881f927182a72")]
    [InlineData("task_a", 12, "queue", 345, "4e4583e2aafb5a37")]
    public void A_span_is_this_one(
        string task,
        int turn,
        string name,
        long number,
        string expected
    ) => Assert.Equal(expected, TraceIds.Span(task, turn, name, number));

    [Fact]
    public void Parents_are_written_as_the_standard_wants_them()
    {
        const string Trace = "00-803e67fa7c578d9dafd511ab11372c6b-";

        Assert.Equal(Trace + "1faffe2ea37be03b-01", TraceIds.ParentOfTurn("t", 1));
        Assert.Equal(Trace + "d8e881f927182a72-01", TraceIds.ParentOfRun("t", 1, 2));
    }

    [Theory]
    [InlineData("""{"data":{"task_id":"t"}}""")]
    [InlineData("""{"data":{"task_id":"","turn":1}}""")]
    [InlineData("""{"data":{"task_id":7,"turn":1}}""")]
    [InlineData("""{"data":{"task_id":"t","turn":"1"}}""")]
    [InlineData("""{"data":{"turn":1}}""")]
    [InlineData("""{"turn":1,"task_id":"t"}""")]
    public void A_message_that_names_no_turn_has_no_parent(string message) =>
        Assert.Null(TraceIds.ParentOfMessage(Encoding.UTF8.GetBytes(message)));
}
