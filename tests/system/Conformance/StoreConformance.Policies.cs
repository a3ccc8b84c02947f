using Orchestrator.Grains.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task The_policy_in_force_is_the_last_and_of_two_that_replace_the_same_one_is_first()
    {
        await using var store = await NewAsync();
        Assert.Equal(0, await store.Policies.GetNumberAsync(default));
        Assert.Empty(await store.Policies.ListAsync(10, default));

        Assert.True(await store.Policies.AddAsync(Policy(1, "a"), default));
        var both = await Task.WhenAll(
            store.Policies.AddAsync(Policy(2, "b"), default),
            store.Policies.AddAsync(Policy(2, "c"), default)
        );
        Assert.False(await store.Policies.AddAsync(Policy(4, "d"), default));

        Assert.Single(both, added => added);
        Assert.Equal(2, await store.Policies.GetNumberAsync(default));
        var all = await store.Policies.ListAsync(10, default);
        Assert.Equal([2, 1], all.Select(p => p.Number));
        Assert.Equal(Policy(1, "a"), all[1]);
        Assert.Equal(2, Assert.Single(await store.Policies.ListAsync(1, default)).Number);
    }

    private static StoredPolicy Policy(long number, string name) =>
        new(number, name + "@0123456789ab", name + ".yaml", "version: 1\nname: " + name, "ann", At);
}
