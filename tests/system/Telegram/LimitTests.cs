using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

public sealed class LimitTests
{
    private const long Anna = 11;

    [Fact]
    public async Task D35_Only_what_was_taken_counts_against_the_limit()
    {
        await using var telegram = await TelegramStandIn.StartAsync();
        await using var silo = await SiloProcess.StartAsync([
            .. telegram.Settings("--Telegram:Users:11", "operate").SkipLast(4).ToArray(),
            "--Telegram:RequestsMax",
            "2",
            "--Telegram:RequestsWindowSeconds",
            "3600",
            "--Telegram:Users:11",
            "operate",
        ]);
        foreach (var text in (string[])["short", "/task", "/task x", "/analyze no"])
        {
            Assert.DoesNotContain("📥", await AskAsync(telegram, text), StringComparison.Ordinal);
        }
        for (var i = 0; i < 2; i++)
        {
            Assert.Contains("📥", await AskAsync(telegram, "/analyze what is here, in a word?"));
        }
        Assert.Contains(
            "You asked for 2 pieces of work within 3600 s",
            await AskAsync(telegram, "/analyze what is here, in a word?"),
            StringComparison.Ordinal
        );
    }

    private static async Task<string> AskAsync(TelegramStandIn telegram, string text) =>
        TelegramStandIn.Words(await telegram.AskAsync(Anna, text));
}
