using Orchestrator.Decisions.Doors;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

/// <summary>Each door is told by its name, how it is, and what to do about it, in whole words.</summary>
public sealed class DoorWordsTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    [Fact]
    public void An_address_is_told_by_who_can_reach_it_and_whether_it_is_in_plain_text()
    {
        AssertOk("address", "a: this machine only", DoorChecks.Address("a", false, true));
        AssertOk("address", "a: this machine only, TLS", DoorChecks.Address("a", true, true));
        AssertOk("address", "a: the network, TLS", DoorChecks.Address("a", true, false));
        Assert.Equal(
            new DoctorCheck(
                "address",
                "fail",
                "a: the network, without TLS: tokens and answers can be read on the way",
                "Serve it as https with a certificate (Kestrel:Certificates:Default), or listen on 127.0.0.1 behind a TLS proxy."
            ),
            DoorChecks.Address("a", false, false)
        );
    }

    [Fact]
    public void The_names_that_are_answered_to_are_told()
    {
        const string Cure = "Name the hosts that clients use in AllowedHosts.";

        AssertOk("host names", "loopback names and a, b", DoorChecks.Names(["a", "b"], false));
        AssertOk("host names", "loopback names and a", DoorChecks.Names(["a"], true));
        AssertOk("host names", "loopback names only", DoorChecks.Names([], true));
        AssertWarn(
            "host names",
            "AllowedHosts is '*': a page of any site whose name resolves to this server can ask it",
            Cure,
            DoorChecks.Names(["a", "*"], true)
        );
        AssertWarn(
            "host names",
            "AllowedHosts is empty: at its network address the server answers to any name",
            Cure,
            DoorChecks.Names([], false)
        );
    }

    [Fact]
    public void A_certificate_is_told_of_thirty_days_before_its_end()
    {
        const string Cure = "Put a renewed one in its place; HTTP takes it at the next start.";
        var (ends, soon) = (Now.AddDays(30), Now.AddDays(30).AddTicks(-1));

        AssertOk(
            "c",
            "it ends at 2026-06-03 03:02:01Z, in 30 days",
            DoorChecks.Certificate("c", ends, Now)
        );
        AssertWarn(
            "c",
            "it ends at 2026-06-03 03:02:00Z, in 30 days",
            Cure,
            DoorChecks.Certificate("c", soon, Now)
        );
        AssertWarn(
            "c",
            "it ends at 2026-05-04 03:02:01Z, in 0 days",
            Cure,
            DoorChecks.Certificate("c", Now.AddTicks(1), Now)
        );
        Assert.Equal(
            new DoctorCheck("c", "fail", "it ended at 2026-05-04 03:02:01Z", Cure),
            DoorChecks.Certificate("c", Now, Now)
        );
    }

    [Theory]
    [InlineData("read", false, false)]
    [InlineData("submit", false, false)]
    [InlineData("admin", true, false)]
    [InlineData("audit", true, false)]
    [InlineData("admin", false, true)]
    public void A_token_that_rules_or_tells_all_must_end(string scope, bool warned, bool ends)
    {
        DateTimeOffset? end = ends ? Now.AddTicks(1) : null;
        var token = Token(["x", scope], end);
        var message = $"tok_1: x, {scope}; {(ends ? "ends 2026-05-04 03:02:01Z" : "never ends")}";

        Assert.Equal(
            warned
                ? new DoctorCheck(
                    "token ann",
                    "warn",
                    message,
                    $"'orchestrator token create ann --expires 30d --scope x {scope}', hand it over, then 'orchestrator token revoke tok_1'."
                )
                : new DoctorCheck("token ann", "ok", message, ""),
            DoorChecks.Token(token, Now)
        );
        Assert.Null(DoorChecks.Token(token with { RevokedAt = Now }, Now));
        Assert.Null(DoorChecks.Token(token with { ExpiresAt = Now }, Now));
    }

    [Fact]
    public void What_silos_say_to_each_other_is_told()
    {
        const string Name = "between silos";
        const string Keys = "Set Cluster:Tls:Certificate, :Key and :Authority on every silo.";

        AssertOk(Name, "mutual TLS", DoorChecks.BetweenSilos(false, true, false));
        AssertOk(Name, "mutual TLS", DoorChecks.BetweenSilos(true, true, true));
        AssertWarn(
            Name,
            "one silo, whose port is on loopback without TLS: a program of any user of this machine can act as a silo",
            "Let only users whom you trust log on to this machine; with PostgreSQL, set Cluster:Tls.",
            DoorChecks.BetweenSilos(false, false, true)
        );
        AssertWarn(
            Name,
            "plain text on loopback: a program of any user of this machine can act as a silo",
            Keys,
            DoorChecks.BetweenSilos(true, false, true)
        );
        AssertWarn(
            Name,
            "plain text over the network: whoever reaches the port can act as a silo",
            Keys,
            DoorChecks.BetweenSilos(true, false, false)
        );
    }

    [Theory]
    [InlineData(true, "verifyfull", "TLS, the server's name is verified", true)]
    [InlineData(false, "verifyfull", "TLS, the server's name is verified", true)]
    [InlineData(true, "disable", "this machine", true)]
    [InlineData(
        false,
        "require",
        "TLS (SSL Mode=require), but the server's name is not verified",
        false
    )]
    [InlineData(
        false,
        "verifyca",
        "TLS (SSL Mode=verifyca), but the server's name is not verified",
        false
    )]
    [InlineData(false, "prefer", "SSL Mode=prefer: it may be plain text", false)]
    [InlineData(false, "disable", "SSL Mode=disable: it may be plain text", false)]
    public void The_way_to_the_database_is_told(
        bool loopback,
        string mode,
        string message,
        bool ok
    ) =>
        Assert.Equal(
            new DoctorCheck(
                "database connection",
                ok ? "ok" : "warn",
                message,
                ok
                    ? ""
                    : "Add SSL Mode=VerifyFull;Root Certificate=FILE to Cluster:ConnectionString."
            ),
            DoorChecks.Database(loopback, mode)
        );

    [Fact]
    public void Who_may_open_a_file_is_told()
    {
        AssertOk("f", "/f: its owner only", DoorChecks.Access("f", "/f", "", false, true));
        AssertOk(
            "f",
            "/f: mode 0644, but its folder lets nobody else through",
            DoorChecks.Access("f", "/f", "mode 0644", true, true)
        );
        AssertWarn(
            "f",
            "/f: mode 0644",
            "Take others' access away: chmod go= PATH, or icacls PATH /inheritance:r /grant:r USER:(OI)(CI)F.",
            DoorChecks.Access("f", "/f", "mode 0644", false, false)
        );
        Assert.Equal(
            new DoctorCheck(
                "f",
                "fail",
                "/f: mode 0644",
                "Take others' access away (chmod go= FILE; icacls FILE /inheritance:r), and change the keys in it."
            ),
            DoorChecks.Access("f", "/f", "mode 0644", false, true)
        );
    }

    [Fact]
    public void What_holds_an_agent_is_told()
    {
        const string Rest =
            "; files and network are not: an agent, and what it is let run, can do what the server's user can";
        const string Cure =
            "Set Runner:Sandbox (docs/sandbox.md), or run the server as a user of its own that can reach nothing else; Workspace:AllowedRoots and the agent's rules are no wall.";

        AssertOk(
            "sandbox",
            "podman: files, processes and network are held",
            DoorChecks.Sandbox("podman", "", false)
        );
        AssertWarn(
            "sandbox",
            "its processes are held" + Rest,
            Cure,
            DoorChecks.Sandbox("none", "", true)
        );
        AssertWarn(
            "sandbox",
            "its processes are only marked" + Rest,
            Cure,
            DoorChecks.Sandbox("none", "", false)
        );
        Assert.Equal(
            new DoctorCheck(
                "sandbox",
                "fail",
                "podman is set and does not work: it is not there",
                "Mend that, or set Runner:Sandbox to none; every run is refused until then."
            ),
            DoorChecks.Sandbox("podman", "it is not there", true)
        );
    }

    [Theory]
    [InlineData("ANTHROPIC_API_KEY", false)]
    [InlineData("claude_code_oauth_token", false)]
    [InlineData("LANG", false)]
    [InlineData("MY_KEY", true)]
    [InlineData("gh_token", true)]
    [InlineData("A_SECRET_B", true)]
    [InlineData("PASSWORD", true)]
    [InlineData("DB_PASSWD", true)]
    [InlineData("AWS_CREDENTIALS", true)]
    [InlineData("MY_ANTHROPIC_KEY", true)]
    public void A_key_that_is_not_the_agent_s_is_told(string name, bool warned) =>
        Assert.Equal(
            new DoctorCheck(
                "agent environment",
                warned ? "warn" : "ok",
                $"PATH, {name}",
                warned
                    ? $"{name} looks like a key that is not the agent's: it can be read by whatever the agent runs. Remove it from Runner:ClaudeCode:Environment."
                    : ""
            ),
            DoorChecks.AgentVariables(["PATH", name])
        );

    [Fact]
    public void What_agents_are_given_and_where_they_work_is_told()
    {
        AssertOk("agent environment", "nothing of the server's", DoorChecks.AgentVariables([]));
        AssertOk(
            "agent commands",
            "make; git status (each is as trusted as what it can be made to run)",
            DoorChecks.AgentCommands(["make", "git status"])
        );
        AssertOk("agent commands", "none but those that read", DoorChecks.AgentCommands([]));
        AssertOk("repositories", "below /a, /b", DoorChecks.Roots(["/a", "/b"]));
        AssertWarn(
            "repositories",
            "anywhere that the server's user can read: who may submit may have any repository read",
            "Name the folders in Workspace:AllowedRoots.",
            DoorChecks.Roots([])
        );
        AssertOk("mediator", "no model is asked", DoorChecks.Mediator("", true));
        AssertOk("mediator", "http://m", DoorChecks.Mediator("http://m", false));
        AssertWarn(
            "mediator",
            "http://m: requests go to another machine without TLS",
            "Use https, or a model on this machine (Mediator:Endpoint).",
            DoorChecks.Mediator("http://m", true)
        );
    }

    [Fact]
    public void Limits_folders_and_endpoints_are_told()
    {
        AssertOk("l", "Api:X = 1", DoorChecks.Limit("l", "Api:X", 1));
        AssertOk("l", "Api:X = 12,345", DoorChecks.Limit("l", "Api:X", 12_345));
        AssertWarn(
            "l",
            "Api:X = 0: no limit",
            "Set Api:X, or remove it for its default.",
            DoorChecks.Limit("l", "Api:X", 0)
        );
        AssertOk(
            "task files",
            "the folder is not watched",
            DoorChecks.TaskFiles(false, "/t", "all")
        );
        AssertOk("task files", "/t: its owner only", DoorChecks.TaskFiles(true, "/t", ""));
        Assert.Equal(
            new DoctorCheck(
                "task files",
                "fail",
                "/t: all: whoever may write there may submit, without a token",
                "Take others' right to write away, or set Intake:Watch=false."
            ),
            DoorChecks.TaskFiles(true, "/t", "all")
        );
        AssertOk("endpoints", "without a token: /, /b", DoorChecks.Endpoints(["/", "/b"], []));
        Assert.Equal(
            new DoctorCheck(
                "endpoints",
                "fail",
                "/x, /y declare no scope",
                "This is a defect of the product: report it."
            ),
            DoorChecks.Endpoints(["/"], ["/x", "/y"])
        );
    }

    private static TokenInfo Token(string[] scopes, DateTimeOffset? expires) =>
        new("tok_1", "ann", scopes, Now.AddDays(-1), expires, null, null);

    private static void AssertOk(string name, string message, DoctorCheck check) =>
        Assert.Equal(new DoctorCheck(name, "ok", message, ""), check);

    private static void AssertWarn(string name, string message, string cure, DoctorCheck check) =>
        Assert.Equal(new DoctorCheck(name, "warn", message, cure), check);
}
