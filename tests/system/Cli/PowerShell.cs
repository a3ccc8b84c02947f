using System.Diagnostics;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The real PowerShell, built from its packages beside the tests.</summary>
internal static class PowerShell
{
    /// <summary>A start of it with these words, without profiles and questions.</summary>
    public static ProcessStartInfo Running(params string[] words) =>
        new(
            SiloProcess.Output("Orchestrator.Pwsh", "pwsh"),
            ["-NoLogo", "-NoProfile", "-NonInteractive", .. words]
        )
        {
            // It would look for updates and send how it is used.
            Environment =
            {
                ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
                ["POWERSHELL_UPDATECHECK"] = "Off",
            },
        };
}
