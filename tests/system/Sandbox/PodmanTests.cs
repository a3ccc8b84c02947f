using System.Runtime.InteropServices;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Sandbox;

/// <summary>
/// Whole tasks in containers of podman, from an image made of this host's own programs. Skipped where podman is not
/// installed or starts no container.
/// </summary>
public sealed class PodmanTests(SandboxRoom room) : IClassFixture<SandboxRoom>
{
    private const string Image = "localhost/orchestrator-tests:2";

    private static readonly string Dotnet = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")
        )
        .TrimEnd('/');

    [Fact]
    public async Task A_task_is_done_and_checked_in_a_container_that_shows_nothing_of_its_host()
    {
        await using var silo = await StartAsync();
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (
                ".orchestrator.yaml",
                $"""
                verify:
                  - grep -q two a.txt
                  - test ! -e '{room.Home}/.ssh/id_rsa' && test ! -e '{silo.Data}/journal.db' && test ! -e /etc/shadow

                """
            )
        );
        string[] refused =
        [
            Path.Combine(room.Home, ".bashrc"),
            Path.Combine(room.Outside, "file"),
            Path.Combine(repository, "a.txt"),
            ".git/hooks/pre-commit",
            ".git/config",
            "/evil",
            "/bin/evil",
            "/etc/evil",
        ];
        var before = room.Snapshot();

        var end = await SandboxRoom.EndAsync(
            silo,
            SiloProcess.Scripted(
                string.Join(
                    ",\n",
                    refused.Select(p => $$"""{"do":"trespass","path":"{{p}}","text":"x"}""")
                )
                    + """
                    ,
                    {"do":"environment"},
                    {"do":"read","path":"/proc/self/status"},
                    {"do":"connect","text":"example.com:443"},
                    {"do":"edit","path":"a.txt","find":"one","text":"two"},
                    {"do":"write","path":"b.txt","text":"b\n"}
                    """,
                repository
            )
        );

        var said = end.Result?.ResultText ?? "";
        Assert.True(
            end.Phase == TaskPhase.Done,
            $"{end.Phase} {end.Failure?.Message} {end.Result?.Message} {end.Result?.StderrTail} {string.Join('\n', end.Verification?.Commands.Select(c => c.Command + ": " + c.OutputTail) ?? [])}"
        );
        Assert.Equal(before, room.Snapshot());
        Assert.Equal(["a.txt", "b.txt"], end.Result!.Diff.Files.Select(f => f.Path));
        Assert.Equal(2, end.Verification!.Commands.Count);
        Assert.Equal(("podman", "cgroups"), (end.Result.Sandbox, end.Result.SandboxLimits));
        Assert.All(
            refused,
            p => Assert.Contains($"trespass {p}: failed ", said, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(room.Sentinel, said, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", said, StringComparison.Ordinal);
        Assert.Contains("CapEff:\t0000000000000000", said, StringComparison.Ordinal);
        Assert.Contains("not straight, proxy says HTTP/1.1 403", said, StringComparison.Ordinal);
        Assert.Contains("Network example.com:443", end.Result.Denials);
    }

    [Theory]
    [InlineData("""{"do":"hang"}""", TaskPhase.Cancelled)]
    [InlineData("""{"do":"fill","path":"full","number":400},{"do":"hang"}""", TaskPhase.Failed)]
    public async Task A_run_that_is_ended_leaves_no_container(string steps, TaskPhase phase)
    {
        await using var silo = await StartAsync();
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"lives"},""" + steps)
        );
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await foreach (var entry in task.WatchAsync(0, limit.Token))
        {
            if (entry.Fact is TaskFact.Progressed { Step.Text: "lives" } or TaskFact.Failed)
            {
                break;
            }
        }
        if (phase == TaskPhase.Cancelled)
        {
            await task.CancelAsync("test");
        }
        var end = await task.WaitAsync(limit.Token);

        Assert.True(end.Phase == phase, $"{end.Phase} {end.Failure?.Message}");
        if (phase == TaskPhase.Failed)
        {
            Assert.True(
                end.ErrorClass == ErrorClass.Fatal,
                $"{end.ErrorClass} {end.Result?.Message} {end.Result?.StderrTail}"
            );
            Assert.Contains(
                "128 MiB that its sandbox",
                end.Result!.Message,
                StringComparison.Ordinal
            );
        }
        Assert.DoesNotContain(
            end.TaskId,
            await WorkspaceRoom.ShellAsync(room.Root, "podman ps -a --format '{{.Names}}'"),
            StringComparison.Ordinal
        );
    }

    private async Task<SiloProcess> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/podman"), "podman is not installed");
        // Programs and libraries of this host, and nothing of its settings.
        await WorkspaceRoom.ShellAsync(
            SiloProcess.NewFolder(),
            $"""
            podman image exists {Image} && exit 0
            mkdir -p root/bin root/tmp root/etc root/run root/proc root/sys root/dev root/lib
            for p in sh true git grep cat touch test mkdir rm env setsid; do cp -L /usr/bin/$p root/bin/; done
            for l in $(ldd root/bin/* {Dotnet}/dotnet {Dotnet}/shared/Microsoft.NETCore.App/*/*.so 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' | grep -v '^{Dotnet}' | sort -u) $(ls /usr/lib/*/libssl.so.3 /usr/lib/*/libcrypto.so.3); do mkdir -p root$(dirname $l); cp -L $l root$l; done
            tar -C root -c . | podman import -q - {Image}
            """
        );
        var silo = await room.StartPlainAsync(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Runner:Sandbox=podman",
            "--Runner:Sandboxed:Image=" + Image,
            "--Runner:Sandboxed:ReadOnlyPaths:0=" + Dotnet,
            "--Runner:Sandboxed:DiskMiBMax=128",
            "--Task:TriesMax=1"
        );
        var doctor = await silo.Client.GetDoctorAsync();
        var seen = Assert.Single(doctor.Checks, c => c.Name == "sandbox");
        if (seen.Level != "ok")
        {
            await silo.DisposeAsync();
            Assert.Skip("podman starts no container here: " + seen.Message);
        }
        return silo;
    }
}
