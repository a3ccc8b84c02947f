using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Intake;

/// <summary>A task file as a submission, by the same limits as every other door.</summary>
internal static class TaskFileSpec
{
    // Of the content's hash: enough to tell a changed file from the same one.
    private const int KeyShown = 32;

    /// <summary>The spec, or every reason why the door refuses it.</summary>
    public static (TaskSpec? Spec, Failure? Failure) Of(
        TaskFile task,
        FolderFound folder,
        string path,
        string key
    )
    {
        var (spec, failure) = SubmissionReader.Read(
            new SubmitRequest
            {
                Id = task.Id,
                Request = task.Request,
                Title = task.Title,
                Type = task.Type,
                Priority = task.Priority,
                Repository = Filled(folder.Repository),
                WorkingDirectory = Filled(folder.Below),
                BaseBranch = Filled(task.BaseBranch),
                Remote = Filled(task.Remote),
                Tickets = task.Tickets,
                TargetFiles = task.TargetFiles,
                SuccessCriteria = task.SuccessCriteria,
                Context = Filled(task.Context),
                TimeoutSec = task.TimeoutSeconds,
                AgentType = Filled(task.AgentType),
                Runner = Filled(task.Runner),
                Model = Filled(task.Model),
                Script = Filled(task.Script),
                MaxTurns = task.MaxTurns,
            },
            TaskIntake.Requester,
            key
        );
        return (
            spec is null
                ? null
                : spec with
                {
                    Source = "file",
                    SourceFile = path,
                    ParentTaskId = task.ParentTaskId,
                },
            failure
        );
    }

    /// <summary>The reply that a file to a task is, or every reason why the door refuses it.</summary>
    public static (Reply? Reply, Failure? Failure) ReplyOf(
        TaskFile task,
        string path,
        string key
    ) =>
        ReplyReader.Read(
            new ReplyRequest
            {
                Text = task.Request,
                Constraints = task.SuccessCriteria.Count > 0 ? task.SuccessCriteria : null,
                Type = task.Type,
                // Files that name no priority are of the medium one; that is no wish for another.
                Priority = task.Priority == "medium" ? null : task.Priority,
                Script = Filled(task.Script),
            },
            new ReplySender(
                $"file:{task.Id}:{key[^KeyShown..]}",
                TaskIntake.Requester,
                "file",
                path
            )
        );

    private static string? Filled(string text) => text.Length > 0 ? text : null;
}
