using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.Silo.Delivery.RemoteClones;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Delivery;

/// <summary>Wires what hands work over.</summary>
internal static class DeliveryHosting
{
    /// <summary>Registers the committer and its parts.</summary>
    public static IServiceCollection AddDelivery(
        this IServiceCollection services,
        IConfiguration configuration
    )
    {
        services
            .AddOptions<DeliveryOptions>()
            .Bind(configuration.GetSection("Delivery"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<UserRepository>();
        services.AddSingleton<CommitTrees>();
        services.AddSingleton<RepositoryGates>();
        services.AddSingleton<BranchMover>();
        services.AddSingleton<TaskCommitter>();
        services.AddSingleton<RecordedCommits>();
        services.AddSingleton<GuardedApply>();
        services.AddSingleton(s =>
            RulesOf(s.GetRequiredService<IOptions<DeliveryOptions>>().Value)
        );
        services.AddSingleton<PullRequestSteps>();
        services.AddSingleton<IForgeEvents, ForgeEvents>();
        services.AddGitHub(configuration);
        services.AddSingleton<IPullRequestHosts, PullRequestHosts>();
        services.AddSingleton<CommitSigning>();
        services.AddSingleton(s =>
        {
            var (data, timeMax) = (
                s.GetRequiredService<SettingsData>().Directory,
                s.GetRequiredService<IOptions<DeliveryOptions>>().Value.RemoteTimeMax
            );
            return new RemoteCloneStore(
                // A clone of a big repository takes longer than any command in one.
                new GitCli(
                    s.GetRequiredService<ProcessGroupStarter>(),
                    s.GetRequiredService<TimeProvider>(),
                    data,
                    timeMax
                ),
                s.GetRequiredService<RepositoryGates>(),
                s.GetRequiredService<Redactor>(),
                data,
                timeMax
            );
        });
        services.AddSingleton<IBranchPublisher, BranchPublisher>();
        return services;
    }

    // Without a credential there is no adapter, so that work for GitHub is held back with that reason.
    private static void AddGitHub(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection("GitHub");
        services
            .AddOptions<GitHubOptions>()
            .Bind(section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<GitHubOptions>, GitHubOptionsRules>();
        services.AddSingleton<GitHubWire>();
        services.AddSingleton<GitHubAccess>();
        services.AddSingleton<GitHubHost>();
        if (section["Token"] is { Length: > 0 } || section["AppId"] is { Length: > 0 } and not "0")
        {
            services.AddSingleton<IPullRequestHost>(s => s.GetRequiredService<GitHubHost>());
        }
    }

    private static PullRequestRules RulesOf(DeliveryOptions options) =>
        new()
        {
            Branch = options.Branch,
            AttachArtifact = options.AttachArtifact,
            Draft = options.Draft,
            Labels = [.. options.Labels],
            Reviewers = [.. options.Reviewers],
            Feedback = new FeedbackRules(options.Mention, [.. options.FeedbackFrom]),
            Remotes = options.RemotesByRepository(),
            PollPeriod = TimeSpan.FromSeconds(options.PollSeconds),
        };
}
