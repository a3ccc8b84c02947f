using System.Text.Json;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.House;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Webhooks;

public sealed class OutboundTextTests
{
    private static readonly DateTimeOffset At = new(2026, 5, 4, 5, 2, 1, TimeSpan.FromHours(2));
    private static readonly TaskFact.ApprovalAsked Asked = new(
        "May it merge?",
        TaskPhase.Running,
        At.AddHours(1)
    )
    {
        Hash = "abc",
    };

    private static readonly Dictionary<string, TaskFact> Facts = new(StringComparer.Ordinal)
    {
        ["submitted"] = new TaskFact.Submitted(TaskSituations.Spec),
        ["turn started"] = new TaskFact.TurnStarted(2, "reply", "alice", "secret words"),
        ["run started"] = new TaskFact.RunStarted(2, 3, "box", 1, At, "codex", "s", true),
        ["asked"] = Asked,
        ["asked about a command"] = Asked with
        {
            Command = new AskedCommand("make all", "src", "def"),
        },
        ["reminded"] = new TaskFact.ApprovalReminded("May it?", At, "bob"),
        ["handed over"] = new TaskFact.ApprovalHandedOver("bob", "eve", "away"),
        ["paused"] = new TaskFact.Paused("No budget.", null),
        ["paused until"] = new TaskFact.Paused("A limit.", At.AddMinutes(5), "day"),
        ["resumed"] = new TaskFact.Resumed("reset"),
        ["staged"] = new TaskFact.Staged(4, new GuardedDiff { Hash = "h" }),
        ["delivered"] = new TaskFact.Delivered(5),
        ["failed"] = new TaskFact.Failed(
            new Failure("agent_failed", "It broke.", "detail"),
            ErrorClass.Fatal
        ),
        ["cancelled"] = new TaskFact.Cancelled("before_start"),
        ["opened"] = new TaskFact.PullRequestOpened(
            new PullRequestRef("github:o/n", 7, "https://github.com/o/n/pull/7", "b", "main")
        ),
        ["merged"] = new TaskFact.Merged("c0ffee", "carol"),
        ["closed"] = new TaskFact.PullRequestClosed("dave"),
        ["approved"] = new TaskFact.Approved("bob", ""),
        ["released"] = new TaskFact.Released(1),
    };

    [Theory]
    [InlineData("submitted", "task.submitted")]
    [InlineData("turn started", "task.turn_started")]
    [InlineData("run started", "task.run_started")]
    [InlineData("asked", "task.approval_needed")]
    [InlineData("reminded", "task.approval_reminded")]
    [InlineData("handed over", "task.approval_handed_over")]
    [InlineData("paused", "task.paused")]
    [InlineData("resumed", "task.resumed")]
    [InlineData("staged", "task.staged")]
    [InlineData("delivered", "task.done")]
    [InlineData("failed", "task.failed")]
    [InlineData("cancelled", "task.cancelled")]
    [InlineData("opened", "task.pull_request_opened")]
    [InlineData("merged", "task.pull_request_merged")]
    [InlineData("closed", "task.pull_request_closed")]
    [InlineData("approved", null)]
    [InlineData("released", null)]
    public void A_fact_has_the_type_of_its_message_or_is_told_to_nobody(
        string fact,
        string? type
    ) => Assert.Equal(type, OutboundText.TypeOf(Facts[fact]));

    [Fact]
    public void Every_type_that_is_sent_can_be_named_in_an_endpoints_list_and_is_in_the_schema()
    {
        using var schema = JsonDocument.Parse(Repository.Read("schemas/json/webhook.schema.json"));
        string[] sent =
        [
            .. Facts.Values.Select(OutboundText.TypeOf).OfType<string>().Distinct().Order(),
        ];

        Assert.Equal(sent, OutboundText.Types.Order());
        Assert.Equal(
            sent,
            schema
                .RootElement.GetProperty("properties")
                .GetProperty("type")
                .GetProperty("enum")
                .EnumerateArray()
                .Select(t => t.GetString()!)
                .Order()
        );
    }

    [Fact]
    public void A_message_has_the_members_that_the_schema_demands()
    {
        using var schema = JsonDocument.Parse(Repository.Read("schemas/json/webhook.schema.json"));
        var shapes = schema
            .RootElement.GetProperty("oneOf")
            .EnumerateArray()
            .Select(s => s.GetProperty("properties"))
            .ToDictionary(
                s => s.GetProperty("type").GetProperty("const").GetString()!,
                s => s.GetProperty("data")
            );
        Assert.All(
            Facts.Values.Where(f => OutboundText.TypeOf(f) is not null),
            fact =>
            {
                using var message = JsonDocument.Parse(Write(fact)!);
                var members = message
                    .RootElement.GetProperty("data")
                    .EnumerateObject()
                    .Select(m => m.Name)
                    .Except(["task_id", "sequence", "position"])
                    .ToList();
                var shape = shapes[OutboundText.TypeOf(fact)!];
                Assert.Subset(
                    shape
                        .GetProperty("properties")
                        .EnumerateObject()
                        .Select(m => m.Name)
                        .ToHashSet(),
                    members.ToHashSet()
                );
                Assert.Superset(
                    shape
                        .GetProperty("required")
                        .EnumerateArray()
                        .Select(m => m.GetString()!)
                        .ToHashSet(),
                    members.ToHashSet()
                );
            }
        );
    }

    [Theory]
    [InlineData("", "task.done", true)]
    [InlineData("task.done", "task.done", true)]
    [InlineData("task.done", "task.failed", false)]
    [InlineData("task.don", "task.done", false)]
    [InlineData("task.donX", "task.done", false)]
    [InlineData("task.done", "task.done_again", false)]
    [InlineData("task.failed task.done", "task.done", true)]
    [InlineData("task.failed task.done", "task.paused", false)]
    [InlineData("task.pull_request_*", "task.pull_request_merged", true)]
    [InlineData("task.pull_request_*", "task.paused", false)]
    [InlineData("task.*", "task.paused", true)]
    [InlineData("*", "task.paused", true)]
    [InlineData("TASK.DONE", "task.done", false)]
    [InlineData("TASK.*", "task.done", false)]
    public void An_endpoint_wants_what_its_list_names_and_with_no_list_everything(
        string list,
        string type,
        bool wants
    ) =>
        Assert.Equal(
            wants,
            OutboundText.Wants(list.Split(' ', StringSplitOptions.RemoveEmptyEntries), type)
        );

    [Theory]
    [InlineData("submitted", "task.submitted", "")]
    [InlineData(
        "turn started",
        "task.turn_started",
        ",\"turn\":2,\"kind\":\"reply\",\"by\":\"alice\""
    )]
    [InlineData(
        "run started",
        "task.run_started",
        ",\"turn\":2,\"attempt\":3,\"host\":\"box\",\"runner\":\"codex\""
    )]
    [InlineData(
        "asked",
        "task.approval_needed",
        ",\"what\":\"May it merge?\",\"deadline\":\"2026-05-04T04:02:01Z\""
    )]
    [InlineData(
        "asked about a command",
        "task.approval_needed",
        ",\"what\":\"May it merge?\",\"deadline\":\"2026-05-04T04:02:01Z\",\"command\":\"make all\",\"folder\":\"src\",\"hash\":\"abc\""
    )]
    [InlineData(
        "reminded",
        "task.approval_reminded",
        ",\"what\":\"May it?\",\"deadline\":\"2026-05-04T03:02:01Z\",\"to\":\"bob\""
    )]
    [InlineData(
        "handed over",
        "task.approval_handed_over",
        ",\"by\":\"bob\",\"to\":\"eve\",\"note\":\"away\""
    )]
    [InlineData("paused", "task.paused", ",\"reason\":\"No budget.\"")]
    [InlineData(
        "paused until",
        "task.paused",
        ",\"reason\":\"A limit.\",\"until\":\"2026-05-04T03:07:01Z\""
    )]
    [InlineData("resumed", "task.resumed", ",\"by\":\"reset\"")]
    [InlineData("staged", "task.staged", ",\"turn\":4")]
    [InlineData("delivered", "task.done", ",\"turn\":5")]
    [InlineData("failed", "task.failed", ",\"code\":\"agent_failed\",\"message\":\"It broke.\"")]
    [InlineData("cancelled", "task.cancelled", "")]
    [InlineData(
        "opened",
        "task.pull_request_opened",
        ",\"repository\":\"github:o/n\",\"number\":7,\"url\":\"https://github.com/o/n/pull/7\""
    )]
    [InlineData("merged", "task.pull_request_merged", ",\"commit\":\"c0ffee\",\"by\":\"carol\"")]
    [InlineData("closed", "task.pull_request_closed", ",\"by\":\"dave\"")]
    public void A_message_says_its_type_instant_task_and_details(
        string fact,
        string type,
        string details
    ) =>
        Assert.Equal(
            $$$"""{"type":"{{{type}}}","timestamp":"2026-05-04T03:02:01Z","data":{"task_id":"task_1","sequence":12,"position":345{{{details}}}}}""",
            Write(Facts[fact])
        );

    [Theory]
    [InlineData("approved")]
    [InlineData("released")]
    public void A_fact_without_a_type_has_no_message(string fact) =>
        Assert.Null(Write(Facts[fact]));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1_999, 1_999)]
    [InlineData(2_000, 2_000)]
    [InlineData(2_001, 2_000)]
    [InlineData(9_000, 2_000)]
    public void A_detail_has_at_most_2000_characters(int length, int kept) =>
        Assert.Equal(
            """{"type":"task.resumed","timestamp":"2026-05-04T03:02:01Z","data":{"task_id":"task_1","sequence":12,"position":345,"by":"""
                + $"\"{new string('a', kept)}\"}}}}",
            Write(new TaskFact.Resumed(new string('a', length)))
        );

    [Fact]
    public void A_messages_id_follows_from_its_endpoint_and_position_alone() =>
        Assert.Equal("msg_ci_345", OutboundText.IdOf("ci", 345));

    private static string? Write(TaskFact fact) =>
        OutboundText.Write(new JournalEntry("task_1", 12, At, fact, 345));
}
