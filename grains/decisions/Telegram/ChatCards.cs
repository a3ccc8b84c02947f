using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Telegram;

/// <summary>What a chat is told of a task by itself: one card a turn that is kept up to date, what is asked, how it ended.</summary>
public static class ChatCards
{
    private const int TitleMax = 200;
    private const int SummaryMax = 2_500;
    private const int WhatMax = 1_500;

    /// <summary>Name of the card of a turn.</summary>
    public static string CardOf(string taskId, int turn) =>
        string.Create(CultureInfo.InvariantCulture, $"{taskId}:{turn}");

    /// <summary>True for facts that may change a card.</summary>
    public static bool Concerns(TaskFact fact) =>
        fact
            is not (
                TaskFact.Released
                or TaskFact.Checkpointed
                or TaskFact.CommitMade
                or TaskFact.FeedbackAnswered
            );

    /// <summary>The card: where the turn is now.</summary>
    public static string Progress(string taskId, TaskState state, string language)
    {
        ArgumentNullException.ThrowIfNull(state);
        var text = new StringBuilder(
            ChatWords.Say(
                language,
                "card-turn",
                Icon(state.Phase),
                taskId,
                state.Turn,
                Word(state.Phase, language)
            )
        ).Append('\n');
        text.Append(Foreign(state.Title, TitleMax)).Append('\n');
        if (state.Attempt > 0)
        {
            text.Append(ChatWords.Say(language, "card-attempt", state.Attempt, state.Host))
                .Append('\n');
        }
        if (state.Phase == TaskPhase.Running && state.Step is { } step)
        {
            text.Append("… ").Append(Foreign(step.Text, TitleMax)).Append('\n');
        }
        if (state.WaitingFor.Length > 0)
        {
            text.Append(
                    ChatWords.Say(
                        language,
                        "card-waits",
                        ChatSplitter.Cut(state.WaitingFor, TitleMax)
                    )
                )
                .Append('\n');
        }
        return text.ToString().TrimEnd();
    }

    /// <summary>How a turn ended, or that it is in review; null when it has not.</summary>
    public static ChatSend? Ended(string taskId, TaskState state, string language)
    {
        ArgumentNullException.ThrowIfNull(state);
        var head = state.Phase switch
        {
            TaskPhase.Done => ChatWords.Say(language, "done", taskId),
            TaskPhase.Failed => ChatWords.Say(language, "failed", taskId),
            TaskPhase.Cancelled => ChatWords.Say(language, "was-cancelled", taskId),
            TaskPhase.InReview => ChatWords.Say(
                language,
                "in-review",
                taskId,
                state.Delivery?.PullRequest?.WebAddress ?? ""
            ),
            _ => null,
        };
        if (head is null)
        {
            return null;
        }
        var rest = ChatSplitter.Cut(ChatSummary.Write(state, language), SummaryMax);
        return new ChatSend
        {
            Text = $"{head}\n{Foreign(state.Title, TitleMax)}\n\n{rest}",
            Language = language,
            TaskId = taskId,
            Gathers = true,
            Buttons =
            [
                [
                    .. HasDiff(state)
                        ? [Button(language, ButtonAct.Diff, "button-diff", taskId)]
                        : (ChatButton[])[],
                    Button(language, ButtonAct.Retry, "button-retry", taskId),
                    Button(language, ButtonAct.More, "button-more", taskId),
                ],
            ],
        };
    }

    /// <summary>The documents that follow the end: the diff, when there is one, and the artifact.</summary>
    public static IReadOnlyList<ChatSend> Documents(
        string taskId,
        TaskState state,
        string language
    ) =>
        state is not { Phase: TaskPhase.Done or TaskPhase.InReview or TaskPhase.Failed } ? []
        : HasDiff(state) ? [Patch(taskId, state.Result!.Diff, language), Artifact(taskId, language)]
        : [Artifact(taskId, language)];

    /// <summary>The diff as a document.</summary>
    public static ChatSend Patch(
        string taskId,
        GrainInterfaces.Runners.DiffSummary diff,
        string language
    )
    {
        ArgumentNullException.ThrowIfNull(diff);
        return new()
        {
            Kind = ChatSendKind.Document,
            Text = ChatWords.Say(
                language,
                "diff-caption",
                taskId,
                diff.FilesTotal,
                diff.AddedLines,
                diff.DeletedLines
            ),
            TaskId = taskId,
            FileName = taskId + ".diff",
            Holds = ChatDocumentKind.Patch,
            Content = diff.PatchBlob,
        };
    }

    /// <summary>The question, with the buttons that answer it; null when nothing is asked.</summary>
    public static ChatSend? Asked(string taskId, TaskState state, string language)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Phase != TaskPhase.AwaitingApproval)
        {
            return null;
        }
        var text = state.Command is { } command
            ? ChatWords.Say(
                language,
                command.Folder.Length > 0 ? "ask-command-in" : "ask-command",
                taskId,
                Foreign(command.Command, WhatMax),
                Foreign(state.Title, TitleMax),
                Foreign(command.Folder, TitleMax)
            )
            : ChatWords.Say(
                language,
                "ask",
                taskId,
                Foreign(state.WaitingFor, WhatMax),
                Foreign(state.Title, TitleMax)
            );
        if (state.ApprovalsNeeded > 1)
        {
            text +=
                "\n"
                + ChatWords.Say(
                    language,
                    "ask-approvals",
                    state.ApprovedBy.Count,
                    state.ApprovalsNeeded
                );
        }
        if (state.Due is { } due)
        {
            text += "\n" + ChatWords.Say(language, "ask-until", Time(due));
        }
        var hash = state.ApprovalHash;
        return new ChatSend
        {
            Text = text,
            TaskId = taskId,
            Buttons =
            [
                [
                    Button(language, ButtonAct.Approve, "button-approve", taskId, hash),
                    Button(language, ButtonAct.Reject, "button-reject", taskId, hash),
                ],
                [
                    .. HasDiff(state)
                        ? [Button(language, ButtonAct.Diff, "button-diff", taskId)]
                        : (ChatButton[])[],
                    Button(language, ButtonAct.More, "button-more", taskId),
                ],
            ],
        };
    }

    /// <summary>A pause, or its end; null for other facts.</summary>
    public static ChatSend? Paused(string taskId, TaskFact fact, string language) =>
        fact switch
        {
            TaskFact.Paused f => Notice(
                taskId,
                ChatWords.Say(language, "paused", taskId, f.Reason),
                language
            ),
            TaskFact.Resumed => Notice(
                taskId,
                ChatWords.Say(language, "resumed", taskId),
                language
            ),
            _ => null,
        };

    /// <summary>The buttons of a task that lives.</summary>
    public static IReadOnlyList<IReadOnlyList<ChatButton>> Living(string taskId, string language) =>
        [
            [
                Button(language, ButtonAct.Cancel, "button-cancel", taskId),
                Button(language, ButtonAct.More, "button-more", taskId),
            ],
        ];

    /// <summary>A button about a task.</summary>
    public static ChatButton Button(
        string language,
        ButtonAct act,
        string label,
        string taskId,
        string hash = ""
    ) => new(ChatWords.Say(language, label), ButtonData.Write(act, hash, taskId));

    /// <summary>A phase as people read it.</summary>
    public static string Word(TaskPhase phase, string language) =>
        ChatWords.Say(
            language,
            "phase." + JsonNamingPolicy.SnakeCaseLower.ConvertName(phase.ToString())
        );

    /// <summary>A phase as a picture.</summary>
    public static string Icon(TaskPhase phase) =>
        phase switch
        {
            TaskPhase.Received or TaskPhase.Mediating => "📥",
            TaskPhase.Queued => "⏳",
            TaskPhase.Preparing or TaskPhase.Running => "🚀",
            TaskPhase.Validating or TaskPhase.Delivering => "🔬",
            TaskPhase.InReview => "🔎",
            TaskPhase.Done => "✅",
            TaskPhase.AwaitingApproval => "✋",
            TaskPhase.Paused => "⏸",
            TaskPhase.Failed => "❌",
            TaskPhase.Cancelled => "⏹",
            _ => "•",
        };

    internal static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    internal static string Foreign(string text, int max) =>
        ChatSplitter.Foreign(ChatSplitter.Cut(text, max));

    private static ChatSend Artifact(string taskId, string language) =>
        new()
        {
            Kind = ChatSendKind.Document,
            Text = ChatWords.Say(language, "artifact-caption", taskId),
            TaskId = taskId,
            FileName = taskId + ".json",
            Holds = ChatDocumentKind.Artifact,
            Content = taskId,
        };

    private static ChatSend Notice(string taskId, string text, string language) =>
        new()
        {
            Text = text,
            Language = language,
            TaskId = taskId,
            Gathers = true,
        };

    private static bool HasDiff(TaskState state) =>
        state.Result is { Diff: { FilesTotal: > 0, PatchBlob.Length: > 0 } };
}
