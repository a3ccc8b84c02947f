using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Observability;

/// <summary>
/// A task's facts as spans: one trace per turn, whose root ends with the turn. Below it one stage at a time (mediate, queue,
/// attempt, approval, pause, deliver, apply, review); below an attempt prepare, run and verify; below a review its merges. A span
/// is made by the fact that ends it and never changes, so that the facts up to any one give the first spans of all.
/// </summary>
public sealed record TurnTrace
{
    private const string Prefix = "orchestrator.";

    /// <summary>Before the first fact.</summary>
    public static TurnTrace Empty { get; } = new();

    /// <summary>Number of the last fact.</summary>
    public long Version { get; private init; }

    private string TaskId { get; init; } = "";

    private int Turn { get; init; }

    private TaskKind Kind { get; init; }

    private TaskPriority Lane { get; init; } = TaskPriority.Medium;

    private int ApprovalsLeft { get; init; }

    private TaskPhase ReturnTo { get; init; }

    // Calls whose replies have not had their turn yet.
    private ImmutableDictionary<string, string> Callers { get; init; } =
        ImmutableDictionary<string, string>.Empty;

    private string CausedBy { get; init; } = "";

    // Parents before children; empty between turns.
    private ImmutableList<OpenSpan> Open { get; init; } = [];

    /// <summary>The trace after a fact, and the spans that it ended: children before their parents.</summary>
    public (TurnTrace After, IReadOnlyList<TraceSpan> Finished) Take(JournalEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var step = new Step(this with { TaskId = entry.TaskId }, entry);
        if (
            !Open.IsEmpty
            || entry.Fact is TaskFact.Submitted or TaskFact.TurnStarted or TaskFact.Replied
        )
        {
            step.Take();
        }
        return (step.Trace with { Version = entry.Sequence }, step.Finished);
    }

    private sealed record OpenSpan(
        string Name,
        long Number,
        string ParentId,
        DateTimeOffset Start,
        ImmutableList<KeyValuePair<string, object>> Attributes
    );

    private sealed class Step(TurnTrace before, JournalEntry entry)
    {
        public TurnTrace Trace { get; private set; } = before;

        public List<TraceSpan> Finished { get; } = [];

        public void Take()
        {
            switch (entry.Fact)
            {
                case TaskFact.Replied { Reply: { TraceParent.Length: > 0 } reply }:
                    Trace = Trace with
                    {
                        Callers = Trace.Callers.SetItem(reply.Id, reply.TraceParent),
                    };
                    break;
                case TaskFact.Submitted f:
                    Begin(1, "request", f.Spec.TraceParent);
                    Trace = Trace with { Kind = f.Spec.Kind, Lane = f.Spec.Priority };
                    break;
                case TaskFact.TurnStarted f:
                    Begin(
                        f.Turn,
                        f.Kind is "reply" or "retry" or "restage" or "feedback"
                            ? f.Kind
                            : LabelLimit.Other,
                        Trace.Callers.GetValueOrDefault(f.ReplyId, "")
                    );
                    Trace = Trace with { Callers = Trace.Callers.Remove(f.ReplyId) };
                    break;
                case TaskFact.PlanMade f:
                    Note("mediate", "mode", f.Plan.Mode == MediationMode.Llama ? "model" : "rules");
                    Trace = Trace with { Kind = f.Plan.Kind };
                    Stage("queue");
                    break;
                case TaskFact.RunStarted f:
                    Stage("attempt", f.Attempt);
                    Note("attempt", "attempt", (long)f.Attempt);
                    Note("attempt", "host", LabelLimit.Plain(f.Host));
                    Note("attempt", "runner", LabelLimit.Plain(f.Runner));
                    Below("attempt", "prepare", f.Attempt);
                    break;
                case TaskFact.AgentStarted f when IsOpen("prepare", f.Attempt):
                    Close("prepare");
                    Below("attempt", TraceIds.Run, f.Attempt);
                    break;
                case TaskFact.RunEnded f when IsOpen("attempt", f.Attempt):
                    Ran(f);
                    break;
                case TaskFact.Verified f when IsOpen("verify", f.Attempt):
                    Note("verify", "commands", (long)f.Report.Commands.Count);
                    break;
                case TaskFact.Judged f when IsOpen("attempt", f.Attempt):
                    Close("verify", f.Judgement.Accepted ? "" : "rejected");
                    if (f.Judgement.Accepted)
                    {
                        Stage("deliver");
                    }
                    break;
                case TaskFact.RetryScheduled f:
                    CloseStage(Name(f.ErrorClass));
                    Stage("queue");
                    break;
                case TaskFact.Paused:
                    Stage("pause");
                    break;
                case TaskFact.Resumed:
                    Stage("queue");
                    break;
                default:
                    AskOrDeliver();
                    break;
            }
        }

        private void AskOrDeliver()
        {
            switch (entry.Fact)
            {
                case TaskFact.ApprovalAsked f:
                    Stage("approval");
                    Trace = Trace with
                    {
                        ApprovalsLeft = Math.Max(1, f.Approvals),
                        ReturnTo = f.ReturnTo,
                    };
                    break;
                case TaskFact.Approved when IsOpen("approval"):
                    Trace = Trace with { ApprovalsLeft = Trace.ApprovalsLeft - 1 };
                    if (Trace.ApprovalsLeft <= 0)
                    {
                        GoOn(Trace.ReturnTo);
                    }
                    break;
                case TaskFact.Rejected:
                    Close("approval", "rejected");
                    break;
                case TaskFact.ApplyStarted:
                    Stage("apply");
                    break;
                case TaskFact.Applied:
                    Close("apply");
                    break;
                case TaskFact.ApplyRefused:
                    Close("apply", "refused");
                    break;
                case TaskFact.PullRequestOpened:
                    Stage("review");
                    break;
                case TaskFact.MergeStarted when IsOpen("review") && !IsOpen("merge"):
                    Below("review", "merge", entry.Sequence);
                    break;
                case TaskFact.MergeHeld { Refused: true }:
                    Close("merge", "refused");
                    break;
                case TaskFact.Merged:
                    CloseStage("");
                    break;
                case TaskFact.PullRequestClosed:
                    CloseStage("closed");
                    break;
                case TaskFact.Delivered:
                    End("", "success");
                    break;
                case TaskFact.Failed f:
                    End(Name(f.ErrorClass), "failed");
                    break;
                case TaskFact.Cancelled:
                    End("cancelled", "cancelled");
                    break;
                default:
                    break;
            }
        }

        private void Ran(TaskFact.RunEnded f)
        {
            var error = f.Result.ErrorClass == ErrorClass.None ? "" : Name(f.Result.ErrorClass);
            var usage = f.Result.Usage;
            Note(TraceIds.Run, "exit_code", (long)f.Result.ExitCode);
            Note(TraceIds.Run, "tool_calls", (long)f.Result.ToolCalls);
            Note(TraceIds.Run, "input_tokens", usage.InputTokens);
            Note(TraceIds.Run, "output_tokens", usage.OutputTokens);
            Note(TraceIds.Run, "cost_usd", (double)usage.CostUsd);
            Note(TraceIds.Run, "files_changed", (long)f.Result.Diff.FilesTotal);
            Close("prepare", error);
            Close(TraceIds.Run, error);
            if (error.Length == 0)
            {
                Below("attempt", "verify", f.Attempt);
            }
        }

        private void GoOn(TaskPhase to)
        {
            switch (to)
            {
                case TaskPhase.Received or TaskPhase.Mediating:
                    Stage("mediate");
                    break;
                case TaskPhase.Queued:
                    Stage("queue");
                    break;
                case TaskPhase.Delivering:
                    Stage("deliver");
                    break;
                default:
                    CloseStage("");
                    break;
            }
        }

        private void Begin(int turn, string cause, string causedBy)
        {
            End("", "continued");
            Trace = Trace with { Turn = turn, CausedBy = TraceParent.Read(causedBy) };
            Add(TraceIds.Root, 0, "");
            Note(TraceIds.Root, "cause", cause);
            Stage("mediate");
        }

        // All that is open, and the root at last.
        private void End(string error, string outcome)
        {
            if (Trace.Open.IsEmpty)
            {
                return;
            }
            CloseStage(error);
            Note(TraceIds.Root, "type", FactMeter.Snake(Trace.Kind.ToString()));
            Note(TraceIds.Root, "lane", FactMeter.Snake(Trace.Lane.ToString()));
            Note(TraceIds.Root, "outcome", outcome);
            Close(TraceIds.Root, error);
        }

        private void Stage(string name, long? number = null)
        {
            CloseStage("");
            Add(name, number ?? entry.Sequence, IdOf(Trace.Open[0]));
        }

        private void Below(string parent, string name, long number)
        {
            if (Trace.Open.Find(o => o.Name == parent) is { } above)
            {
                Add(name, number, IdOf(above));
            }
        }

        private void CloseStage(string error)
        {
            while (Trace.Open.Count > 1)
            {
                Close(Trace.Open[^1].Name, error);
            }
        }

        private bool IsOpen(string name, long? number = null) =>
            Trace.Open.Exists(o => o.Name == name && (number is null || o.Number == number));

        private void Add(string name, long number, string parent) =>
            Trace = Trace with
            {
                Open = Trace.Open.Add(new OpenSpan(name, number, parent, entry.At, [])),
            };

        private void Note(string name, string key, object value)
        {
            if (Trace.Open.Find(o => o.Name == name) is { } span)
            {
                var noted = span with
                {
                    Attributes = span.Attributes.Add(new(Prefix + key, value)),
                };
                Trace = Trace with { Open = Trace.Open.Replace(span, noted) };
            }
        }

        private void Close(string name, string error = "")
        {
            if (Trace.Open.FindLast(o => o.Name == name) is not { } span)
            {
                return;
            }
            Trace = Trace with { Open = Trace.Open.Remove(span) };
            Finished.Add(
                new TraceSpan(
                    TraceIds.Trace(Trace.TaskId, Trace.Turn),
                    IdOf(span),
                    span.ParentId,
                    span.Name,
                    span.Start,
                    entry.At < span.Start ? span.Start : entry.At,
                    error,
                    [
                        new(Prefix + "task_id", Trace.TaskId),
                        new(Prefix + "turn", (long)Trace.Turn),
                        .. span.Attributes,
                    ]
                )
                {
                    CausedBy = span.Name == TraceIds.Root ? Trace.CausedBy : "",
                }
            );
        }

        private string IdOf(OpenSpan span) =>
            TraceIds.Span(Trace.TaskId, Trace.Turn, span.Name, span.Number);

        private static string Name(ErrorClass why) =>
            Enum.IsDefined(why) ? FactMeter.Snake(why.ToString()) : LabelLimit.Other;
    }
}
