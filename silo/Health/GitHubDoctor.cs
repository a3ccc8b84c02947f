using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Health;

/// <summary>Looks whether work could be pushed to GitHub and shown there, as whom, and whether checks would start.</summary>
internal sealed class GitHubDoctor(IServiceProvider services) : IDoctorProbe
{
    private const string Line = "github";
    private const int RepositoriesMax = 10;
    private const int LeftMin = 500;

    /// <inheritdoc />
    public string Name => Line;

    /// <summary>Its lines: the credential, and each named repository whose origin is there.</summary>
    public async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        var options = services.GetRequiredService<IOptions<GitHubOptions>>().Value;
        if (!options.IsConfigured())
        {
            return
            [
                new DoctorCheck(
                    Line,
                    "ok",
                    "not configured: no pull requests are opened there",
                    ""
                ),
            ];
        }
        try
        {
            var probe = await services
                .GetRequiredService<GitHubAccess>()
                .ProbeAsync(cancellationToken);
            return
            [
                Account(options, probe),
                .. await RepositoriesAsync(options, cancellationToken),
            ];
        }
        catch (PullRequestHostException e)
        {
            return
            [
                new DoctorCheck(
                    Line,
                    e.Error is PullRequestHostError.Unavailable or PullRequestHostError.RateLimited
                        ? "warn"
                        : "fail",
                    $"{options.Api().Authority} gives no access",
                    e.Message
                ),
            ];
        }
    }

    private static DoctorCheck Account(GitHubOptions options, GitHubProbe probe)
    {
        var message =
            $"{options.Api().Authority} as {probe.Account}{(options.AppId > 0 ? $" (App {options.AppId})" : "")}"
            + (probe.Max > 0 ? $", {probe.Left} of {probe.Max} calls left in this hour" : "");
        return options.IsOfAJob()
                ? new DoctorCheck(
                    Line,
                    "warn",
                    message + "; this is the token of a workflow's job",
                    "GitHub starts no workflow for what such a token pushes, so that no check would run, and it ends with the job. Use an App or a fine-grained token (docs/delivery.md)."
                )
            : probe.Max > 0 && probe.Left < Math.Min(LeftMin, probe.Max / 10)
                ? new DoctorCheck(
                    Line,
                    "warn",
                    message,
                    "Little is left: delivery waits until the hour is over. Does something else use the same credential?"
                )
            : new DoctorCheck(Line, "ok", message, "");
    }

    private async Task<List<DoctorCheck>> RepositoriesAsync(
        GitHubOptions options,
        CancellationToken cancellationToken
    )
    {
        var checks = new List<DoctorCheck>();
        foreach (
            var (name, path) in services
                .GetRequiredService<IOptions<RunnerOptions>>()
                .Value.Repositories.OrderBy(r => r.Key, StringComparer.Ordinal)
                .Where(r => Directory.Exists(r.Value))
                .Take(RepositoriesMax)
        )
        {
            var origin = await services
                .GetRequiredService<GitCli>()
                .TryAsync(
                    path,
                    ["config", "--local", "--get", "remote.origin.url"],
                    cancellationToken
                );
            if (
                origin.ExitCode == 0
                && GitHubRemote.Read(origin.Text.Trim(), options.Web()) is { } remote
            )
            {
                checks.Add(await RepositoryAsync(name, remote.Name, cancellationToken));
            }
        }
        return checks;
    }

    private async Task<DoctorCheck> RepositoryAsync(
        string name,
        string repository,
        CancellationToken cancellationToken
    )
    {
        var line = Line + " " + name;
        try
        {
            var view = await services
                .GetRequiredService<GitHubHost>()
                .RepositoryAsync(repository, cancellationToken);
            return view.Archived
                    ? new DoctorCheck(
                        line,
                        "warn",
                        $"{repository} is archived",
                        "It takes no push. Unarchive it on GitHub."
                    )
                : view.MayPush
                    ? new DoctorCheck(line, "ok", $"{repository}: the credential may push", "")
                : new DoctorCheck(
                    line,
                    "warn",
                    $"{repository}: the credential may not push",
                    "Give it the right to write contents (docs/delivery.md)."
                );
        }
        catch (PullRequestHostException e)
        {
            return new DoctorCheck(line, "warn", $"{repository} gives no access", e.Message);
        }
    }
}
