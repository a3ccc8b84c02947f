using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Webhooks;

/// <summary>Webhooks of other hosts, over HTTP at the real silo.</summary>
public sealed class InboundTests
{
    private const int Deliveries = 40;

    [Fact]
    public async Task Each_delivery_that_comes_three_times_in_any_order_is_stored_once_and_a_kill_loses_none()
    {
        await using var silo = await SiloProcess.StartAsync(Hook.Settings);
        using (var http = new HttpClient { BaseAddress = silo.Address })
        {
            var order = Enumerable.Repeat(Enumerable.Range(0, Deliveries), 3).SelectMany(i => i);
            var shuffled = order.ToArray();
            // Any order will do; this one mixes first, second and third sendings.
            Array.Sort([.. shuffled.Select((_, i) => i * 7_919 % shuffled.Length)], shuffled);
            var answers = await Task.WhenAll(
                shuffled.Select(i =>
                    Hook.GitHubAsync(http, "guid-" + i, "push", Push(i)).StatusAsync()
                )
            );
            Assert.Equal(Deliveries, answers.Count(a => a == HttpStatusCode.Accepted));
            Assert.Equal(2 * Deliveries, answers.Count(a => a == HttpStatusCode.OK));
        }

        // Right after the answers: handling may be anywhere.
        await silo.KillAsync();
        await silo.StartAsync();
        var page = await Hook.UntilAsync(silo, p => p.Waiting == 0, "The end of the handling");

        Assert.Equal(Deliveries, page.Deliveries.Count);
        Assert.Equal(Deliveries, page.Deliveries.Select(d => d.DeliveryId).Distinct().Count());
        Assert.All(page.Deliveries, d => Assert.Equal(("ignored", "push"), (d.State, d.Event)));
        Assert.All(page.Deliveries, d => Assert.Contains("none of", Said(d), Ignoring));
    }

    [Fact]
    public async Task Only_a_right_signature_over_the_very_body_opens_the_door()
    {
        await using var silo = await SiloProcess.StartAsync(Hook.Settings);
        using var http = new HttpClient { BaseAddress = silo.Address };
        var body = Push(1);

        var second = await Hook.GitHubAsync(http, "1", "push", body, Hook.Other).StatusAsync();
        var wrong = await Hook.GitHubAsync(http, "2", "push", body, "wrong").StatusAsync();
        var none = await Hook.GitHubAsync(http, "3", "push", body, null).StatusAsync();
        using var empty = Json("{}");
        using var closed = await http.PostAsync(new Uri("webhooks/jira", UriKind.Relative), empty);
        using var empty2 = Json("{}");
        using var unknown = await http.PostAsync(
            new Uri("webhooks/gitlab", UriKind.Relative),
            empty2
        );
        var broken = await Hook.GitHubAsync(http, "4", "push", "{\"a\":"u8.ToArray()).StatusAsync();
        var large = await Hook.GitHubAsync(http, "5", "push", new byte[6 * 1024 * 1024])
            .StatusAsync();

        Assert.Equal(
            (
                HttpStatusCode.Accepted,
                HttpStatusCode.Unauthorized,
                HttpStatusCode.Unauthorized,
                HttpStatusCode.BadRequest,
                HttpStatusCode.RequestEntityTooLarge
            ),
            (second, wrong, none, broken, large)
        );
        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.NotFound),
            (closed.StatusCode, unknown.StatusCode)
        );
        Assert.Equal("application/problem+json", closed.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Webhooks:Inbound", await closed.Content.ReadAsStringAsync(), Ignoring);
        for (var i = 0; i < 12; i++)
        {
            await Hook.GitHubAsync(http, "w" + i, "push", body, "wrong").StatusAsync();
        }
        Assert.Equal(
            HttpStatusCode.TooManyRequests,
            await Hook.GitHubAsync(http, "6", "push", body, "wrong").StatusAsync()
        );
        Assert.Equal(
            HttpStatusCode.Accepted,
            await Hook.GitHubAsync(http, "7", "push", body).StatusAsync()
        );
        Assert.Equal(2, (await silo.Client.ListWebhooksAsync()).Deliveries.Count);
    }

    [Fact]
    public async Task Linear_must_be_fresh_and_what_is_listed_can_be_replayed_from_the_command_line()
    {
        await using var silo = await SiloProcess.StartAsync(Hook.Settings);
        using var http = new HttpClient { BaseAddress = silo.Address };
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal(HttpStatusCode.Accepted, await LinearAsync(http, "l1", now));
        Assert.Equal(HttpStatusCode.OK, await LinearAsync(http, "l1", now));
        Assert.Equal(HttpStatusCode.BadRequest, await LinearAsync(http, "l2", now.AddHours(-1)));
        var page = await Hook.UntilAsync(silo, p => p.Waiting == 0, "The end of the handling");

        var told = Assert.Single(page.Deliveries);
        Assert.Equal(("linear", "Issue", "ignored"), (told.Source, told.Event, told.State));
        Assert.Contains("linear:ENG-1", told.Words, StringComparison.Ordinal);
        var list = await CliProcess.RunAsync(silo.Data, "webhooks", "list", "--source", "linear");
        var replay = await CliProcess.RunAsync(silo.Data, "webhooks", "replay", told.Id.ToString());
        var unknown = await CliProcess.RunAsync(silo.Data, "webhooks", "replay", "999");
        var both = await CliProcess.RunAsync(silo.Data, "webhooks", "replay", "1", "--failed");
        Assert.Contains("l1", list.Output, StringComparison.Ordinal);
        Assert.Equal((0, 0, 1), (list.ExitCode, replay.ExitCode, unknown.ExitCode));
        Assert.Contains("There is no delivery 999", unknown.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, both.ExitCode);
    }

    [Fact]
    public void Every_example_of_githubs_events_is_told_or_ignored_with_a_reason()
    {
        using var examples = JsonDocument.Parse(
            File.ReadAllBytes(
                Path.Combine(
                    // The package has a folder for each release of Enterprise Server, and one for the service.
                    Directory
                        .GetDirectories(
                            Path.Combine(
                                NodeTool.Folder(),
                                "node_modules/@octokit/webhooks-examples"
                            )
                        )
                        .Single(d =>
                            Path.GetFileName(d).StartsWith("api.", StringComparison.Ordinal)
                        ),
                    "index.json"
                )
            )
        );
        var (told, count) = (new HashSet<string>(), 0);
        foreach (var webhook in examples.RootElement.EnumerateArray())
        {
            var name = webhook.GetProperty("name").GetString()!;
            foreach (var example in webhook.GetProperty("examples").EnumerateArray())
            {
                count++;
                var read = GitHubWebhookReader.Read(
                    name,
                    "d",
                    Encoding.UTF8.GetBytes(example.GetRawText())
                );
                Assert.True(
                    read.Events.Count > 0 == (read.Reason.Length == 0),
                    $"{name}: {read.Reason}"
                );
                Assert.All(
                    read.Events,
                    e =>
                    {
                        Assert.Equal(
                            example.GetProperty("repository").GetProperty("full_name").GetString(),
                            e.Repository.Name
                        );
                        Assert.True(
                            e.Number > 0
                                || e.Head.Length > 0
                                || e.Branch.Length > 0
                                || name == "repository",
                            $"{name} says nothing"
                        );
                    }
                );
                if (read.Events.Count > 0)
                {
                    told.Add(name);
                }
                else if (GitHubWebhookReader.Told.Contains(name))
                {
                    Assert.Contains(name, (string[])["issue_comment", "push", "delete"]);
                }
            }
        }
        Assert.True(count > 100, $"only {count} examples");
        // The rest has no example that is about a branch or a pull request, or none at all.
        Assert.Superset(
            GitHubWebhookReader
                .Told.Except([
                    "issue_comment",
                    "push",
                    "delete",
                    "workflow_run",
                    "pull_request_review_thread",
                ])
                .ToHashSet(),
            told
        );
    }

    private const StringComparison Ignoring = StringComparison.OrdinalIgnoreCase;

    private static string Said(WebhookInfo d) =>
        d.Words.Replace("no pull request of ours", "none of ours", StringComparison.Ordinal);

    private static byte[] Push(int i) =>
        Encoding.UTF8.GetBytes(
            $$"""{"ref":"refs/heads/b{{i}}","after":"{{i}}","repository":{"full_name":"o/r"} }"""
        );

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<HttpStatusCode> LinearAsync(
        HttpClient http,
        string id,
        DateTimeOffset at
    )
    {
        var body = Encoding.UTF8.GetBytes(
            $$"""{"action":"create","type":"Issue","data":{"identifier":"ENG-1"},"webhookTimestamp":{{at.ToUnixTimeMilliseconds()}} }"""
        );
        using var request = new HttpRequestMessage(HttpMethod.Post, "webhooks/linear")
        {
            Content = new ByteArrayContent(body)
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        request.Headers.Add("Linear-Delivery", id);
        request.Headers.Add("Linear-Signature", Hook.Sign(body));
        return await http.SendAsync(request).StatusAsync();
    }
}
