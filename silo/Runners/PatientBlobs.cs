using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;
using Polly;
using Polly.Retry;

namespace Orchestrator.Silo.Runners;

/// <summary>
/// Blobs for runs: what an agent has done was paid for, so a database that restarts or fails over is waited for, about
/// two minutes, before the attempt is given up.
/// </summary>
internal sealed class PatientBlobs : IBlobStore
{
    private const int TriesMax = 40;
    private readonly IBlobStore inner;
    private readonly ResiliencePipeline patience;

    /// <summary>Over the store's own, which is tried again after 0.2 s at first, 4 s at most.</summary>
    public PatientBlobs(IBlobStore inner, TimeProvider time)
    {
        this.inner = inner;
        patience = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<StorageException>(),
                    BackoffType = DelayBackoffType.Exponential,
                    Delay = TimeSpan.FromMilliseconds(200),
                    MaxDelay = TimeSpan.FromSeconds(4),
                    MaxRetryAttempts = TriesMax,
                    UseJitter = true,
                }
            )
            .Build();
    }

    /// <inheritdoc />
    public async Task<string> PutAsync(
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) =>
        content.Length > BlobContent.SizeBytesMax
            ? await inner.PutAsync(content, cancellationToken)
            : await patience.ExecuteAsync(
                async token => await inner.PutAsync(content, token),
                cancellationToken
            );

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>?> GetAsync(
        string id,
        CancellationToken cancellationToken
    ) =>
        await patience.ExecuteAsync(
            async token => await inner.GetAsync(id, token),
            cancellationToken
        );
}
