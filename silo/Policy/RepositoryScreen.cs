using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Policy;
using Orchestrator.Silo.Cluster;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Policy;

/// <summary>Section <c>Workspace</c>.</summary>
internal sealed class WorkspaceOptions
{
    /// <summary>Folders below which repositories may lie; empty = anywhere the silo's user can read.</summary>
    public List<string> AllowedRoots { get; } = [];

    /// <summary>
    /// The base directory: what a task file's relative <c>cwd</c> is below, and where a task file without one works. Full path;
    /// default none. When it is set and no root is, it is the only allowed root.
    /// </summary>
    public string Base { get; set; } = "";

    /// <summary>Longest time of one git command. Default 5 minutes; 1 second to 1 hour.</summary>
    [System.ComponentModel.DataAnnotations.Range(
        typeof(TimeSpan),
        "00:00:01",
        "01:00:00",
        ErrorMessage = "Workspace:GitTimeMax must be 00:00:01 to 01:00:00"
    )]
    public TimeSpan GitTimeMax { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>What ranges cannot say: the folders are full paths and there.</summary>
internal sealed class WorkspaceOptionsRules : IValidateOptions<WorkspaceOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, WorkspaceOptions options)
    {
        var problems = new List<string>();
        var named = options
            .AllowedRoots.Select(r => ("Workspace:AllowedRoots (CLAUDE_ALLOWED_ROOT)", r))
            .Append(("Workspace:Base (CLAUDE_BASE_CWD)", options.Base));
        foreach (var (key, folder) in named.Where(n => n.Item2.Length > 0))
        {
            if (!Path.IsPathFullyQualified(folder) || !Directory.Exists(folder))
            {
                problems.Add(
                    $"{key} is '{folder}'; it must be the full path of a folder that is there. Correct it, or remove it."
                );
            }
        }
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }
}

/// <summary>Screens a task before anything runs: runner known, repository inside the roots on its real path, and usable.</summary>
internal sealed class RepositoryScreen(
    IEnumerable<IAgentRunner> runners,
    ClusterRepositories repositories,
    ClusterStoreOptions cluster,
    IOptions<RunnerOptions> runnerOptions
) : IScreen
{
    /// <inheritdoc />
    public async Task<Ruling> ScreenAsync(TaskSpec spec, CancellationToken cancellationToken)
    {
        var kind = spec.Runner.Length > 0 ? spec.Runner : runnerOptions.Value.Default;
        var runner = runners.FirstOrDefault(r => r.Kind == kind);
        if (runner is null)
        {
            return Deny(
                "runner",
                $"Runner kind '{kind}' is unknown. Known: {string.Join(", ", runners.Select(r => r.Kind))}.",
                FailureCodes.RunnerUnavailable
            );
        }
        // In a cluster another host may have its program: the queue knows which.
        if (!cluster.IsShared() && runner.Problem() is { Length: > 0 } problem)
        {
            return Deny("runner", problem, FailureCodes.RunnerUnavailable);
        }
        if (spec.Repository.Length == 0)
        {
            return new Ruling(Verdict.Allow, "no-repository", "");
        }
        return await repositories.RuleAsync(spec, cancellationToken);
    }

    private static Ruling Deny(string rule, string reason, string code) =>
        new(Verdict.Deny, rule, reason, code);
}
