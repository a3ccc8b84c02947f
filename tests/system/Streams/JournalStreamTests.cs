using Orchestrator.Grains.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Streams;

public sealed class JournalStreamTests
{
    private const string One3 = "one/3";
    private const string Two3 = "two/3";

    [Fact]
    public async Task Every_kind_gets_every_fact_of_its_partition_once_and_in_order()
    {
        await using var silo = await JournalSilo.StartAsync(SiloProcess.NewFolder());

        await silo.AppendAsync(3, 0, 40);
        await silo.AppendAsync(5, 100, 3);
        await silo.Probe.GotAsync(One3, 40);
        await silo.Probe.GotAsync(Two3, 40);
        await silo.Probe.GotAsync("one/5", 3);

        Assert.Equal(Enumerable.Range(0, 40), silo.Probe.Got(One3));
        Assert.Equal(Enumerable.Range(0, 40), silo.Probe.Got(Two3));
        Assert.Equal([100, 101, 102], silo.Probe.Got("one/5"));
    }

    [Fact]
    public async Task Hints_that_come_a_hundred_times_deliver_nothing_twice()
    {
        await using var silo = await JournalSilo.StartAsync(SiloProcess.NewFolder());
        await silo.AppendAsync(3, 0, 5);
        await silo.Probe.GotAsync(One3, 5);

        await Task.WhenAll(
            Enumerable
                .Range(0, 100)
                .Select(_ =>
                    silo.Grains.GetGrain<IProbeOneGrain>(3).WakeAsync(0, CancellationToken.None)
                )
        );
        await silo.AppendAsync(3, 5, 1);
        await silo.Probe.GotAsync(One3, 6);

        Assert.Equal(Enumerable.Range(0, 6), silo.Probe.Got(One3));
    }

    [Fact]
    public async Task A_blocked_subscriber_stalls_no_other_kind_and_no_other_partition()
    {
        await using var silo = await JournalSilo.StartAsync(SiloProcess.NewFolder());
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        silo.Probe.Acts[One3] = _ => blocked.Task;

        await silo.AppendAsync(3, 0, 20);
        await silo.AppendAsync(4, 0, 20);
        await silo.Probe.EnteredAsync(One3, 1);
        await silo.Probe.GotAsync(Two3, 20);
        await silo.Probe.GotAsync("one/4", 20);
        Assert.Empty(silo.Probe.Got(One3));

        blocked.SetResult();
        await silo.Probe.GotAsync(One3, 20);
        Assert.Equal(Enumerable.Range(0, 20), silo.Probe.Got(One3));
    }

    [Fact]
    public async Task Facts_committed_while_a_subscriber_fails_are_delivered_when_it_works_again()
    {
        await using var silo = await JournalSilo.StartAsync(SiloProcess.NewFolder());
        var failures = 3;
        silo.Probe.Acts[One3] = _ =>
            Interlocked.Decrement(ref failures) >= 0
                ? throw new IOException("not now")
                : Task.CompletedTask;

        await silo.AppendAsync(3, 0, 10);
        await silo.Probe.GotAsync(One3, 10);

        Assert.Equal(Enumerable.Range(0, 10), silo.Probe.Got(One3));
        Assert.Equal(0, await silo.Cursors.CountBuriedAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_silo_that_goes_in_the_middle_loses_nothing_and_the_next_repeats_nothing_saved()
    {
        var folder = SiloProcess.NewFolder();
        var before = new Probe();
        await using (var silo = await JournalSilo.StartAsync(folder, before))
        {
            await silo.AppendAsync(3, 0, 10);
            await before.GotAsync(One3, 10);
            var never = new TaskCompletionSource();
            before.Acts[One3] = _ => never.Task;
            await silo.AppendAsync(3, 10, 10);
            await before.EnteredAsync(One3, 2);
        }

        var after = new Probe();
        await using var next = await JournalSilo.StartAsync(folder, after);
        // Nobody appends here: the start alone has to wake whoever is behind.
        await after.GotAsync(One3, 10);

        Assert.Equal(Enumerable.Range(0, 10), before.Got(One3));
        Assert.Equal(Enumerable.Range(10, 10), after.Got(One3));
    }

    [Fact]
    public async Task A_fact_that_always_fails_is_buried_alone_and_its_replay_delivers_it_once()
    {
        await using var silo = await JournalSilo.StartAsync(SiloProcess.NewFolder());
        silo.Probe.Acts[One3] = n =>
            n == 4
                ? throw new IOException("token sk-ant-api03-" + new string('a', 90))
                : Task.CompletedTask;
        await silo.AppendAsync(3, 0, 8);
        await silo.Probe.GotAsync(Two3, 8);
        // The batch is tried as a whole first, then each fact alone.
        await UntilBuriedAsync(silo);
        await silo.AppendAsync(3, 8, 1);
        await WaitForAsync(silo, 8);

        var letter = Assert.Single(await ListAsync(silo));
        Assert.Equal(("one", 3), (letter.Subscriber, letter.Partition));
        Assert.DoesNotContain("sk-ant", letter.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(4, silo.Probe.Got(One3));

        var grain = silo.Grains.GetGrain<IProbeOneGrain>(3);
        Assert.NotNull(await grain.ReplayAsync(letter.Id, CancellationToken.None));
        Assert.Equal(letter.Attempts + 1, Assert.Single(await ListAsync(silo)).Attempts);

        silo.Probe.Acts.Clear();
        Assert.Null(await grain.ReplayAsync(letter.Id, CancellationToken.None));
        Assert.Null(await grain.ReplayAsync(letter.Id, CancellationToken.None));
        Assert.Single(silo.Probe.Got(One3), 4);
        Assert.Empty(await ListAsync(silo));
        Assert.NotNull(await grain.ReplayAsync(letter.Id + 100, CancellationToken.None));
    }

    private static Task<IReadOnlyList<DeadLetter>> ListAsync(JournalSilo silo) =>
        silo.Cursors.ListBuriedAsync(null, 0, 10, replayed: false, CancellationToken.None);

    private static Task UntilBuriedAsync(JournalSilo silo) => silo.Probe.EnteredAsync(One3, 6);

    // Facts may be counted more than once while a batch fails: at least once is the promise.
    private static Task WaitForAsync(JournalSilo silo, int number) =>
        silo.Probe.SawAsync(One3, number);
}
