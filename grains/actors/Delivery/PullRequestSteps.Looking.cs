using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Tasks;

namespace Orchestrator.Grains.Delivery;

/// <content>Looking at a pull request: what is said is taken in and answered, and the comment is kept up to date.</content>
public sealed partial class PullRequestSteps
{
    private const int CheckLogMax = 8_000;
    private const int FactsMax = 10_000;

    /// <summary>Looks at the pull request and does what follows; what the task is told of it, in order.</summary>
    public async Task<IReadOnlyList<TaskReport>> LookAsync(
        string taskId,
        TaskState state,
        PullRequestMemory memory,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(memory);
        var (repository, host) = HostOf(state);
        var number = state.Delivery!.PullRequest!.Number;
        PullRequestView view;
        try
        {
            view = await host.ViewAsync(repository.Name, number, cancellationToken);
        }
        catch (PullRequestHostException e)
            when (e.Error
                    is not (PullRequestHostError.Unavailable or PullRequestHostError.RateLimited)
            )
        {
            // Gone, hidden or no longer ours to see: said once, looked at again with the next poll.
            return [new TaskReport.MergeHeld(state.Delivery.Head, [e.Message], false)];
        }
        var look = new Look(taskId, state, repository, host, view, memory);
        return view.Open
            ? await TendAsync(look, cancellationToken)
            : await EndAsync(look, cancellationToken);
    }

    private async Task<IReadOnlyList<TaskReport>> TendAsync(
        Look look,
        CancellationToken cancellationToken
    )
    {
        var reports = new List<TaskReport>();
        var (state, view) = (look.State, look.View);
        await AnswerAsync(look, reports, cancellationToken);
        var said = FeedbackReader.Read(view, state.Delivery!, rules.Feedback, time.GetUtcNow());
        if (said.Count > 0)
        {
            reports.Add(
                new TaskReport.FeedbackSeen(await WithLogsAsync(look, said, cancellationToken))
            );
        }
        else if (state.Phase == TaskPhase.InReview)
        {
            await MergeAsync(look, reports, cancellationToken);
        }
        else
        {
            await LeaveAsync(look, over: false, cancellationToken);
        }
        // A merge of now has said its last word already.
        if (!reports.Exists(r => r is TaskReport.Merged))
        {
            await ShowAsync(look, state, cancellationToken);
        }
        return reports;
    }

    private async Task<IReadOnlyList<TaskReport>> EndAsync(
        Look look,
        CancellationToken cancellationToken
    )
    {
        var (state, view) = (look.State, look.View);
        if (view.Merged && state.Delivery!.MergeHead.Length > 0)
        {
            await look.Host.DeleteBranchAsync(
                look.Repository.Name,
                state.Delivery.Branch,
                state.Delivery.MergeHead,
                cancellationToken
            );
        }
        TaskReport report = view.Merged
            ? new TaskReport.Merged(view.MergeCommit, view.EndedBy)
            : new TaskReport.PullRequestClosed(view.EndedBy);
        // What the comment will say is known before it is so: said first, settled by the report.
        TaskFact fact = view.Merged
            ? new TaskFact.Merged(view.MergeCommit, view.EndedBy)
            : new TaskFact.PullRequestClosed(view.EndedBy);
        await ShowAsync(look, state.After(fact, time.GetUtcNow()), cancellationToken);
        await LeaveAsync(look, over: true, cancellationToken);
        return [report];
    }

    private async Task AnswerAsync(
        Look look,
        List<TaskReport> reports,
        CancellationToken cancellationToken
    )
    {
        var delivery = look.State.Delivery!;
        foreach (
            var item in delivery.Unanswered.Where(i => i.Kind is "review" or "line" or "comment")
        )
        {
            await look.Host.ReplyAsync(
                look.Repository.Name,
                look.View.Number,
                item.Id,
                PullRequestText.AnswerMarker(look.TaskId, item.Id, delivery.PushedTurn),
                redactor.Redact(
                    FeedbackText.Answer(
                        item,
                        delivery.PushedTurn,
                        delivery.Head,
                        look.State.Result?.ResultText ?? ""
                    )
                ),
                cancellationToken
            );
        }
        if (delivery.Unanswered.Count > 0)
        {
            reports.Add(
                new TaskReport.FeedbackAnswered([.. delivery.Unanswered.Select(i => i.Id)])
            );
        }
    }

    private async Task<IReadOnlyList<Feedback>> WithLogsAsync(
        Look look,
        IReadOnlyList<Feedback> said,
        CancellationToken cancellationToken
    )
    {
        var full = new List<Feedback>();
        foreach (var item in said)
        {
            var text = item.Text;
            var check = look.View.Checks.FirstOrDefault(c =>
                item.Kind == "check" && c.Name == item.By
            );
            if (check is not null)
            {
                var log = await look.Host.CheckLogAsync(
                    look.Repository.Name,
                    check,
                    CheckLogMax,
                    cancellationToken
                );
                text = log.Length > 0 ? log : text;
            }
            full.Add(item with { Text = redactor.Redact(text), By = redactor.Redact(item.By) });
        }
        return full;
    }

    private async Task ShowAsync(Look look, TaskState state, CancellationToken cancellationToken)
    {
        // The comment follows from the facts alone, and is dear to make: the artifact in it is written from all facts of its turn.
        if (look.Memory.StickyVersion != state.Version)
        {
            await CommentAsync(look, state, cancellationToken);
            // A state that is only foreseen may come otherwise.
            look.Memory.StickyVersion = state == look.State ? state.Version : -1;
        }
        await StatusAsync(look, state.Delivery!.Head, state, cancellationToken);
    }

    private async Task CommentAsync(Look look, TaskState state, CancellationToken cancellationToken)
    {
        var text = redactor.Redact(
            PullRequestText.Sticky(
                look.TaskId,
                state,
                $"`results/{look.TaskId}.json`, `orchestrator show {look.TaskId}`",
                await AttachedAsync(look.TaskId, state, cancellationToken)
            )
        );
        if (look.Memory.Sticky != text)
        {
            await look.Host.StickyCommentAsync(
                look.Repository.Name,
                look.View.Number,
                PullRequestText.StickyMarker(look.TaskId),
                text,
                cancellationToken
            );
            look.Memory.Sticky = text;
        }
    }

    private static async Task StatusAsync(
        Look look,
        string head,
        TaskState state,
        CancellationToken cancellationToken
    )
    {
        if (look.View.Open && look.Memory.StatusOf != head && look.View.Head == head)
        {
            var (word, said) = PullRequestText.Status(state);
            try
            {
                await look.Host.StatusAsync(
                    look.Repository.Name,
                    head,
                    word,
                    said,
                    cancellationToken
                );
            }
            catch (PullRequestHostException e)
                when (e.Error is PullRequestHostError.Forbidden or PullRequestHostError.NotFound)
            {
                // A status is shown where the credential may set one.
                look.Memory.StatusOf = head;
                return;
            }
            look.Memory.StatusOf = head;
        }
    }

    private async Task<string> AttachedAsync(
        string taskId,
        TaskState state,
        CancellationToken cancellationToken
    )
    {
        if (!rules.AttachArtifact)
        {
            return "";
        }
        var first = state.Said.Count > 0 ? state.Said[0].Sequence - 1 : 0;
        var known = await journal.ReadTaskAsync(taskId, first, FactsMax, cancellationToken);
        return PullRequestText.Attached(
            ArtifactWriter.Write(
                taskId,
                state,
                known,
                new ArtifactExtras("", 1, state.Agent?.Executable ?? "")
            )
        );
    }

    private async Task LeaveAsync(Look look, bool over, CancellationToken cancellationToken)
    {
        if (look.Memory.InLine || over)
        {
            await Queue(look.Repository).LeaveAsync(look.TaskId, over, cancellationToken);
            look.Memory.InLine = false;
        }
    }

    private sealed record Look(
        string TaskId,
        TaskState State,
        RemoteRepository Repository,
        IPullRequestHost Host,
        PullRequestView View,
        PullRequestMemory Memory
    );
}
