using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>The whole command lines of bubblewrap and podman, word by word and in their order.</summary>
public sealed class SandboxLinesTests
{
    private static readonly SandboxTerms Terms = new()
    {
        Network = SandboxNetwork.Off,
        MemoryMiB = 1_000,
        ProcessesMax = 100,
        FileMiBMax = 10,
        TemporaryMiB = 20,
        ProcessorSecondsMax = 60,
    };

    private static readonly SandboxPlan Plan = new()
    {
        Binds =
        [
            new SandboxBind("/usr", "/usr"),
            new SandboxBind("/early", "/data/h"),
            new SandboxBind("/data/w", "/data/w", Writable: true),
            new SandboxBind("/late", "/data/h", Writable: true),
            new SandboxBind("/data/w/.git", "/data/w/.git"),
        ],
        Links = [new SandboxLink("/bin", "usr/bin"), new SandboxLink("/lib", "usr/lib")],
        Folder = "/data/w",
        Bridge = ["/bridge", "8080"],
        Terms = Terms,
    };

    [Theory]
    [InlineData(
        false,
        "/bin/prlimit",
        "/bin/bwrap --unshare-all --unshare-user --disable-userns --uid 1000 --gid 1000 --hostname sandbox --cap-drop ALL --new-session --die-with-parent --size 20971520 --tmpfs /tmp --proc /proc --remount-ro /proc --dev /dev --size 268435456 --tmpfs /dev/shm --remount-ro /dev --symlink usr/bin /bin --symlink usr/lib /lib --ro-bind /usr /usr --ro-bind /early /data/h --bind /data/w /data/w --bind /late /data/h --ro-bind /data/w/.git /data/w/.git --remount-ro / --chdir /data/w -- /bin/prlimit --core=0:0 --fsize=10485760 --nproc=100 --data=1048576000 --cpu=60:65 /bridge 8080"
    )]
    [InlineData(
        true,
        "",
        "/bin/bwrap --unshare-all --unshare-user --disable-userns --share-net --uid 1000 --gid 1000 --hostname sandbox --cap-drop ALL --new-session --die-with-parent --size 20971520 --tmpfs /tmp --proc /proc --remount-ro /proc --dev /dev --size 268435456 --tmpfs /dev/shm --remount-ro /dev --symlink usr/bin /bin --symlink usr/lib /lib --ro-bind /usr /usr --ro-bind /early /data/h --bind /data/w /data/w --bind /late /data/h --ro-bind /data/w/.git /data/w/.git --remount-ro / --chdir /data/w -- /bridge 8080"
    )]
    public void The_line_of_bubblewrap_is_this_one(bool shares, string limiter, string line) =>
        Assert.Equal(
            line,
            string.Join(
                ' ',
                BubblewrapLine.Make("/bin/bwrap", limiter, Plan with { SharesNetwork = shares })
            )
        );

    [Theory]
    [InlineData(
        false,
        true,
        null,
        "/bin/podman --runtime runc run --rm -i --pull=never --name task-1 --network none --read-only --tmpfs /tmp:rw,nosuid,nodev,size=20m --memory 1000m --pids-limit 100 --ulimit nofile=1024:1024 --ulimit nproc=100:100 --ulimit fsize=10485760 --ulimit cpu=60:65 --cap-drop all --security-opt no-new-privileges --workdir /data/w --env A --env b= --env MARK --env MORE --mount type=bind,source=/usr,target=/usr,ro --mount type=bind,source=/data/w,target=/data/w --mount type=bind,source=/late,target=/data/h --mount type=bind,source=/data/w/.git,target=/data/w/.git,ro image:1 /bridge 8080"
    )]
    [InlineData(
        true,
        false,
        "/run/1.pid",
        "/bin/podman --runtime runc run --rm -i --pull=never --name task-1 --network host --read-only --tmpfs /tmp:rw,nosuid,nodev,size=20m --ulimit data=1048576000 --pidfile /run/1.pid --ulimit nofile=1024:1024 --ulimit nproc=100:100 --ulimit fsize=10485760 --ulimit cpu=60:65 --cap-drop all --security-opt no-new-privileges --workdir /data/w --env A --env b= --env MARK --env MORE --mount type=bind,source=/usr,target=/usr,ro --mount type=bind,source=/data/w,target=/data/w --mount type=bind,source=/late,target=/data/h --mount type=bind,source=/data/w/.git,target=/data/w/.git,ro image:1 /bridge 8080"
    )]
    public void The_line_of_podman_is_this_one(
        bool shares,
        bool cgroups,
        string? pidFile,
        string line
    ) =>
        Assert.Equal(
            line,
            string.Join(
                ' ',
                PodmanLine.Make(
                    "/bin/podman",
                    "image:1",
                    "task-1",
                    Plan with
                    {
                        SharesNetwork = shares,
                    },
                    new Dictionary<string, string> { ["b"] = "", ["A"] = "1" },
                    cgroups,
                    ["MARK", "MORE"],
                    pidFile
                )
            )
        );

    [Theory]
    [InlineData("CONTAINERS_CONF")]
    [InlineData("CONTAINERS_STORAGE_CONF")]
    [InlineData("DBUS_SESSION_BUS_ADDRESS")]
    [InlineData("HOME")]
    [InlineData("PATH")]
    [InlineData("TMPDIR")]
    [InlineData("XDG_CACHE_HOME")]
    [InlineData("XDG_CONFIG_HOME")]
    [InlineData("XDG_DATA_HOME")]
    [InlineData("XDG_RUNTIME_DIR")]
    public void What_podman_reads_for_itself_it_has_from_the_host_and_the_run_by_value(string name)
    {
        var run = new Dictionary<string, string> { [name] = "/run/own" };
        var line = PodmanLine.Make("p", "i", "n", Plan, run, cgroups: true, []);

        Assert.Contains($"{name}=/run/own", line);
        Assert.DoesNotContain(name, line);
        Assert.Empty(PodmanLine.Environment(run, _ => null));
        Assert.Equal(
            [KeyValuePair.Create(name, "/host")],
            PodmanLine.Environment(run, n => n == name ? "/host" : "")
        );
        Assert.Equal(10, PodmanLine.Own.Count);
    }

    [Theory]
    [InlineData("false v1 []", "")]
    [InlineData("true v2 [pids cpu memory]\r\n", "")]
    [InlineData(
        "true v1 [memory pids]",
        "podman is an ordinary user's, and cgroups of version 1 are the superuser's alone"
    )]
    [InlineData(
        "true v2 [cpu pids]",
        "the controllers memory and pids are not handed to the user (Delegate= of systemd)"
    )]
    [InlineData(
        "true v2 [cpu memory]",
        "the controllers memory and pids are not handed to the user (Delegate= of systemd)"
    )]
    [InlineData("true", "podman did not say which cgroups it has")]
    [InlineData("maybe v2 [memory pids]", "podman did not say which cgroups it has")]
    [InlineData("", "podman did not say which cgroups it has")]
    public void Why_cgroups_do_not_hold_is_half_a_sentence(string answer, string why) =>
        Assert.Equal(why, PodmanLimits.Read(answer).WhyNot);

    [Fact]
    public void What_a_kernel_needs_is_named_before_what_is_only_used()
    {
        Assert.Equal(["memory", "pids"], CgroupLimits.Needed);
        Assert.Equal(["memory", "pids", "cpu"], CgroupLimits.Used);
    }

    [Theory]
    [InlineData(
        "oom_kill 1",
        "max 1",
        "usage_usec 60000001",
        "It used more memory than the 1000 MiB that its sandbox allows; the kernel ended it."
    )]
    [InlineData(
        "oom_kill 0",
        "max 1",
        "usage_usec 60000001",
        "It wanted more processes and threads at once than its sandbox allows: 100."
    )]
    [InlineData(
        "",
        "max 0",
        "user_usec 1\nusage_usec 60000001",
        "It used more processor time than the 60 seconds that its sandbox allows."
    )]
    [InlineData("oom_kill -1", "max +1", "usage_usec 60000000", "")]
    [InlineData("oom_kill", "max", "usage_usec", "")]
    [InlineData(" 1", " 1", " 60000001", "")]
    [InlineData("OOM_KILL 1", "maximum 1", "usage_usecs 60000001", "")]
    public void The_limit_that_a_run_met_is_a_sentence(
        string memory,
        string pids,
        string processor,
        string sentence
    ) => Assert.Equal(sentence, CgroupLimits.Breach(Terms, memory, pids, processor));
}
