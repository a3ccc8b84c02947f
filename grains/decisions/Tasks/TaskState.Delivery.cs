using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <content>How the facts of delivered work change the state.</content>
public sealed partial record TaskState
{
    private const int RoundsKept = 50;

    /// <summary>True when accepted work is to be handed to a remote host.</summary>
    public bool DeliveryOwed =>
        Spec is { Remote.Length: > 0 }
        && Delivery is not { Over: true }
        && (Result is { Diff.PatchBlob.Length: > 0 } || Delivery?.PullRequest is not null);

    /// <summary>True while the task's pull request is neither merged nor closed.</summary>
    public bool PullRequestOpen => Delivery is { PullRequest: not null, Over: false };

    private string BaseNow => Workspace?.BaseCommit ?? BaseCommit;

    private TaskState AfterDelivery(TaskFact fact)
    {
        var now = Delivery ?? new DeliveryState();
        return fact switch
        {
            TaskFact.BranchPushed f => (
                this with
                {
                    Delivery = now with
                    {
                        PushedTurn = f.Turn,
                        Branch = f.Branch,
                        Head = f.Head,
                        BaseCommit = f.BaseCommit,
                        Unanswered = [.. now.Unanswered, .. now.InWork],
                        InWork = [],
                        HeldFor = [],
                        HeldHead = "",
                        MergeHead = "",
                        RefusedAt = null,
                    },
                }
            ).Shown(now.PullRequest is not null),
            TaskFact.PullRequestOpened f => (
                this with
                {
                    Delivery = now with { PullRequest = f.PullRequest },
                }
            ).Shown(true),
            TaskFact.FeedbackReceived f => this with
            {
                Delivery = now with
                {
                    Pending = [.. now.Pending, .. f.Items],
                    Seen =
                    [
                        .. now
                            .Seen.Concat(f.Items.Select(i => i.Id))
                            .TakeLast(DeliveryState.SeenMax),
                    ],
                },
            },
            TaskFact.FeedbackAnswered f => this with
            {
                Delivery = now with
                {
                    Unanswered = [.. now.Unanswered.Where(i => !f.Ids.Contains(i.Id))],
                },
            },
            TaskFact.MergeHeld f => this with
            {
                Delivery = now with { HeldFor = f.Reasons, HeldHead = f.Head, MergeHead = "" },
            },
            TaskFact.MergeStarted f => this with
            {
                Delivery = now with
                {
                    MergeHead = f.Head,
                    MergeMethod = f.Method,
                    HeldFor = [],
                    HeldHead = f.Head,
                },
            },
            TaskFact.Merged f => this with
            {
                Delivery = now with
                {
                    MergeCommit = f.Commit,
                    Over = true,
                    OverBy = f.By,
                    HeldFor = [],
                },
            },
            TaskFact.PullRequestClosed f => this with
            {
                Delivery = now with { Over = true, OverBy = f.By, MergeHead = "" },
            },
            _ => this,
        };
    }

    private TaskState Shown(bool shown) =>
        shown && Phase == TaskPhase.Delivering
            ? this with
            {
                Phase = TaskPhase.InReview,
                Due = null,
            }
            : this;

    // What was pending is what the turn of feedback works on; any other turn leaves it waiting.
    private DeliveryState? Talk(TaskFact.TurnStarted fact) =>
        Delivery is { } now
            ? now with
            {
                MergeHead = "",
                Pending = fact.Kind == FeedbackTurn ? [] : now.Pending,
                InWork = fact.Kind == FeedbackTurn ? [.. now.InWork, .. now.Pending] : now.InWork,
                Rounds = fact.Kind == FeedbackTurn ? now.Rounds + 1 : now.Rounds,
            }
            : null;
}
