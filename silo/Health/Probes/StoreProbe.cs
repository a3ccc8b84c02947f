using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Settings;
using Orchestrator.Silo.Storage;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>The store: schema, integrity, round trip, what a commit costs, the hash chain, the clock. When nothing runs it is only read.</summary>
internal sealed class StoreProbe(
    IServiceProvider services,
    IConfiguration configuration,
    SettingsData data,
    TimeProvider time
) : IDoctorProbe
{
    private static readonly TimeSpan UploadsLate = TimeSpan.FromHours(3);

    /// <inheritdoc />
    public string Name => "database";

    // A long journal takes a while to be verified.
    /// <inheritdoc />
    public TimeSpan TimeMax => TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        if (!visit.Live)
        {
            return await StoppedStore.LookAsync(
                data.Directory,
                configuration["Cluster:ConnectionString"] ?? "",
                cancellationToken
            );
        }
        var checks = services.GetRequiredService<IStoreChecks>();
        var lines = new List<DoctorCheck>(await checks.CheckAsync(cancellationToken));
        lines.AddRange(services.GetRequiredService<StoreWatch>().Checks());
        lines.Add(await CommitAsync(checks, cancellationToken));
        lines.Add(await ChainAsync(cancellationToken));
        if (lines.TrueForAll(l => l.Name != "clock"))
        {
            var newest = await services
                .GetRequiredService<ITaskIndex>()
                .ListAsync(null, null, null, 1, cancellationToken);
            lines.Add(
                Clock(newest.Tasks is [var head, ..] ? head.CreatedAt : null, time.GetUtcNow())
            );
        }
        lines.Add(await LettersAsync(cancellationToken));
        lines.Add(await UploadsAsync(cancellationToken));
        return lines;
    }

    private static async Task<DoctorCheck> CommitAsync(
        IStoreChecks checks,
        CancellationToken cancellationToken
    )
    {
        const string Line = "database commit";
        const string Cure =
            "Look at the disk of the database and at what else writes there (iostat, Resource Monitor); every step of a task waits for one commit.";
        try
        {
            return Sync(
                Line,
                await checks.TryWriteAsync(cancellationToken),
                "a durable commit",
                Cure
            );
        }
        catch (StorageException e)
        {
            return Fail(Line, e.Message, "Free some space, or make the disk writable again.");
        }
    }

    private async Task<DoctorCheck> ChainAsync(CancellationToken cancellationToken)
    {
        var breaks = await services
            .GetRequiredService<IJournal>()
            .VerifyChainAsync(null, cancellationToken);
        return breaks.Count == 0
            ? Ok("journal", "hash chain verifies")
            : Fail(
                "journal",
                breaks[0],
                "Stop the silo, keep the damaged database, restore a backup."
            );
    }

    private async Task<DoctorCheck> LettersAsync(CancellationToken cancellationToken)
    {
        var waiting = await services
            .GetRequiredService<ICursorStore>()
            .CountBuriedAsync(cancellationToken);
        return waiting == 0
            ? Ok("dead letters", "none wait")
            : Warn(
                "dead letters",
                $"{waiting} deliveries were given up",
                "'orchestrator dead-letters list' shows why; cure the cause, then 'orchestrator dead-letters replay --all'."
            );
    }

    // What is overdue by more than a look or two is not looked at.
    private async Task<DoctorCheck> UploadsAsync(CancellationToken cancellationToken)
    {
        var uploads = services.GetRequiredService<IUploadStore>();
        var kept = services.GetRequiredService<IOptions<StoreOptions>>().Value.UploadsKept;
        var overdue = await uploads.ListAsync(
            time.GetUtcNow() - kept - UploadsLate,
            1,
            cancellationToken
        );
        return Uploads(await uploads.CountAsync(cancellationToken), kept, overdue.Count > 0);
    }
}
