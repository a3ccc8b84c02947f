using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

/// <summary>Quiet hours, over lives of the silo whose clocks stand at different times of a night.</summary>
public sealed class QuietTests : IAsyncLifetime
{
    private const long Anna = 11;
    private const string Guarded = """
        version: 1
        name: guarded
        self_approval: true
        lanes:
          words:
            types: [documentation]
            write: direct
          code:
            types: [fix]
            write: guarded
            approvals:
              - name: somebody looks
        """;

    private TelegramStandIn telegram = null!;
    private SiloProcess silo = null!;
    private string repository = "";

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux lets a test set one process' clock.");
        }
        telegram = await TelegramStandIn.StartAsync();
        repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            telegram.Settings(
                "--Telegram:Users:11",
                "operate",
                "--Telegram:Repository",
                repository,
                "--Telegram:Script",
                """{"version":1,"steps":[{"do":"append","path":"a.txt","text":"more\\n"}]}""",
                "--Telegram:QuietFrom",
                "22:00",
                "--Telegram:QuietUntil",
                "07:00"
            )
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (silo is not null)
        {
            await silo.DisposeAsync();
            await telegram.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_night_brings_questions_and_answers_only_and_the_morning_one_digest()
    {
        // 23:00: an answer to a request comes at once, its end does not.
        await LiveAsync("23:00:00", 1);
        await silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = Guarded });
        var first = await AskedAsync("/documentation say what a.txt is for");
        await HeldAsync(first, 1);
        await silo.KillAsync();

        // 03:00: a question is urgent; what comes of it is not.
        await LiveAsync("03:00:00", 2);
        var second = await AskedAsync("/bug_fix add the second line to a.txt");
        var question = await telegram.HearAsync(Anna, $"✋ {second} asks");
        await telegram.DoAsync(
            "tap",
            new
            {
                chat = Anna,
                message_id = (long)question["message_id"]!,
                data = TelegramStandIn.Button(question, "Approve"),
            }
        );
        await telegram.HearAsync(Anna, $"You said yes to {second}");
        await HeldAsync(second, 2);
        var third = await AskedAsync("/documentation say more of a.txt");
        await HeldAsync(third, 3);
        Assert.DoesNotContain(await telegram.ToldAsync(Anna), IsNotice);
        await silo.KillAsync();

        // Two seconds before 07:00 nothing is told yet; then all of it, together.
        await LiveAsync("06:59:58", 2);
        var digest = TelegramStandIn.Words(await telegram.HearAsync(Anna, "notices:"));
        Assert.StartsWith("3 notices:", digest, StringComparison.Ordinal);
        Assert.All(
            (string[])[first, second, third],
            id => Assert.Contains($"✅ Task {id} COMPLETED", digest, StringComparison.Ordinal)
        );
        await silo.KillAsync();

        // By day an end is told at once, by itself and with its documents; nothing of the night comes again.
        await LiveAsync("12:00:00", 2);
        var fourth = await AskedAsync("/documentation say it in a word");
        await telegram.HearAsync(Anna, $"✅ Task {fourth} COMPLETED");
        await telegram.HearAsync(Anna, $"Artifact of {fourth}");
        // The digest of the night, and the end of the day with its diff and its artifact.
        Assert.Equal(4, (await telegram.ToldAsync(Anna)).Count(IsNotice));
        Assert.Empty((await silo.Client.ListWebhookDeliveriesAsync(state: "waiting")).Messages);
    }

    // Ends and documents of tasks; answers, taps' words and questions are none.
    private static bool IsNotice(JsonObject message)
    {
        var words = TelegramStandIn.Words(message);
        return words.Contains("COMPLETED", StringComparison.Ordinal)
            || words.Contains("notices:", StringComparison.Ordinal)
            || message["document"] is not null;
    }

    // A life whose clock begins at a time of day, so many days from now: each later than the one before.
    private async Task LiveAsync(string time, int days)
    {
        var now = TimeProvider.System.GetUtcNow();
        var wanted = new DateTimeOffset(
            DateOnly.FromDateTime(now.UtcDateTime.AddDays(days)),
            TimeOnly.Parse(time, CultureInfo.InvariantCulture),
            TimeSpan.Zero
        );
        silo.Environment = await SkewedClock.ByAsync(wanted - now);
        await silo.StartAsync();
    }

    private async Task<string> AskedAsync(string text) =>
        TelegramStandIn.Words(await telegram.AskAsync(Anna, text)).Split('\n')[0].Split(' ')[1];

    // The end is written and waits: so many notices do.
    private async Task HeldAsync(string id, int count)
    {
        await FactWait.SeenAsync(silo, id, f => f is TaskFact.Delivered);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        int waiting;
        do
        {
            Assert.False(limit.IsCancellationRequested, $"The notice of {id} was not written");
            await timer.WaitForNextTickAsync(CancellationToken.None);
            var page = await silo.Client.ListWebhookDeliveriesAsync(state: "waiting");
            waiting = page.Messages.Count(m => m.Event == "notice");
        } while (waiting != count);
    }
}
