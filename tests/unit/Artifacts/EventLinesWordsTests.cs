using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Artifacts;

/// <summary>The lines about approvals, policy, delivery and doors, as whoever watches the file reads them.</summary>
public sealed class EventLinesWordsTests
{
    private const string Task =
        "\"task_id\":\"t\",\"task_type\":\"fix\",\"priority\":\"medium\",\"status\":\"processing\"";

    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly PullRequestRef There = DeliverySituations.There;

    // The fact, and what its lines hold behind their time.
    private static readonly (TaskFact Fact, string[] Lines)[] Table =
    [
        (
            new TaskFact.ApprovalReminded("the plan", Now, "bob"),
            [$$"""{"event":"approval_reminded",{{Task}},"what":"the plan"}"""]
        ),
        (
            new TaskFact.ApprovalHandedOver("ann", "bob", "n"),
            [$$"""{"event":"approval_handed_over",{{Task}},"by":"ann","to":"bob"}"""]
        ),
        (
            new TaskFact.Replied(
                new Reply
                {
                    Id = "r",
                    Text = "x",
                    By = "ann",
                    Channel = "http",
                }
            ),
            [$$"""{"event":"replied",{{Task}},"by":"ann","channel":"http","waiting":1}"""]
        ),
        (
            new TaskFact.OverlapFound([
                new Overlap("other", ["a", "b"]),
                new Overlap("third", ["c"]),
            ]),
            [
                $$"""{"event":"overlap_found",{{Task}},"with":"other","paths":"a;b"}""",
                $$"""{"event":"overlap_found",{{Task}},"with":"third","paths":"c"}""",
            ]
        ),
        (
            new TaskFact.ApprovalAsked("the diff", TaskPhase.Queued, Now) { Approvals = 2 },
            [$$"""{"event":"approval_asked",{{Waiting}},"what":"the diff","approvals":2}"""]
        ),
        (
            new TaskFact.ApprovalAsked("the diff", TaskPhase.Queued, Now),
            [$$"""{"event":"approval_asked",{{Waiting}},"what":"the diff","approvals":1}"""]
        ),
        (
            new TaskFact.ApprovalAsked("a command", TaskPhase.Queued, Now)
            {
                Command = new AskedCommand("git push", "docs", "exact"),
                Hash = "question",
            },
            [
                $$"""{"event":"approval_asked",{{Waiting}},"what":"a command","approvals":1,"command":"git push","folder":"docs","hash":"question"}""",
            ]
        ),
        (new TaskFact.Rejected("ann", "no"), [$$"""{"event":"rejected",{{Task}},"by":"ann"}"""]),
        (
            new TaskFact.Staged(1, new GuardedDiff { Hash = "h" }),
            [$$"""{"event":"guarded_staged",{{Task}},"hash":"h"}"""]
        ),
        (
            new TaskFact.Applied("h", "main", "c"),
            [$$"""{"event":"guarded_applied",{{Task}},"hash":"h","branch":"main","commit":"c"}"""]
        ),
        (
            new TaskFact.ApplyRefused("h", new Failure("conflict", "moved")),
            [$$"""{"event":"guarded_refused",{{Task}},"error":"moved"}"""]
        ),
        (new TaskFact.Ruled(1, Ruling(Verdict.Allow)), []),
        (
            new TaskFact.Ruled(1, Ruling(Verdict.Deny)),
            [
                $$"""{"event":"policy_denied",{{Task}},"policy":"team@1","rule":"keys","source":"p:3","path":"keys/a"}""",
                $$"""{"event":"policy_asks",{{Task}},"policy":"team@1","rule":"big","source":"p:4","path":""}""",
            ]
        ),
        (
            new TaskFact.BranchPushed(1, "b", "head", "base"),
            [$$"""{"event":"branch_pushed",{{Task}},"turn_index":1,"branch":"b","commit":"head"}"""]
        ),
        (
            new TaskFact.PullRequestOpened(There),
            [
                $$"""{"event":"pull_request_opened",{{Task}},"repository":"github:o/n","number":7,"url":"https://github.com/o/n/pull/7"}""",
            ]
        ),
        (
            new TaskFact.FeedbackReceived([
                DeliverySituations.Item("line:1"),
                DeliverySituations.Item("line:2"),
            ]),
            [
                $$"""{"event":"feedback_received",{{Task}},"feedback":"line:1","by":"alice"}""",
                $$"""{"event":"feedback_received",{{Task}},"feedback":"line:2","by":"alice"}""",
            ]
        ),
        (
            new TaskFact.FeedbackAnswered(["line:1", "line:2"]),
            [$$"""{"event":"feedback_answered",{{Task}},"feedback":"line:1;line:2"}"""]
        ),
        (
            new TaskFact.MergeHeld("h", ["A draft.", "Red."]),
            [$$"""{"event":"merge_held",{{Task}},"reasons":"A draft. Red."}"""]
        ),
        (
            new TaskFact.MergeStarted("h", "squash"),
            [$$"""{"event":"merge_started",{{Task}},"commit":"h"}"""]
        ),
        (
            new TaskFact.Merged("c", "ann"),
            [$$"""{"event":"merged",{{Task}},"commit":"c","by":"ann"}"""]
        ),
        (
            new TaskFact.PullRequestClosed("ann"),
            [$$"""{"event":"pull_request_closed",{{Task}},"by":"ann"}"""]
        ),
        (
            new TaskFact.PolicyActivated("team@1", "ann"),
            ["""{"event":"policy_activated","policy":"team@1","by":"ann"}"""]
        ),
        (
            new TaskFact.IntakeRefused(
                "file",
                "a.md",
                new Failure("invalid", "no title"),
                "bad/a.md"
            ),
            [
                """{"event":"intake_refused","source":"file","file":"a.md","error":"no title","to":"bad/a.md"}""",
            ]
        ),
    ];

    private const string Waiting = Task;

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Table.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_fact_makes_these_lines(int row)
    {
        var (fact, expected) = Table[row];
        var entry = new JournalEntry("t", 1, Now.ToOffset(TimeSpan.FromHours(2)), fact, 1);
        var after = TaskSituations.Fold(TaskSituations.Named("Running"), fact);

        Assert.Equal(
            expected.Select(l => "{\"timestamp\":\"2026-01-02T03:04:05.000Z\"," + l[1..]),
            EventLines.Of(entry, after)
        );
    }

    [Theory]
    [InlineData("Received", "pending")]
    [InlineData("Mediating", "pending")]
    [InlineData("Queued", "pending")]
    [InlineData("Running", "processing")]
    [InlineData("AwaitingApproval", "processing")]
    [InlineData("Done", "completed")]
    [InlineData("InReview", "completed")]
    [InlineData("Failed", "failed")]
    [InlineData("Cancelled", "failed")]
    public void A_line_that_no_single_fact_makes_tells_the_task_s_state_in_the_predecessor_s_words(
        string situation,
        string status
    )
    {
        var entry = new JournalEntry("t", 1, Now, new TaskFact.Released(1), 1);
        var state = TaskSituations.Named(situation) with { Plan = TaskSituations.Plan };
        var line = EventLines.Extra(entry, state, "task_archived", "path", "a/b");

        Assert.Equal(
            $$"""{"timestamp":"2026-01-02T03:04:05.000Z","event":"task_archived","task_id":"t","task_type":"fix","priority":"medium","status":"{{status}}","path":"a/b"}""",
            line
        );
        Assert.EndsWith(
            $"\"status\":\"{status}\"}}",
            EventLines.Extra(entry, state, "artifacts_written"),
            StringComparison.Ordinal
        );
    }

    private static PolicyRuling Ruling(Verdict verdict) =>
        new()
        {
            Stage = "diff",
            Policy = "team@1",
            Verdict = verdict,
            Rulings =
            [
                new Ruling(Verdict.Allow, "lane", "fine"),
                new Ruling(Verdict.Deny, "keys", "why") { Source = "p:3", Path = "keys/a" },
                new Ruling(Verdict.NeedsApproval, "big", "why") { Source = "p:4" },
            ],
        };
}
