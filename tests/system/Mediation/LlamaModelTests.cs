using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Mediation;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Mediation;

/// <summary>The product's own client of the model, against an emulator, a real engine, and servers that misbehave.</summary>
public sealed class LlamaModelTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_emulators_answers_end_in_the_plan_or_in_the_fallback_with_its_reason()
    {
        await using var emulator = await OllamaEmulator.StartAsync();
        using var model = Model(emulator.Address, OllamaEmulator.Model);

        var wrong = new List<string>();
        foreach (var (word, reason) in OllamaEmulator.BadAnswers)
        {
            var plan = await PlanAsync(model, "review " + word);
            if (
                plan
                    is not {
                        Mode: MediationMode.Fallback,
                        Kind: TaskKind.CodeReview,
                        ReadOnly: true
                    }
                || !plan.FallbackReason.Contains(reason, StringComparison.Ordinal)
            )
            {
                wrong.Add($"{word}: {plan.Mode} {plan.Kind}: {plan.FallbackReason}");
            }
        }
        var good = await PlanAsync(model, "look at case-good");

        Assert.Empty(wrong);
        Assert.Equal(
            (MediationMode.Llama, TaskKind.Fix, "Add the numbers"),
            (good.Mode, good.Kind, good.Title)
        );
    }

    [Fact]
    public async Task A_real_engine_is_read_to_its_end_and_its_random_words_never_become_a_plan()
    {
        var file = Path.Combine(SiloProcess.NewFolder(), "tiny.gguf");
        await NodeTool.RunAsync("models/random-gguf.mjs", file);
        await using var engine = await NodeTool.ServeAsync("models/ollama-front.mjs", file);
        using var model = Model(engine.Address, "tiny-random:latest", o => o.TimeMax = Deadline);

        // A grammar that ends by itself: the engine's own last token is seen, and every token before it.
        var yes = await model.AskAsync(
            PlanPrompt.Write(new TaskSpec { Request = "hello" }, "", "") with
            {
                Schema =
                    """{"type":"object","properties":{"yes":{"type":"boolean"}},"required":["yes"],"additionalProperties":false}""",
            },
            CancellationToken.None
        );
        var plan = await PlanAsync(model, "review it");
        var status = model.Status();

        Assert.Equal("", yes.Problem);
        using var json = System.Text.Json.JsonDocument.Parse(yes.Text);
        Assert.True(json.RootElement.TryGetProperty("yes", out _), yes.Text);
        Assert.Contains(
            engine.Said,
            line =>
                line.StartsWith("answered ", StringComparison.Ordinal)
                && line.EndsWith(
                    System
                        .Text.Json.JsonSerializer.Serialize(yes.Text)
                        .Replace("\\u0022", "\\\"", StringComparison.Ordinal),
                    StringComparison.Ordinal
                )
                && !line.StartsWith("answered 1 ", StringComparison.Ordinal)
        );
        Assert.Equal((MediationMode.Fallback, TaskKind.CodeReview), (plan.Mode, plan.Kind));
        Assert.Contains("length limit", plan.FallbackReason, StringComparison.Ordinal);
        Assert.Equal((true, true, "LLAMA", ""), Seen(status));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await ModelServer.StartAsync(
            ModelServer.Says(OllamaEmulator.GoodPlan)
        );
        await using var server = await ModelServer.StartAsync(context =>
        {
            context.Response.Redirect(elsewhere.Address + "api/chat", false, true);
            return Task.CompletedTask;
        });
        using var model = Model(server.Address);

        var plan = await PlanAsync(model, "review it");

        Assert.Contains("307", plan.FallbackReason, StringComparison.Ordinal);
        Assert.Equal(0, elsewhere.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_without_end_is_cut_at_its_limit(bool inLines)
    {
        await using var server = await ModelServer.StartAsync(async context =>
        {
            var part = inLines
                ? ModelServer.Line(new string('x', 1_000), false)
                : new string('x', 1_000);
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync(part, context.RequestAborted);
            }
        });
        using var model = Model(server.Address, configure: o => o.TimeMax = Deadline);

        var plan = await PlanAsync(model, "review it");

        Assert.Contains("larger than 1048576 bytes", plan.FallbackReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_ends_without_its_last_line_is_no_answer()
    {
        await using var server = await ModelServer.StartAsync(context =>
            context.Response.WriteAsync(ModelServer.Line(OllamaEmulator.GoodPlan, false))
        );
        using var model = Model(server.Address);

        var plan = await PlanAsync(model, "review it");

        Assert.Contains("cut off", plan.FallbackReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_falls_back_and_the_state_says_so()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var model = Model(new Uri($"http://127.0.0.1:{port}"));

        var plan = await PlanAsync(model, "fix it");

        Assert.Equal((MediationMode.Fallback, TaskKind.Fix), (plan.Mode, plan.Kind));
        Assert.Contains("refused", plan.FallbackReason, StringComparison.OrdinalIgnoreCase);
        var status = model.Status();
        Assert.Equal(
            (false, true, "FALLBACK"),
            (status.OllamaAvailable, status.ClientInitialized, status.Mode)
        );
    }

    [Fact]
    public async Task The_circuit_opens_spares_the_server_and_one_good_answer_closes_it()
    {
        var ill = true;
        await using var server = await ModelServer.StartAsync(context =>
        {
            if (!ill)
            {
                return ModelServer.Says(OllamaEmulator.GoodPlan)(context);
            }
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        using var model = Model(server.Address, configure: o => o.BreakerCallsMin = 2, time: clock);

        await PlanAsync(model, "x");
        await PlanAsync(model, "x");
        var spared = await PlanAsync(model, "x");
        var open = model.Status();
        ill = false;
        clock.Advance(TimeSpan.FromSeconds(31));
        var healed = await PlanAsync(model, "x");

        Assert.Equal(3, server.Calls);
        Assert.Contains("left alone", spared.FallbackReason, StringComparison.Ordinal);
        Assert.Equal((false, "FALLBACK"), (open.OllamaAvailable, open.Mode));
        Assert.Contains("500", open.Reason, StringComparison.Ordinal);
        Assert.Equal(MediationMode.Llama, healed.Mode);
        Assert.Equal((true, true, "LLAMA", ""), Seen(model.Status()));
    }

    [Fact]
    public async Task A_hundred_questions_to_a_hanging_model_all_come_back_and_few_reach_it()
    {
        await using var server = await ModelServer.StartAsync(ModelServer.HangAsync);
        using var model = Model(
            server.Address,
            configure: o =>
            {
                o.TimeMax = TimeSpan.FromMilliseconds(300);
                o.WaitMax = TimeSpan.FromSeconds(30);
            }
        );

        var plans = await Task.WhenAll(
                Enumerable.Range(0, 100).Select(_ => PlanAsync(model, "review it"))
            )
            .WaitAsync(Deadline);

        Assert.All(plans, p => Assert.Equal(MediationMode.Fallback, p.Mode));
        Assert.InRange(server.Calls, 4, 12);
        Assert.Contains("left alone", model.Status().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_let_go_and_counts_for_no_failure()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ModelServer.StartAsync(context =>
        {
            asked.TrySetResult();
            return ModelServer.HangAsync(context);
        });
        using var model = Model(server.Address);
        using var giveUp = new CancellationTokenSource();

        var call = model.AskAsync(
            PlanPrompt.Write(new TaskSpec { Request = "x" }, "", ""),
            giveUp.Token
        );
        await asked.Task.WaitAsync(Deadline);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_probe_names_a_model_that_the_server_does_not_have_and_how_to_get_it()
    {
        await using var server = await ModelServer.StartAsync(ModelServer.Says("{}"));
        using var here = Model(server.Address, "m");
        using var absent = Model(server.Address, "llama9");

        Assert.Equal(
            (true, true, "LLAMA", ""),
            Seen(await here.ProbeAsync(CancellationToken.None))
        );
        var status = await absent.ProbeAsync(CancellationToken.None);
        Assert.Equal((true, "FALLBACK"), (status.OllamaAvailable, status.Mode));
        Assert.Contains("ollama pull llama9", status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_address_nothing_is_asked_and_the_state_says_so()
    {
        using var model = Model(null);

        var plan = await PlanAsync(model, "fix it");

        Assert.Contains("Mediator:Endpoint", plan.FallbackReason, StringComparison.Ordinal);
        Assert.Equal(
            (false, false, "FALLBACK", "No model is configured (Mediator:Endpoint)."),
            Seen(await model.ProbeAsync(CancellationToken.None))
        );
    }

    [Fact]
    public void Every_bad_setting_is_named_at_once_with_its_key_and_range()
    {
        var error = Assert.Throws<OptionsValidationException>(() =>
            Options(
                ("Mediator:Endpoint", "ftp://box/x"),
                ("Mediator:Model", "two words"),
                ("Mediator:TimeMax", "1.00:00:00"),
                ("Mediator:CallsMax", "0"),
                ("Mediator:BreakerRatio", "7")
            )
        );

        foreach (
            var key in (string[])
                ["LLAMA_HOST", "LLAMA_MODEL", "TimeMax", "CallsMax", "BreakerRatio"]
        )
        {
            Assert.Contains(error.Failures, f => f.Contains(key, StringComparison.Ordinal));
        }
    }

    private static MediatorOptions Options(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddMediation(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value))
                .Build()
        );
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<MediatorOptions>>().Value;
    }

    private static (bool, bool, string, string) Seen(MediatorStatus s) =>
        (s.OllamaAvailable, s.ClientInitialized, s.Mode, s.Reason);

    private static LlamaModel Model(
        Uri? address,
        string name = "m",
        Action<MediatorOptions>? configure = null,
        TimeProvider? time = null
    )
    {
        var options = new MediatorOptions
        {
            Endpoint = address?.ToString() ?? "",
            Model = name,
            TimeMax = TimeSpan.FromSeconds(3),
            BreakerCallsMin = 4,
        };
        if (name == OllamaEmulator.Model)
        {
            options.BreakerCallsMin = 1_000; // each answer is looked at for itself
        }
        configure?.Invoke(options);
        return new LlamaModel(
            Microsoft.Extensions.Options.Options.Create(options),
            time ?? TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<LlamaModel>.Instance
        );
    }

    private static async Task<Plan> PlanAsync(LlamaModel model, string words)
    {
        var spec = new TaskSpec { Request = words };
        var answer = await model
            .AskAsync(PlanPrompt.Write(spec, "", ""), CancellationToken.None)
            .WaitAsync(Deadline);
        return PlanReader.Read(spec, "", answer.Text, answer.Problem, "m");
    }
}
