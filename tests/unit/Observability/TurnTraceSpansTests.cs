using System.Globalization;
using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

/// <summary>Every span of a turn has the parent, the times, the error and the attributes that its facts give it.</summary>
public sealed class TurnTraceSpansTests
{
    private const string Prefix = "orchestrator.";

    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly TaskFact Submitted = new TaskFact.Submitted(
        new TaskSpec { Request = "x" }
    );
    private static readonly TaskFact Cancelled = new TaskFact.Cancelled("before_start");
    private static readonly TaskFact Delivered = new TaskFact.Delivered(1);
    private static readonly TaskFact Approved = new TaskFact.Approved("ann", "");
    private static readonly TaskFact Merging = new TaskFact.MergeStarted("h", "squash");

    [Fact]
    public void A_turn_whose_first_work_is_rejected_and_whose_second_is_merged_is_told_so() =>
        Assert.Equal(
            """
            mediate < turn 0-2 ok: task_id=t turn=1 mode=model
            queue < turn 2-3 ok: task_id=t turn=1
            prepare < attempt 3-4 ok: task_id=t turn=1
            run < attempt 4-5 ok: task_id=t turn=1 exit_code=3 tool_calls=4 input_tokens=5 output_tokens=6 cost_usd=0.25 files_changed=7
            verify < attempt 5-7 rejected: task_id=t turn=1 commands=2
            attempt < turn 3-8 check_failed: task_id=t turn=1 attempt=1 host=h_1 runner=claude-code
            queue < turn 8-9 ok: task_id=t turn=1
            prepare < attempt 9-10 ok: task_id=t turn=1
            run < attempt 10-11 ok: task_id=t turn=1 exit_code=0 tool_calls=0 input_tokens=0 output_tokens=0 cost_usd=0 files_changed=0
            verify < attempt 11-13 ok: task_id=t turn=1 commands=0
            attempt < turn 9-13 ok: task_id=t turn=1 attempt=2 host=h2 runner=a_b
            deliver < turn 13-14 ok: task_id=t turn=1
            merge < review 15-17 refused: task_id=t turn=1
            merge < review 18-19 ok: task_id=t turn=1
            review < turn 14-19 ok: task_id=t turn=1
            turn < - 0-20 ok: task_id=t turn=1 cause=request type=fix lane=high outcome=success
            """,
            Tell(
                new TaskFact.Submitted(
                    new TaskSpec { Request = "x", Priority = TaskPriority.High }
                ),
                new TaskFact.Screened(1, new Ruling(Verdict.Allow, "", "", "")),
                Plan(MediationMode.Llama),
                Run(1, "h 1", "claude-code"),
                Agent(1),
                new TaskFact.RunEnded(
                    1,
                    new RunResult
                    {
                        ExitCode = 3,
                        ToolCalls = 4,
                        Usage = new RunUsage(5, 6, 8, 9, 0.25m),
                        Diff = new DiffSummary { FilesTotal = 7 },
                    }
                ),
                Verified(1, 2),
                Judged(1, false),
                new TaskFact.RetryScheduled(1, ErrorClass.CheckFailed, Start, true, ""),
                Run(2, "h2", "a b"),
                Agent(2),
                Ended(2, ErrorClass.None),
                Verified(2, 0),
                Judged(2, true),
                Opened(),
                Merging,
                // The same merge, told again.
                Merging,
                new TaskFact.MergeHeld("h", []) { Refused = true },
                Merging,
                new TaskFact.Merged("c", "ann"),
                Delivered
            )
        );

    // How many are wanted (0 counts as 1), and the yes that is enough.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    public void A_question_stands_until_enough_people_said_yes(int wanted, int enough) =>
        Assert.Equal(
            $"""
            mediate < turn 0-1 ok: task_id=t turn=1
            approval < turn 1-{1 + enough} ok: task_id=t turn=1
            queue < turn {1 + enough}-5 cancelled: task_id=t turn=1
            turn < - 0-5 cancelled: task_id=t turn=1 cause=request type=unknown lane=medium outcome=cancelled
            """,
            Tell(
                Submitted,
                Asked(TaskPhase.Queued, wanted),
                Approved,
                Approved,
                Approved,
                Cancelled
            )
        );

    [Theory]
    [InlineData(TaskPhase.Received, "mediate")]
    [InlineData(TaskPhase.Mediating, "mediate")]
    [InlineData(TaskPhase.Queued, "queue")]
    [InlineData(TaskPhase.Delivering, "deliver")]
    public void After_a_yes_the_stage_goes_on_that_the_question_leads_back_to(
        TaskPhase returnTo,
        string stage
    ) =>
        Assert.Equal(
            $"""
            mediate < turn 0-1 ok: task_id=t turn=1
            approval < turn 1-2 ok: task_id=t turn=1
            {stage} < turn 2-3 cancelled: task_id=t turn=1
            turn < - 0-3 cancelled: task_id=t turn=1 cause=request type=unknown lane=medium outcome=cancelled
            """,
            Tell(Submitted, Asked(returnTo, 1), Approved, Cancelled)
        );

    [Fact]
    public void An_approved_diff_waits_in_no_stage_and_each_try_to_apply_it_is_one() =>
        Assert.Equal(
            """
            mediate < turn 0-1 ok: task_id=t turn=1
            approval < turn 1-2 ok: task_id=t turn=1
            apply < turn 4-5 refused: task_id=t turn=1
            apply < turn 6-7 ok: task_id=t turn=1
            turn < - 0-9 ok: task_id=t turn=1 cause=request type=unknown lane=medium outcome=success
            """,
            Tell(
                Submitted,
                Asked(TaskPhase.Done, 1),
                Approved,
                // Not a second yes: nobody is asked any more.
                Approved,
                new TaskFact.ApplyStarted("h", "ann", false, "cli"),
                new TaskFact.ApplyRefused("h", new Failure("c", "")),
                new TaskFact.ApplyStarted("h", "ann", false, "cli"),
                new TaskFact.Applied("h", "b", "c"),
                new TaskFact.Released(1),
                Delivered
            )
        );

    [Fact]
    public void A_no_ends_the_question_and_leaves_the_turn_to_what_comes_of_it() =>
        Assert.Equal(
            """
            mediate < turn 0-1 ok: task_id=t turn=1
            approval < turn 1-2 rejected: task_id=t turn=1
            turn < - 0-3 policy_violation: task_id=t turn=1 cause=request type=unknown lane=medium outcome=failed
            """,
            Tell(
                Submitted,
                Asked(TaskPhase.Queued, 2),
                new TaskFact.Rejected("ann", ""),
                Failed(ErrorClass.PolicyViolation)
            )
        );

    [Fact]
    public void A_merge_stands_below_a_review_only_and_waits_where_it_is_only_held() =>
        Assert.Equal(
            """
            mediate < turn 0-2 ok: task_id=t turn=1
            merge < review 3-5 closed: task_id=t turn=1
            review < turn 2-5 closed: task_id=t turn=1
            turn < - 0-6 ok: task_id=t turn=1 cause=request type=unknown lane=medium outcome=success
            """,
            Tell(
                Submitted,
                Merging,
                Opened(),
                Merging,
                new TaskFact.MergeHeld("h", []),
                new TaskFact.PullRequestClosed("ann"),
                Delivered
            )
        );

    [Theory]
    [InlineData(ErrorClass.Workspace, "workspace")]
    [InlineData(ErrorClass.UsageLimit, "usage_limit")]
    [InlineData((ErrorClass)999, "other")]
    public void An_attempt_that_never_came_to_its_agent_ends_with_its_preparation(
        ErrorClass why,
        string error
    ) =>
        Assert.Equal(
            $"""
            mediate < turn 0-1 ok: task_id=t turn=1 mode=rules
            queue < turn 1-2 ok: task_id=t turn=1
            prepare < attempt 2-3 {error}: task_id=t turn=1
            attempt < turn 2-4 {error}: task_id=t turn=1 attempt=1 host=h runner=r
            turn < - 0-4 {error}: task_id=t turn=1 cause=request type=fix lane=medium outcome=failed
            """,
            Tell(
                Submitted,
                Plan(MediationMode.Fallback),
                Run(1, "h", "r"),
                Ended(1, why),
                Failed(why)
            )
        );

    [Fact]
    public void What_is_told_of_an_earlier_attempt_changes_nothing_of_the_one_that_goes_on() =>
        Assert.Equal(
            """
            mediate < turn 0-1 ok: task_id=t turn=1 mode=rules
            queue < turn 1-2 ok: task_id=t turn=1
            prepare < attempt 2-3 host_lost: task_id=t turn=1
            attempt < turn 2-3 host_lost: task_id=t turn=1 attempt=1 host=h runner=r
            queue < turn 3-4 ok: task_id=t turn=1
            prepare < attempt 4-7 ok: task_id=t turn=1
            run < attempt 7-8 ok: task_id=t turn=1 exit_code=0 tool_calls=0 input_tokens=0 output_tokens=0 cost_usd=0 files_changed=0
            verify < attempt 8-12 ok: task_id=t turn=1 commands=1
            attempt < turn 4-12 ok: task_id=t turn=1 attempt=2 host=h runner=r
            deliver < turn 12-13 ok: task_id=t turn=1
            turn < - 0-13 ok: task_id=t turn=1 cause=request type=fix lane=medium outcome=success
            """,
            Tell(
                Submitted,
                Plan(MediationMode.Fallback),
                Run(1, "h", "r"),
                new TaskFact.RetryScheduled(1, ErrorClass.HostLost, Start, false, ""),
                Run(2, "h", "r"),
                Agent(1),
                Ended(1, ErrorClass.Timeout),
                Agent(2),
                Ended(2, ErrorClass.None),
                Verified(1, 9),
                Judged(1, false),
                Verified(2, 1),
                Judged(2, true),
                Delivered
            )
        );

    [Theory]
    [InlineData("reply", "reply")]
    [InlineData("retry", "retry")]
    [InlineData("restage", "restage")]
    [InlineData("feedback", "feedback")]
    [InlineData("Reply", "other")]
    [InlineData("words of a person", "other")]
    [InlineData("", "other")]
    public void A_turn_says_what_began_it_and_the_one_before_that_it_was_continued(
        string kind,
        string cause
    ) =>
        Assert.Equal(
            $"""
            mediate < turn 0-1 ok: task_id=t turn=1
            turn < - 0-1 ok: task_id=t turn=1 cause=request type=unknown lane=medium outcome=continued
            mediate < turn 1-2 ok: task_id=t turn=2
            turn < - 1-2 ok: task_id=t turn=2 cause={cause} type=unknown lane=medium outcome=success
            """,
            Tell(Submitted, new TaskFact.TurnStarted(2, kind, "ann", ""), Delivered)
        );

    [Fact]
    public void Facts_outside_of_a_turn_are_counted_and_make_no_span()
    {
        var trace = TurnTrace.Empty;
        TaskFact[] life = [Run(1, "h", "r"), Submitted, Delivered, Opened(), Delivered];
        var finished = new List<int>();

        for (var i = 0; i < life.Length; i++)
        {
            (trace, var spans) = trace.Take(Entry(i + 1, i, life[i]));
            finished.Add(spans.Count);
            Assert.Equal(i + 1, trace.Version);
        }

        Assert.Equal([0, 0, 2, 0, 0], finished);
    }

    [Fact]
    public void A_clock_that_was_set_back_ends_no_span_before_its_start() =>
        Assert.Equal(
            """
            mediate < turn 10-10 ok: task_id=t turn=1 mode=rules
            queue < turn 4-7 ok: task_id=t turn=1
            turn < - 10-10 ok: task_id=t turn=1 cause=request type=fix lane=medium outcome=success
            """,
            Spans([
                Entry(1, 10, Submitted),
                Entry(2, 4, Plan(MediationMode.Fallback)),
                Entry(3, 7, Delivered),
            ])
        );

    private static TaskFact Plan(MediationMode mode) =>
        new TaskFact.PlanMade(1, new Plan { Kind = TaskKind.Fix, Mode = mode });

    private static TaskFact Run(int attempt, string host, string runner) =>
        new TaskFact.RunStarted(1, attempt, host, 1, Start, runner, "s", false);

    private static TaskFact Agent(int attempt) =>
        new TaskFact.AgentStarted(attempt, new AgentInfo(1, "e", "1", "m", "l", ""));

    private static TaskFact Ended(int attempt, ErrorClass why) =>
        new TaskFact.RunEnded(attempt, new RunResult { ErrorClass = why });

    private static TaskFact Verified(int attempt, int commands) =>
        new TaskFact.Verified(
            attempt,
            new VerificationReport(
                "server",
                [.. Enumerable.Repeat(new CommandResult("x", 0, 1, false, ""), commands)]
            )
        );

    private static TaskFact Judged(int attempt, bool accepted) =>
        new TaskFact.Judged(attempt, new Judgement(accepted, "", []));

    private static TaskFact Failed(ErrorClass why) =>
        new TaskFact.Failed(new Failure("c", ""), why);

    private static TaskFact Asked(TaskPhase returnTo, int approvals) =>
        new TaskFact.ApprovalAsked("", returnTo, Start) { Approvals = approvals };

    private static TaskFact Opened() =>
        new TaskFact.PullRequestOpened(new("github:a/b", 1, "", "", ""));

    private static JournalEntry Entry(long sequence, int second, TaskFact fact) =>
        new("t", sequence, Start.AddSeconds(second), fact, sequence);

    // One fact a second.
    private static string Tell(params TaskFact[] facts) =>
        Spans([.. facts.Select((f, i) => Entry(i + 1, i, f))]);

    private static string Spans(List<JournalEntry> life)
    {
        var (trace, spans) = (TurnTrace.Empty, new List<TraceSpan>());
        foreach (var entry in life)
        {
            (trace, var finished) = trace.Take(entry);
            spans.AddRange(finished);
        }
        var names = spans.ToDictionary(s => s.SpanId, s => s.Name);
        return string.Join(
            '\n',
            spans.Select(s => Line(s, names.GetValueOrDefault(s.ParentId, "-")))
        );
    }

    private static string Line(TraceSpan span, string parent)
    {
        Assert.All(
            span.Attributes,
            a =>
            {
                Assert.StartsWith(Prefix, a.Key, StringComparison.Ordinal);
                Assert.True(a.Value is string or long or double);
            }
        );
        var attributes = span.Attributes.Select(a =>
            string.Create(CultureInfo.InvariantCulture, $"{a.Key[Prefix.Length..]}={a.Value}")
        );
        var error = span.Error.Length > 0 ? span.Error : "ok";
        var (from, to) = ((span.Start - Start).TotalSeconds, (span.End - Start).TotalSeconds);
        return $"{span.Name} < {parent} {from}-{to} {error}: {string.Join(' ', attributes)}";
    }
}
