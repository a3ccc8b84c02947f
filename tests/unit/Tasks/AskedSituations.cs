using Orchestrator.Decisions.Runners;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>Tasks whose agent wants a command that a person must allow.</summary>
internal static class AskedSituations
{
    public static readonly AskedCommand Push = new(
        "git push origin main",
        "",
        CommandText.Hash("", "git push origin main")
    );

    /// <summary>It asks about the command.</summary>
    public static TaskState Asking => Ask(TaskSituations.Running, Push);

    /// <summary>The end of a run before a command.</summary>
    public static TaskReport.RunEnded End(TaskState state, AskedCommand? command = null) =>
        new(
            state.Attempt,
            state.Epoch,
            new RunResult
            {
                ErrorClass = ErrorClass.CommandAsked,
                Message = "The run ended before a command that a person must allow.",
                SessionId = "s1",
                SessionBlob = "b1",
                Asked = command ?? Push,
            }
        );

    /// <summary>A running task after it has asked.</summary>
    public static TaskState Ask(TaskState running, AskedCommand command) =>
        TaskSituations.Fold(
            running,
            TaskDecider
                .Decide(
                    running,
                    new TaskInput.Reported(End(running, command), TaskSituations.Now),
                    TaskSituations.Limits
                )
                .Facts
        );
}
