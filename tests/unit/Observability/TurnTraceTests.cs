using System.Text;
using System.Text.Json;
using CsCheck;
using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

public sealed class TurnTraceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly TaskFact Submitted = new TaskFact.Submitted(
        new TaskSpec { Request = "words of a person", Title = "words" }
    );

    private static readonly TaskFact[] Anything =
    [
        Submitted,
        new TaskFact.TurnStarted(2, "reply", "ann", "words"),
        new TaskFact.TurnStarted(3, "feedback", "ann", "words"),
        new TaskFact.Screened(1, new Ruling(Verdict.Allow, "words", "words", "")),
        new TaskFact.PlanMade(1, new Plan { Kind = TaskKind.Fix, Title = "words" }),
        Run(1),
        Run(2),
        new TaskFact.AgentStarted(1, Agent()),
        new TaskFact.AgentStarted(2, Agent()),
        Ended(1, ErrorClass.None),
        Ended(2, ErrorClass.Timeout),
        new TaskFact.Verified(1, new VerificationReport("words", [])),
        new TaskFact.Judged(1, new Judgement(true, "SUCCESS", [])),
        new TaskFact.Judged(2, new Judgement(false, "FAILED", [])),
        new TaskFact.RetryScheduled(1, ErrorClass.CheckFailed, Start, true, "words"),
        new TaskFact.Paused("words", null),
        new TaskFact.Resumed("ann"),
        new TaskFact.ApprovalAsked("words", TaskPhase.Queued, Start) { Approvals = 2 },
        new TaskFact.ApprovalAsked("words", TaskPhase.Done, Start),
        new TaskFact.Approved("ann", "words"),
        new TaskFact.Rejected("ann", "words"),
        new TaskFact.ApplyStarted("hash", "ann", false, "cli"),
        new TaskFact.Applied("hash", "branch", "commit"),
        new TaskFact.ApplyRefused("hash", new Failure("c", "words")),
        new TaskFact.MergeStarted("head", "squash"),
        new TaskFact.MergeHeld("head", ["words"]) { Refused = true },
        new TaskFact.Merged("commit", "ann"),
        new TaskFact.PullRequestClosed("ann"),
        new TaskFact.Delivered(1),
        new TaskFact.Failed(new Failure("c", "words"), ErrorClass.Fatal),
        new TaskFact.Cancelled("before_start"),
        new TaskFact.Released(1),
    ];

    // Any facts in any order, not only those that a task can have.
    private static readonly Gen<JournalEntry[]> Lives = Gen.Select(
            Gen.Int[0, Anything.Length - 1].Select(i => Anything[i]),
            Gen.Int[0, 20]
        )
        .Array[1, 60]
        .Select(steps =>
        {
            var at = Start;
            return steps
                .Select((s, i) => Entry(i + 2, at = at.AddSeconds(s.Item2 - 2), s.Item1))
                .Prepend(Entry(1, Start, Submitted))
                .ToArray();
        });

    [Fact]
    public void A_root_is_linked_to_the_call_that_caused_its_turn()
    {
        static string Caller(char digit) =>
            $"00-{new string(digit, 32)}-{new string(digit, 16)}-01";
        TaskFact Said(string id, string caller) =>
            new TaskFact.Replied(
                new Reply
                {
                    Id = id,
                    Text = "more",
                    TraceParent = caller,
                }
            );
        TaskFact Turn(int turn, string reply) =>
            new TaskFact.TurnStarted(turn, "reply", "ann", "") { ReplyId = reply };

        var spans = All(
            Life(
                new TaskFact.Submitted(new TaskSpec { Request = "r", TraceParent = Caller('1') }),
                // While a turn goes on, and after it; the second says no caller, the third nonsense.
                Said("a", Caller('2')),
                Said("b", ""),
                new TaskFact.Delivered(1),
                Said("c", "nonsense"),
                Turn(2, "a"),
                new TaskFact.Delivered(2),
                Turn(3, "b"),
                new TaskFact.Delivered(3),
                Turn(4, "c"),
                new TaskFact.Delivered(4),
                new TaskFact.TurnStarted(5, "retry", "ann", ""),
                new TaskFact.Delivered(5)
            )
        );

        Assert.Equal(
            [Caller('1'), Caller('2'), "", "", ""],
            spans.Where(s => s.Name == TraceIds.Root).Select(s => s.CausedBy)
        );
        Assert.All(spans.Where(s => s.Name != TraceIds.Root), s => Assert.Equal("", s.CausedBy));
        using var json = JsonDocument.Parse(SpanText.Write(spans, "s", "1", t => t));
        Assert.Equal(
            [
                (new string('1', 32), new string('1', 16)),
                (new string('2', 32), new string('2', 16)),
            ],
            json.RootElement.GetProperty("resourceSpans")[0]
                .GetProperty("scopeSpans")[0]
                .GetProperty("spans")
                .EnumerateArray()
                .SelectMany(s =>
                    s.TryGetProperty("links", out var links) ? links.EnumerateArray().ToList() : []
                )
                .Select(l =>
                    (l.GetProperty("traceId").GetString()!, l.GetProperty("spanId").GetString()!)
                )
        );
    }

    [Fact]
    public void A_turn_with_a_retry_is_one_tree()
    {
        var spans = All(
            Life(
                Submitted,
                new TaskFact.Screened(1, new Ruling(Verdict.Allow, "", "", "")),
                new TaskFact.PlanMade(1, new Plan { Kind = TaskKind.Fix }),
                Run(1),
                new TaskFact.AgentStarted(1, Agent()),
                Ended(1, ErrorClass.Network),
                new TaskFact.RetryScheduled(1, ErrorClass.Network, Start, true, ""),
                Run(2),
                new TaskFact.AgentStarted(2, Agent()),
                Ended(2, ErrorClass.None),
                new TaskFact.Verified(2, new VerificationReport("none", [])),
                new TaskFact.Judged(2, new Judgement(true, "SUCCESS", [])),
                new TaskFact.Delivered(1)
            )
        );

        var names = spans.ToDictionary(s => s.SpanId, s => s.Name);
        Assert.Equal(
            [
                "turn<mediate 0-2 ",
                "turn<queue 2-3 ",
                "attempt<prepare 3-4 ",
                "attempt<run 4-5 network",
                "turn<attempt 3-6 network",
                "turn<queue 6-7 ",
                "attempt<prepare 7-8 ",
                "attempt<run 8-9 ",
                "attempt<verify 9-11 ",
                "turn<attempt 7-11 ",
                "turn<deliver 11-12 ",
                "<turn 0-12 ",
            ],
            spans.Select(s =>
                $"{names.GetValueOrDefault(s.ParentId)}<{s.Name} {(s.Start - Start).TotalSeconds}-{(s.End - Start).TotalSeconds} {s.Error}"
            )
        );
        Assert.Equal(
            TraceIds.ParentOfRun("t", 1, 2),
            $"00-{spans[7].TraceId}-{spans[7].SpanId}-01"
        );
        Assert.Equal(
            TraceIds.ParentOfTurn("t", 1),
            $"00-{spans[^1].TraceId}-{spans[^1].SpanId}-01"
        );
    }

    [Fact]
    public void A_question_a_pause_and_a_pull_request_are_stages_and_a_reply_ends_the_turn_before()
    {
        var spans = All(
            Life(
                Submitted,
                new TaskFact.ApprovalAsked("", TaskPhase.Queued, Start) { Approvals = 2 },
                new TaskFact.Approved("ann", ""),
                new TaskFact.Approved("bob", ""),
                new TaskFact.Paused("", null),
                new TaskFact.Resumed("ann"),
                Run(1),
                Ended(1, ErrorClass.None),
                new TaskFact.Judged(1, new Judgement(true, "SUCCESS", [])),
                new TaskFact.PullRequestOpened(null!),
                new TaskFact.MergeStarted("h", "squash"),
                new TaskFact.MergeHeld("h", []) { Refused = true },
                new TaskFact.TurnStarted(2, "feedback", "", "")
            )
        );

        Assert.Equal(
            "mediate approval queue pause queue prepare verify attempt deliver merge:refused review turn",
            string.Join(' ', spans.Select(s => s.Name + (s.Error.Length > 0 ? ":" + s.Error : "")))
        );
        Assert.Contains(spans[^1].Attributes, a => a.Value is "continued");
    }

    [Fact]
    public void Each_ended_turn_has_one_root_no_orphan_and_no_id_twice() =>
        Lives.Sample(life =>
        {
            var spans = All(Ending(life));
            Assert.All(
                spans.GroupBy(s => s.TraceId),
                trace =>
                {
                    // A task cannot begin the same turn twice; made-up facts can.
                    var roots = trace.Count(s => s.ParentId.Length == 0);
                    Assert.Equal(trace.Count(s => s.Name == TraceIds.Root), roots);
                    Assert.True(roots >= 1);
                    var ids = trace.Select(s => s.SpanId).ToHashSet();
                    Assert.All(
                        trace.Where(s => s.ParentId.Length > 0),
                        s => Assert.Contains(s.ParentId, ids)
                    );
                    Assert.All(trace, s => Assert.True(s.End >= s.Start));
                }
            );
        });

    [Fact]
    public void What_is_made_of_some_facts_is_the_beginning_of_what_is_made_of_all() =>
        Lives.Sample(life =>
        {
            var all = All(life).Select(Text).ToList();
            var cut = life.Length / 2;
            var some = All(life[..cut]).Select(Text).ToList();
            Assert.Equal(all[..some.Count], some);
        });

    [Fact]
    public void Nothing_that_a_person_or_an_agent_wrote_stands_in_a_span() =>
        Lives.Sample(life =>
            Assert.DoesNotContain(
                "words",
                string.Join('\n', All(Ending(life)).Select(Text)),
                StringComparison.Ordinal
            )
        );

    [Fact]
    public void Ids_are_well_formed_and_another_task_turn_or_number_has_other_ones()
    {
        string[] ids =
        [
            TraceIds.Span("t", 1, "run", 1),
            TraceIds.Span("t", 1, "run", 2),
            TraceIds.Span("t", 2, "run", 1),
            TraceIds.Span("u", 1, "run", 1),
            TraceIds.Span("t", 1, "verify", 1),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, i => Assert.Matches("^[0-9a-f]{16}$", i));
        Assert.Matches("^[0-9a-f]{32}$", TraceIds.Trace("t", 1));
        Assert.NotEqual(TraceIds.Trace("t", 1), TraceIds.Trace("t", 2));
        Assert.Equal(
            TraceIds.ParentOfTurn("t", 3),
            TraceIds.ParentOfMessage(
                Encoding.UTF8.GetBytes("""{"data":{"task_id":"t","turn":3}}""")
            )
        );
        Assert.Equal(
            TraceIds.ParentOfTurn("t", 1),
            TraceIds.ParentOfMessage(
                Encoding.UTF8.GetBytes("""{"data":{"task_id":"t","sequence":1}}""")
            )
        );
        Assert.All(
            (string[])["""{"data":{"task_id":"t","sequence":2}}""", "[]", "{", """{"data":7}"""],
            m => Assert.Null(TraceIds.ParentOfMessage(Encoding.UTF8.GetBytes(m)))
        );
    }

    [Fact]
    public void A_request_is_the_JSON_form_of_OTLP_and_its_texts_are_cleaned()
    {
        var span = new TraceSpan(
            TraceIds.Trace("t", 1),
            TraceIds.Span("t", 1, "run", 1),
            TraceIds.Span("t", 1, "attempt", 1),
            "run",
            Start,
            Start.AddTicks(15),
            "timeout",
            [new("a", "secret"), new("b", 7L), new("c", 0.5)]
        );

        using var json = JsonDocument.Parse(
            SpanText.Write(
                [span],
                "s",
                "1",
                t => t.Replace("secret", "x", StringComparison.Ordinal)
            )
        );

        var written = json
            .RootElement.GetProperty("resourceSpans")[0]
            .GetProperty("scopeSpans")[0]
            .GetProperty("spans")[0];
        Assert.Equal(span.ParentId, written.GetProperty("parentSpanId").GetString());
        Assert.Equal(
            1_500,
            long.Parse(written.GetProperty("endTimeUnixNano").GetString()!, null)
                - long.Parse(written.GetProperty("startTimeUnixNano").GetString()!, null)
        );
        Assert.Equal(
            """[{"key":"a","value":{"stringValue":"x"}},{"key":"b","value":{"intValue":"7"}},{"key":"c","value":{"doubleValue":0.5}}]""",
            written.GetProperty("attributes").GetRawText()
        );
        Assert.Equal(2, written.GetProperty("status").GetProperty("code").GetInt32());
    }

    private static TaskFact Run(int attempt) =>
        new TaskFact.RunStarted(1, attempt, "h1", 1, Start, "scripted", "s", false);

    private static TaskFact Ended(int attempt, ErrorClass why) =>
        new TaskFact.RunEnded(
            attempt,
            new RunResult
            {
                ErrorClass = why,
                ResultText = "words",
                Message = "words",
            }
        );

    private static AgentInfo Agent() => new(1, "words", "1", "words", "words", "");

    private static JournalEntry Entry(long sequence, DateTimeOffset at, TaskFact fact) =>
        new("t", sequence, at, fact, sequence);

    private static JournalEntry[] Life(params TaskFact[] facts) =>
        [.. facts.Select((f, i) => Entry(i + 1, Start.AddSeconds(i), f))];

    private static JournalEntry[] Ending(JournalEntry[] life) =>
        [.. life, Entry(life.Length + 1, life[^1].At.AddSeconds(1), new TaskFact.Cancelled("x"))];

    private static List<TraceSpan> All(IEnumerable<JournalEntry> life)
    {
        var (trace, spans) = (TurnTrace.Empty, new List<TraceSpan>());
        foreach (var entry in life)
        {
            (trace, var finished) = trace.Take(entry);
            spans.AddRange(finished);
        }
        return spans;
    }

    private static string Text(TraceSpan span) =>
        Encoding.UTF8.GetString(SpanText.Write([span], "s", "1", t => t));
}
