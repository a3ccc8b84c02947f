using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Where to connect, or how to start what to connect to.</summary>
internal sealed class SiloFinder(string? data, string? url, string? token)
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    // How long a server that no longer answers may still hold its data directory: a killed process needs a moment
    // to give back its memory and its locks.
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(25);

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

    /// <summary>True when a server runs here, or one is named.</summary>
    public bool CanConnect => url is not null || Running() is not null;

    /// <summary>A client of the running server.</summary>
    /// <exception cref="OrchestratorException">None runs.</exception>
    public OrchestratorClient Connect()
    {
        if (url is not null)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var address)
                ? Client(address, token ?? "")
                : throw new OrchestratorException(
                    $"'{url}' (--url, ORCHESTRATOR_URL) is no address. Example: http://127.0.0.1:5140."
                );
        }
        return Running() is { } silo
            ? Client(silo.Address, token ?? silo.Token)
            : throw new OrchestratorException(
                $"No server runs on {Data}. Start one: orchestrator serve."
            );
    }

    // Called by a program that is traced, an agent's run among them: what is asked for is linked to it.
    private static OrchestratorClient Client(Uri address, string token)
    {
        if (Environment.GetEnvironmentVariable("TRACEPARENT") is not { Length: > 0 } caller)
        {
            return new OrchestratorClient(address, token);
        }
#pragma warning disable CA2000 // the client owns it
        var http = new HttpClient { BaseAddress = address };
#pragma warning restore CA2000
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        http.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", caller);
        return new OrchestratorClient(http);
    }

    /// <summary>A client of the running server; starts one when none runs and leaves it running.</summary>
    public async Task<OrchestratorClient> ConnectOrStartAsync(CancellationToken cancellationToken)
    {
        if (url is null && !await AnswersAsync(cancellationToken))
        {
            await WaitForTheEndOfAnotherAsync(cancellationToken);
            if (!await AnswersAsync(cancellationToken))
            {
                await StartAsync(cancellationToken);
            }
        }
        return Connect();
    }

    // A process of that number lives: it may be a silo that was just killed.
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (Running() is not { } silo)
        {
            return false;
        }
        using var socket = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerMax);
        try
        {
            await socket.ConnectAsync(silo.Address.Host, silo.Address.Port, limit.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private async Task WaitForTheEndOfAnotherAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var told = false;
        while (Running() is { } silo && !await AnswersAsync(cancellationToken))
        {
            if (!told)
            {
                told = true;
                await Console.Error.WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The server of {Data} (process {silo.Pid}) does not answer; waiting for its end."
                    )
                );
            }
            if (TimeProvider.System.GetElapsedTime(started) > EndMax)
            {
                throw new OrchestratorException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Process {silo.Pid} holds {Data} but does not answer on {silo.Address}. End that process, then try again; its log: {Path.Combine(Data, "logs", "silo.log")}."
                    )
                );
            }
            await Task.Delay(LookAgain, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>
    /// What silo.json says, when its process lives and somebody holds the data directory: the number alone may be a
    /// stranger's by now, and so may the port, to which nobody must send a token.
    /// </summary>
    public SiloDiscovery? Running()
    {
        try
        {
            // First the lock: who holds it has removed what another left before.
            var file = Path.Combine(Data, "silo.json");
            if (!IsHeld("silo.lock") || !File.Exists(file))
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
        while (!await AnswersAsync(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Another starter may have won: it holds the data directory, and its silo.json will appear.
            if (
                TimeProvider.System.GetElapsedTime(started) > StartMax
                || (
                    process.HasExited
                    && !IsHeld("starting.lock")
                    && !IsHeld("silo.lock")
                    && !await AnswersAsync(cancellationToken)
                )
            )
            {
                throw new OrchestratorException(
                    $"The server did not get ready. Its log {log} ends so:\n{Tail(log)}"
                );
            }
            await Task.Delay(LookAgain, TimeProvider.System, cancellationToken);
        }
    }

    // A silo that starts holds starting.lock until it holds silo.lock.
    private bool IsHeld(string name)
    {
        try
        {
            var file = Path.Combine(Data, name);
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
