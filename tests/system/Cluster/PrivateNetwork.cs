using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>
/// Two machines in network namespaces: this process' own, which must be a namespace without any other network, and a
/// second one behind a bridge whose cable can be pulled. What is sent then is lost without a word, both ways. Linux, root.
/// </summary>
internal sealed class PrivateNetwork : IAsyncDisposable
{
    /// <summary>Address of this side.</summary>
    public const string Here = "10.213.7.1";

    /// <summary>Address of the other side.</summary>
    public const string There = "10.213.7.2";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly Process other;

    private PrivateNetwork(Process other) => this.other = other;

    /// <summary>Makes both.</summary>
    public static async Task<PrivateNetwork> MakeAsync()
    {
        // The other namespace lives as long as a process in it.
        var other = Process.Start(
            new ProcessStartInfo(
                "unshare",
                ["--net", "--", "sh", "-c", "echo made; exec sleep 7200"]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var network = new PrivateNetwork(other);
        await other.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        await RunAsync("ip", "link set lo up");
        await RunAsync("ip", "link add br0 type bridge");
        await RunAsync("ip", "link add cable0 type veth peer name cable1");
        // A second port: the bridge keeps its carrier when the first is pulled.
        await RunAsync("ip", "link add other0 type veth peer name other1");
        await RunAsync("ip", $"link set cable1 netns {network.Pid}");
        foreach (var port in (string[])["cable0", "other0"])
        {
            await RunAsync("ip", $"link set {port} master br0");
            await RunAsync("ip", $"link set {port} up");
        }
        await RunAsync("ip", "link set other1 up");
        await RunAsync("ip", $"addr add {Here}/24 dev br0");
        await RunAsync("ip", "link set br0 up");
        await network.ThereAsync("ip link set lo up");
        await network.ThereAsync($"ip addr add {There}/24 dev cable1");
        await network.ThereAsync("ip link set cable1 up");
        return network;
    }

    /// <summary>A program that starts another one on the other side, with the same arguments; its process is that one's.</summary>
    public async Task<string> ProgramThereAsync(string program)
    {
        var script = Path.Combine(SiloProcess.NewFolder(), "there");
        await File.WriteAllTextAsync(
            script,
            $"#!/bin/sh\nexec nsenter -t {Pid} -n -- '{program}' \"$@\"\n"
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                script,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
        return script;
    }

    /// <summary>Pulls the cable.</summary>
    public static Task CutAsync() => RunAsync("ip", "link set cable0 nomaster");

    /// <summary>Plugs it in.</summary>
    public static Task MendAsync() => RunAsync("ip", "link set cable0 master br0");

    public async ValueTask DisposeAsync()
    {
        other.Kill();
        await other.WaitForExitAsync().WaitAsync(Deadline);
        other.Dispose();
    }

    private string Pid => other.Id.ToString(CultureInfo.InvariantCulture);

    private Task ThereAsync(string line) => RunAsync("nsenter", $"-t {Pid} -n -- {line}");

    private static async Task RunAsync(string program, string arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments.Split(' ')) { RedirectStandardError = true }
        )!;
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(Deadline);
        await process.WaitForExitAsync().WaitAsync(Deadline);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {arguments} ended with {process.ExitCode}: {error}"
            );
        }
    }
}
