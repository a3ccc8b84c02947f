using CsCheck;
using Orchestrator.Decisions.Settings;
using Xunit;

namespace Orchestrator.UnitTests.Settings;

public sealed class SettingsTextTests
{
    [Theory]
    [InlineData("A=b", "b")]
    [InlineData("  export A = b  ", "b")]
    [InlineData("A=", "")]
    [InlineData("A=b # comment", "b")]
    [InlineData("A=b#no comment", "b#no comment")]
    [InlineData("A=# comment", "")]
    [InlineData("A='b # \\n $HOME'", "b # \\n $HOME")]
    [InlineData("A=\"b\\n\\t\\\"\\\\ $HOME `id`\" # c", "b\n\t\"\\ $HOME `id`")]
    [InlineData("A=\"C:\\Users\"", "C:\\Users")]
    [InlineData("A=C:\\x\\y", "C:\\x\\y")]
    [InlineData("A=$(id)", "$(id)")]
    [InlineData("A=1\r\nA=2", "2")]
    [InlineData("\uFEFFA=1", "1")]
    public void A_line_is_a_name_and_a_value_and_nothing_is_expanded(string text, string value)
    {
        var env = EnvText.Read(text);

        Assert.Empty(env.Problems);
        Assert.Equal(value, env.Values["a"]);
    }

    [Theory]
    [InlineData("\nno equals")]
    [InlineData("# c\n=x")]
    [InlineData("\n1A=x")]
    [InlineData("\nA B=x")]
    [InlineData("\nA='secret")]
    [InlineData("\nA=\"secret\" tail")]
    public void A_line_that_cannot_be_read_is_named_by_its_number_and_never_quoted(string text)
    {
        var problem = Assert.Single(EnvText.Read(text).Problems);

        Assert.Contains("line 2", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_breaks_the_reader() =>
        Gen.String[Gen.Char["AB=_ '\"\\#\n\r\t$0é\0"], 0, 200]
            .Sample(text => EnvText.Read(text) is not null, iter: 5_000);

    [Fact]
    public void A_file_without_bounds_is_refused()
    {
        var most = "A=" + new string('a', EnvText.CharactersMax - 2);

        Assert.Empty(EnvText.Read(most).Problems);
        Assert.Equal(
            [".env has 262145 characters; at most 262144 are read. Keep settings only in it."],
            EnvText.Read(most + "a").Problems
        );
        Assert.Empty(EnvText.Read(most + "a").Values);
    }

    [Theory]
    [InlineData("CLAUDE_TIMEOUT_SEC", "300", "Task:RunTimeMax", "00:05:00")]
    [InlineData("claude_timeout_sec", " 86400 ", "Task:RunTimeMax", "1.00:00:00")]
    [InlineData("CLAUDE_MAX_TURNS", "0", "Runner:ClaudeCode:MaxTurns", "10000")]
    [InlineData("CLAUDE_MAX_TURNS", "7", "Runner:ClaudeCode:MaxTurns", "7")]
    [InlineData("CLAUDE_BASE_CWD", "/code", "Workspace:Base", "/code")]
    [InlineData("CLAUDE_ALLOWED_ROOT", "/code", "Workspace:AllowedRoots:0", "/code")]
    [InlineData("MAX_CONCURRENT_TASKS", "5", "Runner:Slots", "5")]
    [InlineData("MAX_QUEUE_SIZE", "50", "Queue:SizeMax", "50")]
    [InlineData("LLAMA_HOST", "box", "Mediator:Endpoint", "http://box:11434")]
    [InlineData("LLAMA_HOST", "https://box", "Mediator:Endpoint", "https://box:11434")]
    [InlineData("LLAMA_PORT", "9", "Mediator:Endpoint", "http://localhost:9")]
    [InlineData("LLAMA_MODEL", "m:1", "Mediator:Model", "m:1")]
    [InlineData("LOG_LEVEL", "warning", "Logging:LogLevel:Default", "Warning")]
    public void A_name_of_the_predecessor_works(
        string name,
        string value,
        string key,
        string expected
    )
    {
        var (settings, problems) = PredecessorSettings.Translate([new(name, value)]);

        Assert.Empty(problems);
        Assert.Equal(expected, Assert.Single(settings, s => s.Key == key).Value);
    }

    [Theory]
    [InlineData("CLAUDE_SKIP_PERMISSIONS", "true")]
    [InlineData("GUARDED_WRITE", "1")]
    [InlineData("AGENTS_ENABLED", "false")]
    [InlineData("TASK_TIMEOUT", "1800")]
    [InlineData("TELEGRAM_ALLOWED_USERS", "1,me")]
    [InlineData("TELEGRAM_CHAT_ID", "team")]
    [InlineData("TELEGRAM_RATE_LIMIT_REQUESTS", "0")]
    [InlineData("TELEGRAM_RATE_LIMIT_WINDOW_SEC", "1m")]
    [InlineData("VALIDATION_SIMILARITY_THRESHOLD", "0.7")]
    [InlineData("CLAUDE_TIMEOUT_SEC", "0")]
    [InlineData("CLAUDE_TIMEOUT_SEC", "5m")]
    [InlineData("CLAUDE_MAX_TURNS", "-1")]
    [InlineData("MAX_CONCURRENT_TASKS", "65")]
    [InlineData("MAX_QUEUE_SIZE", "0")]
    [InlineData("LLAMA_PORT", "x")]
    [InlineData("LOG_LEVEL", "loud")]
    public void A_name_that_cannot_work_is_refused_by_name_and_shows_no_secret(
        string name,
        string value
    )
    {
        var (settings, problems) = PredecessorSettings.Translate([new(name, value)]);

        Assert.Empty(settings);
        Assert.StartsWith(name, Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain("planted-token", problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_of_the_predecessor_is_known_and_an_empty_one_counts_as_absent()
    {
        foreach (var name in PredecessorSettings.Names)
        {
            var (_, none) = PredecessorSettings.Translate([new(name, "")]);
            var (settings, problems) = PredecessorSettings.Translate([new(name + "X", "7")]);
            Assert.Empty(none);
            if (name != "VALIDATION_")
            {
                Assert.Empty(settings);
                Assert.Empty(problems);
            }
        }
    }
}
