using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>Every situation a task can be in, reached by facts, and everything it can be told in it.</summary>
internal static class TaskSituations
{
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    public static readonly TaskLimits Limits = new();
    public static readonly TaskSpec Spec = new() { Request = "Fix it", Runner = "scripted" };

    public static readonly Plan Plan = new()
    {
        Kind = TaskKind.Fix,
        Title = "Fix it",
        AgentType = "bug_fix",
    };

    public static readonly AgentInfo Agent = new(42, "/x", "1", "m", "scripted agent, no AI", "");

    public static readonly WorkspaceInfo Workspace = new("/w", new string('a', 40), "main", false);

    public static readonly VerificationReport Green = new("none", []);

    public static readonly VerificationReport Red = new(
        "repository",
        [new CommandResult("make test", 1, 1, false, "it broke")]
    );

    /// <summary>The situations by name: a phase, or a phase and what is special.</summary>
    public static IReadOnlyList<(string Name, TaskState State)> All =>
        [
            ("None", TaskState.Empty),
            ("Received", To(new TaskFact.Submitted(Spec))),
            ("Mediating", Mediating),
            ("Queued", Queued),
            ("Queued, backing off", BackingOff),
            ("Preparing", Preparing),
            ("Preparing, cancelling", Cancelling(Preparing)),
            ("Running", Running),
            ("Running, cancelling", Cancelling(Running)),
            ("Validating", Validating),
            ("Validating, cancelling", Cancelling(Validating)),
            (
                "Delivering",
                Fold(
                    Validating,
                    new TaskFact.Verified(1, Green),
                    new TaskFact.Judged(1, new Judgement(true, "SUCCESS", []))
                )
            ),
            ("Delivering, to a remote host", DeliverySituations.Owed),
            ("Delivering, pushed", DeliverySituations.Pushed),
            ("InReview", DeliverySituations.InReview),
            ("InReview, merging", DeliverySituations.Merging),
            ("Done", Done),
            ("Done, diff approved", Approved),
            ("Done, diff being applied", Applying),
            (
                "Done, diff applied",
                Fold(Applying, new TaskFact.Applied(Hash, "main", new string('c', 40)))
            ),
            (
                "AwaitingApproval",
                Fold(
                    Queued,
                    new TaskFact.ApprovalAsked("the plan", TaskPhase.Queued, Now.AddHours(8))
                )
            ),
            ("AwaitingApproval, guarded diff", Guarded),
            ("AwaitingApproval, command", AskedSituations.Asking),
            (
                "Paused",
                Fold(
                    Running,
                    Ended(ErrorClass.UsageLimit),
                    new TaskFact.Paused("The agent's usage limit is reached.", Now.AddHours(3))
                )
            ),
            (
                "Paused, budget",
                Fold(Queued, new TaskFact.Paused("The budget is used up.", null, "task"))
            ),
            (
                "Failed",
                Fold(
                    Running,
                    Ended(ErrorClass.Fatal),
                    new TaskFact.Failed(new Failure("agent_failed", "x"), ErrorClass.Fatal)
                )
            ),
            (
                "Cancelled",
                Fold(
                    Cancelling(Running),
                    Ended(ErrorClass.Cancelled),
                    new TaskFact.Cancelled("during_execution")
                )
            ),
            ("Running, pull request open", DeliverySituations.NextTurn),
            ("Failed, pull request open", DeliverySituations.NextTurnFailed),
            ("Running, reply waiting", TalkSituations.Waiting),
            ("AwaitingApproval, questions", TalkSituations.Asking),
        ];

    /// <summary>What can be told, by name: the input's or report's type, and what is special.</summary>
    public static IReadOnlyList<(string Name, Func<TaskState, TaskInput> Make)> Told =>
        [
            ("Submit", _ => new TaskInput.Submit(Spec, null, Now)),
            (
                "Submit, other content",
                _ => new TaskInput.Submit(Spec with { Request = "Other" }, null, Now)
            ),
            (
                "Submit, queue full",
                _ => new TaskInput.Submit(
                    Spec,
                    new Failure(FailureCodes.QueueFull, "full", "", 5),
                    Now
                )
            ),
            ("Screened, allow", s => Report(new TaskReport.Screened(s.Turn, Rule(Verdict.Allow)))),
            ("Screened, deny", s => Report(new TaskReport.Screened(s.Turn, Rule(Verdict.Deny)))),
            (
                "Screened, ask",
                s => Report(new TaskReport.Screened(s.Turn, Rule(Verdict.NeedsApproval)))
            ),
            ("PlanMade", s => Report(new TaskReport.PlanMade(s.Turn, Plan))),
            (
                "SlotOffered",
                s => new TaskInput.SlotOffered(new SlotOffer("h", 1, s.Turn), "s2", Now)
            ),
            (
                "WorkspaceReady",
                s => Report(new TaskReport.WorkspaceReady(s.Attempt, s.Epoch, Workspace))
            ),
            ("AgentStarted", s => Report(new TaskReport.AgentStarted(s.Attempt, s.Epoch, Agent))),
            (
                "Progressed",
                s => Report(new TaskReport.Progressed(s.Attempt, s.Epoch, new AgentStep("x", 1, 1)))
            ),
            (
                "Checkpointed",
                s =>
                    Report(
                        new TaskReport.Checkpointed(
                            s.Attempt,
                            s.Epoch,
                            new Checkpoint { PatchBlob = "c", SessionBlob = "d" }
                        )
                    )
            ),
            ("RunEnded, well", s => Report(End(s, ErrorClass.None))),
            ("RunEnded, may be retried", s => Report(End(s, ErrorClass.Network))),
            ("RunEnded, fatal", s => Report(End(s, ErrorClass.Fatal))),
            ("RunEnded, usage limit", s => Report(End(s, ErrorClass.UsageLimit))),
            ("RunEnded, command asked", s => Report(AskedSituations.End(s))),
            (
                "RunRefused",
                s =>
                    Report(
                        new TaskReport.RunRefused(
                            s.Attempt,
                            s.Epoch,
                            new Failure("unavailable", "y"),
                            ErrorClass.HostLost
                        )
                    )
            ),
            ("Verified, green", s => Report(new TaskReport.Verified(s.Attempt, s.Epoch, Green))),
            ("Verified, red", s => Report(new TaskReport.Verified(s.Attempt, s.Epoch, Red))),
            ("Released", s => Report(new TaskReport.Released(s.Attempt))),
            ("Woke, early", _ => new TaskInput.Woke(Now)),
            ("Woke, due", s => new TaskInput.Woke(s.Due ?? Now.AddDays(1))),
            ("HostLost", s => new TaskInput.HostLost(s.Host, s.Epoch, Now)),
            ("CancelAsked", _ => new TaskInput.CancelAsked("me", "", Now)),
            ("RetryAsked", _ => new TaskInput.RetryAsked("me", Now)),
            ("ResumeAsked", _ => new TaskInput.ResumeAsked("me", Now)),
            ("Answered, yes", _ => new TaskInput.Answered("me", true, "", Now)),
            ("Answered, no", _ => new TaskInput.Answered("me", false, "", Now)),
            (
                "Answered, yes to another diff",
                _ => new TaskInput.Answered("me", true, "", Now) { Hash = new string('f', 12) }
            ),
            ("ApplyAsked", _ => new TaskInput.ApplyAsked("me", false, "http", Now)),
            (
                "ApplyAsked, late",
                _ => new TaskInput.ApplyAsked("me", false, "http", Now.AddDays(8))
            ),
            ("RestageAsked", _ => new TaskInput.RestageAsked("me", Now)),
            ("Applied", _ => Report(new TaskReport.Applied(Hash, "main", new string('c', 40)))),
            (
                "ApplyRefused",
                _ => Report(new TaskReport.ApplyRefused(Hash, new Failure("conflict", "moved")))
            ),
            .. DeliverySituations.Told,
            (
                "Committed",
                _ => new TaskInput.Committed(new TaskFact.CommitMade("b", "c", "me", false), Now)
            ),
            .. TalkSituations.Told,
        ];

    /// <summary>The situation of that name.</summary>
    public static TaskState Named(string name) => All.Single(s => s.Name == name).State;

    public static TaskState Fold(TaskState state, params IReadOnlyList<TaskFact> facts) =>
        facts.Aggregate(state, (s, f) => s.After(f, Now));

    private static readonly string Hash = new('e', 64);

    private static TaskState Guarded =>
        Fold(
            Validating with
            {
                PatchBlob = Hash,
            },
            new TaskFact.Verified(1, Green),
            new TaskFact.Judged(1, new Judgement(true, "SUCCESS", [])),
            new TaskFact.Staged(
                1,
                new GuardedDiff
                {
                    Hash = Hash,
                    Branch = "main",
                    Expires = Now.AddDays(7),
                    Approvals = 1,
                }
            ),
            new TaskFact.ApprovalAsked("the diff", TaskPhase.Delivering, Now.AddDays(3))
            {
                Approvals = 1,
                Hash = Hash,
            }
        );

    private static TaskState Approved =>
        Fold(Guarded, new TaskFact.Approved("you", "") { Hash = Hash }, new TaskFact.Delivered(1));

    private static TaskState Applying =>
        Fold(Approved, new TaskFact.ApplyStarted(Hash, "you", false, "http"));

    internal static TaskState Mediating =>
        To(new TaskFact.Submitted(Spec), new TaskFact.Screened(1, Rule(Verdict.Allow)));

    private static TaskState Queued => Fold(Mediating, new TaskFact.PlanMade(1, Plan));

    private static TaskState Preparing =>
        Fold(
            Queued,
            new TaskFact.RunStarted(1, 1, "h", 1, Now.AddMinutes(33), "scripted", "s", false)
        );

    internal static TaskState RunningOf(TaskSpec spec) =>
        Fold(
            TaskState.Empty,
            new TaskFact.Submitted(spec),
            new TaskFact.Screened(1, Rule(Verdict.Allow)),
            new TaskFact.PlanMade(1, Plan),
            new TaskFact.RunStarted(1, 1, "h", 1, Now.AddMinutes(33), "scripted", "s", false),
            new TaskFact.WorkspaceReady(1, Workspace),
            new TaskFact.AgentStarted(1, Agent)
        );

    internal static TaskState Running =>
        Fold(
            Preparing,
            new TaskFact.WorkspaceReady(1, Workspace),
            new TaskFact.AgentStarted(1, Agent)
        );

    private static TaskState Validating => Fold(Running, Ended(ErrorClass.None));

    private static TaskState Done =>
        Fold(
            Validating,
            new TaskFact.Verified(1, Green),
            new TaskFact.Judged(1, new Judgement(true, "SUCCESS", [])),
            new TaskFact.Delivered(1)
        );

    private static TaskState BackingOff =>
        Fold(
            Running,
            Ended(ErrorClass.Network),
            new TaskFact.RetryScheduled(1, ErrorClass.Network, Now.AddSeconds(2), true, "")
        );

    private static TaskState Cancelling(TaskState state) =>
        Fold(state, new TaskFact.CancelRequested("me", ""));

    private static TaskState To(params IReadOnlyList<TaskFact> facts) =>
        Fold(TaskState.Empty, facts);

    private static TaskFact.RunEnded Ended(ErrorClass errorClass) =>
        new(1, new RunResult { ErrorClass = errorClass });

    internal static TaskReport.RunEnded End(TaskState state, ErrorClass errorClass) =>
        new(state.Attempt, state.Epoch, new RunResult { ErrorClass = errorClass });

    private static Ruling Rule(Verdict verdict) => new(verdict, "r", "why");

    internal static TaskInput.Reported Report(TaskReport report) => new(report, Now);
}
