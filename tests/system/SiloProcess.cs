using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.SystemTests;

/// <summary>The built silo executable on a data directory of its own, over real HTTP.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly IReadOnlyList<string> arguments;
    private readonly List<string> said = [];
    private readonly List<string> errors = [];
    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? process;
    private Task ended = Task.CompletedTask;
    private Timer? clock;

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

    /// <summary>The program of the next start; default: this build's.</summary>
    internal string Program { get; set; } = Output("Orchestrator.Silo", "orchestrator-silo");

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Process id.</summary>
    public int Pid => process!.Id;

    /// <summary>Variables that the next start adds to the silo's environment.</summary>
    internal Dictionary<string, string> Environment { get; set; } = [];

    /// <summary>What it says is also added to this file, over all its lives; null = not.</summary>
    internal string? SaidFile { get; set; }

    /// <summary>The next life is killed so long after its first instruction; null = not.</summary>
    internal TimeSpan? KillAfter { get; set; }

    /// <summary>Ends with the process, however it ends.</summary>
    public Task Ended => ended;

    /// <summary>After its end: as the system says it; 137 after SIGKILL on Linux.</summary>
    public int ExitCode => process!.ExitCode;

    /// <summary>The last lines that this life wrote to its log and, after them, to stderr.</summary>
    public string LastWords
    {
        get
        {
            // Two pipes: which line of the one came before which of the other is not known.
            lock (said)
            {
                return string.Join('\n', [.. said.TakeLast(20), .. errors.TakeLast(20)]);
            }
        }
    }

    /// <summary>What this life wrote to its log so far, a line each.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (said)
            {
                return [.. said];
            }
        }
    }

    /// <summary>Waits for a line of this life's log.</summary>
    /// <param name="wanted">Whether it is this one.</param>
    /// <param name="what">The line, in words.</param>
    public async Task<string> LoggedAsync(Func<string, bool> wanted, string what)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (true)
        {
            Task signal;
            lock (said)
            {
                if (said.Find(l => wanted(l)) is { } line)
                {
                    return line;
                }
                signal = more.Task;
            }
            try
            {
                await signal.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Not logged within {Deadline}: {what}\n{LastWords}");
            }
        }
    }

    /// <summary>Processor time used by this life so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process!.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Folder of a project's build output.</summary>
    public static string Output(string project, string program) =>
        Output(project, program, OperatingSystem.IsWindows() ? ".exe" : "");

    /// <summary>A file of a project's build output.</summary>
    internal static string Output(string project, string program, string extension)
    {
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var file = Path.GetFullPath(
            Path.Combine(here, "..", "..", project, Path.GetFileName(here), program + extension)
        );
        return File.Exists(file)
            ? file
            : throw new FileNotFoundException($"{file} is not built; build the solution first.");
    }

    /// <summary>
    /// A process that lives for seconds does not compile its code a second time for speed, which is a quarter of what a silo
    /// takes of the processor in its first ten seconds, nor map each page of code twice to guard it, a tenth of its start.
    /// </summary>
    internal static void SpareStart(ProcessStartInfo info)
    {
        info.Environment["DOTNET_TC_CallCounting"] = "0";
        info.Environment["DOTNET_EnableWriteXorExecute"] = "0";
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
        var silo = At(Path.Combine(NewFolder(), "data"), arguments);
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

    /// <summary>A silo on this data directory, not started yet.</summary>
    public static SiloProcess At(string data, params string[] arguments) => new(data, arguments);

    /// <summary>Starts it (again) on the same data.</summary>
    /// <exception cref="InvalidOperationException">It ended before it was ready; with its last words.</exception>
    public async Task StartAsync()
    {
        if (!await TryStartAsync())
        {
            throw new InvalidOperationException("The silo ended before it was ready: " + LastWords);
        }
    }

    /// <summary>Starts it (again) on the same data; false when it ended before it was ready.</summary>
    public async Task<bool> TryStartAsync()
    {
        var info = new ProcessStartInfo(Program)
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
        // A key or an address of whoever runs the tests must not reach an agent, nor a setting of theirs the silo.
        foreach (
            var name in info
                .Environment.Keys.Where(k =>
                    k.StartsWith("ANTHROPIC_", StringComparison.OrdinalIgnoreCase)
                    || k.StartsWith("CLAUDE", StringComparison.OrdinalIgnoreCase)
                    || k.StartsWith("LLAMA_", StringComparison.OrdinalIgnoreCase)
                )
                .ToList()
        )
        {
            info.Environment.Remove(name);
        }
        SpareStart(info);
        foreach (var (name, value) in Environment)
        {
            info.Environment[name] = value;
        }
        Client?.Dispose();
        await (clock?.DisposeAsync() ?? ValueTask.CompletedTask);
        process?.Dispose();
        lock (said)
        {
            said.Clear();
            errors.Clear();
        }
        process = Process.Start(info)!;
        if (KillAfter is { } moment)
        {
            KillIn(moment);
        }
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, e) => Take(errors, e.Data);
        process.OutputDataReceived += (_, e) => Take(said, e.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        // Waited for once a life: Process.Exited is a plain event, and of waits that begin on several threads at once one
        // in some hundred loses its handler and never ends.
        ended = process.WaitForExitAsync();
        void Take(List<string> pipe, string? line)
        {
            lock (said)
            {
                pipe.Add(line ?? "(end)");
                more.TrySetResult();
                more = new(TaskCreationOptions.RunContinuationsAsynchronously);
                if (SaidFile is not null)
                {
                    File.AppendAllText(SaidFile, line + "\n");
                }
            }
            if (line?.Contains("is ready at", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }
        try
        {
            await Task.WhenAny(ready.Task, ended).WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not ready within {Deadline}: {LastWords}");
        }
        if (!ready.Task.IsCompleted)
        {
            return false;
        }
        var discovery = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(Data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        Address = discovery.Address;
        Client = new OrchestratorClient(discovery.Address, discovery.Token);
        return true;
    }

    /// <summary>SIGKILL in so long a time from now, for this life only.</summary>
    internal void KillIn(TimeSpan moment)
    {
        var life = process!;
        clock?.Dispose();
        clock = new Timer(_ => Kill(life), null, moment, Timeout.InfiniteTimeSpan);

        static void Kill(Process life)
        {
            try
            {
                life.Kill();
            }
            catch (InvalidOperationException)
            {
                // It ended by itself meanwhile.
            }
        }
    }

    /// <summary>A POSIX signal to the silo alone, e.g. 15 (terminate), 19 (stop), 18 (continue).</summary>
    public void Signal(int number)
    {
        if (SendSignal(Pid, number) != 0)
        {
            throw new InvalidOperationException($"The silo {Pid} took no signal {number}.");
        }
    }

    /// <summary>SIGKILL: nothing of the process gets to say goodbye.</summary>
    public async Task KillAsync()
    {
        if (!process!.HasExited)
        {
            process.Kill();
        }
        await ended.WaitAsync(Deadline);
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
        await (clock?.DisposeAsync() ?? ValueTask.CompletedTask);
        process?.Dispose();
    }

    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(
        System.Runtime.InteropServices.DllImportSearchPath.System32
    )]
    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int pid, int signal);
}
