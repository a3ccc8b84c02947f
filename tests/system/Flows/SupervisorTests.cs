using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.GrainInterfaces;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>What the silo tells systemd (Type=notify), by a socket as systemd has one.</summary>
public sealed class SupervisorTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Systemd_hears_ready_when_clients_are_answered_and_stopping_when_the_end_begins()
    {
        var folder = SiloProcess.NewFolder();
        using var systemd = Listen(Path.Combine(folder, "notify"));
        await using var silo = SiloProcess.At(Path.Combine(folder, "data"));
        silo.Environment["NOTIFY_SOCKET"] = Path.Combine(folder, "notify");

        var start = silo.StartAsync();
        Assert.Equal("READY=1", await HearAsync(systemd));
        // At that word, silo.json leads to a server that answers.
        Assert.True(File.Exists(Path.Combine(silo.Data, "silo.json")));
        await start;
        using var http = new HttpClient { BaseAddress = silo.Address };
        Assert.Equal(
            HttpStatusCode.OK,
            (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode
        );

        silo.Signal(15);
        Assert.Equal("STOPPING=1", await HearAsync(systemd));
        await silo.Ended.WaitAsync(Deadline);
        Assert.Equal(0, silo.ExitCode);
    }

    [Fact]
    public async Task A_silo_that_refuses_to_start_is_never_called_ready()
    {
        var folder = SiloProcess.NewFolder();
        using var systemd = Listen(Path.Combine(folder, "notify"));
        await using var silo = SiloProcess.At(Path.Combine(folder, "data"), "--Queue:SizeMax", "0");
        silo.Environment["NOTIFY_SOCKET"] = Path.Combine(folder, "notify");

        Assert.False(await silo.TryStartAsync());
        Assert.Equal(2, silo.ExitCode);
        Assert.Equal(0, systemd.Available);
    }

    // The library's own wiring looks at its parent's name and then changes the layout of the log, past the redactor.
    [Fact]
    public async Task Below_a_parent_named_systemd_log_lines_still_pass_the_redactor()
    {
        var folder = SiloProcess.NewFolder();
        var systemd = Path.Combine(folder, "systemd");
        var data = Path.Combine(folder, "data");
        File.Copy("/bin/sh", systemd);
        using var parent = Process.Start(
            new ProcessStartInfo(
                systemd,
                [
                    "-c",
                    "\"$0\" --data \"$1\" --urls http://127.0.0.1:0 2>&1; true",
                    SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo"),
                    data,
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var said = new List<string>();
        using var limit = new CancellationTokenSource(Deadline);
        while (
            said.LastOrDefault()?.Contains("is ready at", StringComparison.Ordinal) != true
            && await parent.StandardOutput.ReadLineAsync(limit.Token) is { } line
        )
        {
            said.Add(line);
        }

        var discovery = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        using var silo = Process.GetProcessById(discovery.Pid);
        silo.Kill();
        await parent.WaitForExitAsync().WaitAsync(Deadline);
        // The redacted console's own layout; systemd's would begin with a priority, <6>.
        Assert.Contains(
            said,
            l => Regex.IsMatch(l, @"^\d{4}-\d\d-\d\dT[\d:.]+Z info Microsoft\.Hosting\.Lifetime")
        );
        Assert.DoesNotContain(said, l => l.StartsWith('<'));
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static async Task<string> HearAsync(Socket socket)
    {
        var heard = new byte[4096];
        using var limit = new CancellationTokenSource(Deadline);
        var count = await socket.ReceiveAsync(heard, SocketFlags.None, limit.Token);
        return Encoding.UTF8.GetString(heard, 0, count).Trim();
    }
}
