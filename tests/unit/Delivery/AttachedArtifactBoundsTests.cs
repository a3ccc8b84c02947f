using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Delivery;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>An artifact of forty thousand characters is attached whole; beyond that the conversation goes first, then all but a hint.</summary>
public sealed class AttachedArtifactBoundsTests
{
    private const string Hint = "The artifact is larger than a comment may be.\n";

    // As people read it.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public void All_of_the_host_is_emptied_and_all_else_stays() =>
        Assert.Equal(
            """
            <details><summary>Artifact</summary>

            ```json
            {
              "raw_stdout": "",
              "raw_stderr": "",
              "execution_cwd": "",
              "triage": {
                "stdout_head": "",
                "stdout_tail": "",
                "stderr_head": "",
                "stderr_tail": "",
                "lines": 3
              },
              "parsed_output": {
                "execution_cwd": "",
                "text": "äöü <b> 'x'"
              },
              "security": {
                "allowlist_root": "",
                "level": 2
              },
              "bridge": {
                "claude_executable": "",
                "version": "1"
              },
              "task": {
                "cwd": "",
                "title": "Fix it"
              },
              "conversation": [
                "hello"
              ]
            }
            ```

            </details>

            """,
            Attached(
                JsonNode.Parse(
                    """
                    {
                      "raw_stdout": "o", "raw_stderr": "e", "execution_cwd": "/x",
                      "triage": {
                        "stdout_head": "a", "stdout_tail": "b", "stderr_head": "c", "stderr_tail": "d", "lines": 3
                      },
                      "parsed_output": { "execution_cwd": "/x", "text": "äöü <b> 'x'" },
                      "security": { "allowlist_root": "/x", "level": 2 },
                      "bridge": { "claude_executable": "/x", "version": "1" },
                      "task": { "cwd": "/x", "title": "Fix it" },
                      "conversation": ["hello"]
                    }
                    """
                )!
            )
        );

    [Fact]
    public void Nothing_of_the_host_is_made_up_where_it_was_not_there() =>
        Assert.Equal(
            Whole(new JsonObject { ["task"] = "a text", ["triage"] = null }),
            Attached(new JsonObject { ["task"] = "a text", ["triage"] = null })
        );

    [Theory]
    [InlineData(39_999, true)]
    [InlineData(40_000, true)]
    [InlineData(40_001, false)]
    public void An_artifact_of_forty_thousand_characters_is_the_largest(int length, bool whole)
    {
        var artifact = OfLength(length, []);

        Assert.Equal(whole ? Whole(artifact) : Hint, Attached(artifact));
    }

    [Theory]
    [InlineData(39_999, true)]
    [InlineData(40_000, true)]
    [InlineData(40_001, false)]
    public void The_conversation_stays_as_long_as_all_fits(int length, bool whole)
    {
        var artifact = OfLength(length, ["a", "b"]);
        var without = artifact.DeepClone().AsObject();
        without["conversation_omitted"] = 6;
        without["conversation"] = new JsonArray();

        Assert.Equal(Whole(whole ? artifact : without), Attached(artifact));
    }

    [Fact]
    public void A_conversation_whose_loss_does_not_help_leaves_the_hint()
    {
        var artifact = OfLength(40_001, ["a", "b"]);
        artifact["raw"] = new string('x', 40_000);

        Assert.Equal(Hint, Attached(artifact));
    }

    [Fact]
    public void What_is_left_out_is_counted_though_nothing_was_before()
    {
        var artifact = OfLength(40_001, ["a", "b", new string('c', 200)]);
        artifact.Remove("conversation_omitted");
        artifact["raw"] = (string?)artifact["raw"] + new string('x', 100);
        var without = artifact.DeepClone().AsObject();
        without["conversation"] = new JsonArray();
        without["conversation_omitted"] = 3;

        Assert.Equal(Whole(without), Attached(artifact));
    }

    private static string Attached(JsonNode artifact) =>
        PullRequestText.Attached(Encoding.UTF8.GetBytes(artifact.ToJsonString()));

    private static string Whole(JsonObject artifact) =>
        "<details><summary>Artifact</summary>\n\n```json\n"
        + artifact.ToJsonString(Indented).ReplaceLineEndings("\n")
        + "\n```\n\n</details>\n";

    // Some of the conversation was left out before.
    private static JsonObject OfLength(int length, string[] said)
    {
        var artifact = new JsonObject
        {
            ["raw"] = "",
            ["conversation_omitted"] = 4,
            ["conversation"] = new JsonArray([.. said.Select(s => (JsonNode)s)]),
        };
        var frame = artifact.ToJsonString(Indented).Length;
        artifact["raw"] = new string('x', length - frame);
        return artifact;
    }
}
