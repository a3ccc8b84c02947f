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
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_scanner_that_is_gone_is_brought_back_by_its_reminder_with_nobody_calling_it()
    {
        var folder = SiloProcess.NewFolder();
        OrleansDatabase.Prepare(folder);
        using var scans = new SemaphoreSlim(0);
        await using var silo = await JournalSilo.StartAsync(
            folder,
            more: (builder, orleans) =>
            {
                orleans.AddOrleansDatabase(folder);
                orleans.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = Period);
                builder.Services.AddSingleton(new ScannerLimits(Period));
                builder.Services.AddSingleton<SqliteIndex>();
                builder.Services.Replace(
                    ServiceDescriptor.Singleton<ITaskIndex>(s => new WatchedIndex(
                        s.GetRequiredService<SqliteIndex>(),
                        scans
                    ))
                );
            }
        );
        await silo.Grains.GetGrain<IScannerGrain>(0).WatchAsync(CancellationToken.None);
        Assert.True(await scans.WaitAsync(Deadline), "The scanner did not begin.");

        await silo
            .Grains.GetGrain<IScannerGrain>(0)
            .AsReference<IGrainManagementExtension>()
            .DeactivateOnIdle();

        // A new activation looks at once at all that is owed; the old one would not for a minute.
        Assert.True(await scans.WaitAsync(Deadline), "Its reminder did not bring it back.");
    }

    private sealed class WatchedIndex(SqliteIndex index, SemaphoreSlim scans) : ITaskIndex
    {
        public Task<IReadOnlyList<TaskHead>> ListDueAsync(
            DateTimeOffset now,
            bool owing,
            int max,
            CancellationToken cancellationToken
        )
        {
            if (owing)
            {
                scans.Release();
            }
            return index.ListDueAsync(now, owing, max, cancellationToken);
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
