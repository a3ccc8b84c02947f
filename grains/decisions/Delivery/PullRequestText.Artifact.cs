using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Decisions.Delivery;

/// <content>
/// The artifact as part of a comment: hosts of pull requests take files from browsers only, so that its text is what can be
/// attached. Everybody who sees the pull request sees it: paths of the host that ran the task and its raw output stay there.
/// </content>
public static partial class PullRequestText
{
    // A comment holds 65,536 characters (GitHub); the rest of ours needs less than a third.
    private const int ArtifactMax = 40_000;

    private static readonly JsonSerializerOptions Shown = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly (string Part, string Member)[] OfTheHost =
    [
        ("", "raw_stdout"),
        ("", "raw_stderr"),
        ("", "execution_cwd"),
        ("triage", "stdout_head"),
        ("triage", "stdout_tail"),
        ("triage", "stderr_head"),
        ("triage", "stderr_tail"),
        ("parsed_output", "execution_cwd"),
        ("security", "allowlist_root"),
        ("bridge", "claude_executable"),
        ("task", "cwd"),
    ];

    /// <summary>The artifact, folded, to stand in the comment: at most about 40,000 characters, the conversation left out first, then all but a hint.</summary>
    /// <param name="artifact">As it was written, UTF-8 JSON of schema 1.1.</param>
    public static string Attached(ReadOnlySpan<byte> artifact)
    {
        var root = JsonNode.Parse(artifact)!.AsObject();
        foreach (var (part, member) in OfTheHost)
        {
            var holder = part.Length > 0 ? root[part] as JsonObject : root;
            if (holder?.ContainsKey(member) == true)
            {
                holder[member] = "";
            }
        }
        var text = root.ToJsonString(Shown);
        if (text.Length > ArtifactMax && root["conversation"] is JsonArray { Count: > 0 } said)
        {
            var omitted = (int?)root["conversation_omitted"] ?? 0;
            root["conversation_omitted"] = omitted + said.Count;
            root["conversation"] = new JsonArray();
            text = root.ToJsonString(Shown);
        }
        return text.Length > ArtifactMax
            ? "The artifact is larger than a comment may be.\n"
            : $"<details><summary>Artifact</summary>\n\n{Fenced(text, ArtifactMax, "json")}\n</details>\n";
    }
}
