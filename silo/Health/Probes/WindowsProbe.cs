using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security;
using System.Security.Principal;
using Microsoft.Win32;
using Orchestrator.Decisions.Health;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>What only Windows has: session 0, the service's account, long paths, Defender. Built, only partly run there.</summary>
internal sealed class WindowsProbe(SettingsData data, IEnumerable<IAgentRunner> runners)
    : IDoctorProbe
{
    private const string Defender = @"SOFTWARE\Microsoft\Windows Defender";

    /// <inheritdoc />
    public string Name => "windows";

    /// <inheritdoc />
    public Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(OperatingSystem.IsWindows() ? WindowsChecks.Of(See(), data.Directory) : []);

    [SupportedOSPlatform("windows")]
    private WindowsSeen See()
    {
        using var self = WindowsIdentity.GetCurrent();
        using var process = Process.GetCurrentProcess();
        var login = runners.OfType<ClaudeCodeRunner>().FirstOrDefault()?.Login() ?? "";
        return new WindowsSeen(
            process.SessionId,
            self.Name,
            self.IsSystem,
            Number(@"SYSTEM\CurrentControlSet\Control\FileSystem", "LongPathsEnabled") is { } on
                ? on == 1
                : null,
            Number(Defender + @"\Real-Time Protection", "DisableRealtimeMonitoring") is { } off
                ? off == 0
                : null,
            Names(Defender + @"\Exclusions\Paths"),
            login.Length > 0 && login != "login"
        );
    }

    [SupportedOSPlatform("windows")]
    private static int? Number(string key, string name)
    {
        try
        {
            using var opened = Registry.LocalMachine.OpenSubKey(key);
            return opened?.GetValue(name) as int?;
        }
        catch (Exception e)
            when (e is SecurityException or UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }

    [SupportedOSPlatform("windows")]
    private static string[]? Names(string key)
    {
        try
        {
            using var opened = Registry.LocalMachine.OpenSubKey(key);
            return opened?.GetValueNames();
        }
        catch (Exception e)
            when (e is SecurityException or UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }
}
