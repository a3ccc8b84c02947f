using System.Text.Json;
using Orchestrator.Decisions.Observability;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Observability;

/// <summary>Spans of real turns, as a collector gets them.</summary>
public sealed class TracesTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_silo_killed_in_the_middle_of_a_turn_leaves_one_whole_trace_of_it()
    {
        await using var collector = HttpReceiver.Start();
        await using var silo = await SiloProcess.StartAsync(
            "--Telemetry:Otlp:Endpoint=" + collector.Address,
            "--Telemetry:Otlp:Headers:x-key=of-the-collector",
            "--Telemetry:Otlp:MetricsEvery=00:00:01"
        );
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"hang"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.AgentStarted);
        await collector.UntilAsync(
            got => Spans(got).Any(s => s.Name == "prepare"),
            Longest,
            () => "No span came while the turn went on."
        );

        await silo.KillAsync();
        await silo.StartAsync();
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.AgentStarted { Attempt: 2 });
        await silo.Client.ActAsync(task.TaskId, "cancel");
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Cancelled);
        await collector.UntilAsync(
            got => Spans(got).Any(s => s.Name == TraceIds.Root),
            Longest,
            () => "The turn's root did not come."
        );

        var spans = Spans(collector.Got);
        // What came twice is the same.
        var distinct = spans.Distinct().ToList();
        Assert.Equal(distinct.Count, distinct.Select(s => s.Id).Distinct().Count());
        Assert.Equal([TraceIds.Trace(task.TaskId, 1)], distinct.Select(s => s.Trace).Distinct());
        var root = Assert.Single(distinct, s => s.Parent.Length == 0);
        Assert.Equal(TraceIds.Root, root.Name);
        var ids = distinct.Select(s => s.Id).ToHashSet();
        Assert.All(distinct.Where(s => s != root), s => Assert.Contains(s.Parent, ids));
        Assert.Equal(2, distinct.Count(s => s.Name == "attempt"));
        Assert.Contains(
            collector.Got,
            g => g.Headers.GetValueOrDefault("x-key") == "of-the-collector"
        );
        Assert.DoesNotContain(
            collector.Got,
            g => g.Body.Contains("Play the script", StringComparison.Ordinal)
        );
        await collector.UntilAsync(
            got => got.Any(g => g.Path == "/v1/metrics" && g.Headers.ContainsKey("x-key")),
            Longest,
            () => "No metrics came."
        );
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_no_task_up_and_what_it_missed_is_counted()
    {
        await using var collector = HttpReceiver.Start();
        collector.Status = 400;
        await using var silo = await SiloProcess.StartAsync(
            "--Telemetry:Otlp:Endpoint=" + collector.Address
        );

        var first = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"one"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, first.TaskId, f => f is TaskFact.Delivered);
        await collector.UntilAsync(
            got => Spans(got).Any(s => s.Name == TraceIds.Root),
            Longest,
            () => "The root of the first turn was not tried."
        );
        var refused = Spans(collector.Got).Count;
        collector.Status = 200;
        var second = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"two"}""", type: "analyze")
        );
        await FactWait.SeenAsync(silo, second.TaskId, f => f is TaskFact.Delivered);
        var trace = TraceIds.Trace(second.TaskId, 1);
        await collector.UntilAsync(
            got => Spans(got).Any(s => s.Name == TraceIds.Root && s.Trace == trace),
            Longest,
            () => "The root of the second turn did not come."
        );

        Assert.True(refused > 0);
        Assert.Contains(
            $"orchestrator_telemetry_dropped_total{{kind=\"spans\"}} {refused}\n",
            await Scrape.UntilAsync(silo, "kind=\"spans\"} " + refused),
            StringComparison.Ordinal
        );
        Assert.Empty((await silo.Client.ListDeadLettersAsync()).Letters);
    }

    [Fact]
    public async Task The_answer_to_a_request_and_the_agents_environment_name_the_turns_trace()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = silo.Address };
        http.DefaultRequestHeaders.Authorization = new(
            "Bearer",
            JsonDocument
                .Parse(await File.ReadAllTextAsync(Path.Combine(silo.Data, "silo.json")))
                .RootElement.GetProperty("token")
                .GetString()
        );
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var body = JsonSerializer.Serialize(
            new
            {
                request = "Play the script",
                type = "fix",
                runner = "scripted",
                repository,
                script = """{"version":1,"steps":[{"do":"run","command":["sh","-c","printenv TRACEPARENT > trace.txt"]},{"do":"say","text":"wrote it"}]}""",
            }
        );

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/v1/tasks", UriKind.Relative), content);

        var words = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, words);
        using var json = JsonDocument.Parse(words);
        var id = json.RootElement.GetProperty("task").GetProperty("task_id").GetString()!;
        Assert.Equal(
            TraceIds.ParentOfTurn(id, 1),
            Assert.Single(answer.Headers.GetValues("traceparent"))
        );
        await FactWait.SeenAsync(silo, id, f => f is TaskFact.Delivered);
        Assert.Contains(
            TraceIds.ParentOfRun(id, 1, 1),
            await http.GetStringAsync(new Uri($"/v1/tasks/{id}/diff", UriKind.Relative)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_turn_is_linked_to_the_traced_program_that_asked_and_its_log_lines_name_its_trace()
    {
        const string Caller = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using var collector = HttpReceiver.Start();
        await using var silo = await SiloProcess.StartAsync(
            "--Telemetry:Otlp:Endpoint=" + collector.Address
        );
        var script = Path.Combine(SiloProcess.NewFolder(), "script.json");
        await File.WriteAllTextAsync(
            script,
            """{"version":1,"steps":[{"do":"say","text":"done"}]}"""
        );
        async Task CallAsync(char digit, params string[] arguments)
        {
            var info = CliProcess.Info(silo.Data, arguments);
            info.Environment["TRACEPARENT"] = $"00-{Caller}-{new string(digit, 16)}-01";
            var run = await CliProcess.RunAsync(info);
            Assert.True(run.ExitCode == 0, run.Error + run.Output);
        }

        await CallAsync(
            '1',
            "submit",
            "Look",
            "--id",
            "asked",
            "--type",
            "analyze",
            "--runner",
            "scripted",
            "--script",
            script
        );
        await FactWait.SeenAsync(silo, "asked", f => f is TaskFact.Delivered);
        await CallAsync('2', "reply", "asked", "Look again", "--script", script);
        await FactWait.SeenAsync(silo, "asked", f => f is TaskFact.Delivered { Turn: 2 });
        await collector.UntilAsync(
            got => Spans(got).Count(s => s.Name == TraceIds.Root) >= 2,
            Longest,
            () => "The roots of both turns did not come."
        );

        foreach (var (turn, digit) in new[] { (1, '1'), (2, '2') })
        {
            var trace = TraceIds.Trace("asked", turn);
            var root = Assert.Single(
                Spans(collector.Got).Distinct(),
                s => s.Trace == trace && s.Name == TraceIds.Root
            );
            Assert.Contains(
                $$"""links":[{"traceId":"{{Caller}}","spanId":"{{new string(digit, 16)}}"}]""",
                root.All,
                StringComparison.Ordinal
            );
            Assert.Single(
                silo.Log,
                l => l.EndsWith($"Task asked is now Done trace={trace}", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task What_is_told_to_other_hosts_is_logged_with_the_trace_of_its_turn()
    {
        await using var collector = HttpReceiver.Start();
        await using var tickets = await TicketStandIn.StartAsync("jira");
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one"));
        await using var silo = await SiloProcess.StartAsync([
            "--Telemetry:Otlp:Endpoint=" + collector.Address,
            // Nobody listens there.
            "--GitHub:Address=http://127.0.0.1:9/",
            "--GitHub:Token=none",
            .. tickets.Settings(repository),
        ]);
        await silo.Client.SetPolicyAsync(
            new SetPolicyRequest
            {
                Text = "version: 1\nname: told\nlanes:\n  code: { types: [fix], write: direct }\n",
            }
        );
        var gone = await tickets.CreateAsync("To be deleted");
        await tickets.RemoveAsync(gone);

        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"append","path":"a.txt","text":"two"}""", repository) with
            {
                Remote = "github:acme/shop",
                Tickets = ["jira:" + gone],
            }
        );

        var trace = " trace=" + TraceIds.Trace(task.TaskId, 1);
        foreach (
            var begins in new[]
            {
                $"The pull request of task {task.TaskId} is tried again at ",
                $"Task {task.TaskId} tells ticket jira:{gone} nothing: ",
            }
        )
        {
            var line = await silo.LoggedAsync(
                l => l.Contains(begins, StringComparison.Ordinal),
                begins
            );
            Assert.EndsWith(trace, line, StringComparison.Ordinal);
        }
    }

    private static List<Span> Spans(IReadOnlyList<Received> got)
    {
        var spans = new List<Span>();
        foreach (var received in got.Where(g => g.Path == "/v1/traces"))
        {
            using var json = JsonDocument.Parse(received.Body);
            foreach (
                var span in json
                    .RootElement.GetProperty("resourceSpans")
                    .EnumerateArray()
                    .SelectMany(r => r.GetProperty("scopeSpans").EnumerateArray())
                    .SelectMany(s => s.GetProperty("spans").EnumerateArray())
            )
            {
                spans.Add(
                    new Span(
                        span.GetProperty("traceId").GetString()!,
                        span.GetProperty("spanId").GetString()!,
                        span.TryGetProperty("parentSpanId", out var parent)
                            ? parent.GetString()!
                            : "",
                        span.GetProperty("name").GetString()!,
                        span.GetRawText()
                    )
                );
            }
        }
        return spans;
    }

    private sealed record Span(string Trace, string Id, string Parent, string Name, string All);
}
