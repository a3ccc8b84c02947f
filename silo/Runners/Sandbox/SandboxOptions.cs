using System.ComponentModel.DataAnnotations;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>Section <c>Runner:Sandboxed</c>: what runs get on a host whose <c>Runner:Sandbox</c> is not <c>none</c>.</summary>
internal sealed class SandboxOptions
{
    /// <summary>The network when no lane asks for a stricter one: <c>open</c>, <c>allowlist</c> or <c>off</c> (the agent's own API is reached always). Default <c>allowlist</c>.</summary>
    public SandboxNetwork Network { get; set; } = SandboxNetwork.Allowlist;

    /// <summary>Hosts that a run may reach beside the agent's API when no lane names its own: <c>name</c>, <c>*.suffix</c>, <c>name:port</c>. Default none.</summary>
    [AllowedHosts]
    public List<string> AllowedHosts { get; } = [];

    /// <summary>Memory of a run's whole tree, MiB; a run above it is ended. Default 4096; 64 to 1,048,576.</summary>
    [Range(64, 1_048_576, ErrorMessage = "Runner:Sandboxed:MemoryMiB must be 64 to 1,048,576")]
    public int MemoryMiB { get; set; } = 4_096;

    /// <summary>Processes and threads of a run at once; a run above it is ended. Default 1024; 16 to 100,000.</summary>
    [Range(16, 100_000, ErrorMessage = "Runner:Sandboxed:ProcessesMax must be 16 to 100,000")]
    public int ProcessesMax { get; set; } = 1_024;

    /// <summary>The largest file that a run can write, MiB. Default 2048; 1 to 1,048,576.</summary>
    [Range(1, 1_048_576, ErrorMessage = "Runner:Sandboxed:FileMiBMax must be 1 to 1,048,576")]
    public int FileMiBMax { get; set; } = 2_048;

    /// <summary>What a run's worktree and folders may grow by, MiB; a run above it is ended. Default 8192; 1 to 1,048,576.</summary>
    [Range(1, 1_048_576, ErrorMessage = "Runner:Sandboxed:DiskMiBMax must be 1 to 1,048,576")]
    public int DiskMiBMax { get; set; } = 8_192;

    /// <summary>The run's <c>/tmp</c>, which lies in memory, MiB. Default 1024; 1 to 65,536.</summary>
    [Range(1, 65_536, ErrorMessage = "Runner:Sandboxed:TemporaryMiB must be 1 to 65,536")]
    public int TemporaryMiB { get; set; } = 1_024;

    /// <summary>Processor time of a run's whole tree, seconds over all processors; a run above it is ended. Default 86,400; 10 to 100,000,000.</summary>
    [Range(
        10,
        100_000_000,
        ErrorMessage = "Runner:Sandboxed:ProcessorSecondsMax must be 10 to 100,000,000"
    )]
    public int ProcessorSecondsMax { get; set; } = 86_400;

    /// <summary>Further files and folders of the host that runs may read, full paths: tool chains outside of <c>/usr</c>, caches of packages. Default none.</summary>
    [FullPaths]
    public List<string> ReadOnlyPaths { get; } = [];

    /// <summary>For <c>podman</c>: the image, present on the host already. Default none.</summary>
    public string Image { get; set; } = "";
}

/// <summary>Refuses what allows nothing.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AllowedHostsAttribute : ValidationAttribute
{
    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext context)
    {
        var problem = ((IEnumerable<string>)value!)
            .Select(HostAllowlist.Problem)
            .FirstOrDefault(p => p.Length > 0);
        return problem is null
            ? ValidationResult.Success
            : new ValidationResult($"Runner:Sandboxed:AllowedHosts: {problem}");
    }
}

/// <summary>Refuses a path that means another place in another folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FullPathsAttribute : ValidationAttribute
{
    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext context)
    {
        var bad = ((IEnumerable<string>)value!).FirstOrDefault(p => !Path.IsPathFullyQualified(p));
        return bad is null
            ? ValidationResult.Success
            : new ValidationResult($"Runner:Sandboxed:ReadOnlyPaths: '{bad}' is no full path");
    }
}
