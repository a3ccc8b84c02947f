using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Leases;

public sealed class HostLeaseTests : IDisposable
{
    private const string Name = "box";
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly string folder = SiloProcess.NewFolder();
    private readonly ArmedClock clock = new();
    private Task<bool>? armed;
    private readonly SqliteStore store;
    private readonly SqliteHosts hosts;

    public HostLeaseTests()
    {
        store = new SqliteStore(Path.Combine(folder, "journal.db"), "journal");
        hosts = new SqliteHosts(store, clock);
    }

    public void Dispose()
    {
        store.Dispose();
        clock.Armed.Dispose();
        clock.Waiting.Dispose();
    }

    [Fact]
    public async Task Of_two_hosts_with_one_name_that_begin_at_once_the_second_loses()
    {
        var both = await Task.WhenAll(BeginAsync(0, takeOver: true), BeginAsync(0, takeOver: true));

        Assert.Equal([0, 1], both.Order());
    }

    [Fact]
    public async Task A_lease_that_holds_is_taken_over_only_by_who_knows_that_the_former_life_is_gone()
    {
        Assert.Equal(1, await BeginAsync(0, takeOver: false));
        Assert.Equal(0, await BeginAsync(1, takeOver: false));
        Assert.Equal(2, await BeginAsync(1, takeOver: true));
        clock.Advance(Lease);
        Assert.Equal(3, await BeginAsync(2, takeOver: false));
    }

    [Fact]
    public async Task On_a_shared_store_a_host_begins_at_once_where_it_lived_and_waits_for_the_lease_elsewhere()
    {
        var first = On(folder);
        await first.BeginAsync([], default);
        var again = On(folder);
        await again.BeginAsync([], default);
        var elsewhere = On(SiloProcess.NewFolder());

        var waiting = elsewhere.BeginAsync([], default);
        Assert.True(await clock.Waiting.WaitAsync(Deadline), "It did not wait for the lease.");
        Assert.Equal(0, elsewhere.Epoch);
        clock.Advance(Lease + Renewal);
        await waiting.WaitAsync(Deadline);

        Assert.Equal((1, 2, 3), (first.Epoch, again.Epoch, elsewhere.Epoch));
    }

    [Fact]
    public async Task A_lapsed_lease_is_renewed_while_nobody_fenced_it_and_refused_afterwards()
    {
        await BeginAsync(0, takeOver: true);
        clock.Advance(Lease * 10);
        Assert.False(Assert.Single(await hosts.ListAsync(default)).Alive);
        Assert.True(await hosts.RenewAsync(Name, 1, Lease, default));
        Assert.False(await hosts.FenceLapsedAsync(Name, 1, default));

        clock.Advance(Lease);
        Assert.True(await hosts.FenceLapsedAsync(Name, 1, default));
        Assert.False(await hosts.RenewAsync(Name, 1, Lease, default));
        Assert.False(await hosts.FenceLapsedAsync(Name, 1, default));
        Assert.Equal(2, await hosts.GetEpochAsync(Name, default));
    }

    [Fact]
    public async Task A_lease_given_back_is_never_declared_dead()
    {
        await BeginAsync(0, takeOver: true);
        await hosts.ReleaseAsync(Name, 1, default);
        clock.Advance(Lease * 10);

        Assert.Null(Assert.Single(await hosts.ListAsync(default)).LeaseUntil);
        Assert.False(await hosts.FenceLapsedAsync(Name, 1, default));
    }

    [Fact]
    public async Task An_append_for_an_epoch_that_is_over_is_refused_and_counted_and_its_neighbours_are_not()
    {
        var journal = new SqliteJournal(store, clock);
        await BeginAsync(0, takeOver: true);
        Assert.Equal(AppendOutcome.Appended, await AppendAsync(journal, "a", 1));
        await BeginAsync(1, takeOver: true);

        var all = await Task.WhenAll(
            AppendAsync(journal, "b", 1),
            AppendAsync(journal, "c", 2),
            AppendAsync(journal, "d", 0)
        );

        Assert.Equal([AppendOutcome.Fenced, AppendOutcome.Appended, AppendOutcome.Appended], all);
        Assert.Empty(await journal.ReadTaskAsync("b", 0, 10, default));
        Assert.Equal(1, await hosts.ReadFencedAsync(default));
    }

    [Fact]
    public async Task Renewing_wakes_no_one_who_waits_for_facts()
    {
        var journal = new SqliteJournal(store, clock);
        await BeginAsync(0, takeOver: true);
        var waiting = journal.WaitPartitionAsync(JournalPartitions.Of("a"), 0, default);
        var other = journal.WaitPartitionAsync((JournalPartitions.Of("a") + 1) % 8, 0, default);
        for (var i = 0; i < 20; i++)
        {
            await hosts.RenewAsync(Name, 1, Lease, default);
        }
        Assert.False(waiting.IsCompleted);

        await AppendAsync(journal, "a", 1);
        Assert.Equal(1, await waiting.WaitAsync(Deadline));
        Assert.False(other.IsCompleted);
    }

    [Fact]
    public async Task A_host_whose_epoch_is_over_ends_its_runs_and_begins_a_new_one()
    {
        var (lease, lost, begun, stop) = await KeepAsync();
        Assert.Equal(2, await BeginAsync(1, takeOver: true, TimeSpan.FromDays(1)));

        await AdvanceUntilAsync(lost, "The host did not end its runs.");
        Assert.Equal(0, lease.Epoch);
        Assert.False(begun.Task.IsCompleted);

        await hosts.ReleaseAsync(Name, 2, default);
        await AdvanceUntilAsync(begun, "The host did not begin a new epoch.");
        Assert.Equal(3, lease.Epoch);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_host_that_cannot_renew_ends_its_runs_when_its_lease_is_over()
    {
        var (_, lost, _, stop) = await KeepAsync();
        store.Dispose();

        await AdvanceUntilAsync(lost, "The host went on without a lease.");
        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_renewal_that_fails_in_a_way_that_nobody_listed_is_tried_again()
    {
        var faulty = new FaultyHosts(
            hosts,
            new TaskCanceledException("not by this host"),
            new NotSupportedException("of a driver")
        );
        var (lease, lost, _, stop) = await KeepAsync(faulty);

        await AdvanceUntilAsync(faulty.Renewed, "The lease was not renewed after two faults.");

        Assert.Equal((1, false), (lease.Epoch, lost.Task.IsCompleted));
        await stop.CancelAsync();
    }

    private async Task<(
        HostLease Lease,
        TaskCompletionSource Lost,
        TaskCompletionSource Begun,
        CancellationTokenSource Stop
    )> KeepAsync(IHostRegistry? registry = null)
    {
        var lease = new HostLease(
            registry ?? hosts,
            new HostMark(folder, alone: true),
            Options.Create(new RunnerOptions { Host = Name }),
            clock,
            NullLogger<HostLease>.Instance
        );
        await lease.BeginAsync([], default);
        var lost = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var stop = new CancellationTokenSource();
        _ = lease.KeepAsync(
            () =>
            {
                lost.TrySetResult();
                return Task.CompletedTask;
            },
            () =>
            {
                begun.TrySetResult();
                return Task.CompletedTask;
            },
            stop.Token
        );
        return (lease, lost, begun, stop);
    }

    // The clock goes on each time the loop has armed its next pause, until the loop has told what is awaited.
    private HostLease On(string data) =>
        new(
            hosts,
            new HostMark(data, alone: false),
            Options.Create(new RunnerOptions { Host = Name }),
            clock,
            NullLogger<HostLease>.Instance
        );

    private async Task AdvanceUntilAsync(TaskCompletionSource told, string missing)
    {
        for (var second = 0; second < 60; second++)
        {
            armed ??= clock.Armed.WaitAsync(Deadline);
            if (await Task.WhenAny(told.Task, armed) == told.Task)
            {
                return;
            }
            Assert.True(await armed, missing);
            armed = null;
            clock.Advance(Renewal);
        }
        Assert.Fail(missing);
    }

    private Task<long> BeginAsync(long expected, bool takeOver, TimeSpan? lease = null) =>
        hosts.BeginEpochAsync(Name, expected, takeOver, 3, ["os=linux"], lease ?? Lease, default);

    private Task<AppendOutcome> AppendAsync(SqliteJournal journal, string task, long epoch) =>
        journal.AppendAsync(
            new AppendRequest(
                task,
                0,
                clock.GetUtcNow(),
                [new TaskFact.Resumed("x")],
                null,
                epoch > 0 ? Name : "",
                epoch
            ),
            Durability.Wait,
            default
        );

    /// <summary>Renewals fail, in turn, with these; then they are renewals.</summary>
    private sealed class FaultyHosts(IHostRegistry own, params Exception[] faults) : IHostRegistry
    {
        private readonly Queue<Exception> left = new(faults);

        public TaskCompletionSource Renewed { get; } = new();

        public async Task<bool> RenewAsync(
            string host,
            long epoch,
            TimeSpan lease,
            CancellationToken cancellationToken
        )
        {
            if (left.TryDequeue(out var fault))
            {
                throw fault;
            }
            var renewed = await own.RenewAsync(host, epoch, lease, cancellationToken);
            Renewed.TrySetResult();
            return renewed;
        }

        public Task<long> BeginEpochAsync(
            string host,
            long expected,
            bool takeOver,
            int slots,
            IReadOnlyList<string> labels,
            TimeSpan lease,
            CancellationToken cancellationToken
        ) => own.BeginEpochAsync(host, expected, takeOver, slots, labels, lease, cancellationToken);

        public Task ReleaseAsync(string host, long epoch, CancellationToken cancellationToken) =>
            own.ReleaseAsync(host, epoch, cancellationToken);

        public Task<bool> FenceLapsedAsync(
            string host,
            long epoch,
            CancellationToken cancellationToken
        ) => own.FenceLapsedAsync(host, epoch, cancellationToken);

        public Task<IReadOnlyList<HostRow>> ListAsync(CancellationToken cancellationToken) =>
            own.ListAsync(cancellationToken);

        public Task<long> GetEpochAsync(string host, CancellationToken cancellationToken) =>
            own.GetEpochAsync(host, cancellationToken);

        public Task CountFencedAsync(CancellationToken cancellationToken) =>
            own.CountFencedAsync(cancellationToken);

        public Task<long> ReadFencedAsync(CancellationToken cancellationToken) =>
            own.ReadFencedAsync(cancellationToken);
    }

    /// <summary>Says when the renewal loop waits for it.</summary>
    private sealed class ArmedClock() : FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50))
    {
        public SemaphoreSlim Armed { get; } = new(0);

        public SemaphoreSlim Waiting { get; } = new(0);

        public override ITimer CreateTimer(
            TimerCallback callback,
            object? state,
            TimeSpan dueTime,
            TimeSpan period
        )
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Renewal)
            {
                Armed.Release();
            }
            if (dueTime == Lease + Renewal)
            {
                Waiting.Release();
            }
            return timer;
        }
    }
}
