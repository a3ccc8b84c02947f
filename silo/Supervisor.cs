using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Hosting.WindowsServices;

namespace Orchestrator.Silo;

/// <summary>
/// Talks to whoever runs the silo: the Windows service manager or systemd. The packages' own one-line wiring is not used: it
/// replaces the console's formatter, or adds the Event Log, and either would show log lines that no redactor has seen.
/// </summary>
internal static class Supervisor
{
    /// <summary>The service's name when the installer names no other.</summary>
    public const string ServiceName = "OrchestratorControl";

    /// <summary>As a Windows service: obey the service manager. Elsewhere: nothing; SIGTERM is obeyed anyway.</summary>
    public static void AddSupervisor(this IServiceCollection services)
    {
        if (OperatingSystem.IsWindows() && WindowsServiceHelpers.IsWindowsService())
        {
            services.Configure<WindowsServiceLifetimeOptions>(o => o.ServiceName = ServiceName);
            services.AddSingleton<IHostLifetime, WindowsServiceLifetime>();
        }
    }

    /// <summary>Tells systemd (<c>Type=notify</c>, NOTIFY_SOCKET) that clients are answered from now on, and later that the end has begun.</summary>
    public static void TellReady(IHostApplicationLifetime lifetime)
    {
        var systemd = new SystemdNotifier();
        systemd.Notify(ServiceState.Ready);
        lifetime.ApplicationStopping.Register(() => systemd.Notify(ServiceState.Stopping));
    }
}
