using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orchestrator.Client;

/// <summary>Gives a host's services a client.</summary>
// Of the packages around HTTP factories only the abstractions of services are used: a trimmed program pays for nothing
// else, and the client's own connections are renewed by age. Whoever wants IHttpClientFactory has a constructor for it.
public static class ClientRegistration
{
    /// <summary>Registers one <see cref="OrchestratorClient"/> for the host's life, unless there is one.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="address">The server, e.g. <c>http://127.0.0.1:5140</c>.</param>
    /// <param name="token">A bearer token.</param>
    public static IServiceCollection AddOrchestratorClient(
        this IServiceCollection services,
        Uri address,
        string token
    )
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(token);
        return services.AddOrchestratorClient(_ => (address, token));
    }

    /// <summary>The same, with address and token read from other services when the client is first asked for.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="server">The server and a bearer token.</param>
    public static IServiceCollection AddOrchestratorClient(
        this IServiceCollection services,
        Func<IServiceProvider, (Uri Address, string Token)> server
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(server);
        services.TryAddSingleton(provider =>
        {
            var (address, token) = server(provider);
            return new OrchestratorClient(address, token);
        });
        return services;
    }
}
