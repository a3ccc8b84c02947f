using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Delivery;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

public sealed class AttachedArtifactTests
{
    [Fact]
    public void What_is_attached_is_an_artifact_without_the_hosts_paths_and_output()
    {
        var attached = PullRequestText.Attached(Artifact(_ => { }));

        var json = Json(attached);
        Assert.Empty(ArtifactValidator.Check("t1", json));
        Assert.DoesNotContain("said by the agent", json, StringComparison.Ordinal);
        Assert.DoesNotContain("/opt/agent", json, StringComparison.Ordinal);
        var root = JsonNode.Parse(json)!;
        Assert.Equal("t1", (string?)root["task_id"]);
        Assert.Equal("", (string?)root["raw_stdout"]);
        Assert.Equal("", (string?)root["task"]!["cwd"]);
        Assert.Equal("", (string?)root["bridge"]!["claude_executable"]);
        Assert.Equal("", (string?)root["security"]!["allowlist_root"]);
    }

    [Fact]
    public void What_is_too_large_is_attached_without_its_conversation_or_named_as_such()
    {
        var said = Artifact(root =>
            root["conversation"] = new JsonArray([
                .. Enumerable.Range(0, 3).Select(_ => (JsonNode)new string('x', 20_000)),
            ])
        );
        var large = Artifact(root => root["raw"] = new string('x', 50_000));

        var root = JsonNode.Parse(Json(PullRequestText.Attached(said)))!;
        Assert.Empty(root["conversation"]!.AsArray());
        Assert.Equal(3, (int?)root["conversation_omitted"]);
        Assert.Equal(
            "The artifact is larger than a comment may be.\n",
            PullRequestText.Attached(large)
        );
    }

    [Fact]
    public void Nothing_in_it_ends_the_block_it_stands_in()
    {
        const string Evil = "a\n```\n</details>\n@alice\n````json\n";

        var attached = PullRequestText.Attached(Artifact(root => root["task"]!["title"] = Evil));

        Assert.Equal(Evil, (string?)JsonNode.Parse(Json(attached))!["task"]!["title"]);
        var lines = attached.Split('\n');
        var fence = lines[2][..^"json".Length];
        Assert.Single(lines, l => l == fence);
        Assert.Equal("</details>", lines[^2]);
    }

    private static byte[] Artifact(Action<JsonNode> change)
    {
        var root = JsonNode.Parse(
            ArtifactWriter.Write(
                "t1",
                DeliverySituations.InReview,
                [],
                new ArtifactExtras("said by the agent", 3, "/opt/agent/claude")
            )
        )!;
        change(root);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    // The block between its fences.
    private static string Json(string attached)
    {
        var lines = attached.Split('\n');
        Assert.StartsWith("<details>", lines[0], StringComparison.Ordinal);
        var json = string.Join('\n', lines[3..^4]);
        using var read = JsonDocument.Parse(json);
        return json;
    }
}
