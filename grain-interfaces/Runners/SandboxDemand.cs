namespace Orchestrator.GrainInterfaces.Runners;

/// <summary>What a sandboxed run reaches of the network. A greater value is the stricter one.</summary>
public enum SandboxNetwork
{
    /// <summary>The host's network, its loopback included.</summary>
    Open = 0,

    /// <summary>The agent's own API and the hosts that are named, by a proxy that keeps a list of what it refused.</summary>
    Allowlist = 1,

    /// <summary>The agent's own API alone; a check reaches nothing.</summary>
    Off = 2,
}

/// <summary>What a lane asks of the sandbox of a run. A demand narrows what the host's settings allow and never widens its limits.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.sandbox-demand")]
public sealed record SandboxDemand
{
    /// <summary>True: without a sandbox that works the run is refused before anything is started.</summary>
    [Id(0)]
    public bool Required { get; init; }

    /// <summary>The network; the stricter of this and the host's setting is in force.</summary>
    [Id(1)]
    public SandboxNetwork Network { get; init; }

    /// <summary>For <see cref="SandboxNetwork.Allowlist"/>: <c>name</c>, <c>*.suffix</c> (ports 80 and 443), or <c>name:port</c>, allowed beside the agent's own API. At most 100 count.</summary>
    [Id(2)]
    public IReadOnlyList<string> Hosts
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Memory of the whole tree, MiB; 0 = the host's setting, and never more than that.</summary>
    [Id(3)]
    public int MemoryMiB { get; init; }

    /// <summary>Processes and threads at once; 0 = the host's setting, and never more than that.</summary>
    [Id(4)]
    public int ProcessesMax { get; init; }
}
