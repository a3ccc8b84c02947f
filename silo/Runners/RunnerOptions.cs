using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Silo.Runners;

/// <summary>Section <c>Runner</c>.</summary>
internal sealed class RunnerOptions
{
    /// <summary>The host's name in hosts and facts. Default: the machine's name. 1 to 64 of <c>[A-Za-z0-9._-]</c>.</summary>
    [RegularExpression(
        "^[A-Za-z0-9._-]{1,64}$",
        ErrorMessage = "Runner:Host must be 1 to 64 of A-Z a-z 0-9 . _ -"
    )]
    public string Host { get; set; } = Safe(Environment.MachineName);

    /// <summary>Agents at once on this host. Default 3; 1 to 64.</summary>
    [Range(1, 64, ErrorMessage = "Runner:Slots must be 1 to 64")]
    public int Slots { get; set; } = 3;

    /// <summary>The runner kind of a task that names none. Default <c>claude-code</c>.</summary>
    public string Default { get; set; } = "claude-code";

    /// <summary>Time between interrupt, terminate and kill. Default 5 seconds.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.1",
        "00:01:00",
        ErrorMessage = "Runner:StopGrace must be 00:00:00.1 to 00:01:00"
    )]
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long this host's lease holds without being renewed; after it the host's runs are ended here and queued again. Default 5 seconds.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "00:05:00",
        ErrorMessage = "Runner:Lease must be 00:00:01 to 00:05:00"
    )]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between renewals of the lease; well below <see cref="Lease"/>. Default 1 second.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00.1",
        "00:01:00",
        ErrorMessage = "Runner:LeaseRenewal must be 00:00:00.1 to 00:01:00"
    )]
    public TimeSpan LeaseRenewal { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Captured output of one run in bytes. Default 64 MiB; 64 KiB to 1 GiB.</summary>
    [Range(
        65_536,
        1_073_741_824,
        ErrorMessage = "Runner:OutputBytesMax must be 65,536 to 1,073,741,824"
    )]
    public int OutputBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>False: never use bubblewrap for process containment on Linux.</summary>
    public bool Contain { get; set; } = true;

    /// <summary>Section <c>Runner:ClaudeCode</c>.</summary>
    public ClaudeCodeOptions ClaudeCode { get; set; } = new();

    private static string Safe(string name)
    {
        var safe = new string([
            .. name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')
                .Take(64),
        ]);
        return safe.Length > 0 ? safe : "host";
    }
}

/// <summary>The real agent.</summary>
internal sealed class ClaudeCodeOptions
{
    /// <summary>Full path of the native program. Default: found on the PATH and in global npm folders.</summary>
    public string Executable { get; set; } = "";

    /// <summary>Full model name, or empty for the agent's default.</summary>
    public string Model { get; set; } = "";

    /// <summary>Most turns of the agent's loop. Default 100; 1 to 10,000.</summary>
    [Range(1, 10_000, ErrorMessage = "Runner:ClaudeCode:MaxTurns must be 1 to 10,000")]
    public int MaxTurns { get; set; } = 100;

    /// <summary>
    /// Beginnings of command lines that the agent of a task that writes may run, such as <c>dotnet test</c>. Default:
    /// none; commands that only read the worktree need no permission. Each is as trusted as what it can be made to run.
    /// </summary>
    public List<string> AllowedCommands { get; } = [];

    /// <summary>Variables given to the agent besides the product's own.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);
}

/// <summary>Section <c>Verify</c>.</summary>
internal sealed class VerifyOptions
{
    /// <summary>Commands for repositories without a <c>.orchestrator.yaml</c>; empty = detected.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Longest time of one command. Default 10 minutes.</summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "1.00:00:00",
        ErrorMessage = "Verify:TimeMax must be 00:00:01 to 1.00:00:00"
    )]
    public TimeSpan TimeMax { get; set; } = TimeSpan.FromMinutes(10);
}
