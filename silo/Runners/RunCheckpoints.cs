using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// Keeps the work and the session of one run every so often, one checkpoint at a time, beside the run: a dead host's work
/// is not lost. A checkpoint that fails is no matter; the next one, or the capture at the end, is.
/// </summary>
internal sealed class RunCheckpoints(RunOrder order, IAgentRunner runner, AgentRunServices services)
    : IDisposable
{
    /// <summary>A larger patch is kept at the end of the run only.</summary>
    public const int PatchBytesMax = 8 * 1024 * 1024;

    // Work that takes long to look through is looked through less often.
    private const int RestTimes = 10;
    private readonly CancellationTokenSource end = new();
    private readonly TimeSpan pause = services.Options.Checkpoint;
    private Task running = Task.CompletedTask;
    private long restedAt = services.Time.GetTimestamp();
    private TimeSpan rest = services.Options.Checkpoint;
    private Checkpoint last = new();

    /// <summary>Begins a checkpoint when it is time for one and none is under way.</summary>
    public void TakeWhenDue(WorkspaceInfo workspace, string folder)
    {
        if (
            pause > TimeSpan.Zero
            && running.IsCompleted
            && services.Time.GetElapsedTime(restedAt) >= rest
        )
        {
            running = Task.Run(() => TakeAsync(workspace, folder));
        }
    }

    /// <summary>Ends what is under way.</summary>
    public async Task EndAsync()
    {
        await end.CancelAsync();
        await running;
    }

    /// <summary>Keeps the session as it is now; its blob id, or empty.</summary>
    public async Task<string> KeepSessionAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Sessions.KeepAsync(
                runner.SessionFile(order.SessionId, folder),
                cancellationToken
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // a turn elsewhere begins a fresh session
        }
    }

    /// <inheritdoc />
    public void Dispose() => end.Dispose();

    private async Task TakeAsync(WorkspaceInfo workspace, string folder)
    {
        var started = services.Time.GetTimestamp();
        try
        {
            // The session first: what it speaks of is in the work that is captured after it.
            var session = await KeepSessionAsync(folder, end.Token);
            var diff = await services.Capture.TakeAsync(
                order.Spec.Repository,
                workspace.Worktree,
                workspace.BaseCommit,
                end.Token,
                PatchBytesMax
            );
            var checkpoint = new Checkpoint
            {
                PatchBlob = diff.PatchBlob,
                FilesTotal = diff.FilesTotal,
                Paths = [.. diff.Files.Take(Checkpoint.PathsMax).Select(f => f.Path)],
                SessionBlob = session,
            };
            if (
                checkpoint.PatchBlob != last.PatchBlob
                || checkpoint.SessionBlob != last.SessionBlob
            )
            {
                await services.Reports.TellAsync(
                    order.TaskId,
                    new TaskReport.Checkpointed(order.Attempt, order.Epoch, checkpoint),
                    end.Token
                );
                last = checkpoint;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The run is over, and its end keeps everything.
        }
        catch (Exception e)
            when (e
                    is GitException
                        or IOException
                        or UnauthorizedAccessException
                        or StorageException
                        or OrleansException
                        or TimeoutException
                        or InvalidOperationException
            )
        {
            // A file went away while git looked at it, the store was away: the next one looks again.
        }
        rest =
            services.Time.GetElapsedTime(started) * RestTimes is var longest && longest > pause
                ? longest
                : pause;
        restedAt = services.Time.GetTimestamp();
    }
}
