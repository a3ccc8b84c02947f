using System.Text.Json.Nodes;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Policy;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

/// <summary>A command that a person must allow, answered by a chat's buttons: who may, and which question it was.</summary>
public sealed class AskedCommandChatTests
{
    private const long Keeper = 22;
    private const long Other = 33;
    private const long Team = -77;
    private const string First = "cp docs/old.md docs/first.md";
    private const string Second = "cp docs/old.md docs/second.md";

    private const string Lanes = """
        version: 1
        name: asking
        self_approval: false
        roles:
          keeper: ["telegram:22"]
        lanes:
          docs:
            types: [documentation]
            write: direct
            paths: [docs/**]
            tools: [Read, Edit, Write, Bash]
            commands: {allow: [], ask: [cp], by: [keeper]}
        """;

    [Fact]
    public async Task A_tap_of_who_may_lets_it_run_and_a_button_of_the_question_before_is_stale()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "plants links of Linux");
        await using var telegram = await TelegramStandIn.StartAsync();
        await using var agent = await GuardedAgent.StartAsync(
            (_, _) =>
                new Dictionary<string, IReadOnlyList<JsonObject>>
                {
                    ["taps"] =
                    [
                        ClaudeGuardTests.Bash(First),
                        ClaudeGuardTests.Bash(First),
                        ClaudeGuardTests.Bash(Second),
                        ModelApi.Say("Done."),
                    ],
                },
            LockedClaude.Path(),
            telegram.Settings(
                "--Telegram:Users:22",
                "operate",
                "--Telegram:Users:33",
                "operate",
                "--Telegram:NoticeChat",
                "-77"
            )
        );
        await agent.Silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = Lanes });
        var task = await agent.Silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = "Write the documents. [[sc:taps]]",
                Type = "documentation",
                Repository = await agent.RepositoryAsync(),
            }
        );
        var id = task.TaskId;

        var first = await telegram.HearAsync(Team, $"✋ {id} asks whether its agent may run");
        Assert.Contains($"\n{First}\n", TelegramStandIn.Words(first), StringComparison.Ordinal);
        var approve = TelegramStandIn.Button(first, "Approve");
        Assert.Contains(
            "policy",
            await telegram.TapAsync(Other, first, approve),
            StringComparison.Ordinal
        );
        Assert.Contains(
            (await agent.Silo.Client.GetFactsAsync(TaskIds.System, 0)).Facts,
            f => f.Fact is TaskFact.IntakeRefused { Source: "telegram" }
        );
        var asked = await agent.Silo.Client.GetAsync(id);
        Assert.Equal(TaskPhase.AwaitingApproval, asked.Phase);

        Assert.Contains(
            "yes",
            await telegram.TapAsync(Keeper, first, approve),
            StringComparison.Ordinal
        );
        await FactWait.SeenAsync(
            agent.Silo,
            id,
            f => f is TaskFact.ApprovalAsked { Command.Command: Second },
            asked.Version
        );
        Assert.Contains(
            "has changed since",
            await telegram.TapAsync(Keeper, first, approve),
            StringComparison.Ordinal
        );
        var now = await agent.Silo.Client.GetAsync(id);
        Assert.Equal((TaskPhase.AwaitingApproval, Second), (now.Phase, now.Command!.Command));
        Assert.Contains(
            "no to",
            await telegram.TapAsync(
                Keeper,
                first,
                $"no:{now.ApprovalHash[..12]}:{approve.Split(':')[2]}"
            ),
            StringComparison.Ordinal
        );
        Assert.Equal(TaskPhase.Failed, (await agent.Silo.Client.GetAsync(id)).Phase);
        var diff = await agent.Silo.Client.GetDiffAsync(id);
        Assert.Contains("docs/first.md", diff, StringComparison.Ordinal);
        Assert.DoesNotContain("docs/second.md", diff, StringComparison.Ordinal);
    }
}
