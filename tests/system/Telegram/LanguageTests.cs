using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

/// <summary>Each person is spoken to in their own language, and it stays over a restart.</summary>
public sealed class LanguageTests : IAsyncLifetime
{
    private const long Anna = 11;
    private const long Ben = 22;
    private const long Team = -77;
    private TelegramStandIn telegram = null!;
    private SiloProcess silo = null!;

    public async ValueTask InitializeAsync()
    {
        telegram = await TelegramStandIn.StartAsync();
        silo = await SiloProcess.StartAsync(
            telegram.Settings(
                "--Telegram:Users:11",
                "operate",
                "--Telegram:Users:22",
                "operate",
                "--Telegram:Languages:22",
                "de",
                "--Telegram:NoticeChat",
                "-77",
                "--Telegram:Language",
                "de"
            )
        );
    }

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        await telegram.DisposeAsync();
    }

    [Fact]
    public async Task A_language_is_chosen_by_command_by_the_settings_or_by_the_users_own()
    {
        // What their Telegram says; one that the bot does not speak is the server's.
        Assert.Contains("Ich spreche de", await SayInAsync("fr", "/language"));
        Assert.Contains("I speak en", await SayInAsync("en", "/language"));
        Assert.Contains("'fr'", await SayInAsync("en", "/language fr"));
        // The settings count more than what their Telegram says.
        Assert.Contains(
            "Ich spreche de",
            TelegramStandIn.Words(await telegram.AskAsync(Ben, "/language"))
        );

        // What was chosen counts most, and also for what is told by itself.
        Assert.Contains("Ab jetzt spreche ich Deutsch", await SayInAsync("en", "/language de"));
        await silo.KillAsync();
        await silo.StartAsync();
        Assert.Contains("Antworte auf eine", await SayInAsync("en", "/help"));
        var taken = await SayInAsync("en", "/analyze what is here, in a word?");
        var id = taken.Split('\n')[0].Split(' ')[1];
        var ended = await telegram.HearAsync(Anna, $"✅ Aufgabe {id} FERTIG");
        Assert.Contains("Ergebnis: ", TelegramStandIn.Words(ended), StringComparison.Ordinal);
        Assert.NotEmpty(TelegramStandIn.Button(ended, "Noch einmal"));
        await telegram.HearAsync(Team, $"✅ Aufgabe {id} FERTIG");
        await telegram.HearAsync(Anna, $"Artefakt von {id}");
        Assert.Contains(
            "From now on I speak English",
            TelegramStandIn.Words(await telegram.AskAsync(Ben, "/language EN"))
        );
    }

    private async Task<string> SayInAsync(string language, string text)
    {
        var said = await telegram.DoAsync(
            "message",
            new
            {
                chat = Anna,
                text,
                language,
            }
        );
        return TelegramStandIn.Words(await telegram.AnswerAsync(Anna, (long)said["message_id"]!));
    }
}
