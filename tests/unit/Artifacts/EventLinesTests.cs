using System.Text.Json;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Artifacts;

public sealed class EventLinesTests
{
    // Situation before, the fact, the lines: the event and what it adds to the members that every line has.
    private static readonly (string Situation, TaskFact Fact, string[] Lines)[] Table =
    [
        (
            "None",
            new TaskFact.Submitted(TaskSituations.Spec),
            ["""task_received pending {"file":""}""", "parsed pending {}"]
        ),
        (
            "Mediating",
            new TaskFact.PlanMade(1, TaskSituations.Plan),
            ["""agent_selected pending {"agent_type":"bug_fix"}"""]
        ),
        (
            "Preparing",
            new TaskFact.AgentStarted(1, TaskSituations.Agent),
            ["""claude_started processing {"worker":"h"}"""]
        ),
        (
            "Running",
            new TaskFact.RunEnded(1, new RunResult { DurationSeconds = 2.5 }),
            ["""claude_finished SUCCESS {"duration_s":2.5,"error_class":"none"}"""]
        ),
        (
            "Running",
            new TaskFact.RunEnded(1, new RunResult { ErrorClass = ErrorClass.Timeout }),
            [
                """claude_finished FAILED {"duration_s":0,"error_class":"timeout"}""",
                """timeout processing {"timeout_s":0}""",
            ]
        ),
        (
            "Running",
            new TaskFact.RetryScheduled(
                1,
                ErrorClass.RateLimit,
                TaskSituations.Now.AddSeconds(1.5),
                true,
                ""
            ),
            ["""retry pending {"attempt":1,"class":"rate_limit","delay_s":1.5}"""]
        ),
        (
            "Running",
            new TaskFact.RetryScheduled(1, ErrorClass.Workspace, TaskSituations.Now, true, "")
            {
                Reason = "The folder is held.",
            },
            [
                """retry pending {"attempt":1,"class":"workspace","delay_s":0,"reason":"The folder is held."}""",
            ]
        ),
        (
            "Validating",
            new TaskFact.Judged(1, new Judgement(false, "FAILED", [])),
            ["""validated processing {"valid_llama":true,"valid_result":false}"""]
        ),
        ("Delivering", new TaskFact.Delivered(1), ["""turn_finished completed {"turn_index":1}"""]),
        (
            "Done",
            new TaskFact.TurnStarted(2, "retry", "ann", ""),
            ["""turn_started pending {"parent_task_id":"t","turn_index":2,"kind":"retry"}"""]
        ),
        (
            "Running",
            new TaskFact.Failed(new Failure("c", "It broke."), ErrorClass.Fatal),
            [
                """task_failed failed {"error":"It broke."}""",
                """turn_finished failed {"turn_index":1}""",
            ]
        ),
        ("Running", new TaskFact.CancelRequested("ann", ""), ["cancel_requested processing {}"]),
        (
            "Running, cancelling",
            new TaskFact.Cancelled("during_execution"),
            [
                """cancelled failed {"when":"during_execution"}""",
                """turn_finished failed {"turn_index":1}""",
            ]
        ),
        ("Done", new TaskFact.Released(1), []),
        ("Running", new TaskFact.Progressed(1, new AgentStep("x", 1, 1)), []),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Table.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_fact_makes_the_lines_of_the_table(int row)
    {
        var (situation, fact, expected) = Table[row];
        var entry = new JournalEntry("t", 1, TaskSituations.Now, fact, 1);
        var after = TaskSituations.Fold(TaskSituations.Named(situation), fact);

        Assert.Equal(expected, EventLines.Of(entry, after).Select(Short));
    }

    [Fact]
    public void A_refusal_of_the_full_queue_is_a_line_without_a_task()
    {
        var fact = new TaskFact.Throttled("queue_full", TaskPriority.High, 5, "ann");
        var line = Assert.Single(
            EventLines.Of(
                new JournalEntry("system", 1, TaskSituations.Now, fact, 1),
                TaskState.Empty
            )
        );

        Assert.Equal(
            """{"timestamp":"2026-01-02T03:04:05.000Z","event":"throttled","reason":"queue_full","priority":"high","retry_after_s":5}""",
            line
        );
    }

    [Fact]
    public void A_line_stays_one_line_whatever_a_message_holds()
    {
        var fact = new TaskFact.Failed(new Failure("c", "a\nb\"\u2028ä"), ErrorClass.Fatal);
        var state = TaskSituations.Fold(TaskSituations.Named("Running"), fact);
        var line = EventLines.Of(new JournalEntry("t", 1, TaskSituations.Now, fact, 1), state)[0];

        Assert.DoesNotContain('\n', line);
        using var document = JsonDocument.Parse(line);
        Assert.Equal("a\nb\"\u2028ä", document.RootElement.GetProperty("error").GetString());
    }

    // "event status {members beyond the common ones}"
    private static string Short(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        Assert.Equal("2026-01-02T03:04:05.000Z", root.GetProperty("timestamp").GetString());
        Assert.Equal("t", root.GetProperty("task_id").GetString());
        Assert.True(root.TryGetProperty("task_type", out _));
        Assert.Equal("medium", root.GetProperty("priority").GetString());
        var more = root.EnumerateObject()
            .Where(p =>
                p.Name
                    is not (
                        "timestamp"
                        or "event"
                        or "task_id"
                        or "task_type"
                        or "priority"
                        or "status"
                    )
            )
            .Select(p => $"\"{p.Name}\":{p.Value.GetRawText()}");
        return $"{root.GetProperty("event").GetString()} {root.GetProperty("status").GetString()} {{{string.Join(',', more)}}}";
    }
}
