using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Where to connect, or how to start what to connect to.</summary>
internal sealed class SiloFinder(string? data, string? url, string? token)
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    /// <summary>The data directory in force.</summary>
    public string Data { get; } =
        Path.GetFullPath(
            data
                ?? Environment.GetEnvironmentVariable("ORCHESTRATOR_DATA")
                ?? Path.Combine(
                    Environment.GetFolderPath(
                        Environment.SpecialFolder.LocalApplicationData,
                        Environment.SpecialFolderOption.Create
                    ),
                    "Orchestrator"
                )
        );

    private readonly string? url = url ?? Environment.GetEnvironmentVariable("ORCHESTRATOR_URL");
    private readonly string? token =
        token ?? Environment.GetEnvironmentVariable("ORCHESTRATOR_TOKEN");

    /// <summary>A client of the running server.</summary>
    /// <exception cref="OrchestratorException">None runs.</exception>
    public OrchestratorClient Connect()
    {
        if (url is not null)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var address)
                ? new OrchestratorClient(address, token ?? "")
                : throw new OrchestratorException(
                    $"'{url}' (--url, ORCHESTRATOR_URL) is no address. Example: http://127.0.0.1:5140."
                );
        }
        return Running() is { } silo
            ? new OrchestratorClient(silo.Address, token ?? silo.Token)
            : throw new OrchestratorException(
                $"No server runs on {Data}. Start one: orchestrator serve."
            );
    }

    /// <summary>A client of the running server; starts one when none runs and leaves it running.</summary>
    public async Task<OrchestratorClient> ConnectOrStartAsync(CancellationToken cancellationToken)
    {
        if (url is null && Running() is null)
        {
            await StartAsync(cancellationToken);
        }
        return Connect();
    }

    /// <summary>What silo.json says, when its process lives.</summary>
    public SiloDiscovery? Running()
    {
        try
        {
            var file = Path.Combine(Data, "silo.json");
            if (!File.Exists(file))
            {
                return null;
            }
            var silo = JsonSerializer.Deserialize(
                File.ReadAllBytes(file),
                OrchestratorJson.Default.SiloDiscovery
            );
            using var process = silo is null ? null : Process.GetProcessById(silo.Pid);
            return process is { HasExited: false } ? silo : null;
        }
        catch (Exception e)
            when (e
                    is IOException
                        or JsonException
                        or ArgumentException
                        or UnauthorizedAccessException
                        or InvalidOperationException
            )
        {
            return null; // half written, or its process is gone
        }
    }

    /// <summary>Program and leading arguments of the silo.</summary>
    public static string SiloProgram()
    {
        var name = OperatingSystem.IsWindows() ? "orchestrator-silo.exe" : "orchestrator-silo";
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string?[] places =
        [
            Environment.GetEnvironmentVariable("ORCHESTRATOR_SILO"),
            Path.Combine(here, name),
            Path.Combine(here, "..", "..", "Orchestrator.Silo", Path.GetFileName(here), name),
        ];
        return places
                .Where(p => p is not null)
                .Select(p => Path.GetFullPath(p!))
                .FirstOrDefault(File.Exists)
            ?? throw new OrchestratorException(
                $"{name} is not beside this program. Install the whole release, or name it in ORCHESTRATOR_SILO."
            );
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var log = Path.Combine(Data, "logs", "silo.log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        await Console.Error.WriteLineAsync(
            $"Starting a local server on {Data} (it stays; stop it with 'orchestrator serve --stop')."
        );
        var info = new ProcessStartInfo(SiloProgram())
        {
            UseShellExecute = false,
            RedirectStandardOutput = false,
            CreateNoWindow = true,
        };
        if (!OperatingSystem.IsWindows())
        {
            // A session of its own and its output in a file: neither Ctrl-C nor the end of this terminal reaches it.
            info = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
            foreach (
                var argument in (string[])
                    [
                        "-c",
                        "exec setsid \"$1\" --data \"$2\" --urls \"$3\" </dev/null >>\"$4\" 2>&1",
                        "sh",
                        SiloProgram(),
                        Data,
                        "http://127.0.0.1:0",
                        log,
                    ]
            )
            {
                info.ArgumentList.Add(argument);
            }
        }
        else
        {
            foreach (
                var argument in (string[])
                    ["--data", Data, "--urls", "http://127.0.0.1:0", "--log-file", log]
            )
            {
                info.ArgumentList.Add(argument);
            }
        }
        using var process =
            Process.Start(info)
            ?? throw new OrchestratorException($"{SiloProgram()} did not start.");
        var started = TimeProvider.System.GetTimestamp();
        while (Running() is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Another starter may have won: it holds the data directory, and its silo.json will appear.
            if (
                TimeProvider.System.GetElapsedTime(started) > StartMax
                || (process.HasExited && !IsHeld() && Running() is null)
            )
            {
                throw new OrchestratorException(
                    $"The server did not get ready. Its log {log} ends so:\n{Tail(log)}"
                );
            }
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, cancellationToken);
        }
    }

    private bool IsHeld()
    {
        try
        {
            var file = Path.Combine(Data, "silo.lock");
            using var held = File.Exists(file)
                ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read)
                : null;
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static string Tail(string log)
    {
        try
        {
            using var stream = new FileStream(
                log,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite
            );
            stream.Seek(-Math.Min(2_000, stream.Length), SeekOrigin.End);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }
}
