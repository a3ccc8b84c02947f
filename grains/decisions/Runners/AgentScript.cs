using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Decisions.Runners;

/// <summary>One step of a scripted agent. Which members count depends on <see cref="Do"/>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AgentScriptStep
{
    /// <summary><c>say write append edit delete run sleep output grandchild commit raw bytes flood stderr result no-result exit crash hang</c>,
    /// and the acts of a hostile agent, which go on when they fail and whose outcomes are the final answer, a line each:
    /// <c>trespass link read environment fill hoard fork connect</c>.</summary>
    public string Do { get; init; } = "";

    /// <summary>Only on this attempt, from 1; 0 = on every one.</summary>
    public int Attempt { get; init; }

    /// <summary>For file steps and <c>fill</c>: a path below the working directory, '/' separated. For <c>trespass</c>, <c>read</c>: any path; for <c>link</c>: where the link points.</summary>
    public string Path { get; init; } = "";

    /// <summary>For <c>connect</c>: host:port; for <c>link</c>: the link's path below the working directory. For <c>say</c>, <c>write</c>, <c>trespass</c>, <c>append</c>, <c>commit</c> (message), <c>raw</c> (a line), <c>bytes</c> (base64 of what is written as it is), <c>result</c> (its text).</summary>
    public string Text { get; init; } = "";

    /// <summary>For <c>edit</c>: what to find, once.</summary>
    public string Find { get; init; } = "";

    /// <summary>For <c>run</c>: program and arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>For <c>sleep</c> and <c>grandchild</c>, milliseconds, 0 to 3,600,000.</summary>
    public int Milliseconds { get; init; }

    /// <summary>For <c>output</c>: bytes in one line; for <c>flood</c> and <c>stderr</c>: MiB in many lines. At most 64 Mi. For <c>fill</c> (files of 64 MiB), <c>hoard</c> (memory): MiB; for <c>fork</c>: children. For <c>exit</c>: the code.</summary>
    public int Number { get; init; }

    /// <summary>For <c>result</c>: members that replace those of the result line.</summary>
    public JsonElement? Fields { get; init; }
}

/// <summary>What a scripted agent plays. For the demo and tests; there is no AI in it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AgentScript
{
    /// <summary>Steps that a script may have.</summary>
    public const int StepsMax = 1_000;

    private const int FloodMax = 1_024;

    private static readonly HashSet<string> Known = new(
        [
            "say",
            "write",
            "append",
            "edit",
            "delete",
            "run",
            "sleep",
            "output",
            "grandchild",
            "commit",
            "raw",
            "bytes",
            "flood",
            "stderr",
            "result",
            "no-result",
            "exit",
            "crash",
            "hang",
            "trespass",
            "link",
            "read",
            "environment",
            "fill",
            "hoard",
            "fork",
            "connect",
        ],
        StringComparer.Ordinal
    );

    /// <summary>Format of the script: 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Played in order.</summary>
    public IReadOnlyList<AgentScriptStep> Steps { get; init; } = [];

    /// <summary>Reads a script; null with a sentence that names the step and the cure when it is none.</summary>
    public static AgentScript? Read(string json, out string problem)
    {
        try
        {
            var script = JsonSerializer.Deserialize(json, AgentScriptJson.Default.AgentScript);
            problem = script is null ? "The script is null." : Check(script);
            return problem.Length == 0 ? Filled(script!) : null;
        }
        catch (JsonException e)
        {
            problem = $"The script is no valid JSON of this shape: {e.Message}";
            return null;
        }
    }

    // What a step leaves out comes as null, whatever the member's default says.
    private static AgentScript Filled(AgentScript script) =>
        script with
        {
            Steps =
            [
                .. script.Steps.Select(s =>
                    s with
                    {
                        Path = s.Path ?? "",
                        Text = s.Text ?? "",
                        Find = s.Find ?? "",
                        Command = s.Command ?? [],
                    }
                ),
            ],
        };

    private static string Check(AgentScript script)
    {
        if (script.Version != 1)
        {
            return $"The script's version is {script.Version}; known is 1.";
        }
        if (script.Steps is null || script.Steps.Count > StepsMax)
        {
            return $"The script needs 0 to {StepsMax} steps.";
        }
        for (var i = 0; i < script.Steps.Count; i++)
        {
            var step = script.Steps[i];
            var problem =
                step is null ? "is null"
                : !Known.Contains(step.Do ?? "")
                    ? $"does '{step.Do}', which is unknown. Known: {string.Join(", ", Known)}"
                : step.Milliseconds is < 0 or > 3_600_000
                    ? "has milliseconds outside 0 to 3,600,000"
                : step.Number is < 0 or > 128 * 1024 * 1024
                    ? "has a number outside 0 to 134,217,728"
                : NeedsPath(step.Do!) && !IsInside(step.Path)
                    ? $"has the path '{step.Path}', which is not below the working directory"
                : step.Do is "flood" or "stderr" && step.Number > FloodMax
                    ? $"floods with more than {FloodMax} MiB"
                : step.Do is "trespass" or "read" or "link" && string.IsNullOrEmpty(step.Path)
                    ? "names no path"
                : step.Do == "link" && !IsInside(step.Text)
                    ? $"puts a link at '{step.Text}', which is not below the working directory"
                : step.Do == "connect" && !(step.Text ?? "").Contains(':', StringComparison.Ordinal)
                    ? "connects to nothing: give text as host:port"
                : step.Do == "run" && (step.Command is null || step.Command.Count == 0)
                    ? "runs nothing: give command"
                : "";
            if (problem.Length > 0)
            {
                return $"Step {i + 1} of the script {problem}.";
            }
        }
        return "";
    }

    private static bool NeedsPath(string verb) =>
        verb is "write" or "append" or "edit" or "delete" or "fill";

    private static bool IsInside(string? path) =>
        !string.IsNullOrEmpty(path)
        && path[0] is not ('/' or '\\')
        && !path.Contains(':', StringComparison.Ordinal)
        && !path.Split('/', '\\').Contains("..");
}

/// <summary>JSON shape of scripts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AgentScript))]
public sealed partial class AgentScriptJson : JsonSerializerContext;
