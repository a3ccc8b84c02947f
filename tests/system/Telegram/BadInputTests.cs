using System.Text.Json.Nodes;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

/// <summary>What people and networks do to a bot: each gets an exact answer, nothing is lost, nothing falls over.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private const long Anna = 11;
    private const long Team = -77;
    private TelegramStandIn telegram = null!;
    private SiloProcess silo = null!;

    public async ValueTask InitializeAsync()
    {
        telegram = await TelegramStandIn.StartAsync();
        silo = await SiloProcess.StartAsync(
            telegram.Settings("--Telegram:Users:11", "operate", "--Telegram:Chats:0", "-77")
        );
    }

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        await telegram.DisposeAsync();
    }

    [Fact]
    public async Task Each_bad_message_gets_its_answer_and_the_next_good_one_too()
    {
        Assert.Contains("no task 'nope'", await AskAsync("/show nope"), StringComparison.Ordinal);
        Assert.Contains("Which task?", await AskAsync("/cancel ../../x y"));
        Assert.Contains("Which task?", await AskAsync("/show"), StringComparison.Ordinal);
        Assert.Contains("no command /fly", await AskAsync("/fly me"), StringComparison.Ordinal);
        Assert.Contains("option is unknown", await AskAsync("/list --all"));
        Assert.Contains("time such as", await AskAsync("/progress x --since never"));
        Assert.Contains("at least 10", await AskAsync("fix it"), StringComparison.Ordinal);
        Assert.Contains("no phase", await AskAsync("/list everything"), StringComparison.Ordinal);
        Assert.Contains("no words", await AskAsync("/task"), StringComparison.Ordinal);
        var id = (await AskAsync("/analyze what is in this folder?")).Split('\n')[0].Split(' ')[1];
        Assert.Contains("needs words", await AskAsync($"/reply {id}"), StringComparison.Ordinal);
        Assert.Contains("closed", Words(await telegram.AskAsync(98, "let me in, please")));

        // One text of 10 MB, and one that the client had to split.
        Assert.Contains("more than 200000", await AskAsync(new string('x', 10_000_000)));
        var words = "explain " + string.Concat(Enumerable.Repeat("these many words ", 500));
        var first = 0L;
        foreach (var part in words.Chunk(4_096))
        {
            var sent = await telegram.SayAsync(Anna, new string(part));
            first = first > 0 ? first : sent;
        }
        var joined = Words(await telegram.AnswerAsync(Anna, first)).Split('\n')[0].Split(' ')[1];
        Assert.Equal(words.Trim(), (await silo.Client.GetAsync(joined)).Request);

        // Documents: a name that means harm, one that says it is huge, one that is no text.
        var named = await DocumentAsync("../../x", "one\n", "/analyze what does this file say?");
        var task = await silo.Client.GetAsync(named.Split('\n')[0].Split(' ')[1]);
        Assert.Contains("📥", named, StringComparison.Ordinal);
        Assert.Equal("/analyze what does this file say?"["/analyze ".Length..], task.Request);
        var huge = await telegram.DoAsync(
            "message",
            new
            {
                chat = Anna,
                caption = "/analyze what does this file say?",
                document = new { name = "disk.img", size = 2_147_483_648L },
            }
        );
        var refused = Words(await telegram.AnswerAsync(Anna, (long)huge["message_id"]!));
        Assert.Contains("larger than 20 MiB", refused, StringComparison.Ordinal);
        Assert.Contains(
            "neither text",
            await DocumentAsync("x.bin", "\0\u0001\0", "/analyze what does this file say?")
        );

        // Changed and deleted messages, and an update that comes twice.
        var said = await telegram.SayAsync(Anna, "/hosts");
        await telegram.AnswerAsync(Anna, said);
        await telegram.DoAsync(
            "edit",
            new
            {
                chat = Anna,
                message_id = said,
                text = "/estop",
            }
        );
        await telegram.HearAsync(Anna, "I have read that message already");
        var gone = await telegram.SayAsync(Anna, "/status");
        await telegram.DoAsync("remove", new { chat = Anna, message_id = gone });
        await telegram.HearAsync(Anna, "Working directory");
        Assert.Contains("🟢", await AskAsync("/hosts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kicks_blocks_other_pollers_and_broken_answers_lose_nothing()
    {
        var help = await telegram.DoAsync(
            "message",
            new
            {
                chat = Team,
                from = Anna,
                text = "/help@orchestrator_test_bot",
            }
        );
        await telegram.AnswerAsync(Team, (long)help["message_id"]!);
        await telegram.DoAsync("kick", new { chat = Team, from = Anna });
        var before = (await telegram.ToldAsync(Team)).Count;
        await telegram.DoAsync(
            "fault",
            new
            {
                method = "sendmessage",
                status = 502,
                times = 2,
            }
        );
        Assert.Contains("🟢", await AskAsync("/hosts"), StringComparison.Ordinal);
        await telegram.DoAsync(
            "fault",
            new
            {
                method = "sendmessage",
                status = 429,
                retry_after = 2,
            }
        );
        Assert.Contains("Queued", await AskAsync("/status"), StringComparison.Ordinal);
        // Carried out, and the answer lost: looked for, and not sent again.
        await telegram.DoAsync("fault", new { method = "sendmessage", cut = "after" });
        var asked = await telegram.SayAsync(Anna, "/list");
        await telegram.AnswerAsync(Anna, asked);
        Assert.Contains("🟢", await AskAsync("/hosts"), StringComparison.Ordinal);
        var answers = (await telegram.ToldAsync(Anna)).Count(m =>
            (long?)m["reply_to_message"]?["message_id"] == asked
        );
        Assert.Equal(1, answers);

        // Another poller takes turns with ours; every message is answered all the same.
        using var http = new HttpClient { BaseAddress = telegram.Address };
        for (var i = 0; i < 3; i++)
        {
            using var other = await http.GetAsync(
                new Uri(telegram.Address, $"/bot{TelegramStandIn.Token}/getUpdates?timeout=0")
            );
            Assert.Contains("🟢", await AskAsync("/hosts"), StringComparison.Ordinal);
        }
        Assert.Equal(before, (await telegram.ToldAsync(Team)).Count);
    }

    [Fact]
    public async Task A_webhook_is_taken_with_its_secret_only_and_once()
    {
        await using var other = await TelegramStandIn.StartAsync();
        var port = FreePort();
        await using var hooked = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            [
                .. other.Settings("--Telegram:Users:11", "operate"),
                "--urls",
                $"http://127.0.0.1:{port}",
                "--Telegram:WebhookUrl",
                $"http://127.0.0.1:{port}/telegram/updates",
                "--Telegram:WebhookSecret",
                "0123456789abcdef0123",
            ]
        );
        await hooked.StartAsync();
        await other.UntilAsync(s => (string?)s["webhook"], "The webhook");
        var hosts = Words(await other.AskAsync(Anna, "/hosts"));
        Assert.Contains("🟢", hosts, StringComparison.Ordinal);

        using var http = new HttpClient { BaseAddress = hooked.Address };
        foreach (var secret in (string?[])[null, "0123456789abcdef0124"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "telegram/updates");
            request.Content = new StringContent(
                """{"update_id":900}""",
                System.Text.Encoding.UTF8,
                "application/json"
            );
            request.Headers.TryAddWithoutValidation("X-Telegram-Bot-Api-Secret-Token", secret);
            using var answer = await http.SendAsync(request);
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_stand_in_is_understood_by_a_second_client()
    {
        await using var other = await TelegramStandIn.StartAsync();
        var failed = await Record.ExceptionAsync(() =>
            NodeTool.RunAsync(
                "telegram/second-client.mjs",
                other.Address.ToString(),
                TelegramStandIn.Token
            )
        );
        Assert.Null(failed);
    }

    private static string Words(JsonObject message) => TelegramStandIn.Words(message);

    private async Task<string> AskAsync(string text) => Words(await telegram.AskAsync(Anna, text));

    private async Task<string> DocumentAsync(string name, string content, string caption)
    {
        var sent = await telegram.DoAsync(
            "message",
            new
            {
                chat = Anna,
                caption,
                document = new { name, content },
            }
        );
        return Words(await telegram.AnswerAsync(Anna, (long)sent["message_id"]!));
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
