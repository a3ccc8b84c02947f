using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Client;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Policy;

/// <summary>Commands that a person must allow, through the built silo and the real Claude Code CLI: asked, answered, and run exactly.</summary>
public sealed class AskedCommandFlowTests : IAsyncLifetime
{
    private const string Lanes = """
        version: 1
        name: asking
        self_approval: false
        roles:
          keeper: [keeper]
        lanes:
          docs:
            types: [documentation]
            write: direct
            paths: [docs/**]
            tools: [Read, Edit, Write, Bash]
            commands: {allow: [cp], ask: [./deploy.sh], by: [keeper]}
        """;

    // Made here, so that no file of the sources holds what looks like a secret.
    private static readonly string Token = "ghp_" + new string('a', 18) + new string('7', 18);
    private static readonly string First = $"./deploy.sh staging {Token}";
    private const string Second = "./deploy.sh production";

    private GuardedAgent agent = null!;
    private OrchestratorClient keeper = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "runs a script of Linux");
        agent = await GuardedAgent.StartAsync((_, _) => Scenarios(), LockedClaude.Path());
        await agent.Silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = Lanes });
        var token = await agent.Silo.Client.CreateTokenAsync(
            new TokenRequest { Name = "keeper", Scopes = ["read", "operate"] }
        );
        keeper = new OrchestratorClient(agent.Silo.Address, token.Secret!);
    }

    public async ValueTask DisposeAsync()
    {
        keeper?.Dispose();
        await (agent?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task Each_command_is_asked_about_and_exactly_what_a_person_allowed_is_run()
    {
        var task = await SubmitAsync("asks-twice");
        var asked = await AskedAsync(task.TaskId);

        // The run is over, is nobody's try, and its work is kept; nothing of the command was done.
        Assert.Equal((1, 0), (asked.Attempt, asked.Tries));
        Assert.Equal(ErrorClass.CommandAsked, asked.Result!.ErrorClass);
        Assert.Equal(["docs/a.md"], asked.Result.Diff.Files.Select(f => f.Path));
        Assert.StartsWith("./deploy.sh staging ", asked.Command!.Command, StringComparison.Ordinal);
        Assert.Equal(("", CommandText.Hash("", First)), (asked.Command.Folder, asked.Command.Hash));
        await AssertShownAsync(asked);

        // Who may not is refused, and that stands in the system log.
        var own = await RefusedAsync(() => agent.Silo.Client.AnswerAsync(task.TaskId, true));
        Assert.Equal(FailureCodes.PolicyDenied, own.Code);
        Assert.Contains(
            (await agent.Silo.Client.GetFactsAsync(TaskIds.System, 0)).Facts,
            f =>
                f.Fact is TaskFact.IntakeRefused { Source: "http" } r
                && r.Name.EndsWith(": approve " + task.TaskId, StringComparison.Ordinal)
        );

        // A restart between question and answer changes nothing.
        await agent.Silo.KillAsync();
        await agent.Silo.StartAsync();
        keeper.Dispose();
        var secret = await agent.Silo.Client.CreateTokenAsync(
            new TokenRequest { Name = "keeper", Scopes = ["read", "operate"] }
        );
        keeper = new OrchestratorClient(agent.Silo.Address, secret.Secret!);
        var after = await agent.Silo.Client.GetAsync(task.TaskId);
        Assert.Equal(
            (TaskPhase.AwaitingApproval, asked.ApprovalHash, asked.Command),
            (after.Phase, after.ApprovalHash, after.Command)
        );

        var approve = CliProcess.Info(
            agent.Silo.Data,
            "approve",
            task.TaskId,
            "--hash",
            asked.ApprovalHash[..12]
        );
        approve.Environment["ORCHESTRATOR_TOKEN"] = secret.Secret!;
        approve.Environment["ORCHESTRATOR_URL"] = agent.Silo.Address.ToString();
        var yes = await CliProcess.RunAsync(approve);
        Assert.True(yes.ExitCode == 0, yes.Error);

        // The first was run, once; another of the same pattern is another question.
        var again = await AskedAsync(task.TaskId, after.Version);
        Assert.Equal((2, 0, Second), (again.Attempt, again.Tries, again.Command!.Command));
        Assert.Contains("+staging", await DiffAsync(task.TaskId), StringComparison.Ordinal);
        Assert.DoesNotContain("production", await DiffAsync(task.TaskId), StringComparison.Ordinal);
        var stale = await RefusedAsync(() =>
            keeper.AnswerAsync(task.TaskId, true, null, asked.ApprovalHash)
        );
        Assert.Equal(FailureCodes.Conflict, stale.Code);
        Assert.Contains("another command", stale.Message, StringComparison.Ordinal);
        await keeper.AnswerAsync(task.TaskId, true, "go", again.ApprovalHash);

        await FactWait.SeenAsync(agent.Silo, task.TaskId, Ends, again.Version);
        var end = await agent.Silo.Client.GetAsync(task.TaskId);
        Assert.True(end.Phase == TaskPhase.Done, $"{end.Phase} {end.Failure?.Message}");
        Assert.Equal((3, 1, null), (end.Attempt, end.Tries, end.Command));
        var deployed = (await DiffAsync(task.TaskId))
            .Split('\n')
            .Where(l => l is "+staging" or "+production");
        Assert.Equal(["+staging", "+production"], deployed);
        var record = await agent.RecordAsync(task.TaskId);
        Assert.Equal(
            [true, true],
            record
                .GetProperty("policy")
                .GetProperty("commands")
                .EnumerateArray()
                .Select(c => c.GetProperty("allowed").GetBoolean())
        );
        await AssertNowhereAsync(task.TaskId);
    }

    [Fact]
    public async Task A_no_ends_the_turn_with_nothing_run_and_a_reply_goes_on_without()
    {
        var task = await SubmitAsync("is-refused");
        var asked = await AskedAsync(task.TaskId);

        var no = await keeper.AnswerAsync(task.TaskId, false, "not today", asked.ApprovalHash);

        Assert.Equal(TaskPhase.Failed, no.Phase);
        Assert.Equal("keeper said no. not today", no.Failure!.Message);
        Assert.Null(no.Command);
        Assert.DoesNotContain("deployed", await DiffAsync(task.TaskId), StringComparison.Ordinal);

        await agent.Silo.Client.ReplyAsync(
            task.TaskId,
            new ReplyRequest { Text = "Write it down instead. [[sc:is-refused]]" }
        );
        await FactWait.SeenAsync(agent.Silo, task.TaskId, Ends, no.Version);
        var end = await agent.Silo.Client.GetAsync(task.TaskId);
        Assert.True(end.Phase == TaskPhase.Done, $"{end.Phase} {end.Failure?.Message}");
        Assert.Equal(2, end.Turn);
        Assert.DoesNotContain("deployed", await DiffAsync(task.TaskId), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_sandbox_it_is_asked_and_run_likewise()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/bwrap"), "bubblewrap is not installed");
        await agent.DisposeAsync();
        agent = await GuardedAgent.StartAsync(
            (_, _) => Scenarios(),
            LockedClaude.Path(),
            "--Runner:Sandbox=bubblewrap"
        );
        await agent.Silo.Client.SetPolicyAsync(
            new SetPolicyRequest
            {
                Text = Lanes
                    .Replace(
                        "self_approval: false",
                        "self_approval: true",
                        StringComparison.Ordinal
                    )
                    .Replace(", by: [keeper]", "", StringComparison.Ordinal),
            }
        );
        var task = await SubmitAsync("is-refused");
        var asked = await AskedAsync(task.TaskId);

        await agent.Silo.Client.AnswerAsync(task.TaskId, true, null, asked.ApprovalHash);
        await FactWait.SeenAsync(agent.Silo, task.TaskId, Ends, asked.Version);

        var end = await agent.Silo.Client.GetAsync(task.TaskId);
        Assert.True(end.Phase == TaskPhase.Done, $"{end.Phase} {end.Failure?.Message}");
    }

    private static Dictionary<string, IReadOnlyList<JsonObject>> Scenarios() =>
        new()
        {
            ["asks-twice"] =
            [
                ClaudeGuardTests.Write("docs/a.md"),
                ClaudeGuardTests.Bash(First),
                ClaudeGuardTests.Bash(First),
                ClaudeGuardTests.Bash(Second),
                ClaudeGuardTests.Bash(Second),
                ModelApi.Say("Done."),
            ],
            ["is-refused"] =
            [
                ClaudeGuardTests.Write("docs/a.md"),
                ClaudeGuardTests.Bash(Second),
                ModelApi.Say("Done without."),
            ],
        };

    private async Task<TaskHandle> SubmitAsync(string scenario) =>
        await agent.Silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = $"Write the documents. [[sc:{scenario}]]",
                Type = "documentation",
                Repository = await agent.RepositoryAsync(
                    """
                    printf '#!/bin/sh\necho "$1" >>docs/deployed.txt\n' >deploy.sh; chmod +x deploy.sh
                    """
                ),
            }
        );

    private async Task<TaskSnapshot> AskedAsync(string taskId, long after = 0)
    {
        var fact = await FactWait.SeenAsync(
            agent.Silo,
            taskId,
            f => f is TaskFact.ApprovalAsked || Ends(f),
            after
        );
        var task = await agent.Silo.Client.GetAsync(taskId);
        Assert.True(fact is TaskFact.ApprovalAsked, $"{task.Phase} {task.Failure?.Message}");
        return task;
    }

    private static bool Ends(TaskFact fact) =>
        fact is TaskFact.Delivered or TaskFact.Failed or TaskFact.Cancelled;

    private Task<string> DiffAsync(string taskId) => agent.Silo.Client.GetDiffAsync(taskId);

    // Wherever people look they see the command and how to answer, and never the secret in it.
    private async Task AssertShownAsync(TaskSnapshot asked)
    {
        foreach (var verb in (string[])["show", "explain"])
        {
            var shown = await CliProcess.RunAsync(agent.Silo.Data, verb, asked.TaskId);
            Assert.Contains("./deploy.sh staging", shown.Output, StringComparison.Ordinal);
            Assert.Contains(asked.ApprovalHash[..12], shown.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(Token, shown.Output, StringComparison.Ordinal);
        }
        await AssertNowhereAsync(asked.TaskId);
    }

    private async Task AssertNowhereAsync(string taskId)
    {
        var task = await agent.Silo.Client.GetAsync(taskId);
        var facts = await agent.Silo.Client.GetFactsAsync(taskId, 0);
        Assert.DoesNotContain(
            Token,
            JsonSerializer.Serialize(task, OrchestratorJson.Default.TaskSnapshot),
            StringComparison.Ordinal
        );
        Assert.All(
            facts.Facts,
            f => Assert.DoesNotContain(Token, f.ToString(), StringComparison.Ordinal)
        );
    }

    private static async Task<Failure> RefusedAsync(Func<Task> call) =>
        (await Assert.ThrowsAsync<OrchestratorException>(call)).Failure!;
}
