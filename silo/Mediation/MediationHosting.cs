using Microsoft.Extensions.Options;
using Orchestrator.Grains.Mediation;

namespace Orchestrator.Silo.Mediation;

/// <summary>Wires the local model.</summary>
internal static class MediationHosting
{
    /// <summary>Registers the model, its settings and the watch over it.</summary>
    public static IServiceCollection AddMediation(
        this IServiceCollection services,
        IConfiguration configuration
    )
    {
        services
            .AddOptions<MediatorOptions>()
            .Bind(configuration.GetSection("Mediator"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<MediatorOptions>, MediatorOptionsRules>();
        services.AddSingleton<LlamaModel>();
        services.AddSingleton<IMediatorModel>(s => s.GetRequiredService<LlamaModel>());
        services.AddHostedService<ModelWatch>();
        return services;
    }
}
