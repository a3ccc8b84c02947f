using System.Collections.Concurrent;

namespace Orchestrator.Silo.Delivery;

/// <summary>One writer at a time in each of the users' repositories, by this silo.</summary>
internal sealed class RepositoryGates
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> gates = new(
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Waits for the repository; disposing the result lets the next one in.</summary>
    /// <param name="folder">Its real top folder.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IDisposable> EnterAsync(string folder, CancellationToken cancellationToken)
    {
        var gate = gates.GetOrAdd(folder, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        return new Turn(gate);
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
