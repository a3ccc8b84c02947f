using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class TaskFilterTests
{
    private static readonly TaskFilter All = new(null, "", null, null, "", "");

    private static readonly TaskHead Head = new()
    {
        TaskId = "task_01ABC",
        Phase = TaskPhase.Running,
        Kind = TaskKind.Fix,
        Priority = TaskPriority.High,
        Host = "Builder-1",
        Requester = "ann",
        Repository = "/srv/shop",
        Title = "Round totals half to even",
    };

    [Fact]
    public void Without_a_wish_every_task_is_wanted_and_none_is_looked_at()
    {
        Assert.True(All.Matches(Head));
        Assert.False(All.Looks);
        Assert.False((All with { Requester = "ann" }).Looks);
        Assert.True((All with { Phase = TaskPhase.Done }).Looks);
    }

    [Theory]
    [InlineData("half", true)]
    [InlineData("HALF TO", true)]
    [InlineData("01abc", true)]
    [InlineData("ann", true)]
    [InlineData("/srv", true)]
    [InlineData("builder", true)]
    [InlineData("nothing", false)]
    public void A_text_is_found_in_title_id_requester_repository_and_host(string text, bool found)
    {
        var filter = All with { Text = text };

        Assert.Equal(found, filter.Matches(Head));
        Assert.True(filter.Looks);
    }

    [Fact]
    public void Each_wish_alone_can_leave_a_task_out()
    {
        Assert.All(
            (TaskFilter[])
                [
                    All with
                    {
                        Phase = TaskPhase.Running,
                    },
                    All with
                    {
                        Requester = "ann",
                    },
                    All with
                    {
                        Kind = TaskKind.Fix,
                    },
                    All with
                    {
                        Lane = TaskPriority.High,
                    },
                    All with
                    {
                        Host = "builder-1",
                    },
                ],
            f => Assert.True(f.Matches(Head))
        );
        Assert.All(
            (TaskFilter[])
                [
                    All with
                    {
                        Phase = TaskPhase.Done,
                    },
                    All with
                    {
                        Requester = "Ann",
                    },
                    All with
                    {
                        Kind = TaskKind.Analyze,
                    },
                    All with
                    {
                        Lane = TaskPriority.Low,
                    },
                    All with
                    {
                        Host = "builder",
                    },
                    All with
                    {
                        Phase = TaskPhase.Running,
                        Text = "nothing",
                    },
                ],
            f => Assert.False(f.Matches(Head))
        );
    }
}
