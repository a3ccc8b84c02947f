using System.Net;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.SystemTests.Webhooks;

/// <summary>A host that sends webhooks, and the settings of a silo that takes them.</summary>
internal static class Hook
{
    public const string Secret = "0123456789abcdef-github";
    public const string Other = "0123456789abcdef-second";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
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
