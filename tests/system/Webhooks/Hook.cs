using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.SystemTests.StandIns;

namespace Orchestrator.SystemTests.Webhooks;

/// <summary>A host that sends webhooks, and the settings of a silo that takes them.</summary>
internal static class Hook
{
    public const string Secret = "0123456789abcdef-github";
    public const string Other = "0123456789abcdef-second";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static string[] Settings =>
        [
            "--Webhooks:Inbound:GitHub:Secret",
            Secret,
            "--Webhooks:Inbound:GitHub:PreviousSecret",
            Other,
            "--Webhooks:Inbound:Linear:Secret",
            Secret,
        ];

    /// <summary>Settings of a silo that sends to a receiver on this machine.</summary>
    public static string[] Outbound(string name, Uri receiver, string secret) =>
        [
            $"--Webhooks:Outbound:{name}:Url={receiver}hook",
            $"--Webhooks:Outbound:{name}:Secret={secret}",
            $"--Webhooks:Outbound:{name}:AllowPlaintext=true",
            $"--Webhooks:Outbound:{name}:AllowPrivate:0=127.0.0.1",
        ];

    /// <summary>The id of a message that the receiver took.</summary>
    public static string Id(JsonElement told) => told.GetProperty("id").GetString()!;

    /// <summary>What the receiver (webhooks/receiver.mjs) took, once it fits.</summary>
    public static async Task<List<JsonElement>> ToldAsync(
        NodeTool receiver,
        Func<IReadOnlyList<JsonElement>, bool> fits,
        string what
    )
    {
        using var limit = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        while (true)
        {
            List<JsonElement> told =
            [
                .. receiver
                    .Said.Where(l => l.StartsWith('{'))
                    .Select(l => JsonSerializer.Deserialize<JsonElement>(l)),
            ];
            if (fits(told))
            {
                return told;
            }
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{what} did not come within {Deadline}: {string.Join('\n', told)}"
                );
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public static string Sign(byte[] body, string secret = Secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    public static async Task<HttpResponseMessage> GitHubAsync(
        HttpClient http,
        string id,
        string name,
        byte[] body,
        string? secret = Secret
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "webhooks/github")
        {
            Content = new ByteArrayContent(body)
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        // What is refused by its size is not sent at all, so that the answer is not lost in a cut connection.
        request.Headers.ExpectContinue = body.Length > 1024 * 1024;
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-GitHub-Event", name);
        if (secret is not null)
        {
            request.Headers.Add("X-Hub-Signature-256", "sha256=" + Sign(body, secret));
        }
        return await http.SendAsync(request);
    }

    /// <summary>The status of an answer, which is then let go.</summary>
    public static async Task<HttpStatusCode> StatusAsync(this Task<HttpResponseMessage> sent)
    {
        using var answer = await sent;
        return answer.StatusCode;
    }

    public static async Task<WebhookPage> UntilAsync(
        SiloProcess silo,
        Func<WebhookPage, bool> fits,
        string what
    )
    {
        using var limit = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        var page = await silo.Client.ListWebhooksAsync(max: 1_000);
        while (!fits(page))
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{what} did not come within {Deadline}. Last: {string.Join('\n', page.Deliveries.Take(10))}"
                );
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
            page = await silo.Client.ListWebhooksAsync(max: 1_000);
        }
        return page;
    }
}
