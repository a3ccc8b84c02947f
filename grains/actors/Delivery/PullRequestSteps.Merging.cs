using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Tasks;

namespace Orchestrator.Grains.Delivery;

/// <content>Merging: judged, in its turn, decided in the journal, and only then carried out.</content>
public sealed partial class PullRequestSteps
{
    private async Task MergeAsync(
        Look look,
        List<TaskReport> reports,
        CancellationToken cancellationToken
    )
    {
        var (state, view, delivery) = (look.State, look.View, look.State.Delivery!);
        if (delivery.MergeHead.Length > 0)
        {
            reports.Add(await FinishMergeAsync(look, cancellationToken));
            return;
        }
        if (view.Mergeable == false && view.Head == delivery.Head)
        {
            reports.Add(await ConflictAsync(look, cancellationToken));
            return;
        }
        var policy = await policies.CurrentAsync(cancellationToken);
        var queue = await Queue(look.Repository).GetState();
        var stop = await grains.GetGrain<IQueueGrain>(TaskEffects.Pool).GetState();
        var answer = MergeVerdict.Judge(
            new MergeQuestion
            {
                Rule = state.Lane is { } lane ? policy.MergeOf(lane.Name) : null,
                Lane = state.Lane?.Name ?? "",
                Ruling = state.Ruling,
                Verification = state.Verification,
                View = view,
                Delivery = delivery,
                StoppedBy = queue.StoppedBy.Length > 0 ? queue.StoppedBy : stop.StoppedBy,
                Now = time.GetUtcNow(),
            }
        );
        if (answer.Step == MergeStep.Hold)
        {
            await LeaveAsync(look, over: false, cancellationToken);
            reports.Add(new TaskReport.MergeHeld(delivery.Head, answer.Reasons, false));
            return;
        }
        look.Memory.InLine = true;
        var turn = await Queue(look.Repository)
            .EnterAsync(look.TaskId, view.Base, rules.MergeSilenceMax, cancellationToken);
        if (!turn.Mine)
        {
            reports.Add(
                new TaskReport.MergeHeld(
                    delivery.Head,
                    [$"Task {turn.Before} merges into {view.Base} first."],
                    false
                )
            );
            return;
        }
        reports.Add(
            answer.Step == MergeStep.Update
                ? await UpdateAsync(look, cancellationToken)
                : new TaskReport.MergeReady(
                    delivery.Head,
                    state.Lane is { } l ? policy.MergeOf(l.Name)!.Method : "squash"
                )
        );
    }

    // The decision stands in the journal. It is carried out when it still holds; else it is taken back.
    private async Task<TaskReport> FinishMergeAsync(Look look, CancellationToken cancellationToken)
    {
        var (view, delivery) = (look.View, look.State.Delivery!);
        if (view.Head != delivery.MergeHead)
        {
            return new TaskReport.MergeHeld(
                delivery.Head,
                ["The head moved before the merge."],
                false
            );
        }
        if (view.BaseHead != delivery.BaseCommit)
        {
            return new TaskReport.MergeHeld(
                delivery.Head,
                ["The base branch moved before the merge; the work is checked on it first."],
                false
            );
        }
        try
        {
            var commit = await look.Host.MergeAsync(
                look.Repository.Name,
                view.Number,
                delivery.MergeHead,
                delivery.MergeMethod,
                redactor.Redact(PullRequestText.Title(look.State)) + $" (#{view.Number})",
                cancellationToken
            );
            // The next look finds it merged, and ends it.
            var merged = await look.Host.ViewAsync(
                look.Repository.Name,
                view.Number,
                cancellationToken
            );
            var ended = await EndAsync(
                look with
                {
                    View = merged with
                    {
                        Open = false,
                        Merged = true,
                        MergeCommit = commit.Length > 0 ? commit : merged.MergeCommit,
                    },
                },
                cancellationToken
            );
            return ended[0];
        }
        catch (PullRequestHostException e)
            when (e.Error
                    is not (PullRequestHostError.Unavailable or PullRequestHostError.RateLimited)
            )
        {
            await LeaveAsync(look, over: false, cancellationToken);
            return new TaskReport.MergeHeld(
                delivery.Head,
                [$"The host refused the merge: {e.Message}"],
                true
            );
        }
    }

    private async Task<TaskReport> UpdateAsync(Look look, CancellationToken cancellationToken)
    {
        var check = await CheckBaseAsync(look, cancellationToken);
        return check.Conflicts.Count > 0
            ? await ConflictAsync(look, cancellationToken)
            : new TaskReport.BaseMoved(
                look.State.Delivery!.Head,
                check.BaseHead,
                await BundleAsync(look, check.BaseHead, cancellationToken)
            );
    }

    private async Task<TaskReport> ConflictAsync(Look look, CancellationToken cancellationToken)
    {
        var check = await CheckBaseAsync(look, cancellationToken);
        return new TaskReport.FeedbackSeen([
            FeedbackReader.Conflict(look.State.Delivery!.Head, check),
        ])
        {
            BaseCommit = check.BaseHead,
            BaseBundle = await BundleAsync(look, check.BaseHead, cancellationToken),
        };
    }

    private Task<BaseCheck> CheckBaseAsync(Look look, CancellationToken cancellationToken) =>
        publisher.CheckBaseAsync(
            look.Repository,
            look.State.Delivery!.Branch,
            look.View.Base,
            cancellationToken
        );

    private Task<string> BundleAsync(Look look, string to, CancellationToken cancellationToken) =>
        publisher.BundleAsync(
            look.Repository,
            look.State.Delivery!.BaseCommit,
            to,
            cancellationToken
        );
}
