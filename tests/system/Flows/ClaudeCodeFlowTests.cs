using System.Text.Json.Nodes;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>The real Claude Code CLI, from the locked npm package, against a scripted model on loopback. No other model is ever reached.</summary>
public sealed class ClaudeCodeFlowTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_real_agent_changes_a_file_by_tool_calls_and_the_checks_and_the_artifact_follow()
    {
        await using var model = await ModelApi.StartAsync([
            ModelApi.Tool("Read", new JsonObject { ["file_path"] = "a.txt" }),
            ModelApi.Tool(
                "Edit",
                new JsonObject
                {
                    ["file_path"] = "a.txt",
                    ["old_string"] = "one",
                    ["new_string"] = "two",
                }
            ),
            ModelApi.Say("Changed one to two in a.txt."),
        ]);
        await using var silo = await StartAsync(model);
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (".orchestrator.yaml", "verify:\n  - grep -q two a.txt\n")
        );
        const string Words = "Change one to two in a.txt.\n**Note** keep the rest @a.txt";

        var task = await silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = Words,
                Type = "fix",
                Repository = repository,
            },
            "real-1"
        );
        var again = await silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = Words,
                Type = "fix",
                Repository = repository,
            },
            "real-1"
        );
        var end = await EndAsync(task);

        Assert.Equal(task.TaskId, again.TaskId);
        Assert.True(
            end.Phase == TaskPhase.Done,
            $"{end.Phase}: {end.Failure?.Message} {end.Result?.StderrTail} {string.Join(';', end.Result?.Denials ?? [])}"
        );
        Assert.Equal("a.txt", Assert.Single(end.Result!.Diff.Files).Path);
        Assert.Equal(
            ("2.1.330", "Claude Code", 2),
            (end.Result.AgentVersion, end.Result.AgentLabel, end.Result.ToolCalls)
        );
        Assert.Equal("Changed one to two in a.txt.", end.Result.ResultText);
        Assert.True(end.Tokens > 0);
        Assert.Contains(model.Requests, r => Prompted(r, Words));
        Assert.Equal(0, Assert.Single(end.Verification!.Commands).ExitCode);
    }

    [Fact]
    public async Task The_same_run_twice_from_the_command_line_is_one_task_with_a_valid_artifact()
    {
        await using var model = await ModelApi.StartAsync([
            ModelApi.Tool("Read", new JsonObject { ["file_path"] = "a.txt" }),
            ModelApi.Tool(
                "Edit",
                new JsonObject
                {
                    ["file_path"] = "a.txt",
                    ["old_string"] = "one",
                    ["new_string"] = "two",
                }
            ),
            ModelApi.Say("Changed one to two in a.txt."),
        ]);
        await using var silo = await StartAsync(model);
        var repository = await SiloProcess.RepositoryAsync(
            ("a.txt", "one\n"),
            (".orchestrator.yaml", "verify:\n  - grep -q two a.txt\n")
        );
        string[] arguments =
        [
            "run",
            "Change one to two in a.txt",
            "--repo",
            repository,
            "--type",
            "fix",
            "--idempotency-key",
            "from-the-terminal",
        ];

        var first = await CliProcess.RunAsync(silo.Data, arguments);
        var asked = model.Requests.Count;
        var second = await CliProcess.RunAsync(silo.Data, arguments);

        Assert.True(
            (first.ExitCode, second.ExitCode) == (0, 0),
            $"{first.Output}{first.Error}{second.Output}{second.Error}"
        );
        Assert.Contains("+two", first.Output, StringComparison.Ordinal);
        Assert.Equal(asked, model.Requests.Count);
        var task = Assert.Single((await silo.Client.ListAsync()).Tasks);
        Assert.Equal(1, (await silo.Client.GetAsync(task.TaskId)).Attempt);
        await Exports.WaitAsync(silo.Data, [task.TaskId]);
        var validated = await CliProcess.RunAsync(
            silo.Data,
            "validate-artifacts",
            Path.Combine(silo.Data, "results")
        );
        Assert.True(validated.ExitCode == 0, validated.Output + validated.Error);
    }

    [Fact]
    public async Task D16_A_refused_key_ends_the_run_early_as_auth_and_is_not_retried()
    {
        await using var model = await ModelApi.StartAsync([ModelApi.Say("never")], status: 401);
        await using var silo = await StartAsync(model);

        var end = await EndAsync(
            await silo.Client.SubmitAsync(
                new SubmitRequest { Request = "What is here?", Type = "analyze" }
            )
        );

        Assert.Equal(
            (TaskPhase.Failed, ErrorClass.Auth, 1),
            (end.Phase, end.ErrorClass, end.Attempt)
        );
    }

    [Fact]
    public async Task D19_A_read_only_task_has_no_tool_that_writes()
    {
        await using var model = await ModelApi.StartAsync([
            ModelApi.Tool("Write", new JsonObject { ["file_path"] = "b.txt", ["content"] = "x" }),
            ModelApi.Say("I tried."),
        ]);
        await using var silo = await StartAsync(model);
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));

        var end = await EndAsync(
            await silo.Client.SubmitAsync(
                new SubmitRequest
                {
                    Request = "Review a.txt",
                    Type = "code_review",
                    Repository = repository,
                }
            )
        );

        Assert.Equal(TaskPhase.Done, end.Phase);
        Assert.Equal(0, end.Result!.Diff.FilesTotal);
        Assert.All(
            model.Requests,
            r =>
                Assert.DoesNotContain(
                    "\"name\":\"Write\",\"description\"",
                    r,
                    StringComparison.Ordinal
                )
        );
    }

    private static bool Prompted(string request, string words) =>
        JsonNode.Parse(request)!["messages"]!
            .AsArray()
            .Any(m =>
                m!["content"] is JsonArray blocks
                && blocks.Any(b =>
                    b!["text"]?.GetValue<string>().Contains(words, StringComparison.Ordinal) == true
                )
            );

    // Key and address come from the silo's own environment, as most people have them.
    private static async Task<SiloProcess> StartAsync(ModelApi model)
    {
        var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Runner:ClaudeCode:Executable=" + LockedClaude.Path()
        );
        silo.Environment["ANTHROPIC_API_KEY"] = "test-key-not-real";
        silo.Environment["ANTHROPIC_BASE_URL"] = model.Address.ToString();
        await silo.StartAsync();
        return silo;
    }

    private static async Task<TaskSnapshot> EndAsync(TaskHandle task)
    {
        using var limit = new CancellationTokenSource(Deadline);
        return await task.WaitAsync(limit.Token);
    }
}
