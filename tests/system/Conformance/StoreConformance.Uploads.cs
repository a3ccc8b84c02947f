using System.Text;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task An_upload_is_removed_when_it_is_old_and_nobody_asked_for_it_since()
    {
        await using var store = await NewAsync();
        await AppendAsync(store, "t", 0, Head("t", 1, TaskPhase.Queued));
        var end = await store.Journal.GetEndAsync(default);
        var one = await store.Uploads.PutAsync(Bytes("one"), At, default);
        var two = await store.Uploads.PutAsync(Bytes("two"), At.AddMinutes(1), default);

        var listed = await store.Uploads.ListAsync(At.AddHours(1), 9, default);
        Assert.Equal([one, two], listed.Select(u => u.Blob));
        Assert.Equal((At, end), (listed[0].At, listed[0].Position));
        Assert.Equal(
            one,
            Assert.Single(await store.Uploads.ListAsync(At.AddHours(1), 1, default)).Blob
        );
        Assert.Empty(await store.Uploads.ListAsync(At, 9, default));

        // Asked for, or sent once more: young again, and never older.
        await store.Uploads.TouchAsync(one, At.AddMinutes(5), default);
        await store.Uploads.TouchAsync(one, At, default);
        Assert.Equal(two, await store.Uploads.PutAsync(Bytes("two"), At.AddMinutes(6), default));
        Assert.False(await store.Uploads.RemoveAsync(one, At.AddMinutes(5), default));
        Assert.False(await store.Uploads.RemoveAsync(two, At.AddMinutes(6), default));
        Assert.NotNull(await store.Blobs.GetAsync(one, default));

        Assert.True(await store.Uploads.RemoveAsync(one, At.AddMinutes(6), default));
        Assert.Null(await store.Blobs.GetAsync(one, default));
        Assert.False(await store.Uploads.RemoveAsync(one, At.AddMinutes(6), default));
        Assert.Equal(1, await store.Uploads.CountAsync(default));
        // What was removed may come again.
        Assert.Equal(one, await store.Uploads.PutAsync(Bytes("one"), At, default));
        Assert.NotNull(await store.Blobs.GetAsync(one, default));
    }

    [Fact]
    public async Task What_the_store_holds_for_another_reason_is_no_upload()
    {
        await using var store = await NewAsync();
        var before = await store.Blobs.PutAsync(Bytes("before"), default);
        await store.Uploads.PutAsync(Bytes("before"), At, default);
        var after = await store.Uploads.PutAsync(Bytes("after"), At, default);
        await store.Blobs.PutAsync(Bytes("after"), default);
        var kept = await store.Uploads.PutAsync(Bytes("kept"), At, default);
        await store.Uploads.KeepAsync(kept, default);

        Assert.Equal(0, await store.Uploads.CountAsync(default));
        foreach (var blob in (string[])[before, after, kept])
        {
            Assert.False(await store.Uploads.RemoveAsync(blob, At.AddDays(1), default));
            Assert.NotNull(await store.Blobs.GetAsync(blob, default));
        }
    }

    // Whoever sends a file while it is removed must have it afterwards, in whichever order the two come.
    [Fact]
    public async Task A_file_that_is_sent_while_it_is_removed_is_there()
    {
        await using var store = await NewAsync();
        for (var round = 0; round < 40; round++)
        {
            var bytes = Bytes("round " + round);
            var blob = await store.Uploads.PutAsync(bytes, At, default);
            var use = round % 2 == 0;
            await Task.WhenAll(
                store.Uploads.RemoveAsync(blob, At.AddHours(1), default),
                use
                    ? store.Blobs.PutAsync(bytes, default)
                    : store.Uploads.PutAsync(bytes, At.AddHours(2), default)
            );
            Assert.NotNull(await store.Blobs.GetAsync(blob, default));
            Assert.Equal(
                use ? 0 : 1,
                (await store.Uploads.ListAsync(At.AddHours(3), 99, default)).Count(u =>
                    u.Blob == blob
                )
            );
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
