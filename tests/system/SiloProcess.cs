using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.SystemTests;

/// <summary>The built silo executable on a data directory of its own, over real HTTP.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(40);
    private readonly IReadOnlyList<string> arguments;
    private Process? process;

    private SiloProcess(string data, IReadOnlyList<string> arguments)
    {
        Data = data;
        this.arguments = arguments;
    }

    /// <summary>The data directory.</summary>
    public string Data { get; }

    /// <summary>A client with the local token.</summary>
    public OrchestratorClient Client { get; private set; } = null!;

    /// <summary>Further arguments of the next start.</summary>
    public IReadOnlyList<string> More { get; set; } = [];

    /// <summary>Process id.</summary>
    public int Pid => process!.Id;

    /// <summary>Folder of a project's build output.</summary>
    public static string Output(string project, string program)
    {
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var file = Path.GetFullPath(
            Path.Combine(
                here,
                "..",
                "..",
                project,
                Path.GetFileName(here),
                program + (OperatingSystem.IsWindows() ? ".exe" : "")
            )
        );
        return File.Exists(file)
            ? file
            : throw new FileNotFoundException($"{file} is not built; build the solution first.");
    }

    /// <summary>A new folder for a test.</summary>
    public static string NewFolder()
    {
        var folder = Path.Combine(
            Path.GetTempPath(),
            "orchestrator-tests",
            Guid.NewGuid().ToString("N")
        );
        Directory.CreateDirectory(folder);
        return folder;
    }

    public static async Task<SiloProcess> StartAsync(params string[] arguments)
    {
        var silo = new SiloProcess(Path.Combine(NewFolder(), "data"), arguments);
        await silo.StartAsync();
        return silo;
    }

    /// <summary>Starts one on data that the caller has laid out.</summary>
    public static async Task<SiloProcess> StartOnAsync(
        Action<string> layOut,
        params string[] arguments
    )
    {
        var silo = new SiloProcess(Path.Combine(NewFolder(), "data"), arguments);
        Directory.CreateDirectory(silo.Data);
        layOut(silo.Data);
        await silo.StartAsync();
        return silo;
    }

    /// <summary>Starts it (again) on the same data.</summary>
    public async Task StartAsync()
    {
        var info = new ProcessStartInfo(Output("Orchestrator.Silo", "orchestrator-silo"))
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (
            var argument in (string[])
                ["--data", Data, "--urls", "http://127.0.0.1:0", .. arguments, .. More]
        )
        {
            info.ArgumentList.Add(argument);
        }
        Directory.CreateDirectory(Data);
        File.Delete(Path.Combine(Data, "silo.json"));
        process = Process.Start(info)!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        void Take(string? line)
        {
            lock (said)
            {
                said.Add(line ?? "(end)");
            }
            if (line?.Contains("is ready at", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }
        await Task.WhenAny(ready.Task, process.WaitForExitAsync()).WaitAsync(Deadline);
        if (!ready.Task.IsCompleted)
        {
            lock (said)
            {
                throw new InvalidOperationException(
                    "The silo ended before it was ready: " + string.Join('\n', said.TakeLast(20))
                );
            }
        }
        var discovery = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(Data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        Client = new OrchestratorClient(discovery.Address, discovery.Token);
    }

    /// <summary>SIGKILL: nothing of the process gets to say goodbye.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync().WaitAsync(Deadline);
    }

    /// <summary>A git repository with one commit.</summary>
    public static async Task<string> RepositoryAsync(params (string Path, string Text)[] files)
    {
        var folder = NewFolder();
        foreach (var (path, text) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, path), text);
        }
        foreach (
            var arguments in (string[][])
                [
                    ["init", "-q"],
                    ["add", "-A"],
                    [
                        "-c",
                        "user.name=t",
                        "-c",
                        "user.email=t@localhost",
                        "commit",
                        "-q",
                        "-m",
                        "one",
                    ],
                ]
        )
        {
            using var git = Process.Start(
                new ProcessStartInfo("git", arguments) { WorkingDirectory = folder }
            )!;
            await git.WaitForExitAsync().WaitAsync(Deadline);
            if (git.ExitCode != 0)
            {
                throw new InvalidOperationException($"git {arguments[0]} failed in {folder}");
            }
        }
        return folder;
    }

    /// <summary>A scripted request.</summary>
    public static SubmitRequest Scripted(
        string steps,
        string? repository = null,
        string type = "fix"
    ) =>
        new()
        {
            Request = "Play the script",
            Type = type,
            Runner = "scripted",
            Repository = repository,
            Script = $$"""{"version":1,"steps":[{{steps}}]}""",
        };

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            await KillAsync();
        }
        Client?.Dispose();
        process?.Dispose();
    }
}
