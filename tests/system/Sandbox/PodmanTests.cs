using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Sandbox;

/// <summary>
/// Whole tasks in containers of podman, of the tests' user and of one without any right, from an image made of this host's own
/// programs. Skipped where podman is not installed or starts no container.
/// </summary>
public sealed class PodmanTests(SandboxRoom room) : IClassFixture<SandboxRoom>, IDisposable
{
    private const string Image = "localhost/orchestrator-tests:3";
    private const string Nobody = "65534";

    private static readonly Dictionary<string, string> Acts = new()
    {
        ["hang"] = """{"do":"hang"}""",
        ["fill"] = """{"do":"fill","path":"full","number":400},{"do":"hang"}""",
        ["hoard"] =
            """{"do":"run","command":["/bin/sh","-c","for i in 1 2 3 4 5; do (head -c 300000000 /dev/zero; sleep 600) | tail -n 1 > /dev/null & done; wait"]}""",
    };

    private static readonly string Dotnet = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")
        )
        .TrimEnd('/');

    // Where a podman without rights keeps its images and its state. Short: its sockets lie there, and with a longer path than
    // the system has for one podman waits for ever.
    private readonly string places = Directory.CreateTempSubdirectory("op").FullName;

    public void Dispose()
    {
        // What keeps the user's namespace open between two commands of podman, and would for ever.
        var pause = Path.Combine(places, "run", "libpod", "tmp", "pause.pid");
        if (File.Exists(pause))
        {
            try
            {
                using var process = Process.GetProcessById(
                    int.Parse(File.ReadAllText(pause), CultureInfo.InvariantCulture)
                );
                process.Kill();
            }
            catch (ArgumentException)
            {
                // It ended already.
            }
        }
        Directory.Delete(places, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_task_is_done_and_checked_in_a_container_that_shows_nothing_of_its_host(
        bool rootless
    )
    {
        await using var silo = await StartAsync(rootless);
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
        await GiveAsync(rootless, repository);
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
        Assert.Equal("podman", end.Result.Sandbox);
        Assert.Contains(end.Result.SandboxLimits, Limits(rootless));
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
    [InlineData(false, "hang")]
    [InlineData(true, "hang")]
    [InlineData(false, "fill", "Its files grew by more than the 128 MiB that its sandbox allows.")]
    [InlineData(true, "fill", "Its files grew by more than the 128 MiB that its sandbox allows.")]
    [InlineData(true, "hoard", "MiB of memory; its sandbox allows 1024.")]
    public async Task A_run_that_is_ended_leaves_no_container(
        bool rootless,
        string act,
        string passed = ""
    )
    {
        await using var silo = await StartAsync(rootless);
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"lives"},""" + Acts[act])
        );
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await foreach (var entry in task.WatchAsync(0, limit.Token))
        {
            if (entry.Fact is TaskFact.Progressed { Step.Text: "lives" } or TaskFact.Failed)
            {
                break;
            }
        }
        if (passed.Length == 0)
        {
            await task.CancelAsync("test");
        }
        var end = await task.WaitAsync(limit.Token);

        Assert.True(
            end.Phase == (passed.Length == 0 ? TaskPhase.Cancelled : TaskPhase.Failed),
            $"{end.Phase} {end.Failure?.Message}"
        );
        if (passed.Length > 0)
        {
            Assert.True(
                end.ErrorClass == ErrorClass.Fatal,
                $"{end.ErrorClass} {end.Result?.Message} {end.Result?.StderrTail}"
            );
            Assert.Contains(passed, end.Result!.Message, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(
            end.TaskId,
            await WorkspaceRoom.ShellAsync(
                room.Root,
                As(rootless, "podman ps -a --format '{{.Names}}'")
            ),
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.GetFiles(Path.Combine(silo.Data, "tmp"), "*.pid"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_silo_that_was_killed_ends_its_containers_at_its_next_start(bool rootless)
    {
        await using var silo = await StartAsync(rootless);
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"lives"},{"do":"hang"}""")
        );
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await foreach (var entry in task.WatchAsync(0, limit.Token))
        {
            if (entry.Fact is TaskFact.Progressed { Step.Text: "lives" } or TaskFact.Failed)
            {
                break;
            }
        }

        await silo.KillAsync();
        var first = ProcessHunter.OfRun(task.TaskId + "-1");
        await silo.StartAsync();

        Assert.Contains(first, p => p.Command.Contains("--script", StringComparison.Ordinal));
        Assert.DoesNotContain(first, ProcessHunter.Lives);
    }

    // Cgroups of version 1 are the superuser's; of version 2 an ordinary user has what was handed over, or nothing.
    private static string[] Limits(bool rootless) =>
        !rootless ? ["cgroups"]
        : File.Exists("/sys/fs/cgroup/cgroup.controllers") ? ["cgroups", "rlimits"]
        : ["rlimits"];

    // A command of the user's whose podman is meant.
    private string As(bool rootless, string command) =>
        rootless
            ? $"env -C {room.Root} XDG_RUNTIME_DIR={places}/run XDG_DATA_HOME={places}/data HOME={places} setpriv --reuid={Nobody} --regid={Nobody} --clear-groups /bin/sh -c '{command.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            : command;

    // What the tests' user made, to the one who is to use it.
    private Task GiveAsync(bool rootless, string folder) =>
        rootless
            ? WorkspaceRoom.ShellAsync(room.Root, $"chown -R {Nobody}:{Nobody} '{folder}'")
            : Task.CompletedTask;

    private async Task<SiloProcess> StartAsync(bool rootless)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/podman"), "podman is not installed");
        Assert.SkipUnless(
            !rootless || Environment.UserName == "root",
            "only the superuser can start a silo of somebody else"
        );
        Directory.CreateDirectory(Path.Combine(places, "run"));
        await GiveAsync(rootless, places);
        // Programs and libraries of this host, and nothing of its settings.
        var folder = SiloProcess.NewFolder();
        await WorkspaceRoom.ShellAsync(
            folder,
            $"""
            mkdir -p root/bin root/tmp root/etc root/run root/proc root/sys root/dev root/lib
            for p in sh true git grep cat touch test mkdir rm env setsid head tail sleep; do cp -L /usr/bin/$p root/bin/; done
            for l in $(ldd root/bin/* {Dotnet}/dotnet {Dotnet}/shared/Microsoft.NETCore.App/*/*.so 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' | grep -v '^{Dotnet}' | sort -u) $(ls /usr/lib/*/libssl.so.3 /usr/lib/*/libcrypto.so.3); do mkdir -p root$(dirname $l); cp -L $l root$l; done
            tar -C root -c . | {As(rootless, $"podman --runtime runc import -q - {Image}")}
            """
        );
        var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Runner:Sandbox=podman",
            "--Runner:Sandboxed:Image=" + Image,
            "--Runner:Sandboxed:ReadOnlyPaths:0=" + Dotnet,
            "--Runner:Sandboxed:DiskMiBMax=128",
            "--Runner:Sandboxed:MemoryMiB=1024",
            "--Runner:Sandboxed:ProcessesMax=256",
            "--Task:TriesMax=1"
        );
        silo.Environment["HOME"] = room.Home;
        silo.Environment["SECRET_OF_THE_HOST"] = room.Sentinel;
        if (rootless)
        {
            var start = Path.Combine(folder, "silo");
            await File.WriteAllTextAsync(
                start,
                $"#!/bin/sh\nexec setpriv --reuid={Nobody} --regid={Nobody} --clear-groups '{silo.Program}' \"$@\"\n"
            );
            await WorkspaceRoom.ShellAsync(folder, "chmod 755 silo");
            silo.Program = start;
            silo.Environment["HOME"] = places;
            silo.Environment["XDG_RUNTIME_DIR"] = Path.Combine(places, "run");
            silo.Environment["XDG_DATA_HOME"] = Path.Combine(places, "data");
            Directory.CreateDirectory(silo.Data);
            await GiveAsync(rootless, Path.GetDirectoryName(silo.Data)!);
        }
        await silo.StartAsync();
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
