using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Orchestrator.ScriptedAgent;

/// <summary>
/// Inside a sandbox without a network: listens on loopback, hands each connection to the unix socket of the silo's proxy,
/// and runs the program that needs it, on the same stdin, stdout and stderr. Ends with the program's exit code.
/// </summary>
internal static partial class Bridge
{
    /// <summary>Where it listens; the sandbox's loopback is its own.</summary>
    private const int Port = 3128;

    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int ConnectionsMax = 256;

    public static int Run(string door, string program, string[] arguments)
    {
#pragma warning disable CA2000, CA2025 // it listens as long as the process lives
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        listener.Listen(ConnectionsMax);
        _ = Task.Run(() => AcceptAsync(listener, door));
#pragma warning restore CA2000, CA2025
        using var child = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false }
        )!;
        var pid = child.Id;
        using var interrupt = PosixSignalRegistration.Create(
            PosixSignal.SIGINT,
            c => Pass(c, pid, Interrupt)
        );
        using var terminate = PosixSignalRegistration.Create(
            PosixSignal.SIGTERM,
            c => Pass(c, pid, Terminate)
        );
        child.WaitForExit();
        return child.ExitCode;
    }

    private static void Pass(PosixSignalContext context, int pid, int signal)
    {
        context.Cancel = true;
        _ = SendSignal(pid, signal);
    }

    private static async Task AcceptAsync(Socket listener, string door)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            _ = Task.Run(() => CarryAsync(client, door));
        }
    }

    private static async Task CarryAsync(Socket client, string door)
    {
        try
        {
            using var own = client;
            using var silo = new Socket(
                AddressFamily.Unix,
                SocketType.Stream,
                ProtocolType.Unspecified
            );
            await silo.ConnectAsync(new UnixDomainSocketEndPoint(door));
            await using var inside = new NetworkStream(client);
            await using var outside = new NetworkStream(silo);
            await Task.WhenAny(inside.CopyToAsync(outside), outside.CopyToAsync(inside));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // The connection ends; the program sees it as it sees any server that goes away.
        }
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
