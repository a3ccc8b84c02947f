using Microsoft.Extensions.Time.Testing;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Runners;

/// <summary>What a run has to store outlasts a store that is away for a while.</summary>
public sealed class PatientBlobsTests
{
    [Fact]
    public async Task A_store_that_comes_back_gets_the_blob_and_gives_it()
    {
        var (store, time) = (new FailingBlobs(failures: 12), new FakeTimeProvider());
        var blobs = new PatientBlobs(store, time);

        Assert.Equal("id", await PlayAsync(time, blobs.PutAsync(new byte[3], default)));
        store.Failures = 5;
        Assert.Equal(3, (await PlayAsync(time, blobs.GetAsync("id", default)))!.Value.Length);
        Assert.Equal(13 + 6, store.Calls);
    }

    [Fact]
    public async Task A_store_that_stays_away_is_given_up_after_about_two_minutes_with_its_own_words()
    {
        var (store, time) = (new FailingBlobs(failures: int.MaxValue), new FakeTimeProvider());
        var began = time.GetUtcNow();

        var e = await Assert.ThrowsAsync<StorageException>(() =>
            PlayAsync(time, new PatientBlobs(store, time).PutAsync(new byte[3], default))
        );

        Assert.Equal("away", e.Message);
        Assert.Equal(41, store.Calls);
        Assert.InRange((time.GetUtcNow() - began).TotalSeconds, 60, 240);
    }

    [Fact]
    public async Task A_blob_that_is_too_large_is_refused_at_once()
    {
        var store = new FailingBlobs(failures: int.MaxValue);
        var blobs = new PatientBlobs(store, new FakeTimeProvider());

        await Assert.ThrowsAsync<StorageException>(() =>
            blobs.PutAsync(new byte[(64 * 1024 * 1024) + 1], default)
        );

        Assert.Equal(1, store.Calls);
    }

    // The clock moves whenever the call waits for it.
    private static async Task<T> PlayAsync<T>(FakeTimeProvider time, Task<T> call)
    {
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        return await call;
    }

    private sealed class FailingBlobs(int failures) : IBlobStore
    {
        public int Failures { get; set; } = failures;

        public int Calls { get; private set; }

        public Task<string> PutAsync(
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        ) => Answer("id");

        public Task<ReadOnlyMemory<byte>?> GetAsync(
            string id,
            CancellationToken cancellationToken
        ) => Answer<ReadOnlyMemory<byte>?>(new byte[3]);

        private Task<T> Answer<T>(T value)
        {
            Calls++;
            return Failures-- > 0
                ? Task.FromException<T>(new StorageException("away"))
                : Task.FromResult(value);
        }
    }
}
