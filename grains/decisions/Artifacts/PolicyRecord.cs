using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Artifacts;

/// <summary>What the policy said of a task, as its artifact tells it: member <c>policy</c>, and entries of <c>security.violations</c>.</summary>
public static class PolicyRecord
{
    /// <summary>Denials, each with its rule and line, as violations.</summary>
    public static void WriteViolations(Utf8JsonWriter json, TaskState state)
    {
        foreach (var ruling in state.Ruling?.Rulings ?? [])
        {
            if (ruling.Verdict != Verdict.Deny)
            {
                continue;
            }
            json.WriteStartObject();
            json.WriteString("type", "policy");
            json.WriteString("path", ruling.Path);
            json.WriteString("rule", ruling.Rule);
            json.WriteString("source", ruling.Source);
            json.WriteString("reason", ruling.Reason);
            json.WriteEndObject();
        }
        WriteHeld(json, state);
    }

    // What was kept from happening: a call that a rule or the guard of the tools denied, and a guard that failed. The lane
    // is the rule, and the ruling that allowed the work names its line.
    private static void WriteHeld(Utf8JsonWriter json, TaskState state)
    {
        if (state is not { Lane: { } lane, Result: { } result })
        {
            return;
        }
        var source =
            state.Ruling?.Rulings.FirstOrDefault(r => r.Verdict == Verdict.Allow)?.Source ?? "";
        foreach (var denial in result.Denials)
        {
            Held("tool", denial);
        }
        if (
            result.ErrorClass == ErrorClass.PolicyViolation
            && state.Ruling is not { Verdict: Verdict.Deny }
        )
        {
            Held("guard", result.Message);
        }

        void Held(string type, string reason)
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("path", "");
            json.WriteString("rule", $"lane {lane.Name}");
            json.WriteString("source", source);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }
    }

    /// <summary>The policy, its verdict, each ruling, and the guarded diff where there is one.</summary>
    public static void Write(Utf8JsonWriter json, TaskState state)
    {
        if (state.Ruling is not { } ruling)
        {
            return;
        }
        json.WriteStartObject("policy");
        json.WriteString("version", ruling.Policy);
        json.WriteString("stage", ruling.Stage);
        json.WriteString("lane", state.Lane?.Name ?? "");
        json.WriteString("verdict", Word(ruling.Verdict));
        json.WriteStartArray("rulings");
        foreach (var rule in ruling.Rulings)
        {
            json.WriteStartObject();
            json.WriteString("verdict", Word(rule.Verdict));
            json.WriteString("rule", rule.Rule);
            json.WriteString("source", rule.Source);
            json.WriteString("path", rule.Path);
            json.WriteString("reason", rule.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("approved_by");
        foreach (var name in state.ApprovedBy)
        {
            json.WriteStringValue(name);
        }
        json.WriteEndArray();
        WriteCommands(json, state);
        if (state.Guarded is { } guarded)
        {
            json.WritePropertyName("guarded");
            WriteGuarded(json, guarded);
        }
        json.WriteEndObject();
    }

    // Commands that people were asked about in this turn; most turns have none.
    private static void WriteCommands(Utf8JsonWriter json, TaskState state)
    {
        if (state is { AllowedCommands.Count: 0, Command: null })
        {
            return;
        }
        json.WriteStartArray("commands");
        foreach (var command in state.AllowedCommands)
        {
            One(command, true);
        }
        if (state.Command is { } asked)
        {
            One(asked, false);
        }
        json.WriteEndArray();

        void One(GrainInterfaces.Runners.AskedCommand command, bool allowed)
        {
            json.WriteStartObject();
            json.WriteString("command", command.Command);
            json.WriteString("folder", command.Folder);
            json.WriteString("hash", command.Hash);
            json.WriteBoolean("allowed", allowed);
            json.WriteEndObject();
        }
    }

    /// <summary>The file beside a guarded diff: what it is, who approved it, where it stands.</summary>
    public static byte[] GuardedNote(string taskId, TaskState state)
    {
        using var stream = new MemoryStream();
        using (
            var json = new Utf8JsonWriter(
                stream,
                new JsonWriterOptions
                {
                    Indented = true,
                    IndentSize = 2,
                    Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            )
        )
        {
            json.WriteStartObject();
            json.WriteString("task_id", taskId);
            json.WriteString("repository", state.Spec?.Repository ?? "");
            json.WritePropertyName("guarded");
            WriteGuarded(json, state.Guarded!);
            Write(json, state with { Guarded = null });
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteGuarded(Utf8JsonWriter json, GuardedState guarded)
    {
        json.WriteStartObject();
        json.WriteString("hash", guarded.Diff.Hash);
        json.WriteString("base_commit", guarded.Diff.BaseCommit);
        json.WriteString("branch", guarded.Diff.Branch);
        json.WriteString("step", Snake(guarded.Step.ToString()));
        json.WriteString(
            "expires",
            guarded
                .Diff.Expires.ToUniversalTime()
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        );
        json.WriteNumber("approvals", guarded.Diff.Approvals);
        json.WriteString("rule", guarded.Diff.Rule);
        json.WriteString("policy", guarded.Diff.Policy);
        json.WriteString("applied_by", guarded.AppliedBy);
        json.WriteString("commit", guarded.Commit);
        json.WriteEndObject();
    }

    private static string Word(Verdict verdict) =>
        verdict switch
        {
            Verdict.Allow => "allow",
            Verdict.Deny => "deny",
            _ => "needs_approval",
        };

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
