using Microsoft.Extensions.Options;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Tickets;

/// <summary>Wires tickets.</summary>
internal static class TicketsHosting
{
    /// <summary>Registers what is configured: without a token a host is not spoken to.</summary>
    /// <param name="services">The silo's.</param>
    /// <param name="configuration">Its settings.</param>
    /// <param name="controls">True on a silo that holds tasks: only there tickets are looked for.</param>
    public static IServiceCollection AddTickets(
        this IServiceCollection services,
        IConfiguration configuration,
        bool controls
    )
    {
        services.AddHost<LinearTicketOptions, LinearTickets>(
            configuration,
            LinearTicketOptions.Section
        );
        services.AddHost<JiraTicketOptions, JiraTickets>(configuration, JiraTicketOptions.Section);
        services.AddSingleton<ITicketHosts, TicketHosts>();
        services.AddSingleton<TicketEvents>();
        services.AddSingleton<ITicketEvents>(s => s.GetRequiredService<TicketEvents>());
        if (controls)
        {
            services.AddHostedService(s => Polls<LinearTicketOptions>(s, "linear"));
            services.AddHostedService(s => Polls<JiraTicketOptions>(s, "jira"));
        }
        return services;
    }

    private static void AddHost<TOptions, THost>(
        this IServiceCollection services,
        IConfiguration configuration,
        string section
    )
        where TOptions : TicketHostOptions
        where THost : class, ITicketHost
    {
        services
            .AddOptions<TOptions>()
            .Bind(configuration.GetSection(section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<TOptions>>(
            new TicketHostOptionsRules<TOptions>(section)
        );
        if (configuration[section + ":Token"] is { Length: > 0 })
        {
            services.AddSingleton<ITicketHost, THost>();
        }
    }

    // One class for both, and a hosted service is known by its class: each is one of its own.
    private static TicketPolls<TOptions> Polls<TOptions>(IServiceProvider services, string kind)
        where TOptions : TicketHostOptions =>
        new(
            kind,
            services.GetRequiredService<ITicketHosts>(),
            services.GetRequiredService<TicketEvents>(),
            TimeSpan.FromSeconds(
                services.GetRequiredService<IOptions<TOptions>>().Value.PollSeconds
            ),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<TicketPolls<TOptions>>>()
        );
}

/// <summary>The configured adapters by their kind.</summary>
internal sealed class TicketHosts(IEnumerable<ITicketHost> hosts) : ITicketHosts
{
    private readonly Dictionary<string, ITicketHost> byKind = hosts.ToDictionary(
        h => h.Kind,
        StringComparer.Ordinal
    );

    /// <inheritdoc />
    public IReadOnlyCollection<ITicketHost> All => byKind.Values;

    /// <inheritdoc />
    public ITicketHost? Find(string kind) => byKind.GetValueOrDefault(kind);
}
