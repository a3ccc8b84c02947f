using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>What the systemd unit must say, and must not.</summary>
public sealed class SystemdUnitTests
{
    private static readonly Dictionary<string, List<string>> Unit = Read(
        Repository.Read("deploy/linux/orchestrator.service")
    );

    [Theory]
    [InlineData("Service.Type", "notify")]
    [InlineData("Service.KillMode", "control-group")]
    [InlineData("Service.Restart", "always")]
    [InlineData("Service.User", "orchestrator")]
    [InlineData("Service.StateDirectory", "orchestrator")]
    [InlineData("Service.StateDirectoryMode", "0700")]
    [InlineData("Service.UMask", "0077")]
    [InlineData("Service.NoNewPrivileges", "yes")]
    [InlineData("Service.ProtectSystem", "strict")]
    [InlineData("Service.OOMPolicy", "continue")]
    [InlineData("Service.Environment", "ORCHESTRATOR_DATA=/var/lib/orchestrator")]
    [InlineData("Service.EnvironmentFile", "-/etc/orchestrator/orchestrator.env")]
    [InlineData("Install.WantedBy", "multi-user.target")]
    public void The_unit_says(string key, string value) =>
        Assert.Equal([value], Unit.GetValueOrDefault(key, []));

    [Fact]
    public void A_stop_has_more_time_than_the_silo_takes() =>
        // HostOptions.ShutdownTimeout of the silo.
        Assert.InRange(int.Parse(Unit["Service.TimeoutStopSec"].Single(), null), 45, 300);

    [Fact]
    public void The_silo_is_told_to_stop_before_its_agents_are() =>
        Assert.EndsWith("/orchestrator serve --stop", Unit["Service.ExecStop"].Single());

    [Fact]
    public void Starts_are_limited_and_the_limit_can_be_reached()
    {
        var seconds = int.Parse(Unit["Unit.StartLimitIntervalSec"].Single(), null);
        var starts = int.Parse(Unit["Unit.StartLimitBurst"].Single(), null);
        var pause = int.Parse(Unit["Service.RestartSec"].Single(), null);

        // A database's restart is outlasted; a silo that can never start is left as failed.
        Assert.InRange(starts * pause, 300, seconds - 1);
    }

    // Each of them takes away what bubblewrap or the run-time compiler needs; the unit's last comment says why.
    [Theory]
    [InlineData("RestrictNamespaces")]
    [InlineData("ProtectProc")]
    [InlineData("ProcSubset")]
    [InlineData("ProtectKernelTunables")]
    [InlineData("ProtectKernelLogs")]
    [InlineData("PrivateUsers")]
    [InlineData("MemoryDenyWriteExecute")]
    public void The_unit_leaves_agents_what_holds_them_and_names_it(string key)
    {
        Assert.DoesNotContain("Service." + key, Unit.Keys);
        Assert.Contains(key, Repository.Read("deploy/linux/orchestrator.service"));
    }

    [Fact]
    public void No_system_call_of_bubblewrap_is_filtered()
    {
        var filter = Unit["Service.SystemCallFilter"].Single();

        Assert.StartsWith("~", filter, StringComparison.Ordinal);
        Assert.DoesNotContain("@mount", filter, StringComparison.Ordinal);
        Assert.DoesNotContain("@privileged", filter, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_of_the_settings_file_holds_no_secret() =>
        Assert.All(
            Repository
                .Read("deploy/linux/orchestrator.env.example")
                .Split('\n')
                .Where(l => l.Length > 0 && l[0] != '#'),
            l =>
                Assert.DoesNotMatch(
                    "(?i)(key|password|token|secret|connectionstring)",
                    l.Split('=')[0]
                )
        );

    private static Dictionary<string, List<string>> Read(string text)
    {
        var unit = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var section = "";
        foreach (var line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] == '[')
            {
                section = line.Trim('[', ']');
                continue;
            }
            var at = line.IndexOf('=', StringComparison.Ordinal);
            var key = $"{section}.{line[..at]}";
            unit.TryAdd(key, []);
            unit[key].Add(line[(at + 1)..]);
        }
        return unit;
    }
}
