using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Delivery;

/// <summary>
/// A grain whose calls only wake its own loop. For reentrant grains, so that a wake gets in while the loop works: what
/// survives every await is that there is at most one loop. Nothing is lost when it stops: whatever keeps the work durable
/// wakes it again within seconds.
/// </summary>
public abstract partial class WorkLoopGrain : Grain, IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;
    private bool working;

    /// <summary>Creates it.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told when the loop stops by a failure.</param>
    protected WorkLoopGrain(TimeProvider time, ILogger logger)
    {
        (Time, Logger, Stopping) = (time, logger, stop.Token);
    }

    /// <summary>Ends with the activation.</summary>
    protected CancellationToken Stopping { get; }

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; }

    /// <summary>The grain's log.</summary>
    protected ILogger Logger { get; }

    /// <summary>What the loop does, for the log: <c>Sending to chats</c>.</summary>
    protected abstract string Doing { get; }

    /// <summary>How long the end of the activation waits for what is under way. Default 5 seconds.</summary>
    protected virtual TimeSpan LeaveMax => TimeSpan.FromSeconds(5);

    /// <summary>What goes on beside the loop and is waited for at the end too.</summary>
    protected virtual IEnumerable<Task> Beside => [];

    /// <inheritdoc />
    public override async Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        await stop.CancelAsync();
        await Task.WhenAll([work, .. Beside])
            .WaitAsync(LeaveMax, Time, cancellationToken)
            .ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing
                    | ConfigureAwaitOptions.ContinueOnCapturedContext
            );
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what the grain holds.</summary>
    protected virtual void Dispose(bool disposing) => stop.Dispose();

    /// <summary>The loop: until there is nothing to do, or the activation ends.</summary>
    protected abstract Task WorkAsync();

    /// <summary>Starts the loop where none works.</summary>
    protected void Begin()
    {
        if (!working && !stop.IsCancellationRequested)
        {
            working = true;
            work = RunAsync();
        }
    }

    /// <summary>Tells of a failure; one that the end of the activation caused is none.</summary>
    protected void Stopped(Exception exception)
    {
        if (!stop.IsCancellationRequested)
        {
            LogStopped(Logger, Doing, exception);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await WorkAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Stopped(e);
        }
        finally
        {
            working = false;
        }
    }

    [LoggerMessage(
        EventId = 1721,
        Level = LogLevel.Warning,
        Message = "{Doing} stopped; it goes on within seconds"
    )]
    private static partial void LogStopped(ILogger logger, string doing, Exception exception);
}
