using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>The lines of <c>/progress</c>, whole.</summary>
public sealed class ChatProgressTests
{
    // Half past three in the afternoon there is half past one in UTC.
    private static readonly DateTimeOffset At = new(2026, 5, 4, 15, 30, 7, TimeSpan.FromHours(2));

    [Fact]
    public void The_way_of_a_turn_to_its_end_is_told_step_by_step()
    {
        Assert.Equal(
            ["13:30:07 📥 received — telegram:5"],
            Told(new TaskFact.Submitted(new TaskSpec { Request = "r", Requester = "telegram:5" }))
        );
        Assert.Equal(
            ["13:30:07 🧩 parsed — Mend the loop"],
            Told(new TaskFact.PlanMade(1, new Plan { Title = "Mend the loop" }))
        );
        Assert.Equal(
            ["13:30:07 🚀 started — Claude 2"],
            Told(new TaskFact.AgentStarted(1, new AgentInfo(1, "x", "v", "m", "Claude 2", "")))
        );
        Assert.Equal(
            ["13:30:07 📝 summarized — 3 files, 12.5 s"],
            Ended(
                new RunResult
                {
                    DurationSeconds = 12.54,
                    Diff = new DiffSummary { FilesTotal = 3 },
                }
            )
        );
        Assert.Equal(
            ["13:30:07 ✅ validated"],
            Told(new TaskFact.Judged(1, new Judgement(true, "SUCCESS", [])))
        );
        Assert.Equal(
            ["13:30:07 💾 artifacts", "13:30:07 🏁 finished"],
            Told(new TaskFact.Delivered(1))
        );
    }

    [Fact]
    public void What_goes_wrong_is_told_with_its_reason()
    {
        Assert.Equal(
            ["13:30:07 ⏱️ timeout — too long"],
            Ended(new RunResult { ErrorClass = ErrorClass.Timeout, Message = "too long" })
        );
        Assert.Equal(
            ["13:30:07 ⚠️ ended badly — no line"],
            Ended(new RunResult { ErrorClass = ErrorClass.Network, Message = "no line" })
        );
        Assert.Equal(
            ["13:30:07 ⚠️ not accepted — no tests"],
            Told(
                new TaskFact.Judged(
                    1,
                    new Judgement(
                        false,
                        "FAILED",
                        [new Finding("a", true, "no tests"), new Finding("b", true, "no docs")]
                    )
                )
            )
        );
        Assert.Equal(
            ["13:30:07 ⚠️ not accepted"],
            Told(new TaskFact.Judged(1, new Judgement(false, "FAILED", [])))
        );
        Assert.Equal(
            ["13:30:07 🔁 retry — the host is gone"],
            Told(
                new TaskFact.RetryScheduled(1, ErrorClass.HostLost, At, true, "")
                {
                    Reason = "the host is gone",
                }
            )
        );
        Assert.Equal(
            ["13:30:07 🔁 retry — RateLimit"],
            Told(new TaskFact.RetryScheduled(1, ErrorClass.RateLimit, At, true, ""))
        );
        Assert.Equal(
            ["13:30:07 🏁 failed — no disk"],
            Told(new TaskFact.Failed(new Failure("f", "no disk"), ErrorClass.Fatal))
        );
        Assert.Equal(
            ["13:30:07 ⏹ cancel asked — local"],
            Told(new TaskFact.CancelRequested("local", "why"))
        );
        Assert.Equal(["13:30:07 🏁 cancelled"], Told(new TaskFact.Cancelled("running")));
    }

    [Fact]
    public void What_people_are_asked_and_what_they_say_is_told_with_who()
    {
        Assert.Equal(
            ["13:30:07 ✋ asks — may I?"],
            Told(new TaskFact.ApprovalAsked("may I?", TaskPhase.Running, At))
        );
        Assert.Equal(
            ["13:30:07 ✋ asks again — may I now?"],
            Told(new TaskFact.ApprovalReminded("may I now?", At, "ann"))
        );
        Assert.Equal(
            ["13:30:07 ✋ handed over — by ann to bob"],
            Told(new TaskFact.ApprovalHandedOver("ann", "bob", "note"))
        );
        Assert.Equal(["13:30:07 ✅ approved — bob"], Told(new TaskFact.Approved("bob", "note")));
        Assert.Equal(["13:30:07 ❌ rejected — bob"], Told(new TaskFact.Rejected("bob", "note")));
        Assert.Equal(["13:30:07 ⏸ paused — no money"], Told(new TaskFact.Paused("no money", null)));
        Assert.Equal(["13:30:07 ▶️ resumed — ann"], Told(new TaskFact.Resumed("ann")));
        Assert.Equal(
            ["13:30:07 🔁 turn 4 — retry"],
            Told(new TaskFact.TurnStarted(4, "retry", "ann", "again"))
        );
    }

    [Fact]
    public void What_becomes_of_the_change_is_told_with_where_it_is()
    {
        Assert.Equal(
            ["13:30:07 📦 staged — 0123456789ab"],
            Told(new TaskFact.Staged(1, new GuardedDiff { Hash = "0123456789abcdef" }))
        );
        Assert.Equal(
            ["13:30:07 📦 staged — 0123"],
            Told(new TaskFact.Staged(1, new GuardedDiff { Hash = "0123" }))
        );
        Assert.Equal(
            ["13:30:07 📦 applied — main"],
            Told(new TaskFact.Applied("hash", "main", "commit"))
        );
        Assert.Equal(
            ["13:30:07 ⚠️ not applied — it conflicts"],
            Told(new TaskFact.ApplyRefused("hash", new Failure("f", "it conflicts")))
        );
        Assert.Equal(
            ["13:30:07 📦 committed — topic"],
            Told(new TaskFact.CommitMade("topic", "commit", "ann", true))
        );
        Assert.Equal(
            ["13:30:07 🔎 in review — https://host/pull/7"],
            Told(
                new TaskFact.PullRequestOpened(
                    new PullRequestRef("o/r", 7, "https://host/pull/7", "topic", "main")
                )
            )
        );
        Assert.Equal(["13:30:07 📦 merged — abc"], Told(new TaskFact.Merged("abc", "ann")));
    }

    [Fact]
    public void What_nobody_waits_for_is_not_told()
    {
        Assert.Empty(Told(new TaskFact.Progressed(1, new AgentStep("reads", 1, 1))));
        Assert.Empty(Told(new TaskFact.Released(1)));
    }

    [Fact]
    public void A_detail_stands_in_one_line_is_cut_and_is_no_command()
    {
        Assert.Equal(
            ["13:30:07 ⏸ paused — one two /\u2060estop"],
            Told(new TaskFact.Paused("one\r\ntwo\n/estop", null))
        );
        Assert.Equal(
            ["13:30:07 ⏸ paused — " + new string('x', 160)],
            Told(new TaskFact.Paused(new string('x', 160), null))
        );
        Assert.Equal(
            ["13:30:07 ⏸ paused — " + new string('x', 159) + "…"],
            Told(new TaskFact.Paused(new string('x', 161), null))
        );
    }

    [Fact]
    public void Only_the_last_ten_are_shown_the_oldest_first()
    {
        var facts = Enumerable.Range(1, 12).Select(Resumed);

        Assert.Equal(
            Enumerable.Range(3, 10).Select(i => $"13:30:{7 + i:00} ▶️ resumed — n{i}"),
            ChatProgress.Lines(facts, "en")
        );
    }

    [Fact]
    public void Only_what_is_not_older_than_asked_for_is_shown()
    {
        var facts = Enumerable.Range(1, 3).Select(Resumed);

        Assert.Equal(
            ["13:30:09 ▶️ resumed — n2", "13:30:10 ▶️ resumed — n3"],
            ChatProgress.Lines(facts, "en", At.AddSeconds(2))
        );
        Assert.Empty(ChatProgress.Lines(facts, "en", At.AddSeconds(4)));
    }

    private static JournalEntry Resumed(int i) =>
        new("task_1", i, At.AddSeconds(i), new TaskFact.Resumed($"n{i}"), i);

    private static IReadOnlyList<string> Ended(RunResult result) =>
        Told(new TaskFact.RunEnded(1, result));

    private static IReadOnlyList<string> Told(TaskFact fact) =>
        ChatProgress.Lines([new JournalEntry("task_1", 1, At, fact, 1)], "en");
}
