using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>The table's part about what people say after the request.</summary>
internal static class TalkSituations
{
    private static readonly Reply First = new()
    {
        Id = "r1",
        Text = "And now the rest",
        By = "me",
        Channel = "cli",
        Constraints = ["no new dependency"],
    };

    /// <summary>The agent runs, and a reply waits for its end.</summary>
    public static TaskState Waiting =>
        TaskSituations.Fold(TaskSituations.Running, new TaskFact.Replied(First));

    /// <summary>The mediator wants to know something before code is written.</summary>
    public static TaskState Asking =>
        TaskSituations.Fold(
            TaskSituations.Mediating,
            new TaskFact.ApprovalAsked(
                "Which file?",
                TaskPhase.Mediating,
                TaskSituations.Now.AddHours(1)
            )
            {
                Questions = ["Which file?"],
                Assumptions = ["All of them."],
            }
        );

    /// <summary>What is told.</summary>
    public static IReadOnlyList<(string Name, Func<TaskState, TaskInput> Make)> Told =>
        [
            ("Replied", _ => new TaskInput.Replied(Second, TaskSituations.Now)),
            (
                "Replied, interrupting",
                _ => new TaskInput.Replied(Second with { Interrupt = true }, TaskSituations.Now)
            ),
            ("Replied, the first again", _ => new TaskInput.Replied(First, TaskSituations.Now)),
            (
                "Replied, other words under its id",
                _ => new TaskInput.Replied(First with { Text = "Other" }, TaskSituations.Now)
            ),
        ];

    private static Reply Second => First with { Id = "r2", Text = "Then this" };
}
