using System.ComponentModel.DataAnnotations;
using Orchestrator.Silo.Runners.Sandbox;

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

    /// <summary>
    /// What this host offers besides <c>os=…</c> and <c>host=…</c>, such as <c>pool=backend</c> or <c>gpu</c>. A task that
    /// demands a label runs only where it is offered. Each 1 to 64 of <c>[A-Za-z0-9._=-]</c>.
    /// </summary>
    [HostLabels]
    public List<string> Labels { get; } = [];

    /// <summary>
    /// Repositories by a name of their own, so that a task finds one at another path on each host: name to the full path of a
    /// clone on this host. Default none. A name is 1 to 58 of <c>[A-Za-z0-9._-]</c>; the host offers the label <c>repo=NAME</c>.
    /// </summary>
    [RepositoryPaths]
    public Dictionary<string, string> Repositories { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The agent account that this host uses. Hosts that share one share its usage limit: give them the same name. Default:
    /// a name made of the API key's hash, else <c>login@</c> and the host's name. Empty or 1 to 64 of <c>[A-Za-z0-9._@-]</c>.
    /// </summary>
    [RegularExpression(
        "^[A-Za-z0-9._@-]{0,64}$",
        ErrorMessage = "Runner:Account must be 1 to 64 of A-Z a-z 0-9 . _ @ -"
    )]
    public string Account { get; set; } = "";

    /// <summary>Free disk, in MiB where the data directory lies, below which the host takes no new runs. Default 256; 0 = no limit; 0 to 1,048,576.</summary>
    [Range(0, 1_048_576, ErrorMessage = "Runner:DiskFreeMinMiB must be 0 to 1,048,576")]
    public int DiskFreeMinMiB { get; set; } = 256;

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

    /// <summary>
    /// How often the work and the agent's session of a run are kept in the store, so that another host can go on from them.
    /// Default 30 seconds; 0 = at the end of a run only; 0 to 1 hour.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00",
        "01:00:00",
        ErrorMessage = "Runner:Checkpoint must be 00:00:00 to 01:00:00"
    )]
    public TimeSpan Checkpoint { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Captured output of one run in bytes. Default 64 MiB; 64 KiB to 1 GiB.</summary>
    [Range(
        65_536,
        1_073_741_824,
        ErrorMessage = "Runner:OutputBytesMax must be 65,536 to 1,073,741,824"
    )]
    public int OutputBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>False: never use bubblewrap for process containment on Linux.</summary>
    public bool Contain { get; set; } = true;

    /// <summary>What is put around agents and checks: <c>none</c>, <c>bubblewrap</c>, <c>podman</c> or <c>windows-restricted</c>. Default <c>none</c>. One that does not work refuses every run.</summary>
    [RegularExpression(
        "^(none|bubblewrap|podman|windows-restricted)$",
        ErrorMessage = "Runner:Sandbox must be none, bubblewrap, podman or windows-restricted"
    )]
    public string Sandbox { get; set; } = SandboxHost.None;

    /// <summary>Section <c>Runner:Sandboxed</c>.</summary>
    public SandboxOptions Sandboxed { get; set; } = new();

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

/// <summary>Refuses a label that nobody could demand, and one that would lie about the host.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class HostLabelsAttribute : ValidationAttribute
{
    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext context)
    {
        var bad = ((IEnumerable<string>)value!).FirstOrDefault(l =>
            !Label().IsMatch(l)
            || l.StartsWith("os=", StringComparison.OrdinalIgnoreCase)
            || l.StartsWith("host=", StringComparison.OrdinalIgnoreCase)
            || l.StartsWith("sandbox=", StringComparison.OrdinalIgnoreCase)
            || l.StartsWith("sandboxed=", StringComparison.OrdinalIgnoreCase)
        );
        return bad is null
            ? ValidationResult.Success
            : new ValidationResult(
                $"Runner:Labels holds '{bad}': a label is 1 to 64 of A-Z a-z 0-9 . _ = - and begins with none of 'os=', 'host=', 'sandbox=' and 'sandboxed=', which the host sets itself"
            );
    }

    [System.Text.RegularExpressions.GeneratedRegex("^[A-Za-z0-9._=-]{1,64}$")]
    private static partial System.Text.RegularExpressions.Regex Label();
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
