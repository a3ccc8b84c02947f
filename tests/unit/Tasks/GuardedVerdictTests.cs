using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>Whose yes counts for which diff, what the others are told, and when an approved diff may be applied.</summary>
public sealed class GuardedVerdictTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = TaskSituations.Limits;
    private static readonly string Hash = new('e', 64);

    private static readonly PolicyDocument Keepers = Read(
        """
        version: 1
        name: team
        self_approval: false
        roles: {keeper: [ann, bob]}
        lanes:
          code: {types: [fix], write: guarded}
        """
    );

    private static TaskState Asked => TaskSituations.Named("AwaitingApproval, guarded diff");

    [Theory]
    [InlineData("", true)]
    [InlineData("eeeeeeeeeeee", true)]
    [InlineData("EEEEEEEEEEEEE", true)]
    [InlineData("eeeeeeeeeee", false)]
    [InlineData("eeeeeeeeeeef", false)]
    public void A_yes_names_the_diff_by_nothing_or_by_twelve_digits_at_least(
        string hash,
        bool taken
    )
    {
        var decision = Decide(Asked, Yes("you") with { Hash = hash });

        if (taken)
        {
            Assert.Equal(
                [new TaskFact.Approved("you", "fine") { Hash = Hash }, new TaskFact.Delivered(1)],
                decision.Facts
            );
            return;
        }
        AssertRefused(
            decision,
            FailureCodes.Conflict,
            "The diff is eeeeeeeeeeee now, not the one you looked at. Look at it again: orchestrator diff."
        );
    }

    [Fact]
    public void A_yes_to_a_diff_where_none_is_asked_about_is_told_so() =>
        AssertRefused(
            Decide(TaskSituations.Named("AwaitingApproval"), Yes("you") with { Hash = Hash }),
            FailureCodes.Conflict,
            "No diff and no command is asked about now. Look at 'orchestrator explain', and answer without a hash."
        );

    [Fact]
    public void As_many_different_people_as_asked_say_yes_and_each_counts_once()
    {
        var state = Asked with { ApprovalsNeeded = 3 };

        var one = Decide(state, Yes("ann") with { From = "telegram" });
        Assert.Equal(
            [new TaskFact.Approved("ann", "fine") { From = "telegram", Hash = Hash }],
            one.Facts
        );
        state = TaskSituations.Fold(state, one.Facts);
        AssertRefused(
            Decide(state, Yes("ann")),
            FailureCodes.NotPossibleNow,
            "ann has said yes already; 2 more must, each somebody else."
        );
        state = TaskSituations.Fold(state, Decide(state, Yes("bob")).Facts);
        Assert.Equal((TaskPhase.AwaitingApproval, 2), (state.Phase, state.ApprovedBy.Count));
        var last = Decide(state, Yes("eve")).Facts;
        Assert.Equal(
            [typeof(TaskFact.Approved), typeof(TaskFact.Delivered)],
            last.Select(f => f.GetType())
        );
        state = TaskSituations.Fold(state, last);
        Assert.Equal((TaskPhase.Done, GuardedStep.Approved), (state.Phase, state.Guarded!.Step));
    }

    [Fact]
    public void A_yes_to_a_plan_delivers_nothing() =>
        Assert.Equal(
            [new TaskFact.Approved("you", "fine")],
            Decide(TaskSituations.Named("AwaitingApproval"), Yes("you")).Facts
        );

    [Fact]
    public void A_yes_to_another_diff_than_the_one_that_is_staged_leaves_it_staged()
    {
        var other = Asked with { ApprovalHash = new string('f', 64) };

        Assert.Equal(
            GuardedStep.Staged,
            TaskSituations.Fold(other, new TaskFact.Approved("you", "")).Guarded!.Step
        );
        Assert.Equal(
            GuardedStep.Rejected,
            TaskSituations.Fold(Asked, new TaskFact.Rejected("you", "")).Guarded!.Step
        );
        var applied = TaskSituations.Named("Done, diff applied");
        Assert.Equal(
            GuardedStep.Applied,
            TaskSituations
                .Fold(applied with { ApprovalHash = Hash }, new TaskFact.Approved("you", ""))
                .Guarded!.Step
        );
    }

    [Theory]
    [InlineData("", "you said no.")]
    [InlineData("Too big", "you said no. Too big")]
    public void A_no_ends_the_turn_with_who_and_why(string note, string words) =>
        Assert.Equal(
            [
                new TaskFact.Rejected("you", note),
                new TaskFact.Failed(
                    new Failure(FailureCodes.PolicyDenied, words),
                    ErrorClass.PermissionBlock
                ),
            ],
            Decide(Asked, new TaskInput.Answered("you", false, note, Now)).Facts
        );

    [Fact]
    public void Who_asked_and_who_spoke_last_may_not_say_yes_to_their_own_where_the_policy_wants_others()
    {
        var state = Asked with
        {
            Spec = TaskSituations.Spec with { Requester = "ann" },
            Speaker = "bob",
        };

        TaskDecision By(string who) => Decide(state, Yes(who) with { Policy = Keepers });
        Assert.Equal(FailureCodes.PolicyDenied, By("ann").Refusal?.Code);
        Assert.Equal(FailureCodes.PolicyDenied, By("bob").Refusal?.Code);
        Assert.Null(By("eve").Refusal);
        var roles = state with { ApprovalRoles = ["keeper"] };
        Assert.Equal(
            FailureCodes.PolicyDenied,
            Decide(roles, Yes("eve") with { Policy = Keepers }).Refusal?.Code
        );
        // Without a policy in force whoever comes through a door may.
        Assert.Null(Decide(roles, Yes("ann")).Refusal);
    }

    [Fact]
    public void A_question_is_handed_from_one_who_may_answer_to_another_who_may_and_has_not()
    {
        var state = Asked with
        {
            Spec = TaskSituations.Spec with { Requester = "zoe" },
            ApprovalRoles = ["keeper"],
            ApprovalTo = "carl",
            ApprovedBy = ["dan"],
        };
        TaskDecision Hand(string by, string to, PolicyDocument? policy) =>
            Decide(state, new TaskInput.HandOverAsked(by, to, "away", Now) { Policy = policy });

        Assert.Equal(
            [new TaskFact.ApprovalHandedOver("ann", "bob", "away")],
            Hand("ann", "bob", Keepers).Facts
        );
        Assert.Equal(FailureCodes.PolicyDenied, Hand("eve", "bob", Keepers).Refusal?.Code);
        Assert.Equal(FailureCodes.PolicyDenied, Hand("ann", "eve", Keepers).Refusal?.Code);
        Assert.Equal(TaskDecision.Nothing, Hand("ann", "carl", null));
        AssertRefused(
            Hand("ann", "dan", null),
            FailureCodes.NotPossibleNow,
            "dan has said yes already; hand it to somebody who has not."
        );
        Assert.Single(Hand("eve", "mallory", null).Facts);
        AssertRefused(
            Decide(TaskSituations.Named("Running"), new TaskInput.HandOverAsked("a", "b", "", Now)),
            FailureCodes.NotPossibleNow,
            "Cannot hand over a task that is Running. 'orchestrator explain' says what it waits for."
        );
    }

    [Fact]
    public void A_question_reminds_once_and_only_before_it_ends()
    {
        TaskFact.ApprovalAsked Ask(DateTimeOffset deadline) => new("q", TaskPhase.Queued, deadline);
        TaskFact.ApprovalAsked Reminded(TaskFact.ApprovalAsked asked) =>
            (TaskFact.ApprovalAsked)
                GuardedVerdict
                    .WithReminder(TaskDecision.Of(new TaskFact.Delivered(1), asked), Now, Limits)
                    .Facts[1];
        var after = Now + Limits.ApprovalRemindAfter;

        Assert.Equal(after, Reminded(Ask(after.AddTicks(1))).RemindAt);
        Assert.Null(Reminded(Ask(after)).RemindAt);
        // One that says itself when keeps it.
        Assert.Equal(Now, Reminded(Ask(after.AddDays(1)) with { RemindAt = Now }).RemindAt);
        var other = TaskDecision.Of(new TaskFact.Delivered(1));
        Assert.Same(other, GuardedVerdict.WithReminder(other, Now, Limits));
    }

    [Fact]
    public void An_approved_diff_is_applied_until_its_time_runs_out()
    {
        var approved = TaskSituations.Named("Done, diff approved");
        TaskInput Apply(DateTimeOffset at) => new TaskInput.ApplyAsked("you", true, "http", at);

        Assert.Equal(
            [new TaskFact.ApplyStarted(Hash, "you", true, "http")],
            Decide(approved, Apply(Now.AddDays(7))).Facts
        );
        AssertRefused(
            Decide(approved, Apply(Now.AddDays(7).AddTicks(1))),
            FailureCodes.NeedsApproval,
            "The approval ran out at 2026-01-09 03:04 UTC. 'orchestrator restage' checks the diff on the branch as it is now and asks again."
        );
        AssertRefused(
            Decide(TaskSituations.Named("Done"), Apply(Now)),
            FailureCodes.NotPossibleNow,
            "No diff of this task is guarded. Accepted work is committed with 'orchestrator git-commit'."
        );
        AssertRefused(
            Decide(Asked with { ApprovedBy = ["ann"] }, Apply(Now)),
            FailureCodes.NeedsApproval,
            "The diff eeeeeeeeeeee is not approved yet: 1 of 1. Look at it (orchestrator diff), then 'orchestrator approve'."
        );
        AssertRefused(
            Decide(TaskSituations.Fold(Asked, new TaskFact.Rejected("you", "")), Apply(Now)),
            FailureCodes.PolicyDenied,
            "The diff was rejected. 'orchestrator retry' starts another turn."
        );
        Assert.Equal(
            TaskDecision.Nothing,
            Decide(TaskSituations.Named("Done, diff being applied"), Apply(Now))
        );
        Assert.Equal(
            TaskDecision.Nothing,
            Decide(TaskSituations.Named("Done, diff applied"), Apply(Now))
        );
    }

    [Fact]
    public void What_is_being_applied_says_since_when_by_whom_and_what_came_of_it()
    {
        var approved = TaskSituations.Named("Done, diff approved") with
        {
            Guarded = TaskSituations.Named("Done, diff approved").Guarded! with
            {
                Refusal = new Failure("x", "before"),
            },
        };
        var applying = TaskSituations.Fold(
            approved,
            new TaskFact.ApplyStarted(Hash, "you", true, "http")
        );
        var refusal = new Failure("conflict", "moved");

        Assert.Equal(
            (GuardedStep.Applying, "you", true, null, Now),
            (
                applying.Guarded!.Step,
                applying.Guarded.AppliedBy,
                applying.Guarded.ThreeWay,
                applying.Guarded.Refusal,
                applying.Guarded.Since!.Value
            )
        );
        Assert.Equal(
            [new TaskEffect.Release(1, "h"), new TaskEffect.Apply(Hash, "h", true)],
            TaskDecider.Owed(applying)
        );
        var applied = TaskSituations.Fold(applying, new TaskFact.Applied(Hash, "main", "c"));
        Assert.Equal(
            (GuardedStep.Applied, "main", "c"),
            (applied.Guarded!.Step, applied.Guarded.Branch, applied.Guarded.Commit)
        );
        var refused = TaskSituations.Fold(applying, new TaskFact.ApplyRefused(Hash, refusal));
        Assert.Equal(
            (GuardedStep.Approved, refusal),
            (refused.Guarded!.Step, refused.Guarded.Refusal)
        );
        Assert.Equal(
            [new TaskFact.Applied(Hash, "main", "c")],
            Decide(applying, new TaskReport.Applied(Hash, "main", "c")).Facts
        );
        Assert.Equal(
            [new TaskFact.ApplyRefused(Hash, refusal)],
            Decide(applying, new TaskReport.ApplyRefused(Hash, refusal)).Facts
        );
        Assert.True(Decide(applying, new TaskReport.Applied("other", "main", "c")).Stale);
        Assert.True(Decide(applying, new TaskReport.ApplyRefused("other", refusal)).Stale);
        Assert.True(Decide(approved, new TaskReport.Applied(Hash, "main", "c")).Stale);
    }

    [Fact]
    public void A_diff_is_staged_again_while_it_is_asked_about_or_after_the_end_and_not_once_it_stands()
    {
        var restage = new TaskInput.RestageAsked("you", Now);

        Assert.Equal(
            [new TaskFact.TurnStarted(2, "restage", "you", "")],
            Decide(Asked, restage).Facts
        );
        Assert.Equal(
            [new TaskFact.TurnStarted(2, "restage", "you", "")],
            Decide(TaskSituations.Named("Done, diff approved"), restage).Facts
        );
        const string none = "No diff of this task is guarded, so there is none to stage again.";
        AssertRefused(
            Decide(TaskSituations.Named("Done"), restage),
            FailureCodes.NotPossibleNow,
            none
        );
        AssertRefused(
            Decide(Asked with { PatchBlob = "" }, restage),
            FailureCodes.NotPossibleNow,
            none
        );
        AssertRefused(
            Decide(TaskSituations.Named("Done, diff applied"), restage),
            FailureCodes.NotPossibleNow,
            $"The diff stands in main already ({new string('c', 40)})."
        );
        AssertRefused(
            Decide(Asked with { Phase = TaskPhase.Queued }, restage),
            FailureCodes.NotPossibleNow,
            "Cannot restage a task that is Queued. 'orchestrator explain' says what it waits for."
        );
        AssertRefused(
            Decide(TaskSituations.Named("Done, diff being applied"), restage),
            FailureCodes.NotPossibleNow,
            "Cannot start another turn of a task that is Done. 'orchestrator explain' says what it waits for."
        );
        Assert.Equal(
            FailureCodes.NotPossibleNow,
            Decide(
                TaskSituations.Named("Done, diff being applied"),
                new TaskInput.RetryAsked("you", Now)
            ).Refusal?.Code
        );
    }

    private static TaskInput.Answered Yes(string by) => new(by, true, "fine", Now);

    private static void AssertRefused(TaskDecision decision, string code, string words)
    {
        Assert.Empty(decision.Facts);
        Assert.Equal((code, words), (decision.Refusal?.Code, decision.Refusal?.Message));
    }

    private static TaskDecision Decide(TaskState state, TaskInput told) =>
        TaskDecider.Decide(state, told, Limits);

    private static TaskDecision Decide(TaskState state, TaskReport report) =>
        Decide(state, TaskSituations.Report(report));

    private static PolicyDocument Read(string text)
    {
        var (policy, problems) = PolicyReader.Read(text, "policy.yaml");
        Assert.Empty(problems);
        return policy!;
    }
}
