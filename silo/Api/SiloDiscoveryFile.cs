using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Api;

/// <summary><c>silo.json</c>: how local clients find this silo. Readable by its owner only; the token is new at each start.</summary>
internal sealed class SiloDiscoveryFile(string dataDirectory, TimeProvider time)
{
    /// <summary>Its name in the data directory.</summary>
    public const string Name = "silo.json";

    private readonly string path = Path.Combine(dataDirectory, Name);

    /// <summary>The local token: 256 random bits.</summary>
    public string Token { get; } =
        "orc_"
        + Convert
            .ToBase64String(RandomNumberGenerator.GetBytes(32))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');

    /// <summary>Since when this silo runs.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>The product's version.</summary>
    public static string Version =>
        typeof(SiloDiscoveryFile).Assembly.GetName().Version!.ToString(3);

    /// <summary>The data directory.</summary>
    public string DataDirectory => dataDirectory;

    /// <summary>Writes it whole.</summary>
    public void Write(Uri address)
    {
        var discovery = new SiloDiscovery(
            Environment.ProcessId,
            StartedAt,
            address,
            Token,
            Version
        );
        var part = path + ".tmp";
        File.Delete(part);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var stream = new FileStream(part, options))
        {
            JsonSerializer.Serialize(stream, discovery, OrchestratorJson.Default.SiloDiscovery);
        }
        File.Move(part, path, overwrite: true);
    }

    /// <summary>Removes it; this silo holds the data directory, so it is its own. A client may be reading it.</summary>
    public Task RemoveAsync() => HeldFiles.DeleteAsync(path, time, CancellationToken.None);
}
