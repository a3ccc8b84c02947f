using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Webhooks;

/// <summary>Messages of the real silo, received and judged by the library of Standard Webhooks.</summary>
public sealed class OutboundTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Previous = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_receiver_verifies_messages_during_a_rotation_after_a_failure_and_until_it_is_gone()
    {
        // It knows the old secret only.
        await using var receiver = await NodeTool.ServeAsync(
            "webhooks/receiver.mjs",
            "0",
            Previous
        );
        await using var silo = await SiloProcess.StartAsync(Settings(receiver.Address));
        var task = await DoneAsync(silo);
        var first = (await ReceivedAsync(receiver, 1))[0];
        Assert.Equal("verified", first.GetProperty("verdict").GetString());
        Assert.Equal(2, first.GetProperty("signatures").GetInt32());
        Assert.Equal("task.done", first.GetProperty("body").GetProperty("type").GetString());
        Assert.Equal(
            task,
            first.GetProperty("body").GetProperty("data").GetProperty("task_id").GetString()
        );

        // Down once, then up again and with the new secret: the same message under the same id.
        await ModeAsync(receiver, """{"status":503}""");
        await DoneAsync(silo);
        var failed = (await ReceivedAsync(receiver, 2))[1];
        await ModeAsync(receiver, $$"""{"status":200,"secret":"{{Secret}}"}""");
        var again = (await ReceivedAsync(receiver, 3))[2];
        Assert.Equal(503, failed.GetProperty("answer").GetInt32());
        Assert.Equal(
            ("verified", failed.GetProperty("id").GetString()),
            (again.GetProperty("verdict").GetString(), again.GetProperty("id").GetString())
        );

        await ModeAsync(receiver, """{"status":410}""");
        await DoneAsync(silo);
        var closed = await UntilAsync(silo, p => p.Closed.Count == 1, "The closing");
        Assert.Equal("dead", closed.Messages[0].State);
        await ModeAsync(receiver, """{"status":200}""");
        var resent = await CliProcess.RunAsync(
            silo.Data,
            "webhooks",
            "resend",
            closed.Messages[0].Id.ToString()
        );
        Assert.Equal(0, resent.ExitCode);
        var after = await UntilAsync(
            silo,
            p => p.Messages.All(m => m.State == "delivered"),
            "The resent message"
        );
        Assert.Empty(after.Closed);
        Assert.Equal(3, after.Messages.Count);
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_host_that_is_not_public_unless_it_is_named()
    {
        await using var receiver = await NodeTool.ServeAsync("webhooks/receiver.mjs", "0", Secret);
        await using var silo = await SiloProcess.StartAsync([
            .. Settings(receiver.Address).TakeWhile(a => !a.Contains("AllowPrivate")),
        ]);
        await DoneAsync(silo);
        var page = await UntilAsync(silo, p => p.Messages.Any(m => m.Tries > 0), "The refusal");
        Assert.Contains("loopback", page.Messages[0].Words, StringComparison.Ordinal);
        Assert.Equal(("waiting", 0), (page.Messages[0].State, page.Messages[0].Status));
        Assert.Single(receiver.Said);
    }

    [Fact]
    public async Task Messages_of_an_endpoint_that_was_taken_out_of_the_settings_are_given_up_with_that_reason()
    {
        await using var receiver = await NodeTool.ServeAsync("webhooks/receiver.mjs", "0", Secret);
        await ModeAsync(receiver, """{"status":503}""");
        await using var silo = SiloProcess.At(Path.Combine(SiloProcess.NewFolder(), "data"));
        silo.More = Settings(receiver.Address);
        await silo.StartAsync();
        await DoneAsync(silo);
        var page = await UntilAsync(silo, p => p.Messages.Any(m => m.Tries > 0), "The first try");
        Assert.Equal("waiting", page.Messages[0].State);

        await silo.KillAsync();
        silo.More = [];
        await silo.StartAsync();

        page = await UntilAsync(silo, p => p.Messages[0].State == "dead", "The giving up");
        Assert.Contains("'ci' is not configured", page.Messages[0].Words, StringComparison.Ordinal);
        Assert.Empty(page.Closed);
    }

    private static string[] Settings(Uri receiver) =>
        [
            "--Webhooks:Outbound:ci:Url",
            receiver + "hook",
            "--Webhooks:Outbound:ci:Secret",
            Secret,
            "--Webhooks:Outbound:ci:PreviousSecret",
            Previous,
            "--Webhooks:Outbound:ci:Events:0",
            "task.done",
            "--Webhooks:Outbound:ci:AllowPlaintext",
            "true",
            "--Webhooks:Outbound:ci:AllowPrivate:0",
            "127.0.0.1",
        ];

    private static async Task<string> DoneAsync(SiloProcess silo)
    {
        using var limit = new CancellationTokenSource(Deadline);
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"kept"}""", type: "analyze")
        );
        Assert.Equal(TaskPhase.Done, (await task.WaitAsync(limit.Token)).Phase);
        return task.TaskId;
    }

    private static async Task ModeAsync(NodeTool receiver, string mode)
    {
        using var http = new HttpClient();
        using var content = new StringContent(mode);
        using var answer = await http.PostAsync(new Uri(receiver.Address, "mode"), content);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<List<JsonElement>> ReceivedAsync(NodeTool receiver, int count)
    {
        using var limit = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        while (true)
        {
            var got = receiver.Said.Where(l => l.StartsWith('{')).ToList();
            if (got.Count >= count)
            {
                return [.. got.Select(l => JsonSerializer.Deserialize<JsonElement>(l))];
            }
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{got.Count} of {count} messages came within {Deadline}: {string.Join('\n', receiver.Said)}"
                );
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task<WebhookMessagePage> UntilAsync(
        SiloProcess silo,
        Func<WebhookMessagePage, bool> fits,
        string what
    )
    {
        using var limit = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        while (true)
        {
            var page = await silo.Client.ListWebhookDeliveriesAsync();
            if (fits(page))
            {
                return page;
            }
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{what} did not come within {Deadline}: {string.Join('\n', page.Messages)}"
                );
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
