using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// Looks while an agent works whether its worktree holds a change that the lane forbids. One look at a time, beside the
/// run, after the agent used a tool. A look that fails is no matter: the whole work is judged at the end.
/// </summary>
internal sealed class LaneWatch(RunOrder order, AgentRunServices services) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A worktree that takes long to look through is looked through less often.
    private const int RestTimes = 10;
    private readonly CancellationTokenSource end = new();
    private Task running = Task.CompletedTask;
    private long restedAt = services.Time.GetTimestamp();
    private TimeSpan rest = Pause;
    private int seen;
    private volatile string violation = "";
    private IReadOnlyList<string> before = [];

    /// <summary>Empty, or the sentence that names the path and the lane.</summary>
    public string Violation => violation;

    /// <summary>Notes what the work so far has changed already: no act of the agent that is about to start. The whole is judged at the end.</summary>
    public async Task PrepareAsync(WorkspaceInfo workspace, CancellationToken cancellationToken)
    {
        if (order is { Lane: not null, StartPatchBlob.Length: > 0 })
        {
            before = await ChangedAsync(workspace, cancellationToken);
        }
    }

    /// <summary>Begins a look when tools were used since the last one.</summary>
    public void LookWhenDue(WorkspaceInfo workspace, int toolCalls)
    {
        if (
            order.Lane is { } lane
            && toolCalls > seen
            && running.IsCompleted
            && services.Time.GetElapsedTime(restedAt) >= rest
        )
        {
            seen = toolCalls;
            running = Task.Run(() => LookAsync(lane, workspace));
        }
    }

    /// <summary>Ends what is under way.</summary>
    public async Task EndAsync()
    {
        await end.CancelAsync();
        await running;
    }

    /// <inheritdoc />
    public void Dispose() => end.Dispose();

    private Task<IReadOnlyList<string>> ChangedAsync(
        WorkspaceInfo workspace,
        CancellationToken cancellationToken
    ) =>
        services.Capture.ChangedAsync(
            order.Spec.Repository,
            workspace.Worktree,
            workspace.BaseCommit,
            cancellationToken
        );

    private async Task LookAsync(GrainInterfaces.Policy.LaneRights lane, WorkspaceInfo workspace)
    {
        var started = services.Time.GetTimestamp();
        try
        {
            var changed = await ChangedAsync(workspace, end.Token);
            violation = LaneGuard.Violation(lane, changed.Except(before, StringComparer.Ordinal));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The run is over, and all of its work is judged.
        }
        catch (Exception e)
            when (e
                    is GitException
                        or IOException
                        or UnauthorizedAccessException
                        or StorageException
                        or InvalidOperationException
            )
        {
            // A file went away while git looked at it; the next look sees more.
        }
        rest =
            services.Time.GetElapsedTime(started) * RestTimes is var longest && longest > Pause
                ? longest
                : Pause;
        restedAt = services.Time.GetTimestamp();
    }
}
