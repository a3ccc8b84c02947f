using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What follows from a command that a person must allow. Part of the decider's table.</summary>
public static class CommandVerdict
{
    /// <summary>People are asked; a turn that has asked often enough needs a person who looks at the whole.</summary>
    internal static TaskFact Asked(
        TaskState state,
        AskedCommand command,
        DateTimeOffset now,
        TaskLimits limits
    ) =>
        state.AskedCommands >= limits.AskedCommandsMax
            ? new TaskFact.Failed(
                new Failure(
                    FailureCodes.NeedsApproval,
                    $"Turn {state.Turn} asked about {state.AskedCommands} commands, the most allowed, and wants another: {Words(command)}. Retry starts a new turn; a lane's commands: ask says what is asked about."
                ),
                ErrorClass.CommandAsked
            )
            : new TaskFact.ApprovalAsked(
                $"The agent wants to run a command that a person must allow: {Words(command)}",
                TaskPhase.Queued,
                now + limits.ApprovalWaitMax
            )
            {
                Approvals = Math.Max(1, state.Lane?.AskApprovals ?? 0),
                Roles = state.Lane?.AskRoles ?? [],
                Hash = CommandText.QuestionHash(command.Hash, state.Attempt),
                Command = command,
            };

    /// <summary>What the next run is told about the answer.</summary>
    internal static string Told(AskedCommand command) =>
        $"A person has allowed the command that the last run ended before. Run it now exactly as you wrote it, in the same folder of the working directory; written in any other way it is asked about again:\n{Words(command)}";

    /// <summary>The command and its folder, for people.</summary>
    public static string Words(AskedCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command.Folder.Length > 0
            ? $"{command.Command} (in {command.Folder})"
            : command.Command;
    }
}
