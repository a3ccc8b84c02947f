using System.Management.Automation;
using Xunit;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>The scripts of deploy/windows, played with stand-ins: what they would do to a machine. Nothing here ran on Windows.</summary>
public sealed class WindowsInstallTests
{
    private const string Connection = "Host=db;Database=o;Username=o;Password=pass\"word\\1";
    private static readonly string[] BothRoles = ["Control", "Runner"];
    private static readonly string[] RunnerRole = ["Runner"];
    private static readonly string[] Peers = ["10.0.0.6", "10.0.0.7"];

    [Fact]
    public void A_first_install_closes_the_data_folder_before_it_writes_and_starts_the_service_last()
    {
        using var machine = new PlayedScript();
        machine.Install(
            machine.Release("1.0.0"),
            ("ConnectionString", PlayedScript.Secret(Connection))
        );

        var access = machine.Calls.FindIndex(c => c.StartsWith("icacls", StringComparison.Ordinal));
        var made = machine.Calls.FindIndex(c =>
            c.StartsWith("New-Service", StringComparison.Ordinal)
        );
        var started = machine.Calls.FindIndex(c =>
            c.StartsWith("Start-Service", StringComparison.Ordinal)
        );
        Assert.True(access >= 0 && access < made && made < started);
        Assert.Contains("/inheritance:r", machine.Calls[access], StringComparison.Ordinal);
        Assert.Contains("*S-1-5-18:(OI)(CI)F", machine.Calls[access], StringComparison.Ordinal);
        Assert.Contains("*S-1-5-32-544:(OI)(CI)F", machine.Calls[access], StringComparison.Ordinal);
        Assert.Contains("*S-1-5-80-", machine.Calls[access], StringComparison.Ordinal);
        Assert.Contains(
            machine.Calls,
            c => c.EndsWith("as NT SERVICE\\OrchestratorControl", StringComparison.Ordinal)
        );
        Assert.Contains("sc config OrchestratorControl start= delayed-auto", machine.Calls);
        Assert.Contains(
            "sc failure OrchestratorControl reset= 86400 actions= restart/5000/restart/30000/restart/60000",
            machine.Calls
        );
        Assert.Equal("GET http://127.0.0.1:5140/health/ready", machine.Calls[^1]);
    }

    [Fact]
    public void The_connection_string_is_in_the_settings_file_and_on_no_command_line()
    {
        using var machine = new PlayedScript();
        machine.Install(
            machine.Release("1.0.0"),
            ("ConnectionString", PlayedScript.Secret(Connection))
        );

        var read = Decisions.Settings.EnvText.Read(machine.Text("control", ".env"));
        Assert.Empty(read.Problems);
        Assert.Equal(Connection, read.Values["Cluster__ConnectionString"]);
        Assert.Equal("control", read.Values["Cluster__Roles"]);
        Assert.DoesNotContain(
            machine.Calls,
            c => c.Contains("pass", StringComparison.OrdinalIgnoreCase)
        );
    }

    [Fact]
    public void An_upgrade_stops_the_service_before_it_is_pointed_to_the_new_release_and_keeps_the_settings()
    {
        using var machine = new PlayedScript();
        machine.Install(
            machine.Release("1.0.0"),
            ("ConnectionString", PlayedScript.Secret(Connection)),
            ("Setting", new System.Collections.Hashtable { ["Queue__SizeMax"] = 50 })
        );
        machine.Install(machine.Release("1.1.0"));

        var stopped = machine.Calls.IndexOf("wait for Stopped");
        var changed = machine.Calls.FindIndex(c =>
            c.StartsWith("Change", StringComparison.Ordinal)
        );
        Assert.True(stopped >= 0 && stopped < changed);
        Assert.Contains("1.1.0-", machine.ServiceLine, StringComparison.Ordinal);
        Assert.DoesNotContain(
            machine.Calls,
            c => c.StartsWith("New-Service", StringComparison.Ordinal)
        );
        var read = Decisions.Settings.EnvText.Read(machine.Text("control", ".env"));
        Assert.Equal(Connection, read.Values["Cluster__ConnectionString"]);
        Assert.Equal("50", read.Values["Queue__SizeMax"]);
        Assert.Equal(
            2,
            Directory.GetDirectories(Path.Combine(machine.Programs, "versions")).Length
        );
    }

    [Fact]
    public void A_release_that_does_not_get_ready_is_rolled_back_with_its_settings()
    {
        using var machine = new PlayedScript();
        machine.Install(machine.Release("1.0.0"));
        var (line, settings) = (machine.ServiceLine, machine.Text("control", ".env"));
        machine.Break("1.1.0-");

        var stopped = Assert.ThrowsAny<RuntimeException>(() =>
            machine.Install(
                machine.Release("1.1.0"),
                ("Setting", new System.Collections.Hashtable { ["Queue__SizeMax"] = 7 })
            )
        );

        Assert.Contains("the old one was started again", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(line, machine.ServiceLine);
        Assert.Equal(settings, machine.Text("control", ".env"));
        Assert.Equal("Start-Service OrchestratorControl", machine.Calls[^1]);
    }

    [Fact]
    public void Installing_again_changes_nothing_but_restarts()
    {
        using var machine = new PlayedScript();
        var release = machine.Release("1.0.0");
        machine.Install(release);
        var (line, settings) = (machine.ServiceLine, machine.Text("control", ".env"));
        machine.Install(release);

        Assert.Equal(line, machine.ServiceLine);
        Assert.Equal(settings, machine.Text("control", ".env"));
        Assert.Single(Directory.GetDirectories(Path.Combine(machine.Programs, "versions")));
    }

    [Fact]
    public void What_if_does_nothing()
    {
        using var machine = new PlayedScript();
        machine.Install(
            machine.Release("1.0.0"),
            ("Role", BothRoles),
            ("ConnectionString", PlayedScript.Secret(Connection)),
            ("WhatIf", true)
        );

        Assert.Empty(machine.Calls);
        Assert.False(Directory.Exists(machine.Programs));
        Assert.False(Directory.Exists(machine.Data));
    }

    [Fact]
    public void A_damaged_release_is_refused_before_anything_is_changed()
    {
        using var machine = new PlayedScript();
        var release = machine.Release("1.0.0");
        File.AppendAllText(Path.Combine(release, "orchestrator-silo.exe"), "x");

        var stopped = Assert.ThrowsAny<RuntimeException>(() => machine.Install(release));

        Assert.Contains(
            "is not the file that was released",
            stopped.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(machine.Calls);
    }

    [Fact]
    public void A_program_of_the_system_that_fails_stops_the_install()
    {
        using var machine = new PlayedScript();
        machine.FailServiceControl();

        var stopped = Assert.ThrowsAny<RuntimeException>(() =>
            machine.Install(machine.Release("1.0.0"))
        );

        Assert.Contains("ended with 5", stopped.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Start-Service OrchestratorControl", machine.Calls);
    }

    [Theory]
    [InlineData("10.0.0.5", false, "10.0.0.6", "-AllowPlaintext")]
    [InlineData("10.0.0.5", true, "", "-RemoteAddress")]
    [InlineData("127.0.0.1", false, "10.0.0.6", "loopback")]
    [InlineData("here", false, "", "no IP address")]
    public void An_address_that_would_open_too_much_is_refused(
        string address,
        bool plain,
        string remote,
        string words
    )
    {
        using var machine = new PlayedScript();
        var stopped = Assert.ThrowsAny<RuntimeException>(() =>
            machine.Install(
                machine.Release("1.0.0"),
                ("ClusterAddress", address),
                ("AllowPlaintext", plain),
                ("RemoteAddress", remote.Length > 0 ? new[] { remote } : [])
            )
        );

        Assert.Contains(words, stopped.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(machine.Calls, c => c.StartsWith("New-", StringComparison.Ordinal));
    }

    [Fact]
    public void The_firewall_opens_the_silos_ports_for_the_named_machines_only()
    {
        using var machine = new PlayedScript();
        machine.Install(
            machine.Release("1.0.0"),
            ("ClusterAddress", "10.0.0.5"),
            ("AllowPlaintext", true),
            ("RemoteAddress", Peers)
        );
        Assert.Contains(
            "New-NetFirewallRule Inbound Allow TCP 11111,11112 at 10.0.0.5 from 10.0.0.6,10.0.0.7",
            machine.Calls
        );

        machine.Install(machine.Release("1.0.0"));
        Assert.DoesNotContain(
            machine.Calls,
            c => c.StartsWith("New-NetFirewallRule", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Two_silos_without_a_database_are_refused()
    {
        using var machine = new PlayedScript();
        var stopped = Assert.ThrowsAny<RuntimeException>(() =>
            machine.Install(machine.Release("1.0.0"), ("Role", BothRoles))
        );

        Assert.Contains("-ConnectionString", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_runner_starts_at_logon_as_its_user_without_a_time_limit()
    {
        Assert.SkipWhen(
            OperatingSystem.IsWindows(),
            "The stand-in of orchestrator.exe is a shell script."
        );
        using var machine = new PlayedScript();
        machine.Install(machine.Release("1.0.0"), ("Role", RunnerRole));

        var task = Assert.Single(
            machine.Calls,
            c => c.StartsWith("Register-ScheduledTask", StringComparison.Ordinal)
        );
        Assert.Contains("at logon of S-1-5-21-1-2-3-1001", task, StringComparison.Ordinal);
        Assert.Contains(
            "limit 00:00:00, 999 restarts every 00:01:00",
            task,
            StringComparison.Ordinal
        );
        Assert.Contains("S-1-5-21-1-2-3-1001 Interactive Limited", task, StringComparison.Ordinal);
        Assert.Contains(
            machine.Calls,
            c => c.Contains("*S-1-5-21-1-2-3-1001:(OI)(CI)M", StringComparison.Ordinal)
        );
        Assert.EndsWith("serve --stop", Assert.Single(machine.Told()), StringComparison.Ordinal);
    }

    [Fact]
    public void Removing_stops_first_and_keeps_the_data()
    {
        using var machine = new PlayedScript();
        machine.Install(machine.Release("1.0.0"));
        machine.Remove();

        var stopped = machine.Calls.IndexOf("wait for Stopped");
        Assert.True(
            stopped >= 0 && stopped < machine.Calls.IndexOf("sc delete OrchestratorControl")
        );
        Assert.False(Directory.Exists(machine.Programs));
        Assert.NotEmpty(machine.Text("control", ".env"));
    }

    [Fact]
    public void Removing_with_the_data_removes_it()
    {
        using var machine = new PlayedScript();
        machine.Install(machine.Release("1.0.0"));
        machine.Remove(("RemoveData", true));

        Assert.False(Directory.Exists(machine.Data));
    }

    // The identifier that Windows gives NT SERVICE\TrustedInstaller is the same on every machine.
    [Fact]
    public void The_identifier_of_a_service_is_the_one_that_Windows_makes_of_its_name() =>
        Assert.Equal(
            "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
            PlayedScript.Evaluate("Get-ServiceSid TrustedInstaller")
        );
}
