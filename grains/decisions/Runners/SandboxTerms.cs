using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Runners;

/// <summary>What is in force in the sandbox of one run.</summary>
public sealed record SandboxTerms
{
    /// <summary>Hosts that count at most, of those that are named.</summary>
    public const int HostsMax = 100;

    /// <summary>A process that was asked to end for its processor time is killed after so many seconds of it.</summary>
    public const int ProcessorGraceSeconds = 5;

    /// <summary>What is reached of the network.</summary>
    public SandboxNetwork Network { get; init; }

    /// <summary>Entries of the allowlist beside the agent's own API.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Memory of the whole tree, MiB.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>Processes and threads at once.</summary>
    public int ProcessesMax { get; init; }

    /// <summary>The largest file that can be written, MiB.</summary>
    public int FileMiBMax { get; init; }

    /// <summary>What the worktree and the run's own folders may grow by, MiB.</summary>
    public int DiskMiBMax { get; init; }

    /// <summary>The shared temporary folder inside, which lies in memory, MiB.</summary>
    public int TemporaryMiB { get; init; }

    /// <summary>Processor time of the whole tree, seconds.</summary>
    public int ProcessorSecondsMax { get; init; }

    /// <summary>The host's settings narrowed by a demand: the stricter network, the lesser limits, the demand's own list of hosts.</summary>
    public SandboxTerms Narrowed(SandboxDemand? demand) =>
        demand is null
            ? this
            : this with
            {
                Network = demand.Network > Network ? demand.Network : Network,
                Hosts =
                    demand.Network == SandboxNetwork.Allowlist
                        ? [.. demand.Hosts.Take(HostsMax)]
                        : Hosts,
                MemoryMiB = Lesser(MemoryMiB, demand.MemoryMiB),
                ProcessesMax = Lesser(ProcessesMax, demand.ProcessesMax),
            };

    private static int Lesser(int host, int demand) => demand > 0 ? Math.Min(host, demand) : host;
}
