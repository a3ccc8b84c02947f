using System.Text.Json;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Observability;

/// <summary>Facts of one append.</summary>
/// <param name="TaskId">The task, or the system log.</param>
/// <param name="Before">Number of the task's fact before them.</param>
/// <param name="At">When (UTC).</param>
/// <param name="Facts">In order.</param>
/// <param name="Phase">The task's phase after them; none for the system log.</param>
public sealed record CommittedFacts(
    string TaskId,
    long Before,
    DateTimeOffset At,
    IReadOnlyList<TaskFact> Facts,
    TaskPhase Phase
);

/// <summary>What has to be known of a task to measure its next facts.</summary>
public sealed record TurnClock
{
    /// <summary>Before the first fact, or when nothing is known: then no time is measured before the next beginning.</summary>
    public static TurnClock Unknown { get; } = new();

    /// <summary>Number of the last fact.</summary>
    public long Version { get; init; }

    /// <summary>The phase.</summary>
    public TaskPhase Phase { get; init; }

    /// <summary>Since when it is in it; null = not known.</summary>
    public DateTimeOffset? PhaseSince { get; init; }

    /// <summary>Since when its turn goes on; null = not known.</summary>
    public DateTimeOffset? TurnSince { get; init; }

    /// <summary>The kind in force.</summary>
    public TaskKind Kind { get; init; }

    /// <summary>The lane.</summary>
    public TaskPriority Lane { get; init; } = TaskPriority.Medium;

    /// <summary>Host of the turn's last attempt; empty = it had none.</summary>
    public string Host { get; init; } = "";

    /// <summary>Runner kind of the last attempt.</summary>
    public string Runner { get; init; } = "";
}

/// <summary>What facts say in numbers.</summary>
public static class FactMeter
{
    /// <summary>The numbers of an append, and what is known of the task after it.</summary>
    public static (IReadOnlyList<Measurement> Measured, TurnClock After) Measure(
        TurnClock before,
        CommittedFacts committed
    )
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(committed);
        var measured = new List<Measurement>();
        var clock = before;
        foreach (var fact in committed.Facts)
        {
            clock = Next(clock, fact, committed.At);
            measured.Add(new(MetricCatalogue.Facts, 1, NameOf(fact)));
            measured.AddRange(Counts(clock, fact));
            if (fact is TaskFact.Delivered or TaskFact.Failed or TaskFact.Cancelled)
            {
                measured.AddRange(End(clock, fact, committed.At));
            }
        }
        if (committed.Phase != before.Phase)
        {
            // Facts of one append have one instant: phases between the first and the last took no time.
            if (
                before.PhaseSince is { } since
                && before.Phase is not (TaskPhase.Done or TaskPhase.Failed or TaskPhase.Cancelled)
            )
            {
                measured.Add(
                    new(
                        MetricCatalogue.PhaseDuration,
                        Seconds(since, committed.At),
                        Snake(before.Phase.ToString())
                    )
                );
            }
            clock = clock with { Phase = committed.Phase, PhaseSince = committed.At };
        }
        return (measured, clock with { Version = committed.Before + committed.Facts.Count });
    }

    /// <summary>A name as labels write it: <c>code_review</c>.</summary>
    public static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static TurnClock Next(TurnClock clock, TaskFact fact, DateTimeOffset at) =>
        fact switch
        {
            TaskFact.Submitted f => clock with
            {
                TurnSince = at,
                Kind = f.Spec.Kind,
                Lane = f.Spec.Priority,
            },
            TaskFact.TurnStarted => clock with { TurnSince = at, Host = "" },
            TaskFact.PlanMade f => clock with { Kind = f.Plan.Kind },
            TaskFact.RunStarted f => clock with { Host = f.Host, Runner = f.Runner },
            _ => clock,
        };

    private static List<Measurement> Counts(TurnClock clock, TaskFact fact) =>
        fact switch
        {
            TaskFact.Submitted f =>
            [
                new(MetricCatalogue.Submitted, 1, LaneOf(f.Spec.Priority), f.Spec.Source),
                new(MetricCatalogue.TurnsStarted, 1, "request"),
            ],
            TaskFact.TurnStarted f => [new(MetricCatalogue.TurnsStarted, 1, CauseOf(f.Kind))],
            TaskFact.Screened f => [Said("screen", f.Ruling.Verdict)],
            TaskFact.Ruled f => [Said(StageOf(f.Ruling.Stage), f.Ruling.Verdict)],
            TaskFact.PlanMade f =>
            [
                new(
                    MetricCatalogue.Plans,
                    1,
                    f.Plan.Mode == MediationMode.Llama ? "model" : "rules"
                ),
            ],
            TaskFact.RunStarted f => [new(MetricCatalogue.RunsStarted, 1, f.Host, f.Runner)],
            TaskFact.RunEnded f => Run(clock, f.Result),
            TaskFact.RetryScheduled f => [new(MetricCatalogue.Retries, 1, ClassOf(f.ErrorClass))],
            TaskFact.Verified f => [new(MetricCatalogue.Checks, 1, ResultOf(f.Report))],
            TaskFact.ApprovalAsked => [new(MetricCatalogue.Approvals, 1, "asked")],
            TaskFact.ApprovalReminded => [new(MetricCatalogue.Approvals, 1, "reminded")],
            TaskFact.ApprovalHandedOver => [new(MetricCatalogue.Approvals, 1, "handed_over")],
            TaskFact.Approved => [new(MetricCatalogue.Approvals, 1, "approved")],
            TaskFact.Rejected => [new(MetricCatalogue.Approvals, 1, "rejected")],
            TaskFact.Paused f => [new(MetricCatalogue.Pauses, 1, ReasonOf(f.Budget))],
            TaskFact.PullRequestOpened => [new(MetricCatalogue.PullRequests, 1, "opened")],
            TaskFact.FeedbackReceived => [new(MetricCatalogue.PullRequests, 1, "feedback")],
            TaskFact.MergeHeld => [new(MetricCatalogue.PullRequests, 1, "merge_held")],
            TaskFact.Merged => [new(MetricCatalogue.PullRequests, 1, "merged")],
            TaskFact.PullRequestClosed => [new(MetricCatalogue.PullRequests, 1, "closed")],
            TaskFact.Throttled f => [new(MetricCatalogue.QueueRefused, 1, LaneOf(f.Priority))],
            TaskFact.IntakeRefused => [new(MetricCatalogue.IntakeRefused, 1)],
            _ => [],
        };

    private static List<Measurement> Run(TurnClock clock, RunResult result)
    {
        var (type, model, usage) = (TypeOf(clock.Kind), result.Model, result.Usage);
        var measured = new List<Measurement>
        {
            new(MetricCatalogue.RunsEnded, 1, clock.Host, clock.Runner, ClassOf(result.ErrorClass)),
            new(MetricCatalogue.Cost, (double)usage.CostUsd, type, model),
            new(MetricCatalogue.Tokens, usage.InputTokens, type, model, "input"),
            new(MetricCatalogue.Tokens, usage.OutputTokens, type, model, "output"),
            new(MetricCatalogue.Tokens, usage.CacheReadTokens, type, model, "cache_read"),
            new(MetricCatalogue.Tokens, usage.CacheWriteTokens, type, model, "cache_write"),
            new(MetricCatalogue.Secrets, result.Diff.Secrets.Count),
        };
        // What an agent reports is not believed to be a number that a counter can take.
        measured.RemoveAll(m => !(m.Value > 0) || double.IsInfinity(m.Value));
        return measured;
    }

    private static List<Measurement> End(TurnClock clock, TaskFact fact, DateTimeOffset at)
    {
        var (outcome, why) = fact switch
        {
            TaskFact.Delivered => ("success", ErrorClass.None),
            TaskFact.Failed f => ("failed", f.ErrorClass),
            _ => ("cancelled", ErrorClass.Cancelled),
        };
        var type = TypeOf(clock.Kind);
        var measured = new List<Measurement>
        {
            new(
                MetricCatalogue.Ended,
                1,
                type,
                LaneOf(clock.Lane),
                clock.Host,
                outcome,
                ClassOf(why)
            ),
        };
        if (clock.TurnSince is { } since)
        {
            measured.Add(new(MetricCatalogue.TurnDuration, Seconds(since, at), type, outcome));
        }
        return measured;
    }

    private static Measurement Said(string stage, Verdict verdict) =>
        new(
            MetricCatalogue.Verdicts,
            1,
            stage,
            Enum.IsDefined(verdict) ? Snake(verdict.ToString()) : LabelLimit.Other
        );

    private static double Seconds(DateTimeOffset from, DateTimeOffset to) =>
        Math.Max(0, (to - from).TotalSeconds);

    /// <summary>The kind of a fact as a label: <c>run_started</c>.</summary>
    public static string NameOf(TaskFact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return Snake(fact.GetType().Name);
    }

    private static string TypeOf(TaskKind kind) =>
        Enum.IsDefined(kind) ? Snake(kind.ToString()) : LabelLimit.Other;

    private static string LaneOf(TaskPriority lane) =>
        Enum.IsDefined(lane) ? Snake(lane.ToString()) : LabelLimit.Other;

    private static string ClassOf(ErrorClass why) =>
        Enum.IsDefined(why) ? Snake(why.ToString()) : LabelLimit.Other;

    private static string CauseOf(string kind) =>
        kind is "reply" or "retry" or "restage" or "feedback" ? kind : LabelLimit.Other;

    private static string StageOf(string stage) =>
        stage is "request" or "plan" or "diff" ? stage : LabelLimit.Other;

    private static string ReasonOf(string budget) =>
        budget switch
        {
            "" => "usage_or_person",
            "task" => "task_budget",
            "day" => "day_budget",
            _ => LabelLimit.Other,
        };

    private static string ResultOf(VerificationReport report) =>
        report.Problem.Length > 0 ? "not_run"
        : report.Commands.Count == 0 ? "none"
        : report.Commands.Any(c => c.TimedOut) ? "timed_out"
        : report.Commands.Any(c => c.ExitCode != 0) ? "failed"
        : "passed";
}
