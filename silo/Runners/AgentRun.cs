using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Silo.Runners;

/// <summary>What an attempt needs from the silo.</summary>
internal sealed record AgentRunServices(
    ProcessGroupStarter Starter,
    GitWorkspace Workspace,
    DiffCapture Capture,
    SessionArchive Sessions,
    RunFolders Folders,
    IBlobStore Blobs,
    Redactor Redactor,
    IRunReports Reports,
    IAgentAccount Account,
    SandboxHost Sandbox,
    CachedClones Clones,
    ISpanSink Spans,
    TimeProvider Time,
    RunnerOptions Options
);

/// <summary>One attempt from worktree to report. Ends with exactly one RunEnded or RunRefused, whatever happens.</summary>
internal sealed partial class AgentRun(
    RunOrder order,
    IAgentRunner runner,
    AgentRunServices services
) : IDisposable
{
    private const int StderrMax = 2_048;
    private const int DenialsMax = 50;
    private static readonly TimeSpan ProgressPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WatchPause = TimeSpan.FromMilliseconds(200);

    // An agent that is told to end before a command that people must allow ends by itself, with what it cost.
    private static readonly TimeSpan AskedPause = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stop = new();
    private readonly RunOutputReader reader = new();
    private readonly RedactedCapture captured = new(
        services.Options.OutputBytesMax,
        services.Redactor
    );
    private readonly RunCheckpoints checkpoints = new(order, runner, services);
    private readonly LaneWatch lane = new(order, services);
    private readonly Lock gate = new();
    private readonly TaskCompletionSource gone = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private volatile StopCause cause;
    private long lastOutput;
    private bool drained = true;
    private string stderrTail = "";
    private string breach = "";
    private IReadOnlyList<string> refused = [];

    /// <summary>What the run's lane asked of the sandbox.</summary>
    public SandboxDemand? Demand => order.Sandbox;

    /// <summary>Ends when no process of it lives any more, which is before its report.</summary>
    public Task Gone => gone.Task;

    /// <summary>Stops the attempt; the first cause counts.</summary>
    public void Stop(StopCause why)
    {
        lock (gate)
        {
            if (cause != StopCause.None)
            {
                return;
            }
            cause = why;
        }
        stop.Cancel();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        stop.Dispose();
        checkpoints.Dispose();
        lane.Dispose();
    }

    /// <summary>Runs it to its end; never throws.</summary>
    public async Task RunAsync()
    {
        using var turn = services.Spans.InTurn(order.TaskId, order.Turn);
        try
        {
            await RunWholeAsync();
        }
        finally
        {
            gone.TrySetResult();
        }
    }

    private async Task RunWholeAsync()
    {
        var started = services.Time.GetTimestamp();
        WorkspaceInfo? workspace = null;
        try
        {
            workspace = await PrepareAsync();
            if (order.CheckOnly)
            {
                await services.Reports.TellAsync(
                    order.TaskId,
                    new TaskReport.RunEnded(
                        order.Attempt,
                        order.Epoch,
                        await RestagedWork.TakeAsync(order, workspace, services.Capture, stop.Token)
                    ),
                    CancellationToken.None
                );
                return;
            }
            if (order is { Resume: true, SessionBlob.Length: > 0 })
            {
                await services.Sessions.RestoreAsync(
                    order.SessionBlob,
                    runner.SessionFile(order.SessionId, StartFolder.Of(workspace, order)),
                    stop.Token
                );
            }
            var start = runner.Make(
                await AttachedFiles.LayOutAsync(
                    order,
                    services.Folders,
                    services.Blobs,
                    stop.Token
                ),
                workspace,
                RunId
            );
            var (version, drift) = await runner.VersionAsync(stop.Token);
            start =
                version.Length == 0
                    ? start
                    : start with
                    {
                        Info = start.Info with { Version = version, VersionDrift = drift },
                    };
            await lane.PrepareAsync(workspace, stop.Token);
            await PlayAsync(start, workspace, started);
        }
        catch (OperationCanceledException) when (cause != StopCause.None)
        {
            var result = new RunResult
            {
                ErrorClass = Cancelled,
                ExitCode = -1,
                Message = "Stopped before the agent lived.",
                DurationSeconds = Elapsed(started),
            };
            await services.Reports.TellAsync(
                order.TaskId,
                new TaskReport.RunEnded(order.Attempt, order.Epoch, result),
                CancellationToken.None
            );
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What goes wrong while the host goes away, or because it or the store does not answer, is not the task's fault.
            var errorClass =
                cause == StopCause.Shutdown
                || e is TimeoutException or OperationCanceledException or StorageException
                    ? ErrorClass.HostLost
                : workspace is null ? ErrorClass.Workspace
                : ErrorClass.Config;
            var code = workspace is null
                ? FailureCodes.RepositoryUnusable
                : FailureCodes.RunnerUnavailable;
            var failure = new Failure(code, services.Redactor.Redact(e.Message));
            await services.Reports.TellAsync(
                order.TaskId,
                new TaskReport.RunRefused(order.Attempt, order.Epoch, failure, errorClass),
                CancellationToken.None
            );
        }
    }

    private string RunId => $"{order.TaskId}-{order.Attempt}";

    private ErrorClass Cancelled =>
        cause == StopCause.Cancel ? ErrorClass.Cancelled : ErrorClass.HostLost;

    private double Elapsed(long started) =>
        Math.Round(services.Time.GetElapsedTime(started).TotalSeconds, 3);

    private async Task<WorkspaceInfo> PrepareAsync()
    {
        var workspace = await services.Workspace.PrepareAsync(
            new WorkspaceWish
            {
                TaskId = order.TaskId,
                Attempt = order.Attempt,
                Repository = order.Spec.Repository,
                BaseBranch = order.Spec.BaseBranch,
                BaseCommit = order.BaseCommit,
                BaseBundle = order.BaseBundle,
                StartPatch = order.StartPatchBlob,
                Merge = order.CheckOnly || order.MergeWork,
                KeepConflicts = !order.CheckOnly,
            },
            stop.Token
        );
        await services.Reports.TellAsync(
            order.TaskId,
            new TaskReport.WorkspaceReady(order.Attempt, order.Epoch, workspace),
            stop.Token
        );
        return workspace;
    }

    // Before it is given its work. Whoever ends the attempt meanwhile does not wait for a task that cannot be reached.
    private async Task TellStartedAsync(AgentInfo agent)
    {
        try
        {
            await services.Reports.TellAsync(
                order.TaskId,
                new TaskReport.AgentStarted(order.Attempt, order.Epoch, agent),
                stop.Token
            );
        }
        catch (OperationCanceledException) when (cause != StopCause.None)
        {
            // Its end is told.
        }
    }

    private async Task PlayAsync(AgentStart start, WorkspaceInfo workspace, long started)
    {
        if (start.Guarded)
        {
            reader.ExpectGuard();
        }
        await using var child = services.Sandbox.Enclose(
            start.Process,
            order.Sandbox,
            start.Needs,
            workspace.Worktree,
            services.Clones.ObjectsOf(order.Spec.Repository)
        );
        var group = await services.Starter.StartAsync(child.Process);
        await using (group)
        {
            await TellStartedAsync(start.Info with { ProcessId = group.Pid });
            lastOutput = services.Time.GetTimestamp();
            var reading = Task.WhenAll(ReadOutputAsync(group), ReadErrorAsync(group));
            var feeding =
                cause == StopCause.None ? FeedAsync(group, start.Input) : Task.CompletedTask;
            await WatchAsync(group, start, workspace);
            await checkpoints.EndAsync();
            await lane.EndAsync();
            await group.StopAsync(services.Options.StopGrace);
            await DrainedAsync(Task.WhenAll(reading, feeding));
        }
        gone.TrySetResult();
        var exitCode = await group.ExitCode;
        (breach, refused) = (group.Breach, child.Refused);
        if (breach.Length > 0)
        {
            Stop(StopCause.SandboxLimit);
        }
        if (drained)
        {
            reader.Finish();
        }
        if (reader.GuardFailure.Length > 0)
        {
            Stop(StopCause.Policy); // an agent that ended by itself had tools without a guard all the same
        }
        if (reader.Asked is not null)
        {
            Stop(StopCause.CommandAsked);
        }
        captured.Finish();
        await services.Reports.TellAsync(
            order.TaskId,
            new TaskReport.RunEnded(
                order.Attempt,
                order.Epoch,
                await services.Account.SettleAsync(
                    await ResultAsync(start, workspace, exitCode, started)
                )
            ),
            CancellationToken.None
        );
    }

    // Ends when the agent ended or must end; says the cause of the latter.
    private async Task WatchAsync(ProcessGroup group, AgentStart start, WorkspaceInfo workspace)
    {
        var mentioned = "";
        var mentionedAt = services.Time.GetTimestamp();
        long? askedAt = null;
        while (!group.ExitCode.IsCompleted && cause == StopCause.None)
        {
            await Task.WhenAny(group.ExitCode, Task.Delay(WatchPause, services.Time, stop.Token));
            group.Record();
            checkpoints.TakeWhenDue(workspace, start.Process.WorkingDirectory);
            lane.LookWhenDue(workspace, reader.ToolCalls);
            if (lane.Violation.Length > 0 || reader.GuardFailure.Length > 0)
            {
                Stop(StopCause.Policy);
            }
            if (reader.Asked is not null)
            {
                askedAt ??= services.Time.GetTimestamp();
                if (services.Time.GetElapsedTime(askedAt.Value) >= AskedPause)
                {
                    Stop(StopCause.CommandAsked);
                }
            }
            if (services.Time.GetUtcNow() >= order.Deadline)
            {
                Stop(StopCause.WallClock);
            }
            else if (
                services.Time.GetElapsedTime(Interlocked.Read(ref lastOutput)).TotalSeconds
                > order.SilenceSecondsMax
            )
            {
                Stop(StopCause.Silence);
            }
            else if (reader.AuthenticationFailed && reader.Result is null)
            {
                Stop(StopCause.Authentication);
            }
            if (
                reader.Step != mentioned
                && services.Time.GetElapsedTime(mentionedAt) >= ProgressPause
            )
            {
                mentioned = reader.Step;
                if (reader.ToolCalls > 0)
                {
                    services.Account.Worked();
                }
                mentionedAt = services.Time.GetTimestamp();
                var step = new AgentStep(services.Redactor.Redact(mentioned), reader.ToolCalls, 0);
                services.Reports.Mention(
                    order.TaskId,
                    new TaskReport.Progressed(order.Attempt, order.Epoch, step)
                );
            }
        }
    }
}
