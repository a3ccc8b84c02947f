using System.Text.Json.Nodes;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

/// <summary>Every command, end to end: the stand-in, the built silo, real git.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private const long Anna = 11;
    private const long Ben = 22;
    private const long Reader = 33;
    private const long Nobody = 99;
    private const string Script =
        """{"version":1,"steps":[{"do":"append","path":"a.txt","text":"two\n"},{"do":"say","text":"Appended. /estop it? *bold_ [x](y)"}]}""";

    private TelegramStandIn telegram = null!;
    private SiloProcess silo = null!;
    private string repository = "";

    public async ValueTask InitializeAsync()
    {
        telegram = await TelegramStandIn.StartAsync();
        repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        silo = await SiloProcess.StartAsync(
            telegram.Settings(
                "--Telegram:Users:11",
                "operate",
                "--Telegram:Users:22",
                "submit",
                "--Telegram:Users:33",
                "read",
                "--Telegram:Repository",
                repository,
                "--Telegram:Script",
                Script
            )
        );
    }

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        await telegram.DisposeAsync();
    }

    [Fact]
    public async Task Every_command_answers_and_a_task_is_led_from_words_to_a_commit()
    {
        Assert.Contains("/help", Words(await telegram.AskAsync(Anna, "/start")));
        var help = Words(await telegram.AskAsync(Anna, "/help"));
        Assert.All(
            Orchestrator.Decisions.Telegram.ChatVerbs.All,
            c => Assert.Contains("/" + c.Name, help, StringComparison.Ordinal)
        );

        // Risky words are asked about, and done by a tap.
        var ask = await telegram.AskAsync(Anna, "Fix the missing second line in a.txt, please");
        Assert.Contains("Shall I?", Words(ask), StringComparison.Ordinal);
        await TapAsync(Anna, ask, "Do it");
        var taken = await telegram.HearAsync(Anna, "📥 task_");
        var id = Words(taken).Split('\n')[0].Split(' ')[1];

        var done = await telegram.HearAsync(Anna, $"✅ Task {id} COMPLETED");
        // What the agent printed is no command of ours.
        Assert.DoesNotContain("/estop it", Words(done), StringComparison.Ordinal);
        Assert.Contains("*bold_ [x](y)", Words(done), StringComparison.Ordinal);
        var diff = await telegram.HearAsync(Anna, m => Document(m) == id + ".diff", "The diff");
        Assert.Contains("+two", (string)diff["content"]!, StringComparison.Ordinal);
        var artifact = await telegram.HearAsync(
            Anna,
            m => Document(m) == id + ".json",
            "The artifact"
        );
        Assert.Contains(id, (string)artifact["content"]!, StringComparison.Ordinal);

        Assert.Contains("received", Words(await telegram.AskAsync(Anna, $"/progress {id}")));
        Assert.Contains(
            "🏁 finished",
            Words(await telegram.AskAsync(Anna, $"/progress {id} --since 1h"))
        );
        Assert.Contains("is done", Words(await telegram.AskAsync(Anna, $"/show {id}")));
        Assert.Contains(id, Words(await telegram.AskAsync(Anna, "/list")));
        Assert.Contains(id, Words(await telegram.AskAsync(Anna, "/list done")));
        Assert.Contains("Queued: 0", Words(await telegram.AskAsync(Anna, "/status")));
        Assert.Contains("🟢", Words(await telegram.AskAsync(Anna, "/hosts")));
        Assert.Equal(id + ".diff", Document(await telegram.AskAsync(Anna, $"/diff {id}")));
        Assert.Contains("is on", Words(await telegram.AskAsync(Anna, $"/git-status {id}")));
        Assert.Contains("ended already", Words(await telegram.AskAsync(Anna, $"/cancel {id}")));
        Assert.Contains(
            "asks nothing any more",
            Words(await telegram.AskAsync(Anna, $"/approve {id}"))
        );
        Assert.Contains(
            "asks nothing any more",
            Words(await telegram.AskAsync(Anna, $"/reject {id} no"))
        );
        var committed = Words(await telegram.AskAsync(Anna, $"/commit {id}"));
        Assert.Contains(" on orchestrator/", committed, StringComparison.Ordinal);
        Assert.Contains(
            "committed before",
            Words(await telegram.AskAsync(Anna, $"/commit_all {id}"))
        );

        // Answering a message about the task is a reply to it; so is the command.
        var reply = await telegram.AskAsync(Anna, "And now once more", (long)done["message_id"]!);
        Assert.Contains($"It goes to {id}", Words(reply), StringComparison.Ordinal);
        await telegram.UntilAsync(
            s => TelegramStandIn.BotsIn(s, Anna).Count(m => Words(m).Contains($"Task {id} ")) >= 2,
            "The second turn's end"
        );
        Assert.Contains(
            $"It goes to {id}",
            Words(await telegram.AskAsync(Anna, $"/reply {id} and a third time"))
        );
        await telegram.UntilAsync(
            s => TelegramStandIn.BotsIn(s, Anna).Count(m => Words(m).Contains($"Task {id} ")) >= 3,
            "The third turn's end"
        );
        Assert.Contains("another turn", Words(await telegram.AskAsync(Anna, $"/retry {id}")));

        foreach (
            var verb in (string[])["task", "documentation", "code_review", "bug-fix", "analyze"]
        )
        {
            Assert.Contains(
                "📥 task_",
                Words(await telegram.AskAsync(Anna, $"/{verb} say what a.txt is for, in a word"))
            );
        }
        Assert.Contains("Every run", Words(await telegram.AskAsync(Anna, "/estop")));
        Assert.Contains("already", Words(await telegram.AskAsync(Anna, "/estop")));
        Assert.Contains("goes on", Words(await telegram.AskAsync(Anna, "/estop --release")));
        var test = await CliProcess.RunAsync(silo.Data, "test-telegram", "--chat", "11");
        Assert.Equal(0, test.ExitCode);
        await telegram.HearAsync(Anna, "Telegram works");
    }

    [Fact]
    public async Task The_door_is_closed_and_a_code_of_the_command_line_opens_it_once()
    {
        var closed = Words(await telegram.AskAsync(Nobody, "do something for me now"));
        Assert.Contains("This bot is closed. Your number is 99", closed);
        var code = await CliProcess.RunAsync(silo.Data, "telegram", "pair", "--role", "submit");
        var doors = (await CliProcess.RunAsync(silo.Data, "doctor", "--security")).Output;
        Assert.Contains("1 operate, 1 submit, 1 read", doors, StringComparison.Ordinal);
        Assert.Contains("1 pairing codes are good", doors, StringComparison.Ordinal);
        Assert.Contains("no door is open", doors, StringComparison.Ordinal);
        var secret = code.Output.Trim();
        Assert.Contains("submit", Words(await telegram.AskAsync(Nobody, "/start " + secret)));
        Assert.Contains("/task TEXT", Words(await telegram.AskAsync(Nobody, "/help")));
        // Used up: the next person is told so.
        Assert.Contains("unknown, used", Words(await telegram.AskAsync(98, "/start " + secret)));

        // What a role may not do is refused, and others' tasks are not there.
        Assert.Contains("role 'operate'", Words(await telegram.AskAsync(Ben, "/estop")));
        Assert.Contains(
            "role 'submit'",
            Words(await telegram.AskAsync(Reader, "please do something nice"))
        );
        var annas = Words(await telegram.AskAsync(Anna, "/analyze what does a.txt say?"));
        var id = annas.Split('\n')[0].Split(' ')[1];
        Assert.Contains("no task", Words(await telegram.AskAsync(Ben, $"/show {id}")));
        Assert.Contains("no task", Words(await telegram.AskAsync(Ben, $"/cancel {id}")));
        Assert.Contains(id, Words(await telegram.AskAsync(Reader, $"/show {id}")));
        var events = await File.ReadAllTextAsync(Path.Combine(silo.Data, "logs", "events.ndjson"));
        Assert.DoesNotContain(secret, events, StringComparison.Ordinal);

        Assert.Equal(
            0,
            (await CliProcess.RunAsync(silo.Data, "telegram", "unpair", "99")).ExitCode
        );
    }

    private static string Words(JsonObject message) => TelegramStandIn.Words(message);

    private static string? Document(JsonObject message) =>
        (string?)message["document"]?["file_name"];

    private Task TapAsync(long chat, JsonObject message, string label) =>
        telegram.DoAsync(
            "tap",
            new
            {
                chat,
                message_id = (long)message["message_id"]!,
                data = TelegramStandIn.Button(message, label),
            }
        );
}
