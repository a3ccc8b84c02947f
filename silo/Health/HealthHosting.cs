using Orchestrator.Silo.Health.Probes;
using Orchestrator.Silo.Health.Support;
using Orchestrator.Silo.Settings;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Health;

/// <summary>Wires the doctor.</summary>
internal static class HealthHosting
{
    /// <summary>Registers it; the order of the probes is that of its lines.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services
            .AddOptions<SloOptions>()
            .BindConfiguration("Slo")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<TallySums>();
        services.AddSingleton<HealthGate>();
        services.AddSingleton<SupportBundle>();
        services.AddSingleton<IDoctorProbe, DataProbe>();
        services.AddSingleton<IDoctorProbe, StoreProbe>();
        services.AddSingleton<IDoctorProbe, GitProbe>();
        services.AddSingleton<IDoctorProbe, AgentProbe>();
        services.AddSingleton<IDoctorProbe, SandboxProbe>();
        services.AddSingleton<IDoctorProbe, CertificateProbe>();
        services.AddSingleton<IDoctorProbe, MediatorProbe>();
        services.AddSingleton<IDoctorProbe, GitHubDoctor>();
        services.AddSingleton<IDoctorProbe, TelegramProbe>();
        services.AddSingleton<IDoctorProbe, TicketProbe>();
        services.AddSingleton<IDoctorProbe, WebhookProbe>();
        services.AddSingleton<IDoctorProbe, WindowsProbe>();
        services.AddSingleton<Doctor>();
        services.AddSingleton<DoctorFixes>();
        services.AddSingleton<SecurityDoctor>();
        return services;
    }
}
