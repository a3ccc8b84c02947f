using Orchestrator.Decisions.Doors;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Doors;

/// <summary>The doors of webhooks and chats are told by what opens them, whom they let in, and what to do about it.</summary>
public sealed class OutwardDoorWordsTests
{
    [Fact]
    public void Webhooks_are_told_by_what_opens_them_and_where_they_go()
    {
        AssertOk("w", "closed: no secret is set", DoorChecks.Closed("w"));
        AssertOk("w", "/a, by signature", DoorChecks.BySignature("w", "/a"));
        AssertWarn(
            "w",
            "two secrets open the door of github",
            "When the host signs with the new one, remove Webhooks:Inbound:...:PreviousSecret.",
            DoorChecks.TwoSecrets("w", "github")
        );
        AssertOk(
            "w",
            "h.example, on the public internet only",
            DoorChecks.Endpoint("w", new Uri("https://h.example/x"), [])
        );
        AssertOk(
            "w",
            "::1; of networks that are not public: 10.0.0.0/8, ::1",
            DoorChecks.Endpoint("w", new Uri("https://[::1]/x"), ["10.0.0.0/8", "::1"])
        );
        AssertWarn(
            "w",
            "messages to h.example go in plain text",
            "Give an https address, and remove AllowPlaintext.",
            DoorChecks.Endpoint("w", new Uri("http://h.example/x"), ["::1"])
        );
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "")]
    [InlineData(-1, "; everybody in the chat of notices reads how every task ends")]
    [InlineData(-100, "; everybody in the chat of notices reads how every task ends")]
    public void People_of_chats_are_counted_and_a_group_that_is_told_everything_is_named(
        long notices,
        string told
    )
    {
        const string People = "telegram people";

        AssertOk(
            People,
            "0 operate, 0 submit, 0 read" + told,
            DoorChecks.ChatPeople([], [], notices)
        );
        AssertOk(
            People,
            "1 operate, 2 submit, 1 read; groups -7" + told,
            DoorChecks.ChatPeople(
                [ChatRole.Submit, ChatRole.Read, ChatRole.Operate, ChatRole.Submit, ChatRole.None],
                [-7],
                notices
            )
        );
        AssertOk(
            People,
            "0 operate, 0 submit, 1 read; groups -8, -7" + told,
            DoorChecks.ChatPeople([ChatRole.Read], [-8, -7], notices)
        );
    }

    [Fact]
    public void How_updates_of_chats_come_in_is_told()
    {
        const string Name = "telegram updates";

        AssertOk("telegram", "closed: no bot is configured", DoorChecks.NoBot());
        AssertOk(
            Name,
            "Telegram is asked for them; no door is open",
            DoorChecks.ChatUpdates(null, 0)
        );
        AssertOk(
            Name,
            "/telegram/updates, by a secret of 1 characters",
            DoorChecks.ChatUpdates(new Uri("https://h/x"), 1)
        );
        AssertWarn(
            Name,
            "/telegram/updates is announced in plain text: the secret can be read on the way",
            "Give Telegram:WebhookUrl an https address.",
            DoorChecks.ChatUpdates(new Uri("http://h/x"), 16)
        );
        Assert.Equal(
            new DoctorCheck(
                Name,
                "fail",
                "anybody who knows /telegram/updates can speak for everybody",
                "Set Telegram:WebhookSecret to 16 to 256 of A-Z a-z 0-9 _ -."
            ),
            DoorChecks.ChatUpdates(new Uri("http://h/x"), 0)
        );
    }

    [Theory]
    [InlineData(0, "ok")]
    [InlineData(1, "ok")]
    [InlineData(10, "ok")]
    [InlineData(11, "warn")]
    public void Pairing_codes_that_are_open_are_counted(int open, string level) =>
        Assert.Equal(
            new DoctorCheck(
                "telegram codes",
                level,
                open == 0
                    ? "no pairing code is open"
                    : $"{open} pairing codes are good and not used; each lets one person in",
                level == "ok"
                    ? ""
                    : "They end by themselves, within a day at most; make them when they are needed, with few --minutes."
            ),
            DoorChecks.ChatCodes(open)
        );

    private static void AssertOk(string name, string message, DoctorCheck check) =>
        Assert.Equal(new DoctorCheck(name, "ok", message, ""), check);

    private static void AssertWarn(string name, string message, string cure, DoctorCheck check) =>
        Assert.Equal(new DoctorCheck(name, "warn", message, cure), check);
}
