using System.Globalization;
using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>A place in the line of merges is kept by asking again, lost by silence, and there are a thousand of them.</summary>
public sealed class MergeLineTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(60);

    [Fact]
    public void Who_asks_again_keeps_the_place_and_is_heard_from_then_on() =>
        Assert.Equal(
            [At("a", "main", 5), At("b", "main", 1), At("c", "release", 2)],
            Enter([At("a", "main", 0), At("b", "main", 1), At("c", "release", 2)], "a", "main", 5)
        );

    [Fact]
    public void Who_asks_again_in_the_middle_keeps_that_place() =>
        Assert.Equal(
            [At("a", "main", 0), At("b", "main", 5), At("c", "main", 2)],
            Enter([At("a", "main", 0), At("b", "main", 1), At("c", "main", 2)], "b", "main", 5)
        );

    [Theory]
    [InlineData("a", "b c a")]
    [InlineData("b", "a c b")]
    [InlineData("c", "a b c")]
    public void Who_wants_into_another_branch_begins_at_the_end(string who, string order)
    {
        var line = Enter(
            [At("a", "main", 0), At("b", "main", 1), At("c", "main", 2)],
            who,
            "release",
            5
        );

        Assert.Equal(order, string.Join(' ', line.Select(p => p.TaskId)));
        Assert.Equal(At(who, "release", 5), line[^1]);
        Assert.Equal(line[^1], MergeLine.First(line, "release"));
        Assert.Null(MergeLine.First(line, "develop"));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_place_is_lost_after_the_longest_silence(int ticksLater, bool kept)
    {
        var line = MergeLine.Enter(
            [At("a", "main", 0)],
            "b",
            "main",
            (Now + Silence).AddTicks(ticksLater),
            Silence
        );

        Assert.Equal(kept ? "a" : "b", MergeLine.First(line, "main")?.TaskId);
        Assert.Equal(kept ? 2 : 1, line.Count);
    }

    [Fact]
    public void Whoever_asks_has_not_been_silent() =>
        Assert.Equal(
            [At("a", "main", 600)],
            Enter([At("a", "main", 0), At("b", "main", 0)], "a", "main", 600)
        );

    [Theory]
    [InlineData(0, true)]
    [InlineData(998, true)]
    [InlineData(999, true)]
    [InlineData(1_000, false)]
    [InlineData(1_001, false)]
    public void Who_comes_to_a_full_line_has_no_place(int before, bool placed)
    {
        MergePlace[] full = [.. Enumerable.Range(0, before).Select(i => At(Name(i), "main", 0))];

        var line = Enter(full, "late", "main", 1);

        Assert.Equal(1_000, MergeLine.Max);
        Assert.Equal(placed ? [.. full, At("late", "main", 1)] : full, line);
    }

    [Fact]
    public void Who_has_a_place_in_a_full_line_keeps_it_and_may_change_the_branch()
    {
        MergePlace[] full = [.. Enumerable.Range(0, 1_000).Select(i => At(Name(i), "main", 0))];

        Assert.Equal([At(Name(0), "main", 1), .. full[1..]], Enter(full, Name(0), "main", 1));
        Assert.Equal([.. full[1..], At(Name(0), "next", 1)], Enter(full, Name(0), "next", 1));
    }

    [Fact]
    public void Who_leaves_is_gone_and_nobody_else_moves()
    {
        MergePlace[] line = [At("a", "main", 0), At("b", "main", 1), At("c", "main", 2)];

        Assert.Equal([line[0], line[2]], MergeLine.Leave(line, "b"));
        Assert.Equal(line, MergeLine.Leave(line, "x"));
    }

    private static IReadOnlyList<MergePlace> Enter(
        IReadOnlyList<MergePlace> line,
        string taskId,
        string baseBranch,
        int minute
    ) => MergeLine.Enter(line, taskId, baseBranch, Now.AddMinutes(minute), Silence);

    private static MergePlace At(string taskId, string baseBranch, int minute) =>
        new(taskId, baseBranch, Now.AddMinutes(minute));

    private static string Name(int i) => i.ToString(CultureInfo.InvariantCulture);
}
