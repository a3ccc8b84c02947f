using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Client;

/// <summary>A server that cannot answer for a moment: a silo of a cluster that lost another one, a store that starts again.</summary>
public sealed class BusyServerTests : IDisposable
{
    private readonly HttpListener server;
    private readonly OrchestratorClient client;

    public BusyServerTests()
    {
        (server, var address) = Listening();
        client = new OrchestratorClient(address, "orc_test");
    }

    public void Dispose()
    {
        client.Dispose();
        server.Close();
    }

    [Fact]
    public async Task Reads_ask_again_when_the_server_says_later()
    {
        var busy = Busy(FailureCodes.Unavailable);
        var asked = PlayAsync(busy, busy, new Answer(200, "application/json", "{\"tokens\":[]}"));

        Assert.Empty((await client.ListTokensAsync()).Tokens);

        Assert.Equal(3, await asked);
    }

    [Fact]
    public async Task A_keyed_submission_asks_again_and_one_without_a_key_never()
    {
        var request = new SubmitRequest { Request = "x" };
        var asked = PlayAsync(Busy(FailureCodes.Unavailable), Refusal(FailureCodes.QueueFull, 5));
        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            client.SubmitAsync(request, "key-1")
        );
        Assert.Equal(FailureCodes.QueueFull, refused.Failure?.Code);
        Assert.Equal(2, await asked);

        asked = PlayAsync(Busy(FailureCodes.Unavailable));
        refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            client.SubmitAsync(request)
        );
        Assert.Equal(FailureCodes.Unavailable, refused.Failure?.Code);
        Assert.Equal(1, await asked);
    }

    [Fact]
    public async Task Reads_give_up_after_four_answers_with_what_the_server_said()
    {
        var busy = Busy(FailureCodes.Unavailable);
        var asked = PlayAsync(busy, busy, busy, busy);

        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            client.GetStatusAsync()
        );

        Assert.Equal(FailureCodes.Unavailable, refused.Failure?.Code);
        Assert.Equal(4, await asked);
    }

    [Fact]
    public async Task A_read_says_at_once_that_the_store_fails()
    {
        var asked = PlayAsync(Busy(FailureCodes.StorageFailed));

        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            client.GetStatusAsync()
        );

        Assert.Equal(FailureCodes.StorageFailed, refused.Failure?.Code);
        Assert.Equal(1, await asked);
    }

    [Theory]
    [InlineData(FailureCodes.Unavailable)]
    [InlineData(FailureCodes.StorageFailed)]
    public async Task A_watch_connects_again_when_the_server_says_later(string code)
    {
        var entry = JsonSerializer.Serialize(
            new JournalEntry("task_1", 3, DateTimeOffset.UnixEpoch, new TaskFact.Delivered(1), 7),
            OrchestratorJson.Default.JournalEntry
        );
        var asked = PlayAsync(
            Busy(code),
            new Answer(200, "text/event-stream", $"data: {entry}\n\n")
        );

        await foreach (var seen in client.WatchAsync("task_1"))
        {
            Assert.Equal(7, seen.Position);
            break;
        }

        Assert.Equal(2, await asked);
    }

    private static Answer Busy(string code) => Refusal(code, 1);

    private static Answer Refusal(string code, int retryAfter) =>
        new(
            503,
            "application/problem+json",
            $$"""{"title":"later","status":503,"code":"{{code}}","detail":"later","retry_after":{{retryAfter}},"exit_code":6}"""
        );

    // Gives the answers in turn, one per request; the number of requests that came.
    private async Task<int> PlayAsync(params Answer[] answers)
    {
        foreach (var answer in answers)
        {
            var call = await server.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(90));
            var bytes = Encoding.UTF8.GetBytes(answer.Body);
            call.Response.StatusCode = answer.Status;
            call.Response.ContentType = answer.Type;
            await call.Response.OutputStream.WriteAsync(bytes);
            call.Response.Close();
        }
        return answers.Length;
    }

    private static (HttpListener Server, Uri Address) Listening()
    {
        for (var tries = 0; ; tries++)
        {
            var address = $"http://127.0.0.1:{FreePort()}/";
            var listener = new HttpListener();
            listener.Prefixes.Add(address);
            try
            {
                listener.Start();
                return (listener, new Uri(address));
            }
            catch (HttpListenerException) when (tries < 10)
            {
                listener.Close(); // somebody else took the port
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private sealed record Answer(int Status, string Type, string Body);
}
