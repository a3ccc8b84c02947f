using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>When two submissions are one, and when a host's word is out of date.</summary>
public sealed class SameRequestTests
{
    public static TheoryData<int> Members => [.. Enumerable.Range(0, Others.Length)];

    private static readonly TaskSpec Whole = new()
    {
        Request = "r",
        Remote = "github:o/n",
        TargetFiles = ["f"],
        Attachments = [new Attachment { Name = "n", Blob = "b" }],
    };

    // The same submission but for one thing.
    private static readonly TaskSpec[] Others =
    [
        Whole with
        {
            Request = "x",
        },
        Whole with
        {
            Title = "x",
        },
        Whole with
        {
            Kind = TaskKind.Analyze,
        },
        Whole with
        {
            Priority = TaskPriority.High,
        },
        Whole with
        {
            Repository = "x",
        },
        Whole with
        {
            BaseBranch = "x",
        },
        Whole with
        {
            Context = "x",
        },
        Whole with
        {
            TimeoutSeconds = 1,
        },
        Whole with
        {
            AgentType = "x",
        },
        Whole with
        {
            Runner = "x",
        },
        Whole with
        {
            Model = "x",
        },
        Whole with
        {
            Script = "x",
        },
        Whole with
        {
            WorkingDirectory = "x",
        },
        Whole with
        {
            MaxTurns = 1,
        },
        Whole with
        {
            Requester = "x",
        },
        Whole with
        {
            TargetFiles = ["x"],
        },
        Whole with
        {
            SuccessCriteria = ["x"],
        },
        Whole with
        {
            Labels = ["x"],
        },
        Whole with
        {
            Remote = "github:o/x",
        },
        Whole with
        {
            Tickets = ["linear:A-1"],
        },
        Whole with
        {
            Constraints = ["x"],
        },
        Whole with
        {
            Attachments = [],
        },
        Whole with
        {
            ParentTurn = 1,
        },
    ];

    [Theory]
    [MemberData(nameof(Members))]
    public void Two_submissions_that_differ_in_what_is_wanted_are_two(int member) =>
        Assert.False(SameRequest.Is(Whole, Others[member]));

    [Fact]
    public void Two_submissions_are_one_whatever_their_door_and_whoever_leaves_the_remote_to_the_settings()
    {
        Assert.True(
            SameRequest.Is(
                Whole,
                Whole with
                {
                    TargetFiles = ["f"],
                    Attachments = [new Attachment { Name = "n", Blob = "b" }],
                    Source = "cli",
                    SourceFile = "f",
                    IdempotencyKey = "k",
                    Remote = "",
                }
            )
        );
        Assert.False(SameRequest.Is(Whole with { Remote = "" }, Whole));
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(1, 0, true)]
    [InlineData(0, 9, true)]
    [InlineData(2, 0, false)]
    public void A_host_s_word_is_out_of_date_once_a_later_attempt_or_epoch_took_over(
        int attempt,
        long epoch,
        bool stale
    )
    {
        var state = TaskSituations.Named("Running");
        GrainInterfaces.Runners.RunResult result = new();
        TaskReport[] reports =
        [
            new TaskReport.WorkspaceReady(attempt, epoch, TaskSituations.Workspace),
            new TaskReport.AgentStarted(attempt, epoch, TaskSituations.Agent),
            new TaskReport.Progressed(
                attempt,
                epoch,
                new GrainInterfaces.Runners.AgentStep("x", 1, 1)
            ),
            new TaskReport.Checkpointed(attempt, epoch, new GrainInterfaces.Runners.Checkpoint()),
            new TaskReport.RunEnded(attempt, epoch, result),
            new TaskReport.RunRefused(attempt, epoch, new Failure("x", "y"), ErrorClass.HostLost),
        ];

        Assert.All(
            reports,
            r =>
            {
                Assert.Equal((attempt, epoch), ReportFence.Of(r));
                Assert.Equal(stale, ReportFence.IsStale(state, r));
            }
        );
        // Of any host is as good: it is worked from the captured diff.
        var check = new TaskReport.Verified(attempt, epoch, TaskSituations.Green);
        Assert.Null(ReportFence.Of(check));
        Assert.False(ReportFence.IsStale(state, check));
    }
}
