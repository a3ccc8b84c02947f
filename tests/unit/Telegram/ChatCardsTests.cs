using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;
using static Orchestrator.UnitTests.Telegram.ChatSituations;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>What a chat is told of a task by itself, whole.</summary>
public sealed class ChatCardsTests
{
    private static readonly ChatButton[] MoreRow = [new("ℹ️ More", "mo::task_1")];
    private static readonly ChatButton[] DiffMoreRow =
    [
        new("📄 Diff", "df::task_1"),
        new("ℹ️ More", "mo::task_1"),
    ];
    private static readonly ChatButton[] RetryRow = [new("🔁 Retry", "rt::task_1"), .. MoreRow];
    private static readonly ChatButton[] DiffRetryRow = [new("📄 Diff", "df::task_1"), .. RetryRow];

    [Fact]
    public void A_card_shows_what_a_run_is_doing()
    {
        var state = In(TaskPhase.Running) with
        {
            Turn = 2,
            Attempt = 3,
            Host = "host-a",
            Step = new AgentStep("reads src/a.cs", 1, 1),
            WaitingFor = "a free slot",
        };

        Assert.Equal(
            "🚀 task_1 · turn 2 · running\nMend the loop\nattempt 3 on host-a\n… reads src/a.cs\nwaits: a free slot",
            ChatCards.Progress("task_1", state, "en")
        );
        Assert.Equal(
            "🚀 task_1 · turn 2 · running\nMend the loop\nattempt 3 on host-a\nwaits: a free slot",
            ChatCards.Progress("task_1", state with { Step = null }, "en")
        );
    }

    [Fact]
    public void A_card_has_no_line_for_what_there_is_not()
    {
        Assert.Equal(
            "⏳ task_1 · turn 1 · queued\nMend the loop",
            ChatCards.Progress("task_1", In(TaskPhase.Queued), "en")
        );
        Assert.Equal(
            "⏳ task_1 · turn 1 · queued\nMend the loop\nattempt 1 on host-a",
            ChatCards.Progress(
                "task_1",
                In(TaskPhase.Queued) with
                {
                    Attempt = 1,
                    Host = "host-a",
                    Step = new AgentStep("of the run before", 1, 1),
                },
                "en"
            )
        );
    }

    [Fact]
    public void Foreign_words_on_a_card_are_cut_and_no_commands()
    {
        var state = In(TaskPhase.Running) with
        {
            Spec = new TaskSpec { Request = "r", Title = new string('t', 201) },
            Step = new AgentStep("/estop " + new string('s', 200), 1, 1),
            WaitingFor = new string('w', 201),
        };

        Assert.Equal(
            $"🚀 task_1 · turn 1 · running\n{new string('t', 199)}…\n… /\u2060estop {new string('s', 192)}…\nwaits: {new string('w', 199)}…",
            ChatCards.Progress("task_1", state, "en")
        );
    }

    [Fact]
    public void A_card_changes_with_every_fact_but_those_that_it_does_not_show()
    {
        Assert.All(
            (TaskFact[])
                [
                    new TaskFact.Released(1),
                    new TaskFact.Checkpointed(1, new Checkpoint()),
                    new TaskFact.CommitMade("b", "c", "ann", false),
                    new TaskFact.FeedbackAnswered([]),
                ],
            f => Assert.False(ChatCards.Concerns(f))
        );
        Assert.All(
            (TaskFact[])
                [
                    new TaskFact.Delivered(1),
                    new TaskFact.Progressed(1, new AgentStep("s", 1, 1)),
                    new TaskFact.Resumed("ann"),
                ],
            f => Assert.True(ChatCards.Concerns(f))
        );
    }

    [Fact]
    public void The_end_of_a_turn_offers_the_diff_another_turn_and_more()
    {
        var state = Changed(TaskPhase.Done);

        Same(
            new ChatSend
            {
                Text =
                    "✅ Task task_1 COMPLETED\nMend the loop\n\n" + ChatSummary.Write(state, "en"),
                Language = "en",
                TaskId = "task_1",
                Gathers = true,
                Buttons = [DiffRetryRow],
            },
            ChatCards.Ended("task_1", state, "en")
        );
    }

    [Theory]
    [InlineData(TaskPhase.Done, "✅ Task task_1 COMPLETED")]
    [InlineData(TaskPhase.Failed, "❌ Task task_1 FAILED")]
    [InlineData(TaskPhase.Cancelled, "⏹ Task task_1 CANCELLED")]
    [InlineData(TaskPhase.InReview, "🔎 Task task_1 is in review: ")]
    public void An_end_without_a_change_offers_no_diff(TaskPhase phase, string head)
    {
        var state = In(phase);

        Same(
            new ChatSend
            {
                Text = head + "\nMend the loop\n\n" + ChatSummary.Write(state, "en"),
                Language = "en",
                TaskId = "task_1",
                Gathers = true,
                Buttons = [RetryRow],
            },
            ChatCards.Ended("task_1", state, "en")
        );
    }

    [Fact]
    public void A_review_is_told_with_its_address()
    {
        var state = In(TaskPhase.InReview) with
        {
            Delivery = new DeliveryState
            {
                PullRequest = new PullRequestRef("o/r", 7, "https://host/pull/7", "t", "main"),
            },
        };

        Assert.StartsWith(
            "🔎 Task task_1 is in review: https://host/pull/7\nMend the loop\n\n",
            ChatCards.Ended("task_1", state, "en")!.Text,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(TaskPhase.None)]
    [InlineData(TaskPhase.Running)]
    [InlineData(TaskPhase.AwaitingApproval)]
    [InlineData(TaskPhase.Paused)]
    public void A_turn_that_goes_on_has_no_end_and_no_documents(TaskPhase phase)
    {
        Assert.Null(ChatCards.Ended("task_1", Changed(phase), "en"));
        Assert.Empty(ChatCards.Documents("task_1", Changed(phase), "en"));
    }

    [Theory]
    [InlineData(TaskPhase.Done)]
    [InlineData(TaskPhase.InReview)]
    [InlineData(TaskPhase.Failed)]
    public void The_diff_and_the_artifact_follow_an_end(TaskPhase phase)
    {
        var patch = new ChatSend
        {
            Kind = ChatSendKind.Document,
            Text = "Diff of task_1: 2 files, +7 -3",
            TaskId = "task_1",
            FileName = "task_1.diff",
            Holds = ChatDocumentKind.Patch,
            Content = Blob,
        };
        var artifact = new ChatSend
        {
            Kind = ChatSendKind.Document,
            Text = "Artifact of task_1",
            TaskId = "task_1",
            FileName = "task_1.json",
            Holds = ChatDocumentKind.Artifact,
            Content = "task_1",
        };

        var changed = ChatCards.Documents("task_1", Changed(phase), "en");
        var unchanged = ChatCards.Documents("task_1", In(phase), "en");

        Assert.Equal(2, changed.Count);
        Same(patch, changed[0]);
        Same(artifact, changed[1]);
        Same(artifact, Assert.Single(unchanged));
    }

    [Fact]
    public void A_cancelled_turn_has_no_documents() =>
        Assert.Empty(ChatCards.Documents("task_1", Changed(TaskPhase.Cancelled), "en"));

    [Theory]
    [InlineData(1, "b", 2)]
    [InlineData(0, "b", 1)]
    [InlineData(1, "", 1)]
    public void A_diff_is_one_with_files_and_a_patch(int files, string blob, int documents)
    {
        var state = In(TaskPhase.Done) with
        {
            Result = new RunResult
            {
                Diff = new DiffSummary { FilesTotal = files, PatchBlob = blob },
            },
        };

        Assert.Equal(documents, ChatCards.Documents("task_1", state, "en").Count);
        Assert.Equal(documents + 1, ChatCards.Ended("task_1", state, "en")!.Buttons[0].Count);
    }

    [Fact]
    public void A_question_is_told_with_what_answers_it()
    {
        var hash = new string('a', 64);
        var asking = Changed(TaskPhase.AwaitingApproval) with
        {
            WaitingFor = "may I apply it?",
            ApprovalsNeeded = 2,
            ApprovedBy = ["ann"],
            Due = new DateTimeOffset(2026, 5, 4, 14, 5, 0, TimeSpan.FromHours(2)),
            ApprovalHash = hash,
        };
        ChatButton[] answers =
        [
            new("✅ Approve", "ok:aaaaaaaaaaaa:task_1"),
            new("❌ Reject", "no:aaaaaaaaaaaa:task_1"),
        ];

        Same(
            new ChatSend
            {
                Text =
                    "✋ task_1 asks: may I apply it?\nMend the loop\n1 of 2 approvals are there.\nAn answer is waited for until 2026-05-04 12:05 UTC.",
                TaskId = "task_1",
                Buttons = [answers, DiffMoreRow],
            },
            ChatCards.Asked("task_1", asking, "en")
        );
        Same(
            new ChatSend
            {
                Text = "✋ task_1 asks: may I apply it?\nMend the loop",
                TaskId = "task_1",
                Buttons = [answers, MoreRow],
            },
            ChatCards.Asked(
                "task_1",
                asking with
                {
                    Result = null,
                    ApprovalsNeeded = 1,
                    Due = null,
                },
                "en"
            )
        );
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "")]
    [InlineData(2, "\n0 of 2 approvals are there.")]
    public void Approvals_are_counted_where_it_takes_several(int needed, string line) =>
        Assert.Equal(
            "✋ task_1 asks: why?\nMend the loop" + line,
            ChatCards
                .Asked(
                    "task_1",
                    In(TaskPhase.AwaitingApproval) with
                    {
                        WaitingFor = "why?",
                        ApprovalsNeeded = needed,
                    },
                    "en"
                )!
                .Text
        );

    [Theory]
    [InlineData(
        "",
        "✋ task_1 asks whether its agent may run this command, and only this:\ngit push\nMend the loop"
    )]
    [InlineData(
        "sub/folder",
        "✋ task_1 asks whether its agent may run this command, and only this, in sub/folder:\ngit push\nMend the loop"
    )]
    public void A_command_is_asked_about_with_the_folder_it_runs_in(string folder, string text) =>
        Assert.Equal(
            text,
            ChatCards
                .Asked(
                    "task_1",
                    In(TaskPhase.AwaitingApproval) with
                    {
                        Command = new AskedCommand("git push", folder, "h"),
                    },
                    "en"
                )!
                .Text
        );

    [Theory]
    [InlineData(TaskPhase.Running)]
    [InlineData(TaskPhase.Paused)]
    public void A_task_that_waits_for_nobody_asks_nothing(TaskPhase phase) =>
        Assert.Null(ChatCards.Asked("task_1", In(phase) with { WaitingFor = "x" }, "en"));

    [Fact]
    public void A_pause_and_its_end_are_notices_that_can_be_gathered()
    {
        var notice = new ChatSend
        {
            Text = "⏸ task_1 waits: no money",
            Language = "en",
            TaskId = "task_1",
            Gathers = true,
        };

        Same(notice, ChatCards.Paused("task_1", new TaskFact.Paused("no money", null), "en"));
        Same(
            notice with
            {
                Text = "▶️ task_1 goes on.",
            },
            ChatCards.Paused("task_1", new TaskFact.Resumed("ann"), "en")
        );
        Assert.Null(ChatCards.Paused("task_1", new TaskFact.Delivered(1), "en"));
    }

    [Fact]
    public void A_task_that_lives_can_be_stopped_and_looked_at() =>
        Assert.Equal(
            [
                [new ChatButton("⏹ Cancel", "cx::task_1"), .. MoreRow],
            ],
            ChatCards.Living("task_1", "en")
        );

    [Theory]
    [InlineData(TaskPhase.None, "•")]
    [InlineData(TaskPhase.Received, "📥")]
    [InlineData(TaskPhase.Mediating, "📥")]
    [InlineData(TaskPhase.Queued, "⏳")]
    [InlineData(TaskPhase.Preparing, "🚀")]
    [InlineData(TaskPhase.Running, "🚀")]
    [InlineData(TaskPhase.Validating, "🔬")]
    [InlineData(TaskPhase.Delivering, "🔬")]
    [InlineData(TaskPhase.InReview, "🔎")]
    [InlineData(TaskPhase.Done, "✅")]
    [InlineData(TaskPhase.AwaitingApproval, "✋")]
    [InlineData(TaskPhase.Paused, "⏸")]
    [InlineData(TaskPhase.Failed, "❌")]
    [InlineData(TaskPhase.Cancelled, "⏹")]
    public void Every_phase_has_its_picture(TaskPhase phase, string picture) =>
        Assert.Equal(picture, ChatCards.Icon(phase));
}
