using System.Text.Json.Nodes;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

/// <summary>Approvals by buttons: who may, of which diff, and over a restart.</summary>
public sealed class ApprovalTests : IAsyncLifetime
{
    private const long Asker = 11;
    private const long Keeper = 22;
    private const long Team = -77;
    private const string Append = """{"do":"append","path":"a.txt","text":"two\n"}""";
    private const string Guarded = """
        version: 1
        name: guarded
        self_approval: false
        roles:
          keeper: ["telegram:22"]
        lanes:
          code:
            types: [fix]
            write: guarded
            approvals:
              - name: a keeper looks
                by: [keeper]
        """;

    private TelegramStandIn telegram = null!;
    private SiloProcess silo = null!;

    public async ValueTask InitializeAsync()
    {
        telegram = await TelegramStandIn.StartAsync();
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        silo = await SiloProcess.StartAsync(
            telegram.Settings(
                "--Telegram:Users:11",
                "operate",
                "--Telegram:Users:22",
                "operate",
                "--Telegram:Users:33",
                "submit",
                "--Telegram:NoticeChat",
                "-77",
                "--Telegram:Repository",
                repository,
                "--Telegram:Script",
                $$"""{"version":1,"steps":[{{Append}}]}"""
            )
        );
        await silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = Guarded });
    }

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        await telegram.DisposeAsync();
    }

    [Fact]
    public async Task A_tap_counts_once_from_whom_the_policy_lets_and_also_after_a_restart()
    {
        var taken = await telegram.AskAsync(Asker, "/bug_fix add the second line to a.txt");
        var id = TelegramStandIn.Words(taken).Split('\n')[0].Split(' ')[1];
        var asked = await telegram.HearAsync(Team, $"✋ {id} asks");
        await telegram.HearAsync(Asker, $"✋ {id} asks");

        // Not known, too small a role, and the requester, whom the policy does not let.
        Assert.Contains("closed", await TapAsync(99, asked, "Approve"), StringComparison.Ordinal);
        Assert.Contains("operate", await TapAsync(33, asked, "Approve"), StringComparison.Ordinal);
        Assert.Contains(
            "policy",
            await TapAsync(Asker, asked, "Approve"),
            StringComparison.Ordinal
        );
        Assert.Equal(TaskPhase.AwaitingApproval, (await silo.Client.GetAsync(id)).Phase);

        // A restart between question and answer changes nothing.
        await silo.KillAsync();
        await silo.StartAsync();
        Assert.Contains("yes", await TapAsync(Keeper, asked, "Approve"), StringComparison.Ordinal);
        await telegram.HearAsync(Asker, $"✅ Task {id} COMPLETED");
        var facts = (await silo.Client.GetFactsAsync(id, 0)).Facts;
        var approved = Assert.Single(facts, f => f.Fact is TaskFact.Approved);
        Assert.Equal(
            ("telegram:22", "telegram chat -77"),
            approved.Fact is TaskFact.Approved a ? (a.By, a.From) : default
        );
        Assert.Contains(
            "asks nothing any more",
            await TapAsync(Keeper, asked, "Approve"),
            StringComparison.Ordinal
        );
        var log = (await silo.Client.GetFactsAsync(TaskIds.System, 0)).Facts;
        Assert.True(
            log.Count(f => f.Fact is TaskFact.IntakeRefused { Source: "telegram" }) >= 3,
            "The refused taps are not on record."
        );
    }

    [Fact]
    public async Task A_button_about_a_diff_that_is_not_the_newest_says_so()
    {
        var taken = await telegram.AskAsync(Asker, "/bug_fix add the second line to a.txt");
        var id = TelegramStandIn.Words(taken).Split('\n')[0].Split(' ')[1];
        var asked = await telegram.HearAsync(Team, $"✋ {id} asks");
        var data = TelegramStandIn.Button(asked, "Approve");
        var stale = $"ok:{new string('0', 12)}:{data.Split(':')[2]}";
        Assert.NotEqual(stale, data);

        var answer = await TapDataAsync(Keeper, asked, stale);

        Assert.Contains("has changed since", answer, StringComparison.Ordinal);
        Assert.Equal(TaskPhase.AwaitingApproval, (await silo.Client.GetAsync(id)).Phase);
        Assert.Contains("too old", await TapDataAsync(Keeper, asked, "what:is:this"));
        Assert.Contains("no to", await TapAsync(Keeper, asked, "Reject"), StringComparison.Ordinal);
        await telegram.HearAsync(Asker, $"❌ Task {id} FAILED");
    }

    private Task<string> TapAsync(long user, JsonObject message, string label) =>
        telegram.TapAsync(user, message, TelegramStandIn.Button(message, label));

    private Task<string> TapDataAsync(long user, JsonObject message, string data) =>
        telegram.TapAsync(user, message, data);
}
