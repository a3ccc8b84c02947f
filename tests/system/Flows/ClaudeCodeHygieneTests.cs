using System.Text.Json.Nodes;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.SystemTests.Runners;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>What the real CLI is given by the product, and what it is not.</summary>
public sealed class ClaudeCodeHygieneTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task The_agent_gets_an_environment_of_the_product_and_nothing_of_the_repository_runs()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the hook is a shell line");
        const string Leak = "ORCHESTRATOR_TEST_LEAK";
        Environment.SetEnvironmentVariable(Leak, "leaked-value");
        await using var model = await ModelApi.StartAsync([
            ModelApi.Tool("Bash", new() { ["command"] = "env" }),
            ModelApi.Say("Seen."),
        ]);
        await using var silo = await SiloProcess.StartAsync([
            .. Settings(model, "test-key-not-real"),
            "--Runner:ClaudeCode:Environment:GIVEN_BY_SETTING=yes-it-is",
            "--Runner:ClaudeCode:AllowedCommands:0=env",
        ]);
        var proof = Path.Combine(SiloProcess.NewFolder(), "hooked");
        var repository = await WorkspaceRoom.RepositoryAsync(
            $"""
            mkdir .claude; echo CLAUDEMD-WORDS >CLAUDE.md
            cat >.claude/settings.json <<'END'
            {Settings(proof)}
            END
            echo '{McpServers(proof)}' >.mcp.json
            git add -A; git commit -qm base
            """
        );

        var end = await EndAsync(await SubmitAsync(silo, "fix", repository));

        Assert.True(end.Result!.ErrorClass == ErrorClass.None, end.Result.Message);
        Assert.False(File.Exists(proof), "a hook or server of the repository was started");
        var told = model.Requests.Last();
        Assert.Contains("GIVEN_BY_SETTING=yes-it-is", told, StringComparison.Ordinal);
        Assert.Contains("CLAUDE_CONFIG_DIR=" + silo.Data, told, StringComparison.Ordinal);
        Assert.Contains("TMPDIR=" + silo.Data, told, StringComparison.Ordinal);
        Assert.DoesNotContain("leaked-value", told, StringComparison.Ordinal);
        Assert.DoesNotContain("CLAUDEMD-WORDS", told, StringComparison.Ordinal);
        var prompt = JsonNode.Parse(model.Requests.First())!["messages"]!.ToJsonString();
        Assert.Contains("Task from the orchestrator.", prompt, StringComparison.Ordinal);
        Assert.Equal("2.1.330", end.Result.AgentVersion);
    }

    [Fact]
    public async Task Without_a_key_or_a_server_the_run_ends_as_auth_or_network()
    {
        await using var model = await ModelApi.StartAsync([ModelApi.Say("never")]);
        await using (var keyless = await SiloProcess.StartAsync(Settings(model, "")))
        {
            var end = await EndAsync(await SubmitAsync(keyless, "analyze"));
            Assert.Equal((ErrorClass.Auth, 1), (end.ErrorClass, end.Attempt));
            Assert.Contains("ANTHROPIC_API_KEY", end.Failure!.Message, StringComparison.Ordinal);
        }
        Assert.Empty(model.Requests);
        var settings = Settings(model, "test-key-not-real");
        await model.DisposeAsync();
        await using var alone = await SiloProcess.StartAsync(settings);
        var lost = await EndAsync(await SubmitAsync(alone, "analyze"));
        Assert.Equal(ErrorClass.Network, lost.ErrorClass);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    [InlineData("INT")]
    public async Task An_agent_that_is_ended_from_outside_is_told_so(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "looks for the agent in /proc");
        await using var model = await ModelApi.StartAsync([ModelApi.Break("hang")]);
        await using var silo = await SiloProcess.StartAsync(Settings(model, "test-key-not-real"));
        var task = await SubmitAsync(silo, "analyze");
        await model.Asked.WaitAsync(Deadline);
        var agent = MarkedProcesses
            .Find(ProcessGroup.RunVariable, task.TaskId + "-1")
            .Where(p => CommandLineOf(p).StartsWith(LockedClaude.Path(), StringComparison.Ordinal))
            .Min();

        await WorkspaceRoom.ShellAsync("/", $"kill -{signal} {agent}");
        var end = await EndAsync(task);

        // An interrupt that comes early ends 2.1.330 with exit code 0 and no result line: no success either.
        Assert.True(
            end.ErrorClass == ErrorClass.Killed
                || (signal == "INT" && end.ErrorClass == ErrorClass.StreamClosed),
            $"{end.ErrorClass} {end.Result?.Message} exit {end.Result?.ExitCode}"
        );
    }

    // Processes that the agent starts come and go while they are looked at.
    private static string CommandLineOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Settings(string proof)
    {
        JsonArray Touch() =>
            [
                new JsonObject
                {
                    ["matcher"] = "*",
                    ["hooks"] = new JsonArray(
                        new JsonObject { ["type"] = "command", ["command"] = "touch " + proof }
                    ),
                },
            ];
        return new JsonObject
        {
            ["hooks"] = new JsonObject
            {
                ["PreToolUse"] = Touch(),
                ["UserPromptSubmit"] = Touch(),
                ["SessionStart"] = Touch(),
            },
        }.ToJsonString();
    }

    private static string McpServers(string proof) =>
        new JsonObject
        {
            ["mcpServers"] = new JsonObject
            {
                ["evil"] = new JsonObject
                {
                    ["command"] = "touch",
                    ["args"] = new JsonArray(proof),
                },
            },
        }.ToJsonString();

    private static string[] Settings(ModelApi model, string key) =>
        [
            "--Runner:ClaudeCode:Executable=" + LockedClaude.Path(),
            "--Runner:ClaudeCode:Environment:ANTHROPIC_API_KEY=" + key,
            "--Runner:ClaudeCode:Environment:ANTHROPIC_BASE_URL=" + model.Address,
            "--Runner:ClaudeCode:Environment:CLAUDE_CODE_MAX_RETRIES=1",
            "--Task:TriesMax=1",
        ];

    private static Task<TaskHandle> SubmitAsync(
        SiloProcess silo,
        string type,
        string? repository = null
    ) =>
        silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = "What is here?",
                Type = type,
                Repository = repository,
            }
        );

    private static async Task<TaskSnapshot> EndAsync(TaskHandle task)
    {
        using var limit = new CancellationTokenSource(Deadline);
        return await task.WaitAsync(limit.Token);
    }
}
