using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Intake;

/// <content>Files that go on with a task that is there.</content>
internal sealed partial class TaskIntake
{
    private async Task<TimeSpan?> ReplyAsync(
        FileInfo file,
        Seen entry,
        TaskFile task,
        string key,
        CancellationToken cancellationToken
    )
    {
        var (reply, failure) = TaskFileSpec.ReplyOf(task, file.Name, key);
        var answer = reply is null
            ? new TaskAnswer(null, failure)
            : await grains
                .GetGrain<ITaskGrain>(task.ParentTaskId)
                .ReplyAsync(reply, cancellationToken);
        if (answer.Failure is { RetryAfterSeconds: > 0 } full)
        {
            LogWaits(logger, file.Name, full.Code, TimeSpan.FromSeconds(full.RetryAfterSeconds));
            return TimeSpan.FromSeconds(full.RetryAfterSeconds);
        }
        if (answer.Failure is { } refusal)
        {
            await RefuseAsync(
                file,
                entry,
                [new TaskFileFinding(1, refusal.Message.TrimEnd('.'), "")],
                refusal.Code
            );
            return null;
        }
        entry.Stage = Stage.Taken;
        entry.TaskId = task.ParentTaskId;
        entry.ArchiveId = task.Id;
        entry.Key = key;
        LogTaken(logger, file.Name, task.ParentTaskId);
        return null;
    }
}
