using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What follows from the end, the refusal, the silence or the loss of a run. Part of the decider's table.</summary>
internal static class RunVerdict
{
    public const string BeforeStart = "before_start";
    public const string DuringExecution = "during_execution";
    private const int ReasonMax = 500;

    public static TaskDecision Ended(
        TaskState state,
        TaskReport.RunEnded report,
        TaskInput.Reported told,
        TaskLimits limits
    )
    {
        var now = told.Now;
        var ended = new TaskFact.RunEnded(report.Attempt, report.Result);
        if (state.Cancelling)
        {
            return TaskDecision.Of(ended, new TaskFact.Cancelled(DuringExecution));
        }
        if (report.Result.ErrorClass == ErrorClass.None)
        {
            return TaskDecision.Of(ended);
        }
        if (report.Result.ErrorClass == ErrorClass.UsageLimit)
        {
            var until =
                report.Result.ResetAt > now
                    ? report.Result.ResetAt.Value
                    : now + Probe(state, limits);
            return TaskDecision.Of(
                ended,
                new TaskFact.Paused("The agent's usage limit is reached.", until)
            );
        }
        if (report.Result.ErrorClass == ErrorClass.Budget && limits.Budgets.Task.CostUsd > 0)
        {
            return TaskDecision.Of(
                ended,
                new TaskFact.Paused(
                    "The task's budget was used up during a run. Resuming grants it as much again; Budgets:Task sets it.",
                    null,
                    Budgets.OfTask
                )
            );
        }
        if (report.Result is { ErrorClass: ErrorClass.CommandAsked, Asked: { } command })
        {
            return TaskDecision.Of(ended, CommandVerdict.Asked(state, command, now, limits));
        }
        if (
            report.Result.ErrorClass == ErrorClass.PolicyViolation
            && PolicyVerdict.OnWork(state with { Result = report.Result }, told)
                is { Verdict: Verdict.Deny } ruling
        )
        {
            // Stopped on the way: the rule and its line are told as they would have been at the end.
            return TaskDecision.Of(
                ended,
                new TaskFact.Ruled(state.Turn, ruling),
                PolicyVerdict.Denied(ruling.Rulings[0], ErrorClass.PolicyViolation)
            );
        }
        var failure = new Failure(CodeOf(report.Result.ErrorClass), Sentence(report.Result));
        return TaskDecision.Of(
            ended,
            Next(state, report.Result.ErrorClass, failure, "", now, limits)
        );
    }

    public static TaskDecision Refused(
        TaskState state,
        TaskReport.RunRefused report,
        DateTimeOffset now,
        TaskLimits limits
    ) =>
        state.Cancelling
            ? TaskDecision.Of(new TaskFact.Cancelled(DuringExecution))
            : TaskDecision.Of(Untold(state, report.ErrorClass, report.Failure, now, limits));

    public static TaskDecision Verified(
        TaskState state,
        TaskReport.Verified report,
        TaskInput.Reported told,
        TaskLimits limits
    )
    {
        var verified = new TaskFact.Verified(report.Attempt, report.Report);
        if (state.Cancelling)
        {
            return TaskDecision.Of(verified, new TaskFact.Cancelled(DuringExecution));
        }
        var ruling = PolicyVerdict.OnWork(state, told);
        var judgement = WorkJudge.Judge(state, report.Report, ruling);
        var judged = new TaskFact.Judged(report.Attempt, judgement);
        if (ruling is { Verdict: Verdict.Deny })
        {
            // Another try would be the same agent against the same rule: people decide, the diff is kept.
            return TaskDecision.Of(
                verified,
                judged,
                new TaskFact.Ruled(state.Turn, ruling),
                PolicyVerdict.Denied(ruling.Rulings[0], ErrorClass.PolicyViolation)
            );
        }
        if (judgement.Accepted)
        {
            return PolicyVerdict.Accepted(state, [verified, judged], ruling, told.Now, limits);
        }
        var feedback = WorkJudge.Feedback(judgement, report.Report);
        var failure = new Failure(
            FailureCodes.CheckFailed,
            "The agent stopped, and the checks after it did not pass: "
                + string.Join(
                    " ",
                    judgement.Findings.Where(f => f.Blocking).Select(f => f.Message)
                ),
            feedback.Length > 4_000 ? feedback[..4_000] : feedback
        );
        return TaskDecision.Of(
            verified,
            judged,
            Next(state, ClassOf(judgement), failure, feedback, told.Now, limits)
        );
    }

    // Trying again does not open a tool that the task's kind keeps shut.
    private static ErrorClass ClassOf(Judgement judgement) =>
        judgement.Findings.Any(f => f is { Blocking: true, Code: WorkJudge.ToolsDenied })
            ? ErrorClass.PermissionBlock
            : ErrorClass.CheckFailed;

    /// <summary>The host's deadline passed without its word: the run is over, and the host is made to drop it.</summary>
    public static TaskDecision Silent(TaskState state, DateTimeOffset now, TaskLimits limits)
    {
        var failure = new Failure(
            FailureCodes.TimedOut,
            $"Host {state.Host} did not report the end of attempt {state.Attempt} in time."
        );
        return TaskDecision.Of(Untold(state, ErrorClass.HostLost, failure, now, limits));
    }

    public static TaskDecision Lost(TaskState state, DateTimeOffset now, TaskLimits limits)
    {
        if (state.Phase == TaskPhase.Validating)
        {
            // The work is captured: the check is owed still and is asked for again, from the blob.
            return TaskDecision.Nothing;
        }
        var failure = new Failure(
            FailureCodes.Unavailable,
            $"Host {state.Host} was lost during attempt {state.Attempt}."
        );
        return TaskDecision.Of(Untold(state, ErrorClass.HostLost, failure, now, limits));
    }

    public static TaskFact OutOfTries(TaskState state, TaskLimits limits) =>
        new TaskFact.Failed(
            new Failure(
                FailureCodes.AgentFailed,
                $"Turn {state.Turn} used up its {limits.TriesMax} tries ({state.TurnAttempts} attempts). Retry starts a new turn."
            ),
            state.ErrorClass == ErrorClass.None ? ErrorClass.Fatal : state.ErrorClass
        );

    // No fact of the run's end stands before it: the retry itself says what went wrong.
    private static TaskFact Untold(
        TaskState state,
        ErrorClass errorClass,
        Failure failure,
        DateTimeOffset now,
        TaskLimits limits
    ) =>
        Next(state, errorClass, failure, "", now, limits) switch
        {
            TaskFact.RetryScheduled again => again with
            {
                Reason = Mediation.TextCut.Head(failure.Message, ReasonMax),
            },
            var over => over,
        };

    private static TaskFact Next(
        TaskState state,
        ErrorClass errorClass,
        Failure failure,
        string feedback,
        DateTimeOffset now,
        TaskLimits limits
    )
    {
        var counts = RetrySchedule.CountsAsTry(errorClass);
        // A lost session is cured by a fresh one; a fresh one that is lost is no such case.
        var retriesLeft =
            errorClass == ErrorClass.SessionLost
                ? state.Resume
                : state.Tries <= RetrySchedule.RetriesMax(errorClass);
        var triesLeft = !counts || state.Tries < limits.TriesMax;
        // Without an agent the next try would find the same.
        var checkFailed =
            state.CheckOnly && (errorClass is ErrorClass.CheckFailed or ErrorClass.Workspace);
        if (
            checkFailed
            || !retriesLeft
            || !triesLeft
            || state.TurnAttempts >= limits.AttemptsPerTurnMax
        )
        {
            return new TaskFact.Failed(failure, errorClass);
        }
        // The spread comes from the attempt itself: decisions own no chance, and neighbours still differ.
        var jitter = Spread(state.CreatedAt.UtcTicks + state.Attempt);
        var due = now + RetrySchedule.Delay(errorClass, Math.Max(1, state.Tries), jitter);
        return new TaskFact.RetryScheduled(state.Attempt, errorClass, due, counts, feedback);
    }

    // Without a reset time the limit is probed: half an hour, an hour, two, at most four. Attempts that did not count
    // tell how often it was.
    private static TimeSpan Probe(TaskState state, TaskLimits limits) =>
        limits.UsagePause * Math.Pow(2, Math.Clamp(state.TurnAttempts - state.Tries, 0, 3));

    private static double Spread(long seed) =>
        unchecked((uint)(seed * 2654435761L)) / (double)uint.MaxValue;

    private static string CodeOf(ErrorClass errorClass) =>
        errorClass switch
        {
            ErrorClass.Auth => FailureCodes.AgentAuth,
            ErrorClass.Timeout => FailureCodes.TimedOut,
            ErrorClass.Config or ErrorClass.ModelNotFound => FailureCodes.RunnerUnavailable,
            ErrorClass.Workspace => FailureCodes.RepositoryUnusable,
            ErrorClass.PolicyViolation => FailureCodes.PolicyDenied,
            _ => FailureCodes.AgentFailed,
        };

    private static string Sentence(RunResult result)
    {
        var message =
            result.Message.Length > 0
                ? result.Message
                : $"The agent ended with exit code {result.ExitCode}.";
        return $"{message} {RetrySchedule.SuggestedAction(result.ErrorClass)}";
    }
}
