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
        return services;
    }
}
