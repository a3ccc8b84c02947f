using Orchestrator.Decisions.Policy;
using Orchestrator.Grains.Policy;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Policy;

/// <summary>The policy in force, as the store has it. Looked up at most once a second; what was set here is seen at once.</summary>
internal sealed partial class PolicySource(
    IPolicyStore store,
    TimeProvider time,
    ILogger<PolicySource> logger
) : IPolicySource, IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim reading = new(1, 1);
    private volatile Known? known;

    private sealed record Known(long Number, PolicyDocument Policy, long At);

    /// <inheritdoc />
    public void Dispose() => reading.Dispose();

    /// <inheritdoc />
    public async Task<PolicyDocument> CurrentAsync(CancellationToken cancellationToken) =>
        (await LookAsync(cancellationToken)).Policy;

    /// <summary>The number of the policy in force; 0 = the built-in one.</summary>
    public async Task<long> NumberAsync(CancellationToken cancellationToken) =>
        (await LookAsync(cancellationToken)).Number;

    /// <summary>Puts a policy in force; false when another was first.</summary>
    public async Task<bool> SetAsync(StoredPolicy policy, CancellationToken cancellationToken)
    {
        var added = await store.AddAsync(policy, cancellationToken);
        known = null;
        return added;
    }

    private async Task<Known> LookAsync(CancellationToken cancellationToken)
    {
        if (known is { } fresh && time.GetElapsedTime(fresh.At) < Fresh)
        {
            return fresh;
        }
        await reading.WaitAsync(cancellationToken);
        try
        {
            if (known is { } there && time.GetElapsedTime(there.At) < Fresh)
            {
                return there;
            }
            var at = time.GetTimestamp();
            var number = await store.GetNumberAsync(cancellationToken);
            var now =
                known is { } old && old.Number == number
                    ? old with
                    {
                        At = at,
                    }
                    : await ReadAsync(number, at, cancellationToken);
            known = now;
            return now;
        }
        finally
        {
            reading.Release();
        }
    }

    // What stands in the store was whole when it was set. A silo of an older build may not understand it: then it rules on
    // nothing, and its tasks wait for a silo that does.
    private async Task<Known> ReadAsync(long number, long at, CancellationToken cancellationToken)
    {
        if (number == 0)
        {
            return new Known(0, DefaultPolicy.Document, at);
        }
        foreach (var stored in await store.ListAsync(1, cancellationToken))
        {
            var (policy, problems) = PolicyReader.Read(stored.Text, stored.FileName);
            if (policy is not null)
            {
                LogInForce(logger, policy.Id, stored.Number, stored.By);
                return new Known(stored.Number, policy, at);
            }
            throw new StorageException(
                $"Policy {stored.Id} in the store is not understood by this build ({problems[0].Message}). Nothing is ruled on until the silo is upgraded or a policy it knows is set: orchestrator policy set FILE."
            );
        }
        throw new StorageException("The policy in force is not in the store.");
    }

    [LoggerMessage(
        EventId = 2601,
        Level = LogLevel.Information,
        Message = "Policy {Policy} (number {Number}, set by {By}) is in force"
    )]
    private static partial void LogInForce(ILogger logger, string policy, long number, string by);
}
