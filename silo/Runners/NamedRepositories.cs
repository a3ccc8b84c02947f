using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Runners;

/// <summary>Where the repositories lie that have a name on this host (<c>Runner:Repositories</c>).</summary>
internal sealed class NamedRepositories(IOptions<RunnerOptions> options)
{
    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names { get; } =
    [.. options.Value.Repositories.Keys.Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The path of a named one, null for a name that is none here, anything else as it is.</summary>
    public string? PathOf(string repository) =>
        !RepositoryNames.IsName(repository) ? repository
        : options.Value.Repositories.TryGetValue(repository, out var path) ? path
        : null;

    /// <summary>The task with its repository's path here. A name that is none here stays: the door refuses it.</summary>
    public TaskSpec OnThisHost(TaskSpec spec) =>
        PathOf(spec.Repository) is { } path ? spec with { Repository = path } : spec;

    /// <summary>Why there is none of the name.</summary>
    public string Unknown(string name) =>
        $"{name} is no full path, and no repository of host {options.Value.Host} has that name. "
        + (
            Names.Count > 0
                ? $"Named there: {string.Join(", ", Names)} (Runner:Repositories)."
                : "Name the full path of a clone, or give it the name by Runner:Repositories."
        );
}

/// <summary>Refuses a name that nobody could submit by, and a path that is not whole.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RepositoryPathsAttribute : ValidationAttribute
{
    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext context)
    {
        foreach (var (name, path) in (Dictionary<string, string>)value!)
        {
            if (!RepositoryNames.IsName(name))
            {
                return new ValidationResult(
                    $"Runner:Repositories holds the name '{name}': a name is 1 to {RepositoryNames.LengthMax} of A-Z a-z 0-9 . _ - and begins with a letter or digit"
                );
            }
            if (!Path.IsPathFullyQualified(path))
            {
                return new ValidationResult(
                    $"Runner:Repositories:{name} is '{path}'; it must be the full path of a clone on this host"
                );
            }
        }
        return ValidationResult.Success;
    }
}
