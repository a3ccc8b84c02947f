namespace Orchestrator.SystemTests.Cluster;

/// <summary>A silo that is started again on its data whenever it ends, as a service manager does.</summary>
internal sealed class KeptSilo : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task keeping;
    private int lives = 1;

    private KeptSilo(SiloProcess silo)
    {
        Silo = silo;
        keeping = KeepAsync();
    }

    /// <summary>The silo; between two lives its process has ended.</summary>
    public SiloProcess Silo { get; }

    /// <summary>How often it was started.</summary>
    public int Lives => Volatile.Read(ref lives);

    /// <summary>Starts it and keeps it until disposal.</summary>
    public static async Task<KeptSilo> StartAsync(SiloProcess silo)
    {
        await silo.StartAsync();
        return new KeptSilo(silo);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await keeping;
        stop.Dispose();
        await Silo.DisposeAsync();
    }

    private async Task KeepAsync()
    {
        try
        {
            while (true)
            {
                await Silo.Ended.WaitAsync(stop.Token);
                // The database may be down, or the host's old lease not over: then the next start does it.
                Interlocked.Increment(ref lives);
                await Silo.TryStartAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
