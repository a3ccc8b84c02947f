using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Webhooks;

namespace Orchestrator.Silo.Webhooks;

/// <summary>Wires webhooks, in and out.</summary>
internal static class WebhooksHosting
{
    /// <summary>Registers them.</summary>
    public static IServiceCollection AddWebhooks(
        this IServiceCollection services,
        IConfiguration configuration
    )
    {
        services
            .AddOptions<WebhookOptions>()
            .Bind(configuration.GetSection("Webhooks"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton<ITicketEvents, NoTicketEvents>();
        services.AddSingleton<IWebhookHandler, GitHubWebhooks>();
        services.AddSingleton<IWebhookHandler, LinearWebhooks>();
        services.AddSingleton<IWebhookHandler, JiraWebhooks>();
        services.AddSingleton<IWebhookEndpoints, WebhookEndpoints>();
        services.AddSingleton<WebhookPump>();
        services.AddHostedService(s => s.GetRequiredService<WebhookPump>());
        return services;
    }
}
