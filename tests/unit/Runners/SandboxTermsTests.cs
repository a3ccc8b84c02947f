using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Xunit;

namespace Orchestrator.UnitTests.Runners;

/// <summary>A demand narrows what a host allows; the lines of bubblewrap and podman hold what is in force.</summary>
public sealed class SandboxTermsTests
{
    private static readonly SandboxTerms Host = new()
    {
        Network = SandboxNetwork.Allowlist,
        Hosts = ["api.nuget.org"],
        MemoryMiB = 1_000,
        ProcessesMax = 100,
        FileMiBMax = 10,
        DiskMiBMax = 50,
        TemporaryMiB = 20,
        ProcessorSecondsMax = 60,
    };

    [Fact]
    public void Without_a_demand_the_host_s_settings_are_in_force() =>
        Assert.Same(Host, Host.Narrowed(null));

    [Theory]
    [InlineData(SandboxNetwork.Open, SandboxNetwork.Allowlist, "api.nuget.org")]
    [InlineData(SandboxNetwork.Allowlist, SandboxNetwork.Allowlist, "of.the.lane")]
    [InlineData(SandboxNetwork.Off, SandboxNetwork.Off, "api.nuget.org")]
    public void A_demand_never_opens_the_network(
        SandboxNetwork demanded,
        SandboxNetwork inForce,
        string host
    )
    {
        var terms = Host.Narrowed(
            new SandboxDemand { Network = demanded, Hosts = ["of.the.lane"] }
        );

        Assert.Equal((inForce, host), (terms.Network, Assert.Single(terms.Hosts)));
    }

    [Theory]
    [InlineData(0, 0, 1_000, 100)]
    [InlineData(500, 50, 500, 50)]
    [InlineData(5_000, 5_000, 1_000, 100)]
    public void A_demand_never_raises_a_limit(
        int memory,
        int processes,
        int memoryInForce,
        int processesInForce
    )
    {
        var terms = Host.Narrowed(
            new SandboxDemand { MemoryMiB = memory, ProcessesMax = processes }
        );

        Assert.Equal((memoryInForce, processesInForce), (terms.MemoryMiB, terms.ProcessesMax));
    }

    [Fact]
    public void Of_many_hosts_only_the_first_hundred_count() =>
        Assert.Equal(
            SandboxTerms.HostsMax,
            Host.Narrowed(
                new SandboxDemand
                {
                    Network = SandboxNetwork.Allowlist,
                    Hosts = [.. Enumerable.Range(0, 1_000).Select(i => $"h{i}.test")],
                }
            ).Hosts.Count
        );

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bubblewrap_shares_the_network_only_when_told_and_later_binds_lie_over_earlier_ones(
        bool shares
    )
    {
        var line = BubblewrapLine.Make("/usr/bin/bwrap", "/usr/bin/prlimit", Plan(shares));

        Assert.Equal("/usr/bin/bwrap", line[0]);
        Assert.Equal(shares, line.Contains("--share-net"));
        foreach (
            var always in (string[])
                ["--unshare-all", "--unshare-user", "--disable-userns", "--new-session"]
        )
        {
            Assert.Contains(always, line);
        }
        var text = string.Join(' ', line);
        Assert.Contains("--cap-drop ALL", text, StringComparison.Ordinal);
        Assert.Contains("--proc /proc --remount-ro /proc", text, StringComparison.Ordinal);
        Assert.Contains(
            "--bind /data/w /data/w --ro-bind /data/w/.git/config /data/w/.git/config --remount-ro / --chdir /data/w -- /usr/bin/prlimit --core=0:0 --fsize=10485760 --nproc=100 --data=1048576000 --cpu=60:65 /bridge",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("--size 20971520 --tmpfs /tmp", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_prlimit_the_program_follows_at_once()
    {
        var line = BubblewrapLine.Make("/usr/bin/bwrap", "", Plan(false));

        Assert.Equal(["--", "/bridge"], line.TakeLast(2));
    }

    [Theory]
    [InlineData(false, "none")]
    [InlineData(true, "host")]
    public void Podman_gets_the_limits_and_no_value_of_the_environment(bool shares, string network)
    {
        var line = PodmanLine.Make(
            "/usr/bin/podman",
            "registry/image:1",
            "task-1",
            Plan(shares),
            new Dictionary<string, string>
            {
                ["KEY"] = "secret",
                ["EMPTY"] = "",
                ["HOME"] = "/data/home",
            },
            cgroups: true,
            ["MARK"]
        );

        var text = string.Join(' ', line);
        Assert.StartsWith(
            $"/usr/bin/podman --runtime runc run --rm -i --pull=never --name task-1 --network {network} --read-only",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "--memory 1000m --pids-limit 100 --ulimit nofile=1024:1024 --ulimit nproc=100:100 --ulimit fsize=10485760 --ulimit cpu=60:65",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "--cap-drop all --security-opt no-new-privileges",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "--env EMPTY= --env HOME=/data/home --env KEY --env MARK --mount",
            text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.Contains(
            "type=bind,source=/data/w/.git/config,target=/data/w/.git/config,ro",
            text,
            StringComparison.Ordinal
        );
        Assert.Equal(["registry/image:1", "/bridge"], line.TakeLast(2));
        Assert.Single(line, l => l.Contains("target=/usr", StringComparison.Ordinal));
        Assert.Contains("type=bind,source=/later,target=/usr,ro", line);
        Assert.Equal(["kill", "--signal", "KILL", "task-1"], PodmanLine.End("task-1"));
    }

    [Fact]
    public void Podman_without_cgroups_limits_single_processes_and_tells_the_first_one()
    {
        var line = PodmanLine.Make(
            "/usr/bin/podman",
            "image",
            "task-1",
            Plan(false),
            new Dictionary<string, string>(),
            cgroups: false,
            [],
            "/data/tmp/1.pid"
        );

        var text = string.Join(' ', line);
        Assert.Contains(
            "--ulimit data=1048576000 --pidfile /data/tmp/1.pid --ulimit nofile=1024:1024 --ulimit nproc=100:100",
            text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("--memory", line);
        Assert.DoesNotContain("--pids-limit", line);
    }

    [Fact]
    public void Podman_itself_gets_the_hosts_places_and_the_runs_values()
    {
        var host = new Dictionary<string, string>
        {
            ["HOME"] = "/home/silo",
            ["XDG_RUNTIME_DIR"] = "/run/user/7",
            ["SECRET"] = "host",
            ["TMPDIR"] = "",
        };

        var own = PodmanLine.Environment(
            new Dictionary<string, string>
            {
                ["HOME"] = "/data/run",
                ["TMPDIR"] = "/data/run/tmp",
                ["KEY"] = "secret",
            },
            name => host.GetValueOrDefault(name)
        );

        Assert.Equal(
            [("HOME", "/home/silo"), ("KEY", "secret"), ("XDG_RUNTIME_DIR", "/run/user/7")],
            own.Select(e => (e.Key, e.Value)).Order()
        );
    }

    [Theory]
    [InlineData("false v1 []\n", true)]
    [InlineData("false v2 [cpuset cpu io memory pids]", true)]
    [InlineData("true v2 [cpu memory pids]\n", true)]
    [InlineData("true v2 [cpu pids]", false)]
    [InlineData("true v2 [memory]", false)]
    [InlineData("true v2 []", false)]
    [InlineData("true v1 [memory pids]", false)]
    [InlineData("", false)]
    [InlineData("Error: cannot", false)]
    [InlineData("false v3 []", false)]
    public void Podmans_cgroups_count_only_where_they_hold(string answer, bool hold)
    {
        var limits = PodmanLimits.Read(answer);

        Assert.Equal((hold, hold), (limits.Hold, limits.WhyNot.Length == 0));
    }

    private static SandboxPlan Plan(bool shares) =>
        new()
        {
            Binds =
            [
                new SandboxBind("/usr", "/usr"),
                new SandboxBind("/later", "/usr"),
                new SandboxBind("/data/w", "/data/w", Writable: true),
                new SandboxBind("/data/w/.git/config", "/data/w/.git/config"),
            ],
            Links = [new SandboxLink("/bin", "usr/bin")],
            Folder = "/data/w",
            SharesNetwork = shares,
            Bridge = ["/bridge"],
            Terms = Host,
        };
}
