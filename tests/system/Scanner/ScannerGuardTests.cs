using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Storage;
using Orchestrator.SystemTests.Streams;
using Orleans.Core.Internal;
using Orleans.Hosting;
using Xunit;

namespace Orchestrator.SystemTests.Scanner;

public sealed class ScannerGuardTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_scanner_that_is_gone_is_brought_back_by_its_reminder_with_nobody_calling_it()
    {
        using var scans = new SemaphoreSlim(0);
        await using var silo = await StartAsync(i => new WatchedIndex(i, scans));
        await silo.Grains.GetGrain<IScannerGrain>(0).WatchAsync(CancellationToken.None);
        Assert.True(await scans.WaitAsync(Deadline), "The scanner did not begin.");

        await silo
            .Grains.GetGrain<IScannerGrain>(0)
            .AsReference<IGrainManagementExtension>()
            .DeactivateOnIdle();

        // A new activation looks at once at all that is owed; the old one would not for a minute.
        Assert.True(await scans.WaitAsync(Deadline), "Its reminder did not bring it back.");
    }

    [Fact]
    public async Task Every_task_that_owes_something_is_woken_however_many_come_before_it()
    {
        using var scans = new SemaphoreSlim(0);
        WatchedIndex? watched = null;
        var heads = Enumerable
            .Range(0, 1_100)
            .Select(n => new TaskHead { TaskId = $"owing-{n:D4}", Owes = true })
            .ToArray();
        await using var silo = await StartAsync(i => watched = new WatchedIndex(i, scans, heads));

        await silo.Grains.GetGrain<IScannerGrain>(0).WatchAsync(CancellationToken.None);

        for (var asked = 0; asked < heads.Length; )
        {
            Assert.True(await scans.WaitAsync(Deadline), $"Only {asked} were looked at.");
            lock (watched!.Asked)
            {
                asked = watched.Asked.Count;
            }
        }
    }

    private static Task<JournalSilo> StartAsync(Func<SqliteIndex, ITaskIndex> index)
    {
        var folder = SiloProcess.NewFolder();
        OrleansDatabase.Prepare(folder);
        return JournalSilo.StartAsync(
            folder,
            more: (builder, orleans) =>
            {
                orleans.AddOrleansDatabase(folder);
                orleans.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = Period);
                builder.Services.AddSingleton(new ScannerLimits(Period));
                builder.Services.AddSingleton<SqliteIndex>();
                builder.Services.Replace(
                    ServiceDescriptor.Singleton(s => index(s.GetRequiredService<SqliteIndex>()))
                );
            }
        );
    }

    // Heads given to it stand in the place of the store's that owe something.
    private sealed class WatchedIndex(
        SqliteIndex index,
        SemaphoreSlim scans,
        params TaskHead[] owing
    ) : ITaskIndex
    {
        public HashSet<string> Asked { get; } = [];

        public Task<IReadOnlyList<TaskHead>> ListDueAsync(
            DateTimeOffset now,
            int max,
            CancellationToken cancellationToken
        ) => index.ListDueAsync(now, max, cancellationToken);

        public async Task<IReadOnlyList<TaskHead>> ListOwingAsync(
            string afterTaskId,
            int max,
            CancellationToken cancellationToken
        )
        {
            var page =
                owing.Length == 0
                    ? await index.ListOwingAsync(afterTaskId, max, cancellationToken)
                    :
                    [
                        .. owing
                            .Where(h => string.CompareOrdinal(h.TaskId, afterTaskId) > 0)
                            .Take(max),
                    ];
            lock (Asked)
            {
                Asked.UnionWith(page.Select(h => h.TaskId));
            }
            scans.Release();
            return page;
        }

        public Task<TaskHead?> FindAsync(string taskId, CancellationToken cancellationToken) =>
            index.FindAsync(taskId, cancellationToken);

        public Task<TaskPage> ListAsync(
            TaskPhase? phase,
            string? requester,
            string? after,
            int max,
            CancellationToken cancellationToken
        ) => index.ListAsync(phase, requester, after, max, cancellationToken);

        public Task<IReadOnlyList<TaskHead>> ListInPhasesAsync(
            IReadOnlyList<TaskPhase> phases,
            string afterTaskId,
            int max,
            CancellationToken cancellationToken
        ) => index.ListInPhasesAsync(phases, afterTaskId, max, cancellationToken);

        public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
            index.NextDueAsync(cancellationToken);

        public Task<IReadOnlyDictionary<TaskPhase, long>> CountAsync(
            CancellationToken cancellationToken
        ) => index.CountAsync(cancellationToken);
    }
}
