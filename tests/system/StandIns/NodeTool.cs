using System.Diagnostics;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>A Node.js program of tests/tools that serves HTTP on a free loopback port and says so on its output.</summary>
public sealed class NodeTool : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly Process process;
    private readonly List<string> said = [];
    private readonly TaskCompletionSource<Uri> listening = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    private NodeTool(Process process) => this.process = process;

    /// <summary>Where it listens.</summary>
    public Uri Address => listening.Task.Result;

    /// <summary>Its output so far.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (said)
            {
                return [.. said];
            }
        }
    }

    /// <summary>Folder of the tests' npm programs.</summary>
    public static string Folder()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            var tools = Path.Combine(folder.FullName, "tests", "tools");
            if (File.Exists(Path.Combine(tools, "package-lock.json")))
            {
                return tools;
            }
        }
        throw new DirectoryNotFoundException(
            $"tests/tools is not above {AppContext.BaseDirectory}: run the tests from the repository."
        );
    }

    /// <summary>Runs a script to its end.</summary>
    public static async Task RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);
        await process.WaitForExitAsync().WaitAsync(Deadline);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"node {arguments[0]} failed: {await error}");
        }
    }

    /// <summary>Starts a server and waits until it listens. The first argument is relative to tests/tools.</summary>
    public static async Task<NodeTool> ServeAsync(params string[] arguments)
    {
        var tool = new NodeTool(Start(arguments));
        tool.process.OutputDataReceived += (_, e) => tool.Take(e.Data);
        tool.process.ErrorDataReceived += (_, e) => tool.Take(e.Data);
        tool.process.BeginOutputReadLine();
        tool.process.BeginErrorReadLine();
        try
        {
            await Task.WhenAny(tool.listening.Task, tool.process.WaitForExitAsync())
                .WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            // Told below, with what it said.
        }
        if (tool.listening.Task.IsCompleted)
        {
            return tool;
        }
        var words = string.Join('\n', tool.Said.TakeLast(20));
        await tool.DisposeAsync();
        throw new InvalidOperationException(
            $"node {arguments[0]} does not listen within {Deadline.TotalSeconds} s. It said: {words}"
        );
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }
        process.Dispose();
    }

    private static Process Start(string[] arguments)
    {
        var script = Path.Combine(Folder(), arguments[0]);
        if (!File.Exists(script))
        {
            throw new FileNotFoundException(
                $"{script} is missing. Run 'npm ci --ignore-scripts' in tests/tools; it needs Node.js 20 or later."
            );
        }
        return Process.Start(
            new ProcessStartInfo("node", [script, .. arguments[1..]])
            {
                WorkingDirectory = Folder(),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
    }

    private void Take(string? line)
    {
        lock (said)
        {
            said.Add(line ?? "");
        }
        const string Mark = "listening on ";
        if (line?.IndexOf(Mark, StringComparison.Ordinal) is { } at and >= 0)
        {
            listening.TrySetResult(new Uri(line[(at + Mark.Length)..].Trim()));
        }
    }
}
