using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

public sealed class CommitRulesTests
{
    private static readonly TaskSnapshot Done = new()
    {
        TaskId = "t1",
        Phase = TaskPhase.Done,
        Repository = "/r",
        Result = new RunResult(),
    };

    private static readonly CommitRequest Plain = new();

    [Theory]
    [InlineData(TaskPhase.Done)]
    [InlineData(TaskPhase.InReview)]
    public void Accepted_work_may_become_a_commit(TaskPhase phase)
    {
        Assert.Null(CommitRules.Refusal(Done with { Phase = phase }, Plain));
        Assert.Null(
            CommitRules.Refusal(
                Done with
                {
                    Phase = phase,
                    Result = null,
                },
                new CommitRequest
                {
                    Branch = "feature/x",
                    Message = new string('m', CommitText.MessageMax),
                }
            )
        );
        Assert.Null(CommitRules.Refusal(Done, new CommitRequest { NoBranch = true, Branch = "" }));
    }

    [Fact]
    public void What_the_call_says_is_looked_at_first()
    {
        Assert.Equal(
            new Failure(
                FailureCodes.InvalidRequest,
                "no_branch and branch exclude each other: name a branch, or commit on the one that is checked out."
            ),
            CommitRules.Refusal(Done, new CommitRequest { NoBranch = true, Branch = "x" })
        );
        Assert.Equal(
            new Failure(
                FailureCodes.InvalidRequest,
                "branch 'a b' is no name that git allows for a branch."
            ),
            CommitRules.Refusal(Done, new CommitRequest { Branch = "a b" })
        );
        var name = "-" + new string('x', 60);
        Assert.Equal(
            $"branch '{name[..60]}…' is no name that git allows for a branch.",
            CommitRules.Refusal(Done, new CommitRequest { Branch = name })?.Message
        );
        name = "-" + new string('x', 59);
        Assert.Equal(
            $"branch '{name}' is no name that git allows for a branch.",
            CommitRules.Refusal(Done, new CommitRequest { Branch = name })?.Message
        );
        Assert.Equal(
            new Failure(
                FailureCodes.InvalidRequest,
                "message has 10001 characters; at most 10000 are taken."
            ),
            CommitRules.Refusal(Done, new CommitRequest { Message = new string('m', 10_001) })
        );
    }

    [Fact]
    public void A_task_without_a_repository_has_nothing_to_commit_to() =>
        Assert.Equal(
            new Failure(
                FailureCodes.NotPossibleNow,
                "Task t1 has no repository, so there is nothing to commit to. Its work: orchestrator diff t1."
            ),
            CommitRules.Refusal(Done with { Repository = "" }, Plain)
        );

    [Fact]
    public void Only_accepted_work_is_committed() =>
        Assert.Equal(
            new Failure(
                FailureCodes.NotPossibleNow,
                "Task t1 is Failed; only accepted work is committed. Look at it with 'orchestrator explain t1'; its diff so far: orchestrator diff t1."
            ),
            CommitRules.Refusal(Done with { Phase = TaskPhase.Failed }, Plain)
        );

    [Fact]
    public void Work_that_holds_a_secret_is_not_committed() =>
        Assert.Equal(
            new Failure(
                FailureCodes.PolicyDenied,
                "The work of task t1 holds what looks like a secret (a.txt:3, github-token). Start another turn that takes it out."
            ),
            CommitRules.Refusal(
                Done with
                {
                    Result = new RunResult
                    {
                        Diff = new DiffSummary
                        {
                            Secrets = [new SecretFinding("a.txt", 3, "github-token")],
                        },
                    },
                },
                Plain
            )
        );
}
