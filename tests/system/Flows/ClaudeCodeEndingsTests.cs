using System.Text.Json.Nodes;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>One silo with the real CLI and one scripted model; each request picks its scenario by a mark.</summary>
public sealed class ClaudeCodeRoom : IAsyncLifetime
{
    // A day ahead; the governor of the account believes no end that is absurdly far.
    internal static readonly string Epoch = TimeProvider
        .System.GetUtcNow()
        .AddDays(1)
        .ToUnixTimeSeconds()
        .ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What the model does, by name.</summary>
    private static readonly Dictionary<string, IReadOnlyList<JsonObject>> Scenarios = new()
    {
        ["text"] = [ModelApi.Say("Nothing to do here.")],
        ["tools"] =
        [
            ModelApi.Tool("Read", new() { ["file_path"] = "a.txt" }),
            ModelApi.Tool(
                "Edit",
                new()
                {
                    ["file_path"] = "a.txt",
                    ["old_string"] = "one",
                    ["new_string"] = "two",
                }
            ),
            ModelApi.Tool("Write", new() { ["file_path"] = "new.txt", ["content"] = "x\n" }),
            ModelApi.Tool("Bash", new() { ["command"] = "git status --short && cat a.txt" }),
            ModelApi.Say("Did it."),
        ],
        ["forbidden"] =
        [
            ModelApi.Tool("Read", new() { ["file_path"] = "OUTSIDE/silo.json" }),
            ModelApi.Tool("Grep", new() { ["pattern"] = "token", ["path"] = "OUTSIDE" }),
            ModelApi.Tool("Bash", new() { ["command"] = "cat OUTSIDE/silo.json" }),
            ModelApi.Tool("Write", new() { ["file_path"] = "OUTSIDE/planted", ["content"] = "x" }),
            ModelApi.Tool("Bash", new() { ["command"] = "git diff --output=OUTSIDE/planted" }),
            ModelApi.Tool("Bash", new() { ["command"] = "printf x > .git/hooks/post-checkout" }),
            ModelApi.Tool("Write", new() { ["file_path"] = ".git/config", ["content"] = "x" }),
            ModelApi.Tool("Write", new() { ["file_path"] = ".env", ["content"] = "x" }),
            ModelApi.Say("I tried."),
        ],
        ["auth"] = [ModelApi.Error(401, "authentication_error", "invalid x-api-key")],
        ["usage-epoch"] =
        [
            ModelApi.Error(429, "rate_limit_error", "Claude AI usage limit reached|" + Epoch, 3600),
        ],
        ["usage"] = [ModelApi.Error(429, "rate_limit_error", "You've hit your usage limit", 3600)],
        ["rate"] = [ModelApi.Error(429, "rate_limit_error", "Too many requests", 3600)],
        ["overloaded"] = [ModelApi.Error(529, "overloaded_error", "Overloaded")],
        ["server"] = [ModelApi.Error(500, "api_error", "Internal server error")],
        ["billing"] =
        [
            ModelApi.Error(
                400,
                "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API."
            ),
        ],
        ["too-long"] =
        [
            ModelApi.Error(
                400,
                "invalid_request_error",
                "prompt is too long: 250000 tokens > 200000 maximum"
            ),
        ],
        ["no-model"] = [ModelApi.Error(404, "not_found_error", "model: claude-none")],
        ["refusal"] = [ModelApi.Stop("refusal", "I can't help with that.")],
        ["reset"] = [ModelApi.Break("reset")],
        ["malformed"] = [ModelApi.Break("malformed")],
        ["hang"] = [ModelApi.Break("hang")],
        ["stall"] = [ModelApi.Break("stall")],
        ["loop"] = [ModelApi.Tool("Bash", new() { ["command"] = "ls" })],
    };

    internal ModelApi Model { get; private set; } = null!;

    internal SiloProcess Silo { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Model = await ModelApi.StartAsync(Scenarios);
        Silo = await SiloProcess.StartAsync(
            "--Runner:ClaudeCode:Executable=" + LockedClaude.Path(),
            "--Runner:ClaudeCode:Environment:ANTHROPIC_API_KEY=test-key-not-real",
            "--Runner:ClaudeCode:Environment:ANTHROPIC_BASE_URL=" + Model.Address,
            "--Runner:ClaudeCode:Environment:CLAUDE_CODE_MAX_RETRIES=1",
            "--Runner:ClaudeCode:Environment:CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK=1",
            "--Task:TriesMax=1",
            "--Task:SilenceMax=00:00:15"
        );
        foreach (var step in Scenarios["forbidden"])
        {
            foreach (var (name, value) in step["input"]?.AsObject().ToList() ?? [])
            {
                step["input"]![name] = value!
                    .GetValue<string>()
                    .Replace("OUTSIDE", Silo.Data, StringComparison.Ordinal);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        await Model.DisposeAsync();
    }
}

/// <summary>Each way the real CLI ends becomes its class, with a next step for the person.</summary>
public sealed class ClaudeCodeEndingsTests(ClaudeCodeRoom room) : IClassFixture<ClaudeCodeRoom>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("auth", ErrorClass.Auth, "ANTHROPIC_API_KEY")]
    [InlineData("rate", ErrorClass.RateLimit, "Runner:Slots")]
    [InlineData("overloaded", ErrorClass.UpstreamError, "retry later")]
    [InlineData("server", ErrorClass.UpstreamError, "retry later")]
    [InlineData("billing", ErrorClass.Billing, "credit")]
    [InlineData("too-long", ErrorClass.ContextOverflow, "Shorten")]
    [InlineData("no-model", ErrorClass.ModelNotFound, "Runner:ClaudeCode:Model")]
    [InlineData("refusal", ErrorClass.Refusal, "Change the request")]
    [InlineData("reset", ErrorClass.Network, "connection to the model's server")]
    [InlineData("malformed", ErrorClass.UpstreamError, "retry later")]
    [InlineData("loop", ErrorClass.MaxTurns, "max_turns")]
    public async Task D12_D16_A_fault_of_the_model_ends_in_its_class_with_a_next_step(
        string scenario,
        ErrorClass expected,
        string step
    )
    {
        var end = await RunAsync(scenario);

        Assert.True(
            (TaskPhase.Failed, expected) == (end.Phase, end.ErrorClass),
            $"{scenario}: {end.Phase} {end.ErrorClass}, {end.Failure?.Message} | {end.Result?.Message} | exit {end.Result?.ExitCode} | {end.Result?.StderrTail}"
        );
        Assert.Contains(step, end.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(1, end.Attempt);
    }

    [Theory]
    [InlineData("usage-epoch", true)]
    [InlineData("usage", false)]
    public async Task D16_A_spent_usage_window_pauses_the_task_until_its_reset(
        string scenario,
        bool named
    )
    {
        var task = await SubmitAsync(scenario);
        using var limit = new CancellationTokenSource(Deadline);
        await foreach (var entry in task.WatchAsync(0, limit.Token))
        {
            if (entry.Fact is TaskFact.Paused paused)
            {
                // The limit holds the whole account, and the other tests share it.
                await AgentAccounts.OpenAllAsync(room.Silo.Client);
                var reset = DateTimeOffset.FromUnixTimeSeconds(
                    long.Parse(
                        ClaudeCodeRoom.Epoch,
                        System.Globalization.CultureInfo.InvariantCulture
                    )
                );
                Assert.Equal(named, paused.Until == reset);
                Assert.True(paused.Until > entry.At);
                await task.CancelAsync("seen");
                return;
            }
            Assert.False(
                entry.Fact is TaskFact.Failed,
                $"failed in place of paused: {(entry.Fact as TaskFact.Failed)?.Failure.Message}"
            );
        }
        Assert.Fail("The stream of facts ended without a pause.");
    }

    [Theory]
    [InlineData("hang")]
    [InlineData("stall")]
    public async Task D6_A_model_that_never_answers_is_ended_by_the_silence_limit(string scenario)
    {
        var end = await RunAsync(scenario);

        Assert.Equal((TaskPhase.Failed, ErrorClass.Timeout), (end.Phase, end.ErrorClass));
        Assert.Contains("silent", end.Result!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_alone_answer_a_question()
    {
        var end = await RunAsync("text", type: "analyze");

        Assert.Equal((TaskPhase.Done, "Nothing to do here."), (end.Phase, end.Result!.ResultText));
        Assert.Equal("SUCCESS", end.Judgement!.Outcome);
    }

    [Fact]
    public async Task D28_Real_tool_calls_change_files_and_the_words_reach_the_model_once()
    {
        var words =
            $"Please [[sc:tools]] do it {Guid.NewGuid():N}\n## Steps\n**Note** /compact @a.txt \"ü\"";
        var end = await RunAsync("tools", words: words);

        Assert.True(end.Phase == TaskPhase.Done, end.Failure?.Message);
        Assert.Equal(["a.txt", "new.txt"], end.Result!.Diff.Files.Select(f => f.Path));
        Assert.Equal(4, end.Result.ToolCalls);
        Assert.Empty(end.Result.Denials);
        var first = room.Model.Requests.First(r =>
            r.Contains(words.Split(' ')[4].Split('\n')[0], StringComparison.Ordinal)
        );
        var sent = string.Concat(Texts(JsonNode.Parse(first)!["messages"]!));
        Assert.Equal(2, sent.Split(words).Length);
    }

    [Fact]
    public async Task D20_D26_Tools_outside_the_worktree_are_denied_and_recorded()
    {
        var end = await RunAsync("forbidden");

        Assert.Equal((TaskPhase.Failed, ErrorClass.PermissionBlock), (end.Phase, end.ErrorClass));
        Assert.Equal(0, end.Result!.Diff.FilesTotal);
        Assert.Contains(end.Result.Denials, d => d.Contains("silo.json", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(room.Silo.Data, "planted")));
        var results = string.Concat(
            room.Model.Requests.Where(r => r.Contains("[[sc:forbidden]]", StringComparison.Ordinal))
        );
        var token = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(room.Silo.Data, "silo.json"))
        )!["token"]!.GetValue<string>();
        Assert.DoesNotContain(token, results, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_resumes_the_session_and_its_cost_is_the_difference_even_where_only_the_store_has_it()
    {
        var task = await SubmitAsync("text", type: "analyze");
        var first = await EndAsync(task);
        await task.RetryAsync();
        var second = await EndOfTurnAsync(task, 2);

        Assert.Equal(first.Result!.SessionId, second.Result!.SessionId);
        Assert.True(
            second.Result.Usage.SessionCostUsd > first.Result.Usage.SessionCostUsd,
            $"{first.Result.Usage} {second.Result.Usage}"
        );
        Assert.Equal(
            second.Result.Usage.SessionCostUsd - first.Result.Usage.SessionCostUsd,
            second.Result.Usage.CostUsd
        );
        Assert.Equal(second.Result.Usage.SessionCostUsd, second.CostUsd);

        // As on a host that never ran it.
        Forget(second.Result.SessionId);
        await task.RetryAsync();
        var third = await EndOfTurnAsync(task, 3);

        Assert.True(third.Phase == TaskPhase.Done, $"{third.ErrorClass} {third.Failure?.Message}");
        Assert.Equal(second.Result.SessionId, third.Result!.SessionId);
        Assert.True(third.Result.Usage.SessionCostUsd > second.Result.Usage.SessionCostUsd);
        Assert.Equal(3, third.Attempt);
    }

    [Fact]
    public async Task A_session_with_a_secret_is_not_kept_and_a_turn_without_it_starts_afresh()
    {
        var task = await SubmitAsync(
            "text",
            "analyze",
            "[[sc:text]] The token is ghp_abcdefghijklmnopqrstuvwxyz0123456789."
        );
        var first = await EndAsync(task);
        Assert.Equal((TaskPhase.Done, ""), (first.Phase, first.Result!.SessionBlob));

        Forget(first.Result.SessionId);
        await task.RetryAsync();
        var second = await EndOfTurnAsync(task, 2);

        Assert.True(
            second.Phase == TaskPhase.Done,
            $"{second.ErrorClass} {second.Failure?.Message}"
        );
        Assert.NotEqual(first.Result.SessionId, second.Result!.SessionId);
    }

    private void Forget(string session)
    {
        var files = Directory.GetFiles(
            Path.Combine(room.Silo.Data, "claude"),
            session + "*",
            SearchOption.AllDirectories
        );
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Texts(JsonNode messages) =>
        messages
            .AsArray()
            .Select(m => m!["content"])
            .SelectMany(c =>
                c is JsonArray blocks
                    ? blocks.Select(b => b!["text"]?.ToString() ?? "")
                    : [c?.ToString() ?? ""]
            );

    private async Task<TaskSnapshot> RunAsync(
        string scenario,
        string type = "fix",
        string? words = null
    ) => await EndAsync(await SubmitAsync(scenario, type, words));

    private async Task<TaskHandle> SubmitAsync(
        string scenario,
        string type = "fix",
        string? words = null
    ) =>
        await room.Silo.Client.SubmitAsync(
            new SubmitRequest
            {
                Request = words ?? $"Do [[sc:{scenario}]]",
                Type = type,
                Repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n")),
                MaxTurns = 4 + (scenario is "tools" or "forbidden" ? 10 : 0),
            }
        );

    private static async Task<TaskSnapshot> EndAsync(TaskHandle task)
    {
        using var limit = new CancellationTokenSource(Deadline);
        return await task.WaitAsync(limit.Token);
    }

    private static async Task<TaskSnapshot> EndOfTurnAsync(TaskHandle task, int turn)
    {
        var end = await EndAsync(task);
        Assert.Equal(turn, end.Turn);
        return end;
    }
}
