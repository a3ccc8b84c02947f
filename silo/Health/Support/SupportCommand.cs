using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Health.Support;

/// <summary>The bundle where no silo runs: <c>orchestrator-silo support-bundle FILE [SETTINGS]</c>. The facts of tasks need a running one.</summary>
internal static class SupportCommand
{
    /// <summary>Writes it. 0 when it is there.</summary>
    public static async Task<int> RunAsync(string file, string[] settings)
    {
        var root = Path.GetFullPath(SettingsHosting.DataDirectory(settings));
        await using var app = SiloHost.BuildStopped(root, settings);
        var bundle = app.Services.GetRequiredService<SupportBundle>();
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        await using var stream = new FileStream(file, options);
        await bundle.WriteAsync(stream, [], live: false, CancellationToken.None);
        return 0;
    }
}
