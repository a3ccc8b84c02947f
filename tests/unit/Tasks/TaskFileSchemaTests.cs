using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class TaskFileSchemaTests
{
    private static readonly (string Key, string[] Values)[] Keys =
    [
        (
            "id",
            ["a", "A.b-c_d", "..", "_system", "a b", "../x", "x.", "NUL", "com1.txt", "../../e"]
        ),
        (
            "type",
            [
                "fix",
                "bug_fix",
                "code_review",
                "summarize",
                "analyze",
                "documentation",
                "bugfix",
                "Fix",
            ]
        ),
        ("priority", ["high", "medium", "low", "urgent", "High"]),
        ("timeout_sec", ["1", "86400", "86401", "0", "-1", "1h"]),
        ("agent_type", ["bug_fix", "analyze", "fix", "wizard"]),
        ("parent_task_id", ["task_1", "a/b"]),
        ("max_turns", ["1", "10000", "10001", "x"]),
        ("owner", ["me"]),
        ("template_id", ["t"]),
    ];

    [Fact]
    public void The_reader_and_the_published_schema_agree_on_every_choice_of_keys()
    {
        Gen.Int[-1, 9]
            .Array[Keys.Length]
            .Sample(
                picks =>
                {
                    var yaml = new List<string>();
                    var json = new JsonObject();
                    for (var i = 0; i < Keys.Length; i++)
                    {
                        if (picks[i] < 0 || picks[i] >= Keys[i].Values.Length)
                        {
                            continue;
                        }
                        var (key, value) = (Keys[i].Key, Keys[i].Values[picks[i]]);
                        yaml.Add($"{key}: '{value}'");
                        json[key] =
                            key is "timeout_sec" or "max_turns" && int.TryParse(value, out var n)
                                ? n
                                : value;
                    }
                    var reading = TaskFileReader.Read(
                        "n.task.md",
                        $"---\n{string.Join('\n', yaml)}\n---\nDo it.\n"
                    );
                    var findings = TextSchemas.CheckTaskFile(json.ToJsonString());
                    Assert.True(
                        reading.File is not null == (findings.Count == 0),
                        $"{json.ToJsonString()}: reader {string.Join("; ", reading.Problems)}, schema {string.Join("; ", findings)}"
                    );
                },
                iter: 2_000,
                threads: 1
            );
    }

    [Theory]
    [InlineData(
        """{"timestamp":"2026-01-01T00:00:00.000Z","event":"throttled","reason":"queue_full","priority":"low"}""",
        true
    )]
    [InlineData("""{"timestamp":"2026-01-01T00:00:00","event":"parsed"}""", false)]
    [InlineData(
        """{"timestamp":"2026-01-01T00:00:00.000Z","event":"parsed","task_id":"a"}""",
        false
    )]
    [InlineData("""{"timestamp":"2026-01-01T00:00:00.000Z","event":"throttled"}""", false)]
    [InlineData(
        """{"timestamp":"2026-01-01T00:00:00.000Z","event":"parsed","task_id":"a","task_type":"fix","priority":"low","status":"SUCCESS"}""",
        false
    )]
    [InlineData(
        """{"timestamp":"2026-01-01T00:00:00.000Z","event":"parsed","task_id":"a","task_type":"fix","priority":"low","status":"pending"}""",
        true
    )]
    public void A_line_that_breaks_the_schema_of_events_is_found(string line, bool good) =>
        Assert.Equal(good, TextSchemas.CheckEvent(line).Count == 0);
}
