using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Sandbox;

/// <summary>What a sandboxed run reaches: named hosts by the proxy, nothing straight; and the real agent inside.</summary>
public sealed class SandboxNetworkTests(SandboxRoom room) : IClassFixture<SandboxRoom>
{
    private const string LinuxOnly = "bubblewrap is there on Linux only";

    [Fact]
    public async Task A_named_host_is_reached_by_the_proxy_and_any_other_is_refused_and_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        using var named = Listen();
        using var other = Listen();
        var (good, bad) = (PortOf(named), PortOf(other));
        await using var silo = await room.StartAsync(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Task:TriesMax=1",
            $"--Runner:Sandboxed:AllowedHosts:0=localhost:{good}",
            "--Runner:Sandboxed:AllowedHosts:1=*.example.org"
        );
        string[] refused =
        [
            $"localhost:{bad}",
            $"127.0.0.1:{good}",
            $"127.1:{good}",
            $"2130706433:{good}",
            $"0x7f000001:{good}",
            $"localhost.:{good}",
            $"[::1]:{good}",
            $"user@localhost:{good}",
            "www.example.org:22",
            "www.example.org.evil.test:443",
            "example.com:443",
        ];

        var end = await SandboxRoom.EndAsync(
            silo,
            SiloProcess.Scripted(
                string.Join(
                    ',',
                    refused
                        .Prepend($"localhost:{good}")
                        .Select(t => $$"""{"do":"connect","text":"{{t}}"}""")
                )
            )
        );

        var told = end.Result!.ResultText;
        Assert.Contains(
            $"connect localhost:{good}: done not straight, proxy says HTTP/1.1 200",
            told,
            StringComparison.Ordinal
        );
        Assert.All(
            refused,
            t =>
                Assert.Contains(
                    $"connect {t}: done not straight, proxy says HTTP/1.1 40",
                    told,
                    StringComparison.Ordinal
                )
        );
        Assert.Equal(refused.Select(t => "Network " + t), end.Result.Denials);
        Assert.True(named.Pending());
        Assert.False(other.Pending());
    }

    [Fact]
    public async Task Without_a_network_there_is_no_way_out_at_all()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        using var listener = Listen();
        await using var silo = await room.StartAsync(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Runner:Sandboxed:Network=off",
            $"--Runner:Sandboxed:AllowedHosts:0=localhost:{PortOf(listener)}"
        );

        var end = await SandboxRoom.EndAsync(
            silo,
            SiloProcess.Scripted(
                $$"""
                {"do":"connect","text":"127.0.0.1:{{PortOf(listener)}}"},
                {"do":"connect","text":"127.0.0.1:{{silo.Address.Port}}"},
                {"do":"environment"}
                """
            )
        );

        Assert.Equal(TaskPhase.Done, end.Phase);
        Assert.Contains(": done not straight\n", end.Result!.ResultText, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy", end.Result.ResultText, StringComparison.OrdinalIgnoreCase);
        Assert.False(listener.Pending());
    }

    [Theory]
    [InlineData("allowlist")]
    [InlineData("off")]
    public async Task The_real_agent_edits_inside_and_reaches_its_own_api_alone(string network)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        await using var model = await ModelApi.StartAsync([
            ModelApi.Tool("Read", new JsonObject { ["file_path"] = "a.txt" }),
            ModelApi.Tool(
                "Edit",
                new JsonObject
                {
                    ["file_path"] = "a.txt",
                    ["old_string"] = "one",
                    ["new_string"] = "two",
                }
            ),
            ModelApi.Tool(
                "Bash",
                new JsonObject { ["command"] = $"cat {room.Home}/.ssh/id_rsa; ls / {room.Home}" }
            ),
            ModelApi.Say("Changed one to two in a.txt."),
        ]);
        var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Runner:Sandbox=bubblewrap",
            "--Runner:Sandboxed:Network=" + network,
            "--Runner:ClaudeCode:AllowedCommands:0=cat",
            "--Runner:ClaudeCode:AllowedCommands:1=ls",
            "--Runner:ClaudeCode:Executable=" + LockedClaude.Path()
        );
        silo.Environment["HOME"] = room.Home;
        silo.Environment["ANTHROPIC_API_KEY"] = "test-key-not-real";
        silo.Environment["ANTHROPIC_BASE_URL"] = model.Address.ToString();
        await using var own = silo;
        await silo.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (".orchestrator.yaml", "verify:\n  - grep -q two a.txt\n")
        );

        var end = await SandboxRoom.EndAsync(
            silo,
            new SubmitRequest
            {
                Request = "Change one to two in a.txt.",
                Type = "fix",
                Repository = repository,
            }
        );

        Assert.True(
            end.Phase == TaskPhase.Done,
            $"{end.Phase}: {end.Failure?.Message} {end.Result?.Message} {end.Result?.StderrTail} {string.Join(';', end.Result?.Denials ?? [])}"
        );
        Assert.Equal("a.txt", Assert.Single(end.Result!.Diff.Files).Path);
        Assert.True(end.Result.SessionBlob.Length > 0, "The session was not kept.");
        Assert.True(model.Requests.Count >= 4);
        Assert.All(
            model.Requests,
            r => Assert.DoesNotContain(room.Sentinel, r, StringComparison.Ordinal)
        );
        // Of the shared configuration folder the run wrote its own session alone.
        Assert.Equal(
            ["projects"],
            Directory
                .EnumerateFileSystemEntries(Path.Combine(silo.Data, "claude"))
                .Select(Path.GetFileName)
        );
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static string PortOf(TcpListener listener) =>
        ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
}
