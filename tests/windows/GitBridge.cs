using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Orchestrator.WindowsTests;

/// <summary>
/// The git of a silo on Wine. There is no git for Windows here and Wine starts no Linux program with pipes, so this program,
/// under the name git.exe, hands each command to the Linux half of the tests, which runs the real git on the same files.
/// It shows nothing about git for Windows.
/// </summary>
internal static class GitBridge
{
    private const string PortFile = "git-bridge.port";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly Lock Gate = new();
    private static TcpListener? listener;

    /// <summary>True when this program was started as git.</summary>
    public static bool IsGit =>
        string.Equals(
            Path.GetFileNameWithoutExtension(Environment.ProcessPath),
            "git",
            StringComparison.OrdinalIgnoreCase
        );

    /// <summary>Hands a command over and ends as it ended.</summary>
    public static async Task<int> ForwardAsync(string[] arguments)
    {
        var port = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, PortFile));
        await using var input = Console.OpenStandardInput();
        using var all = new MemoryStream();
        await input.CopyToAsync(all);
        var variables = Environment
            .GetEnvironmentVariables()
            .Keys.Cast<string>()
            .Where(k =>
                k.StartsWith("GIT_", StringComparison.Ordinal)
                || k is "HOME" or "XDG_CONFIG_HOME" or "LC_ALL"
            )
            .ToDictionary(k => k, k => Environment.GetEnvironmentVariable(k) ?? "");
        using var client = new TcpClient();
        await client.ConnectAsync(
            IPAddress.Loopback,
            int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)
        );
        await using var stream = client.GetStream();
        await JsonSerializer.SerializeAsync(
            stream,
            new Command(Environment.CurrentDirectory, arguments, variables, all.ToArray())
        );
        client.Client.Shutdown(SocketShutdown.Send);
        var answer = (await JsonSerializer.DeserializeAsync<Answer>(stream))!;
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(answer.Output);
        await using var error = Console.OpenStandardError();
        await error.WriteAsync(answer.Error);
        return answer.ExitCode;
    }

    /// <summary>Answers commands for the rest of this process' life; the port is written into the folder of git.exe.</summary>
    public static void Serve(string folder)
    {
        lock (Gate)
        {
            if (listener is not null)
            {
                return;
            }
            listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            File.WriteAllText(
                Path.Combine(folder, PortFile),
                ((IPEndPoint)listener.LocalEndpoint).Port.ToString(
                    System.Globalization.CultureInfo.InvariantCulture
                )
            );
            _ = AcceptAsync(listener);
        }
    }

    private static async Task AcceptAsync(TcpListener server)
    {
        while (true)
        {
            _ = AnswerAsync(await server.AcceptTcpClientAsync());
        }
    }

    private static async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            await using var stream = client.GetStream();
            var command = (await JsonSerializer.DeserializeAsync<Command>(stream))!;
            await JsonSerializer.SerializeAsync(stream, await RunAsync(command));
        }
    }

    private static async Task<Answer> RunAsync(Command command)
    {
        var info = new ProcessStartInfo("git", command.Arguments.Select(Here))
        {
            WorkingDirectory = Here(command.Folder),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in command.Variables)
        {
            info.Environment[name] = Here(value);
        }
        // The borrowed objects of a worktree are written down as Windows names their folder.
        var borrowed = Path.Combine(info.WorkingDirectory, ".git/objects/info/alternates");
        if (File.Exists(borrowed))
        {
            const string Alternates = "GIT_ALTERNATE_OBJECT_DIRECTORIES";
            command.Variables.TryGetValue(Alternates, out var given);
            info.Environment[Alternates] = string.Join(
                ':',
                (await File.ReadAllLinesAsync(borrowed))
                    .Select(l => l.Replace("Z:/", "/", StringComparison.OrdinalIgnoreCase))
                    .Prepend(Here(given ?? ""))
                    .Where(l => l.Length > 0)
            );
        }
        using var git = Process.Start(info)!;
        var output = ReadAsync(git.StandardOutput.BaseStream);
        var error = ReadAsync(git.StandardError.BaseStream);
        await git.StandardInput.BaseStream.WriteAsync(command.Input);
        git.StandardInput.Close();
        await git.WaitForExitAsync().WaitAsync(Deadline);
        return new Answer(git.ExitCode, await output, await error);
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all).WaitAsync(Deadline);
        return all.ToArray();
    }

    // Drive Z is the root of this machine, drive C a folder of the prefix.
    private static string Here(string text)
    {
        var c =
            Path.Combine(Environment.GetEnvironmentVariable("WINEPREFIX") ?? "", "drive_c") + "/";
        return text.Contains(":\\", StringComparison.Ordinal)
            ? text.Replace("Z:\\", "/", StringComparison.OrdinalIgnoreCase)
                .Replace("C:\\", c, StringComparison.OrdinalIgnoreCase)
                .Replace('\\', '/')
            : text;
    }

    private sealed record Command(
        string Folder,
        string[] Arguments,
        Dictionary<string, string> Variables,
        byte[] Input
    );

    private sealed record Answer(int ExitCode, byte[] Output, byte[] Error);
}
