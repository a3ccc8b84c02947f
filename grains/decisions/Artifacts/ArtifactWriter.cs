using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Artifacts;

/// <summary>What an artifact needs beside the task's facts.</summary>
/// <param name="RawOutput">The captured output, redacted.</param>
/// <param name="Slots">Slots of the host.</param>
/// <param name="Executable">The agent's program.</param>
public sealed record ArtifactExtras(string RawOutput, int Slots, string Executable);

/// <summary>A task's facts to its artifact, schema 1.1: every member of 1.0 with the same type, and the linkage, evidence and cost it lacked.</summary>
public static class ArtifactWriter
{
    private const int TriageMax = 2_048;

    /// <summary>The artifact as UTF-8 JSON, indented by 2.</summary>
    public static byte[] Write(
        string taskId,
        TaskState state,
        IReadOnlyList<JournalEntry> entries,
        ArtifactExtras extras
    )
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(extras);
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
            WriteCore(json, taskId, state, extras);
            WriteChecks(json, state);
            WriteComponents(json, state, extras);
            WriteTask(json, state);
            WriteConversation(json, entries, state);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteCore(
        Utf8JsonWriter json,
        string taskId,
        TaskState state,
        ArtifactExtras extras
    )
    {
        var result = state.Result;
        json.WriteString("schema_version", "1.1");
        json.WriteString("task_id", taskId);
        json.WriteBoolean("success", state.Phase == TaskPhase.Done);
        json.WriteNumber("return_code", result?.ExitCode ?? -1);
        json.WriteNumber("execution_time", result?.DurationSeconds ?? 0);
        json.WriteString(
            "timestamp",
            state
                .UpdatedAt.ToUniversalTime()
                .ToString(
                    "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
                    System.Globalization.CultureInfo.InvariantCulture
                )
        );
        WriteTexts(json, "errors", Errors(state));
        WriteTexts(json, "files_modified", result?.Diff.Files.Select(f => f.Path) ?? []);
        if (state.Spec is { ParentTaskId.Length: > 0 } spec)
        {
            json.WriteString("parent_task_id", spec.ParentTaskId);
        }
        else
        {
            json.WriteNull("parent_task_id");
        }
        if (state.Turn > 1)
        {
            json.WriteNumber("turn_of", state.Turn);
        }
        else
        {
            json.WriteNull("turn_of");
        }
        json.WriteString("raw_stdout", extras.RawOutput);
        json.WriteString("raw_stderr", result?.StderrTail ?? "");
        json.WriteStartObject("triage");
        json.WriteString("stdout_head", Head(extras.RawOutput));
        json.WriteString("stdout_tail", Tail(extras.RawOutput));
        json.WriteString("stderr_head", Head(result?.StderrTail ?? ""));
        json.WriteString("stderr_tail", Tail(result?.StderrTail ?? ""));
        json.WriteEndObject();
        json.WriteStartObject("parsed_output");
        json.WriteString("result", result?.ResultText ?? "");
        json.WriteStartObject("meta");
        json.WriteString("execution_cwd", state.Workspace?.Worktree ?? "");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static IEnumerable<string> Errors(TaskState state) =>
        state.Phase switch
        {
            TaskPhase.Failed => [state.Failure?.Message ?? "failed"],
            TaskPhase.Cancelled => ["cancelled"],
            _ => [],
        };

    private static void WriteChecks(Utf8JsonWriter json, TaskState state)
    {
        json.WriteStartObject("retry");
        json.WriteNumber("retries", Math.Max(0, state.TurnAttempts - 1));
        json.WriteString("error_class", Snake(state.ErrorClass.ToString()));
        json.WriteEndObject();
        json.WriteStartObject("security");
        json.WriteBoolean("guarded_write", state.Guarded is not null);
        json.WriteString("allowlist_root", state.Spec?.Repository ?? "");
        if (state.Result is { Sandbox.Length: > 0 } result)
        {
            json.WriteString("sandbox", result.Sandbox);
            json.WriteString("sandbox_limits", result.SandboxLimits);
        }
        json.WriteStartArray("violations");
        foreach (var secret in state.Result?.Diff.Secrets ?? [])
        {
            json.WriteStartObject();
            json.WriteString("type", "secret");
            json.WriteString("path", secret.Path);
            json.WriteNumber("line", secret.Line);
            json.WriteString("rule", secret.Rule);
            json.WriteEndObject();
        }
        PolicyRecord.WriteViolations(json, state);
        json.WriteEndArray();
        json.WriteEndObject();
        PolicyRecord.Write(json, state);
        var action = RetrySchedule.SuggestedAction(state.ErrorClass);
        WriteTexts(json, "suggested_actions", action.Length > 0 ? [action] : []);
        json.WriteStartObject("verification");
        json.WriteString("source", state.Verification?.Source ?? "none");
        json.WriteString("problem", state.Verification?.Problem ?? "");
        json.WriteStartArray("commands");
        foreach (var command in state.Verification?.Commands ?? [])
        {
            json.WriteStartObject();
            json.WriteString("command", command.Command);
            json.WriteNumber("exit_code", command.ExitCode);
            json.WriteNumber("duration_s", command.DurationSeconds);
            json.WriteBoolean("timed_out", command.TimedOut);
            json.WriteString("output_tail", command.OutputTail);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("judgement");
        json.WriteString(
            "outcome",
            state.Judgement?.Outcome ?? (state.Phase == TaskPhase.Done ? "SUCCESS" : "FAILED")
        );
        WriteTexts(
            json,
            "findings",
            state.Judgement?.Findings.Select(f => $"{f.Code}: {f.Message}") ?? []
        );
        json.WriteEndObject();
    }

    private static void WriteComponents(Utf8JsonWriter json, TaskState state, ArtifactExtras extras)
    {
        var llama = state.Plan?.Mode == MediationMode.Llama;
        json.WriteStartObject("orchestrator");
        json.WriteStartObject("components");
        json.WriteBoolean(
            "claude_available",
            state.Runner == "claude-code" && state.Agent is not null
        );
        json.WriteBoolean("llama_available", state.Plan?.ModelAnswered ?? false);
        json.WriteBoolean("file_watcher_running", state.Spec?.Source == "file");
        json.WriteEndObject();
        json.WriteNumber("workers", extras.Slots);
        json.WriteEndObject();
        json.WriteStartObject("bridge");
        json.WriteBoolean("available", state.Agent is not null);
        json.WriteString("claude_executable", extras.Executable);
        json.WriteNumber("max_turns", state.Spec?.MaxTurns ?? 0);
        json.WriteNumber("timeout", Math.Max(1, state.Spec?.TimeoutSeconds ?? 1));
        json.WriteBoolean("skip_permissions", false);
        json.WriteString("runner", state.Runner);
        json.WriteString("agent", state.Agent?.Label ?? state.Result?.AgentLabel ?? "");
        json.WriteString("version", state.Result?.AgentVersion ?? "");
        json.WriteEndObject();
        json.WriteStartObject("llama");
        json.WriteBoolean("ollama_available", state.Plan?.ModelAnswered ?? false);
        json.WriteBoolean("client_initialized", (state.Plan?.Model.Length ?? 0) > 0);
        json.WriteString("model", state.Plan?.Model ?? "");
        json.WriteString("mode", llama ? "LLAMA" : "FALLBACK");
        json.WriteString("reason", state.Plan?.FallbackReason ?? "");
        json.WriteEndObject();
    }

    private static void WriteTask(Utf8JsonWriter json, TaskState state)
    {
        json.WriteStartObject("task");
        json.WriteString("title", state.Title);
        json.WriteString("type", Snake(state.Kind.ToString()));
        json.WriteString("priority", Snake(state.Priority.ToString()));
        json.WriteString("requester", state.Spec?.Requester ?? "");
        json.WriteString("prompt", state.Spec?.Request ?? "");
        json.WriteString("cwd", state.Spec?.Repository ?? "");
        json.WriteString("phase", Snake(state.Phase.ToString()));
        json.WriteNumber("turn", state.Turn);
        json.WriteNumber("attempt", state.Attempt);
        json.WriteEndObject();
        WriteTexts(json, "constraints", state.Constraints);
        WriteSession(json, state);
        json.WriteString("model", state.Result?.Model ?? "");
        json.WriteStartObject("cost");
        json.WriteNumber("usd", state.CostUsd);
        json.WriteNumber("tokens", state.Tokens);
        json.WriteEndObject();
        var diff = state.Result?.Diff;
        json.WriteStartObject("diff");
        json.WriteString("base_commit", diff?.BaseCommit ?? state.BaseCommit);
        json.WriteString("patch", diff?.PatchBlob ?? "");
        json.WriteNumber("files", diff?.FilesTotal ?? 0);
        json.WriteNumber("added_lines", diff?.AddedLines ?? 0);
        json.WriteNumber("deleted_lines", diff?.DeletedLines ?? 0);
        WriteTexts(json, "left_out", diff?.ExcludedFiles ?? []);
        json.WriteEndObject();
        json.WriteStartArray("file_changes");
        foreach (var file in diff?.Files ?? [])
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteString("git_status", file.Status);
            json.WriteString("change_type", ChangeType(file.Status));
            json.WriteNumber("added_lines", file.AddedLines);
            json.WriteNumber("deleted_lines", file.DeletedLines);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteSession(Utf8JsonWriter json, TaskState state)
    {
        json.WriteString("session_id", state.SessionId);
        // How the last run knew what was said before: by the agent's own session, or primed with what is remembered.
        json.WriteString(
            "session_continued",
            state.Resume ? "resumed"
                : state.Turn > 1 ? "primed"
                : "new"
        );
        json.WriteString(
            "earlier_summary_by",
            state.Plan is not { PriorSummary.Length: > 0 } plan ? ""
                : plan.PriorSummaryMode == MediationMode.Llama ? "LLAMA"
                : "FALLBACK"
        );
    }

    private static void WriteConversation(
        Utf8JsonWriter json,
        IReadOnlyList<JournalEntry> entries,
        TaskState state
    )
    {
        // The last entries, whole: a conversation of a thousand turns must not be written again with each of them. What is
        // left out stands in the facts, and 'orchestrator show --conversation' prints it.
        json.WriteNumber(
            "conversation_omitted",
            Math.Max(0, (state.Said.Count > 0 ? state.Said[^1].Number : 0) - state.Said.Count)
        );
        json.WriteStartArray("conversation");
        var at = entries.ToDictionary(e => e.Sequence);
        foreach (var mark in state.Said)
        {
            if (
                at.TryGetValue(mark.Sequence, out var entry)
                && mark is { Withdrawn: false, Turn: > 0 }
            )
            {
                WriteSaid(json, Conversation.Entry(entry, mark));
            }
        }
        json.WriteEndArray();
        json.WriteNumber("version", state.Version);
    }

    private static void WriteSaid(Utf8JsonWriter json, ConversationEntry said)
    {
        json.WriteStartObject();
        json.WriteString(
            "role",
            said.Role switch
            {
                "mediator" => "llama",
                "agent" => "claude",
                _ => "user",
            }
        );
        json.WriteString("content", said.Text);
        json.WriteString(
            "timestamp",
            said.At.ToUniversalTime()
                .ToString(
                    "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
                    System.Globalization.CultureInfo.InvariantCulture
                )
        );
        json.WriteNumber("turn", said.Turn);
        if (said.Author.Length > 0)
        {
            json.WriteString("author", said.Author);
        }
        if (said.Channel.Length > 0)
        {
            json.WriteString("channel", said.Channel);
        }
        if (said.Attachments.Count > 0)
        {
            WriteTexts(json, "attachments", said.Attachments);
        }
        json.WriteEndObject();
    }

    private static string ChangeType(string status) =>
        status switch
        {
            "A" => "created",
            "D" => "deleted",
            "R" => "renamed",
            "C" => "copied",
            _ => "modified",
        };

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
    }

    private static string Head(string text) => text.Length > TriageMax ? text[..TriageMax] : text;

    private static string Tail(string text) => text.Length > TriageMax ? text[^TriageMax..] : text;

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
