using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Grains.Delivery;

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
        services.AddSingleton<GuardedApply>();
        services.AddSingleton(s =>
            RulesOf(s.GetRequiredService<IOptions<DeliveryOptions>>().Value)
        );
        services.AddSingleton<PullRequestSteps>();
        services.AddSingleton<IForgeEvents, ForgeEvents>();
        return services;
    }

    private static PullRequestRules RulesOf(DeliveryOptions options) =>
        new()
        {
            Branch = options.Branch,
            Draft = options.Draft,
            Labels = [.. options.Labels],
            Reviewers = [.. options.Reviewers],
            Feedback = new FeedbackRules(options.Mention, [.. options.FeedbackFrom]),
            Remotes = options.RemotesByRepository(),
            PollPeriod = TimeSpan.FromSeconds(options.PollSeconds),
        };
}
