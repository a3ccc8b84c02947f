using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;
using static Orchestrator.UnitTests.Telegram.ChatSituations;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>What people are shown when they ask, whole.</summary>
public sealed class ChatViewsTests
{
    private const string HelpHead = "Say what you want in a sentence, or:\n";
    private const string HelpTail =
        "Answer one of my messages to say more to its task.\nLines of their own below your words may say: constraint: what must hold; priority: high, medium or low; type: fix, code_review, summarize, analyze or documentation.";

    private static readonly TaskSnapshot Snapshot = new()
    {
        TaskId = "task_1",
        Phase = TaskPhase.Running,
        Title = "Mend the loop",
        Kind = TaskKind.CodeReview,
        Priority = TaskPriority.High,
        Requester = "telegram:5",
        Turn = 2,
        Attempt = 3,
        UpdatedAt = Noon,
        CostUsd = 1.25m,
        Tokens = 1234,
    };

    private const string SnapshotHead =
        "🚀 task_1 · running\nMend the loop\ncode review, high, by telegram:5; turn 2, attempt 3\n";
    private const string SnapshotUpdated =
        "updated 2026-05-04 12:00 UTC; $1.2500, 1234 tokens\nIt runs.";

    [Fact]
    public void Whom_the_bot_does_not_know_is_shown_how_to_begin() =>
        Assert.Equal(
            HelpHead + "/start — begin, or pair with a code\n" + HelpTail,
            ChatViews.Help(ChatRole.None, "en")
        );

    [Fact]
    public void Who_may_look_is_shown_the_commands_that_only_look() =>
        Assert.Equal(
            HelpHead
                + """
                /start — begin, or pair with a code
                /help — this list
                /status — the server, its queue and its hosts
                /progress ID [--since 10m] — the last ten events of a task
                /list [PHASE] — the newest tasks
                /show ID — one task
                /diff ID — its diff, as a document
                /git_status ID — the state of a task's repository
                /hosts — the runner hosts
                /language CODE — choose the language: en or de

                """.ReplaceLineEndings("\n")
                + HelpTail,
            ChatViews.Help(ChatRole.Read, "en")
        );

    [Fact]
    public void Who_may_do_everything_is_shown_every_command() =>
        Assert.Equal(
            HelpHead
                + """
                /start — begin, or pair with a code
                /help — this list
                /task TEXT — ask for work
                /reply ID TEXT — say more to a task
                /fork ID [TURN] TEXT — begin a new task from a turn of another
                /status — the server, its queue and its hosts
                /progress ID [--since 10m] — the last ten events of a task
                /list [PHASE] — the newest tasks
                /show ID — one task
                /diff ID — its diff, as a document
                /cancel ID — stop it
                /retry ID — begin another turn
                /approve ID [HASH] — say yes to what it asks
                /reject ID [WHY] — say no
                /documentation TEXT — ask for documentation
                /code_review TEXT — ask for a review
                /bug_fix TEXT — ask for a fix
                /analyze TEXT — ask a question
                /commit ID [--no-branch] [--push] — commit accepted work in its repository
                /commit_all ID [--no-branch] [--push] — the same, with what is staged there
                /git_status ID — the state of a task's repository
                /hosts — the runner hosts
                /estop [--release] — emergency stop of everything
                /language CODE — choose the language: en or de

                """.ReplaceLineEndings("\n")
                + HelpTail,
            ChatViews.Help(ChatRole.Operate, "en")
        );

    [Fact]
    public void A_task_is_shown_with_why_it_is_where_it_is()
    {
        Assert.Equal(
            SnapshotHead
                + "repository /repo\n"
                + SnapshotUpdated
                + "\n- It has a slot.\n- It was first.\n2 files, +7 -3\n  M src/1.cs\n  M src/2.cs",
            ChatViews.Task(
                Snapshot with
                {
                    Repository = "/repo",
                    Result = new RunResult { Diff = Diff(2) },
                },
                Explained("It has a slot.", "It was first."),
                "en"
            )
        );
        Assert.Equal(SnapshotHead + SnapshotUpdated, ChatViews.Task(Snapshot, Explained(), "en"));
    }

    [Fact]
    public void A_task_is_shown_with_ten_reasons_and_twenty_files_at_most() =>
        Assert.Equal(
            SnapshotHead
                + SnapshotUpdated
                + string.Concat(Enumerable.Range(1, 10).Select(i => $"\n- r{i}"))
                + "\n21 files, +7 -3"
                + string.Concat(Enumerable.Range(1, 20).Select(i => $"\n  M src/{i}.cs")),
            ChatViews.Task(
                Snapshot with
                {
                    Result = new RunResult { Diff = Diff(21) },
                },
                Explained([.. Enumerable.Range(1, 11).Select(i => $"r{i}")]),
                "en"
            )
        );

    [Fact]
    public void Tasks_are_listed_one_a_line_by_title_or_by_kind()
    {
        Assert.Equal(
            "🚀 task_1 running — Mend the loop\n⏳ task_2 queued — fix\n✅ task_3 done — "
                + new string('t', 59)
                + "…",
            ChatViews.List(
                [
                    new TaskHead
                    {
                        TaskId = "task_1",
                        Phase = TaskPhase.Running,
                        Kind = TaskKind.Fix,
                        Title = "Mend the loop",
                    },
                    new TaskHead
                    {
                        TaskId = "task_2",
                        Phase = TaskPhase.Queued,
                        Kind = TaskKind.Fix,
                    },
                    new TaskHead
                    {
                        TaskId = "task_3",
                        Phase = TaskPhase.Done,
                        Title = new string('t', 61),
                    },
                ],
                "en"
            )
        );
        Assert.Equal("", ChatViews.List([], "en"));
        Assert.Equal("", ChatViews.List(null!, "en"));
    }

    [Fact]
    public void The_server_is_shown_with_its_parts_its_work_and_its_hosts() =>
        Assert.Equal(
            """
            Orchestrator 1.2.3
            ✅ store: all is well
            ⚠️ mail: no line
            Active: 1
            Queued: 2
            Completed: 3
            Failed: 4
            Workers: 3 of 6 on 2 hosts
            Working directory: /data
            """.ReplaceLineEndings("\n"),
            ChatViews.Status(
                new StatusReport
                {
                    Version = "1.2.3",
                    Components =
                    [
                        new ComponentStatus("store", true, "all is well"),
                        new ComponentStatus("mail", false, "no line"),
                    ],
                    Active = 1,
                    Queued = 2,
                    Completed = 3,
                    Failed = 4,
                    Hosts =
                    [
                        new HostSnapshot("a", 1, 4, 1, [], [], true),
                        new HostSnapshot("b", 1, 2, 2, [], [], true),
                    ],
                    DataDirectory = "/data",
                },
                "en"
            )
        );

    [Fact]
    public void Hosts_are_listed_one_a_line_with_what_is_wrong()
    {
        Assert.Equal(
            "🟢 a online, 1 of 4 slots\n🔴 b offline, 0 of 2 slots: no disk",
            ChatViews.Hosts(
                [
                    new HostInfo
                    {
                        Host = "a",
                        State = "online",
                        Slots = 4,
                        SlotsUsed = 1,
                    },
                    new HostInfo
                    {
                        Host = "b",
                        State = "offline",
                        Slots = 2,
                        Problem = "no disk",
                    },
                ],
                "en"
            )
        );
        Assert.Equal("", ChatViews.Hosts([], "en"));
        Assert.Equal("", ChatViews.Hosts(null!, "en"));
    }

    [Fact]
    public void A_repository_is_shown_with_the_first_twenty_files_that_are_changed()
    {
        Assert.Equal(
            "/repo is on main; nothing is changed.",
            ChatViews.Repository(new RepositoryStatus("/repo", "main", true, [], []), "en")
        );
        Assert.Equal(
            "/repo is on main; 21 files are changed:"
                + string.Concat(Enumerable.Range(1, 20).Select(i => $"\n  M src/{i}.cs")),
            ChatViews.Repository(
                new RepositoryStatus("/repo", "main", false, Diff(21).Files, []),
                "en"
            )
        );
    }

    private static Explanation Explained(params string[] reasons) =>
        new("task_1", TaskPhase.Running, "It runs.", reasons, []);
}
