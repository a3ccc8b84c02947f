using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Artifacts;

/// <content>The lines of delivered work.</content>
public static partial class EventLines
{
    private static IReadOnlyList<string> DeliveryEvent(JournalEntry entry, TaskState after) =>
        entry.Fact switch
        {
            TaskFact.BranchPushed f =>
            [
                Line(
                    entry,
                    after,
                    "branch_pushed",
                    j =>
                    {
                        j.WriteNumber("turn_index", f.Turn);
                        j.WriteString("branch", f.Branch);
                        j.WriteString("commit", f.Head);
                    }
                ),
            ],
            TaskFact.PullRequestOpened f =>
            [
                Line(
                    entry,
                    after,
                    "pull_request_opened",
                    j =>
                    {
                        j.WriteString("repository", f.PullRequest.Repository);
                        j.WriteNumber("number", f.PullRequest.Number);
                        j.WriteString("url", f.PullRequest.WebAddress);
                    }
                ),
            ],
            TaskFact.FeedbackReceived f =>
            [
                .. f.Items.Select(i =>
                    Line(
                        entry,
                        after,
                        "feedback_received",
                        j =>
                        {
                            j.WriteString("feedback", i.Id);
                            j.WriteString("by", i.By);
                        }
                    )
                ),
            ],
            TaskFact.FeedbackAnswered f =>
            [
                Line(
                    entry,
                    after,
                    "feedback_answered",
                    j => j.WriteString("feedback", string.Join(';', f.Ids))
                ),
            ],
            TaskFact.MergeHeld f =>
            [
                Line(
                    entry,
                    after,
                    "merge_held",
                    j => j.WriteString("reasons", string.Join(' ', f.Reasons))
                ),
            ],
            TaskFact.MergeStarted f =>
            [
                Line(entry, after, "merge_started", j => j.WriteString("commit", f.Head)),
            ],
            TaskFact.Merged f =>
            [
                Line(
                    entry,
                    after,
                    "merged",
                    j =>
                    {
                        j.WriteString("commit", f.Commit);
                        j.WriteString("by", f.By);
                    }
                ),
            ],
            TaskFact.PullRequestClosed f =>
            [
                Line(entry, after, "pull_request_closed", j => j.WriteString("by", f.By)),
            ],
            _ => [],
        };
}
