using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Cluster;
using Orchestrator.Silo.Runners.Sandbox;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>What this host offers to the queue, and how it is. Looks at itself again when the last look is half a minute old.</summary>
internal sealed class HostOffer(
    AgentAccount account,
    IEnumerable<IAgentRunner> runners,
    IOptions<RunnerOptions> options,
    ClusterStoreOptions cluster,
    NamedRepositories named,
    RunFolders folders,
    SandboxHost sandbox,
    TimeProvider time
)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private const long MiB = 1024 * 1024;
    private long lookedAt;
    private int looking;
    private volatile HostHealth? health;

    /// <summary><c>os=…</c>, <c>host=…</c>, those of a sandbox that works, the configured ones, and <c>repo=…</c> for each repository that has a name here.</summary>
    public IReadOnlyList<string> Labels { get; } =
    [
        "os="
            + (
                OperatingSystem.IsWindows() ? "windows"
                : OperatingSystem.IsMacOS() ? "macos"
                : "linux"
            ),
        "host=" + options.Value.Host,
        .. sandbox.Labels,
        .. options.Value.Labels,
        .. named.Names.Select(n => "repo=" + n),
    ];

    /// <summary>How it is; null before the first look.</summary>
    public HostHealth? Health => health;

    /// <summary>The offer now. Never waits for a look at the programs: what they say comes with a later one.</summary>
    public async Task<HostCapacity> MakeAsync(
        long epoch,
        int slots,
        CancellationToken cancellationToken
    )
    {
        health = Quick(health);
        if (
            (lookedAt == 0 || time.GetElapsedTime(lookedAt) >= LookAgain)
            && Interlocked.Exchange(ref looking, 1) == 0
        )
        {
            lookedAt = time.GetTimestamp();
            _ = Task.Run(() => LookAsync(cancellationToken), CancellationToken.None);
        }
        return new HostCapacity(options.Value.Host, epoch, slots, Labels)
        {
            Usage = await account.LookAsync(cancellationToken),
            Health = health,
            // Alone there is no other host to try: a missing repository is refused when the task is screened.
            TellsRepositories = cluster.IsShared(),
        };
    }

    // The disk fills faster than anybody asks for versions: it is read for each offer.
    private HostHealth Quick(HostHealth? known)
    {
        var free = FreeDisk.BytesAt(folders.Data);
        return new HostHealth(
            free,
            known?.Runners
                ??
                [
                    .. runners.Select(r => new RunnerHealth(
                        r.Kind,
                        "",
                        r.Login(),
                        r.Problem(),
                        ""
                    )),
                ],
            HostFitness.DiskProblem(options.Value.Host, free, options.Value.DiskFreeMinMiB * MiB)
        )
        {
            ClockSkewSeconds = time is StoreTime clock ? Math.Round(clock.Skew.TotalSeconds, 3) : 0,
        };
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = new List<RunnerHealth>();
            foreach (var runner in runners)
            {
                var (version, drift) = await runner.VersionAsync(cancellationToken);
                found.Add(
                    new RunnerHealth(runner.Kind, version, runner.Login(), runner.Problem(), drift)
                );
            }
            health = (health ?? Quick(null)) with { Runners = found };
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
        finally
        {
            Volatile.Write(ref looking, 0);
        }
    }
}
