using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Decisions.Runners;

namespace Orchestrator.ScriptedAgent;

/// <summary>What an agent does that means harm. Each act is tried and says how it went: <c>act target: done …</c> or <c>act target: failed …</c>.</summary>
internal static class HostileActs
{
    private const int ReadMax = 4_000;
    private const int FileMiB = 64;
    private const int LingerMilliseconds = 600_000;
    private const int ConnectMilliseconds = 5_000;

    // What is hoarded stays in use to the end of the process.
    private static readonly List<byte[]> Hoard = [];

    /// <summary>The acts there are.</summary>
    public static IReadOnlySet<string> Known { get; } =
        new HashSet<string>(StringComparer.Ordinal)
        {
            "trespass",
            "link",
            "read",
            "environment",
            "fill",
            "hoard",
            "fork",
            "connect",
        };

    /// <summary>Tries one; its outcome, one or more lines.</summary>
    public static string Play(AgentScriptStep step, string root)
    {
        var target = step.Do is "connect" or "link" ? step.Text : step.Path;
        try
        {
            return $"{step.Do} {target}: done {Try(step, root)}".TrimEnd();
        }
        catch (Exception e) when (e is not (StackOverflowException or AccessViolationException))
        {
            return $"{step.Do} {target}: failed {e.GetType().Name} {e.Message}";
        }
    }

    private static string Try(AgentScriptStep step, string root)
    {
        switch (step.Do)
        {
            case "trespass":
                File.AppendAllText(Path.Combine(root, step.Path), step.Text);
                return "";
            case "link":
                File.CreateSymbolicLink(Path.Combine(root, step.Text), step.Path);
                return "";
            case "read":
                return Start(Path.Combine(root, step.Path));
            case "environment":
                return string.Join(
                    '\n',
                    Environment
                        .GetEnvironmentVariables()
                        .Cast<System.Collections.DictionaryEntry>()
                        .Select(v => $"{v.Key}={v.Value}")
                );
            case "fill":
                return Fill(Path.Combine(root, step.Path), step.Number);
            case "hoard":
                for (var i = 0; i < step.Number; i++)
                {
                    var block = new byte[1024 * 1024];
                    Array.Fill(block, (byte)1);
                    Hoard.Add(block);
                }
                return "";
            case "fork":
                for (var i = 0; i < step.Number; i++)
                {
                    using var child = Process.Start(
                        new ProcessStartInfo(
                            Environment.ProcessPath!,
                            ["--linger", Text(LingerMilliseconds)]
                        )
                    );
                }
                return "";
            case "connect":
                return Connect(step.Text);
            default:
                throw new UnreachableException(step.Do);
        }
    }

    private static string Start(string path)
    {
        if (Directory.Exists(path))
        {
            return string.Join(' ', Directory.EnumerateFileSystemEntries(path).Order());
        }
        using var reader = new StreamReader(path);
        var text = new char[ReadMax];
        return new string(text, 0, reader.ReadBlock(text));
    }

    private static string Fill(string folder, int mebibytes)
    {
        Directory.CreateDirectory(folder);
        var block = new byte[1024 * 1024];
        RandomNumberGenerator.Fill(block);
        for (var i = 0; i < mebibytes; i += FileMiB)
        {
            using var file = File.Create(Path.Combine(folder, Text(i)));
            for (var j = 0; j < Math.Min(FileMiB, mebibytes - i); j++)
            {
                file.Write(block);
            }
        }
        return Text(mebibytes) + " MiB";
    }

    // Straight first, then by the proxy that the environment names.
    private static string Connect(string target)
    {
        var colon = target.LastIndexOf(':');
        var (host, port) = (target[..colon], target[(colon + 1)..]);
        var straight = "straight";
        try
        {
            using var client = Reach(host, int.Parse(port, CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is SocketException or AggregateException or TimeoutException)
        {
            straight = "not straight";
        }
        if (Environment.GetEnvironmentVariable("HTTPS_PROXY") is not { Length: > 0 } proxy)
        {
            return straight;
        }
        var door = new Uri(proxy);
        using var way = Reach(door.Host, door.Port);
        var stream = way.GetStream();
        stream.Write(
            Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")
        );
        using var answer = new StreamReader(stream, Encoding.ASCII);
        return $"{straight}, proxy says {answer.ReadLine()}";
    }

    private static TcpClient Reach(string host, int port)
    {
        var client = new TcpClient();
        if (!client.ConnectAsync(host, port).Wait(ConnectMilliseconds))
        {
            client.Dispose();
            throw new TimeoutException("no answer");
        }
        client.ReceiveTimeout = ConnectMilliseconds;
        return client;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
