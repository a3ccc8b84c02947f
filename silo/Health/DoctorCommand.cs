using System.Text.Json;
using Orchestrator.Decisions.Health;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Health.Probes;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Health;

/// <summary>The doctor where no silo runs, or none can: <c>orchestrator-silo doctor [--login true] [--fix true] [SETTINGS]</c>. It prints one <see cref="DoctorReport"/> as JSON.</summary>
internal static class DoctorCommand
{
    /// <summary>Runs it. 0 when nothing failed, else 1.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var (login, fix) = (args.Contains("--login"), args.Contains("--fix"));
        string[] settings = [.. args.Where(a => a is not ("--login" or "--fix"))];
        var report = await CheckAsync(settings, login, fix);
        var text = JsonSerializer.Serialize(report, OrchestratorJson.Compact.DoctorReport);
        await output.WriteLineAsync(new Redactor([]).Redact(text));
        return report.Checks.Any(c => c.Level == "fail") ? 1 : 0;
    }

    private static async Task<DoctorReport> CheckAsync(string[] settings, bool login, bool fix)
    {
        var root = Path.GetFullPath(SettingsHosting.DataDirectory(settings));
        var held = SiloLock.IsHeld(root);
        var fixes = fix ? new DoctorFixes(new SettingsData(root)).Run(live: held) : null;
        var server = held
            ? MachineChecks.Warn(
                "server",
                $"one holds {root} and was not asked",
                "Ask it: orchestrator doctor, as the user who started it."
            )
            : MachineChecks.Ok("server", "none runs; what follows was looked at without it");
        try
        {
            await using var app = SiloHost.BuildStopped(root, settings);
            var report = await app
                .Services.GetRequiredService<Doctor>()
                .CheckAsync(new DoctorVisit(Live: false, login), CancellationToken.None);
            return report with { Checks = [server, .. report.Checks], Fixes = fixes };
        }
        catch (SiloStartException e)
        {
            // Without settings nothing else can be made; what needs none is looked at all the same.
            return new DoctorReport([
                server,
                .. Problems(e.Message),
                MachineChecks.Disk(FreeDisk.BytesAt(root) / (1024 * 1024), 0, root),
                .. DataProbe.Folders.Select(f => DataProbe.Folder(Path.Combine(root, f), f)),
            ])
            {
                Fixes = fixes,
            };
        }
    }

    // "3 of the settings cannot be used; nothing was started.\n  - Key is ...\n  - ..."
    private static IEnumerable<DoctorCheck> Problems(string message)
    {
        var lines = message.Split('\n');
        return (lines.Length > 1 ? lines.Skip(1) : lines).Select(l =>
            MachineChecks.Fail(
                "settings",
                l.TrimStart(' ', '-'),
                "Correct it where it was set: the command line, the environment, or .env and appsettings.json in the data directory. All keys: .env.example."
            )
        );
    }
}
