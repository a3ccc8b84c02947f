using Orchestrator.Decisions.Doors;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

public sealed class DoorChecksTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    public static TheoryData<string, string, DoctorCheck> Judged { get; } =
        new()
        {
            { "http on loopback", "ok", DoorChecks.Address("http://127.0.0.1:1", false, true) },
            { "https on the network", "ok", DoorChecks.Address("https://h:1", true, false) },
            { "http on the network", "fail", DoorChecks.Address("http://h:1", false, false) },
            { "loopback names", "ok", DoorChecks.Names([], loopbackOnly: true) },
            { "any name", "warn", DoorChecks.Names([], loopbackOnly: false) },
            { "named hosts", "ok", DoorChecks.Names(["h"], loopbackOnly: false) },
            { "a star", "warn", DoorChecks.Names(["*"], loopbackOnly: true) },
            { "a fresh certificate", "ok", DoorChecks.Certificate("c", Now.AddDays(31), Now) },
            { "an old certificate", "warn", DoorChecks.Certificate("c", Now.AddDays(29), Now) },
            { "an ended certificate", "fail", DoorChecks.Certificate("c", Now, Now) },
            { "admin for ever", "warn", DoorChecks.Token(Token(["read", "admin"], null), Now)! },
            { "audit for ever", "warn", DoorChecks.Token(Token(["audit"], null), Now)! },
            { "admin for a day", "ok", DoorChecks.Token(Token(["admin"], Now.AddDays(1)), Now)! },
            { "read for ever", "ok", DoorChecks.Token(Token(["read"], null), Now)! },
            { "TLS between silos", "ok", DoorChecks.BetweenSilos(true, true, false) },
            { "plain between silos", "warn", DoorChecks.BetweenSilos(true, false, false) },
            { "one silo", "warn", DoorChecks.BetweenSilos(false, false, true) },
            { "a verified database", "ok", DoorChecks.Database(false, "verifyfull") },
            { "a local database", "ok", DoorChecks.Database(true, "prefer") },
            { "a database without TLS", "warn", DoorChecks.Database(false, "prefer") },
            { "a database unverified", "warn", DoorChecks.Database(false, "require") },
            { "a closed file", "ok", DoorChecks.Access("f", "/f", "", false, true) },
            { "an open secret", "fail", DoorChecks.Access("f", "/f", "mode 0644", false, true) },
            { "an open file", "warn", DoorChecks.Access("f", "/f", "mode 0644", false, false) },
            { "closed above", "ok", DoorChecks.Access("f", "/f", "mode 0644", true, true) },
            { "roots", "ok", DoorChecks.Roots(["/r"]) },
            { "no roots", "warn", DoorChecks.Roots([]) },
            { "no sandbox", "warn", DoorChecks.Sandbox("none", "", contained: true) },
            { "a sandbox", "ok", DoorChecks.Sandbox("bubblewrap", "", contained: true) },
            {
                "a broken sandbox",
                "fail",
                DoorChecks.Sandbox("podman", "not installed", contained: true)
            },
            { "the agent's key", "ok", DoorChecks.AgentVariables(["ANTHROPIC_API_KEY"]) },
            { "another's key", "warn", DoorChecks.AgentVariables(["LANG", "GITHUB_TOKEN"]) },
            { "no variables", "ok", DoorChecks.AgentVariables([]) },
            { "commands", "ok", DoorChecks.AgentCommands(["make"]) },
            { "no model", "ok", DoorChecks.Mediator("", false) },
            { "a model in the open", "warn", DoorChecks.Mediator("http://h", true) },
            { "a limit", "ok", DoorChecks.Limit("l", "Api:X", 5) },
            { "no bot", "ok", DoorChecks.NoBot() },
            { "people", "ok", DoorChecks.ChatPeople([ChatRole.Operate], [-7], -7) },
            { "updates asked for", "ok", DoorChecks.ChatUpdates(null, 0) },
            { "a webhook", "ok", DoorChecks.ChatUpdates(new Uri("https://h/x"), 16) },
            { "a plain webhook", "warn", DoorChecks.ChatUpdates(new Uri("http://h/x"), 16) },
            { "an open webhook", "fail", DoorChecks.ChatUpdates(new Uri("https://h/x"), 0) },
            { "no code", "ok", DoorChecks.ChatCodes(0) },
            { "some codes", "ok", DoorChecks.ChatCodes(10) },
            { "many codes", "warn", DoorChecks.ChatCodes(11) },
            { "no limit", "warn", DoorChecks.Limit("l", "Api:X", 0) },
            { "no watched folder", "ok", DoorChecks.TaskFiles(false, "/t", "mode 0777") },
            { "an open watched folder", "fail", DoorChecks.TaskFiles(true, "/t", "mode 0777") },
            { "a closed watched folder", "ok", DoorChecks.TaskFiles(true, "/t", "") },
            { "open endpoints", "ok", DoorChecks.Endpoints(["/"], []) },
            { "an undeclared endpoint", "fail", DoorChecks.Endpoints(["/"], ["/x"]) },
        };

    [Theory]
    [MemberData(nameof(Judged))]
    public void A_door_is_judged_and_whatever_is_not_ok_has_a_cure(
        string door,
        string level,
        DoctorCheck check
    )
    {
        Assert.True(check.Level == level, $"{door}: {check}");
        Assert.NotEmpty(check.Message);
        Assert.Equal(level == "ok", check.Cure.Length == 0);
    }

    [Fact]
    public void People_of_chats_are_counted_by_role_and_groups_are_named() =>
        Assert.Equal(
            "1 operate, 2 submit, 0 read; groups -8, -7; everybody in the chat of notices reads how every task ends",
            DoorChecks
                .ChatPeople([ChatRole.Submit, ChatRole.Operate, ChatRole.Submit], [-8, -7], -7)
                .Message
        );

    [Fact]
    public void A_token_that_opens_nothing_is_no_door()
    {
        Assert.Null(DoorChecks.Token(Token(["admin"], Now), Now));
        Assert.Null(DoorChecks.Token(Token(["admin"], null) with { RevokedAt = Now }, Now));
    }

    private static TokenInfo Token(string[] scopes, DateTimeOffset? expires) =>
        new("tok_1", "ann", scopes, Now.AddDays(-1), expires, null, null);
}
