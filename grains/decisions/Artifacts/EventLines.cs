using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Artifacts;

/// <summary>Facts to the lines of events.ndjson, with the predecessor's names and fields.</summary>
public static partial class EventLines
{
    /// <summary>The lines of one fact; none for facts without an event. <paramref name="after"/> is the state after it.</summary>
    public static IReadOnlyList<string> Of(JournalEntry entry, TaskState after)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Fact switch
        {
            TaskFact.Submitted f =>
            [
                Line(entry, after, "task_received", j => j.WriteString("file", f.Spec.SourceFile)),
                Line(entry, after, "parsed"),
            ],
            TaskFact.TurnStarted f =>
            [
                Line(
                    entry,
                    after,
                    "turn_started",
                    j =>
                    {
                        j.WriteString("parent_task_id", entry.TaskId);
                        j.WriteNumber("turn_index", f.Turn);
                        j.WriteString("kind", f.Kind);
                    }
                ),
            ],
            TaskFact.ApprovalReminded f =>
            [
                Line(entry, after, "approval_reminded", j => j.WriteString("what", f.What)),
            ],
            TaskFact.ApprovalHandedOver f =>
            [
                Line(
                    entry,
                    after,
                    "approval_handed_over",
                    j =>
                    {
                        j.WriteString("by", f.By);
                        j.WriteString("to", f.To);
                    }
                ),
            ],
            TaskFact.Replied f =>
            [
                Line(
                    entry,
                    after,
                    "replied",
                    j =>
                    {
                        j.WriteString("by", f.Reply.By);
                        j.WriteString("channel", f.Reply.Channel);
                        j.WriteNumber("waiting", after.Replies.Count);
                    }
                ),
            ],
            TaskFact.PlanMade f =>
            [
                Line(
                    entry,
                    after,
                    "agent_selected",
                    j => j.WriteString("agent_type", f.Plan.AgentType)
                ),
            ],
            TaskFact.AgentStarted =>
            [
                Line(entry, after, "claude_started", j => j.WriteString("worker", after.Host)),
            ],
            TaskFact.RunEnded f => Finished(entry, after, f),
            TaskFact.RetryScheduled f =>
            [
                Line(
                    entry,
                    after,
                    "retry",
                    j =>
                    {
                        j.WriteNumber("attempt", f.Attempt);
                        j.WriteString("class", Snake(f.ErrorClass.ToString()));
                        j.WriteNumber("delay_s", Math.Round((f.Due - entry.At).TotalSeconds, 3));
                        if (f.Reason.Length > 0)
                        {
                            j.WriteString("reason", f.Reason);
                        }
                    }
                ),
            ],
            TaskFact.Judged f =>
            [
                Line(
                    entry,
                    after,
                    "validated",
                    j =>
                    {
                        j.WriteBoolean("valid_llama", true);
                        j.WriteBoolean("valid_result", f.Judgement.Accepted);
                    }
                ),
            ],
            TaskFact.Delivered f =>
            [
                Line(entry, after, "turn_finished", j => j.WriteNumber("turn_index", f.Turn)),
            ],
            TaskFact.Failed f =>
            [
                Line(entry, after, "task_failed", j => j.WriteString("error", f.Failure.Message)),
                Line(entry, after, "turn_finished", j => j.WriteNumber("turn_index", after.Turn)),
            ],
            TaskFact.OverlapFound f =>
            [
                .. f.With.Select(o =>
                    Line(
                        entry,
                        after,
                        "overlap_found",
                        j =>
                        {
                            j.WriteString("with", o.TaskId);
                            j.WriteString("paths", string.Join(';', o.Paths));
                        }
                    )
                ),
            ],
            TaskFact.Ruled f => PolicyEvent(entry, after, f),
            TaskFact.BranchPushed
            or TaskFact.PullRequestOpened
            or TaskFact.FeedbackReceived
            or TaskFact.FeedbackAnswered
            or TaskFact.MergeHeld
            or TaskFact.MergeStarted
            or TaskFact.Merged
            or TaskFact.PullRequestClosed => DeliveryEvent(entry, after),
            TaskFact.ApprovalAsked f =>
            [
                Line(
                    entry,
                    after,
                    "approval_asked",
                    j =>
                    {
                        j.WriteString("what", f.What);
                        j.WriteNumber("approvals", Math.Max(1, f.Approvals));
                        if (f.Command is { } command)
                        {
                            j.WriteString("command", command.Command);
                            j.WriteString("folder", command.Folder);
                            j.WriteString("hash", f.Hash);
                        }
                    }
                ),
            ],
            TaskFact.Approved f => [Line(entry, after, "approved", j => j.WriteString("by", f.By))],
            TaskFact.Rejected f => [Line(entry, after, "rejected", j => j.WriteString("by", f.By))],
            TaskFact.Staged f =>
            [
                Line(entry, after, "guarded_staged", j => j.WriteString("hash", f.Diff.Hash)),
            ],
            TaskFact.Applied f =>
            [
                Line(
                    entry,
                    after,
                    "guarded_applied",
                    j =>
                    {
                        j.WriteString("hash", f.Hash);
                        j.WriteString("branch", f.Branch);
                        j.WriteString("commit", f.Commit);
                    }
                ),
            ],
            TaskFact.ApplyRefused f =>
            [
                Line(
                    entry,
                    after,
                    "guarded_refused",
                    j => j.WriteString("error", f.Failure.Message)
                ),
            ],
            TaskFact.PolicyActivated f =>
            [
                Line(
                    entry,
                    null,
                    "policy_activated",
                    j =>
                    {
                        j.WriteString("policy", f.Policy);
                        j.WriteString("by", f.By);
                    }
                ),
            ],
            TaskFact.CancelRequested => [Line(entry, after, "cancel_requested")],
            TaskFact.Cancelled f =>
            [
                Line(entry, after, "cancelled", j => j.WriteString("when", f.When)),
                Line(entry, after, "turn_finished", j => j.WriteNumber("turn_index", after.Turn)),
            ],
            TaskFact.Throttled f =>
            [
                Line(
                    entry,
                    null,
                    "throttled",
                    j =>
                    {
                        j.WriteString("reason", f.Reason);
                        j.WriteString("priority", Snake(f.Priority.ToString()));
                        j.WriteNumber("retry_after_s", f.RetryAfterSeconds);
                    }
                ),
            ],
            TaskFact.IntakeRefused f =>
            [
                Line(
                    entry,
                    null,
                    "intake_refused",
                    j =>
                    {
                        j.WriteString("source", f.Source);
                        j.WriteString("file", f.Name);
                        j.WriteString("error", f.Failure.Message);
                        j.WriteString("to", f.MovedTo);
                    }
                ),
            ],
            _ => [],
        };
    }

    // Who watches wants to know what was stopped or asked about; that nothing was is in the artifact.
    private static IReadOnlyList<string> PolicyEvent(
        JournalEntry entry,
        TaskState after,
        TaskFact.Ruled fact
    ) =>
        fact.Ruling.Verdict == Verdict.Allow
            ? []
            :
            [
                .. fact
                    .Ruling.Rulings.Where(r => r.Verdict != Verdict.Allow)
                    .Select(r =>
                        Line(
                            entry,
                            after,
                            r.Verdict == Verdict.Deny ? "policy_denied" : "policy_asks",
                            j =>
                            {
                                j.WriteString("policy", fact.Ruling.Policy);
                                j.WriteString("rule", r.Rule);
                                j.WriteString("source", r.Source);
                                j.WriteString("path", r.Path);
                            }
                        )
                    ),
            ];

    /// <summary>A line that no single fact makes (<c>artifacts_written</c>, <c>task_archived</c>).</summary>
    public static string Extra(
        JournalEntry entry,
        TaskState state,
        string name,
        string field = "",
        string value = ""
    ) =>
        Line(
            entry,
            state,
            name,
            j =>
            {
                if (field.Length > 0)
                {
                    j.WriteString(field, value);
                }
            }
        );

    private static List<string> Finished(
        JournalEntry entry,
        TaskState after,
        TaskFact.RunEnded fact
    )
    {
        var lines = new List<string>
        {
            Line(
                entry,
                after,
                "claude_finished",
                j =>
                {
                    j.WriteString(
                        "status",
                        fact.Result.ErrorClass == ErrorClass.None ? "SUCCESS" : "FAILED"
                    );
                    j.WriteNumber("duration_s", fact.Result.DurationSeconds);
                    j.WriteString("error_class", Snake(fact.Result.ErrorClass.ToString()));
                },
                ownStatus: true
            ),
        };
        if (fact.Result.ErrorClass == ErrorClass.Timeout)
        {
            lines.Add(
                Line(
                    entry,
                    after,
                    "timeout",
                    j => j.WriteNumber("timeout_s", after.Spec?.TimeoutSeconds ?? 0)
                )
            );
        }
        return lines;
    }

    private static string Line(
        JournalEntry entry,
        TaskState? state,
        string name,
        Action<Utf8JsonWriter>? more = null,
        bool ownStatus = false
    )
    {
        using var stream = new MemoryStream();
        using (
            var json = new Utf8JsonWriter(
                stream,
                new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        )
        {
            json.WriteStartObject();
            json.WriteString(
                "timestamp",
                entry
                    .At.ToUniversalTime()
                    .ToString(
                        "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
                        System.Globalization.CultureInfo.InvariantCulture
                    )
            );
            json.WriteString("event", name);
            if (state?.Spec is { } spec)
            {
                json.WriteString("task_id", entry.TaskId);
                json.WriteString("task_type", Snake(state.Kind.ToString()));
                json.WriteString("priority", Snake(state.Priority.ToString()));
                if (!ownStatus)
                {
                    json.WriteString("status", Status(state.Phase));
                }
            }
            more?.Invoke(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Status(TaskPhase phase) =>
        phase switch
        {
            TaskPhase.Done or TaskPhase.InReview => "completed",
            TaskPhase.Failed or TaskPhase.Cancelled => "failed",
            TaskPhase.Received or TaskPhase.Mediating or TaskPhase.Queued => "pending",
            _ => "processing",
        };

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
