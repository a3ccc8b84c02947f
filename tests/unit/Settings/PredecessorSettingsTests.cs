using Orchestrator.Decisions.Settings;
using Xunit;

namespace Orchestrator.UnitTests.Settings;

/// <summary>Every variable of the predecessor: what it becomes, or the sentence that refuses it.</summary>
public sealed class PredecessorSettingsTests
{
    [Fact]
    public void The_names_are_the_predecessors() =>
        Assert.Equal(
            "CLAUDE_SKIP_PERMISSIONS CLAUDE_TIMEOUT_SEC CLAUDE_MAX_TURNS CLAUDE_BASE_CWD CLAUDE_ALLOWED_ROOT GUARDED_WRITE "
                + "MAX_CONCURRENT_TASKS MAX_QUEUE_SIZE TELEGRAM_BOT_TOKEN TELEGRAM_ALLOWED_USERS TELEGRAM_CHAT_ID "
                + "TELEGRAM_RATE_LIMIT_REQUESTS TELEGRAM_RATE_LIMIT_WINDOW_SEC AGENTS_ENABLED LLAMA_HOST LLAMA_PORT "
                + "LLAMA_MODEL LOG_LEVEL TASK_TIMEOUT VALIDATION_",
            string.Join(' ', PredecessorSettings.Names)
        );

    [Theory]
    [InlineData("CLAUDE_TIMEOUT_SEC", "90", "Task:RunTimeMax", "00:01:30")]
    [InlineData("claude_timeout_sec", " 86400 ", "Task:RunTimeMax", "1.00:00:00")]
    [InlineData("CLAUDE_TIMEOUT_SEC", "1", "Task:RunTimeMax", "00:00:01")]
    [InlineData("CLAUDE_MAX_TURNS", "0", "Runner:ClaudeCode:MaxTurns", "10000")]
    [InlineData("CLAUDE_MAX_TURNS", "7", "Runner:ClaudeCode:MaxTurns", "7")]
    [InlineData("CLAUDE_MAX_TURNS", "10000", "Runner:ClaudeCode:MaxTurns", "10000")]
    [InlineData("CLAUDE_BASE_CWD", "/code", "Workspace:Base", "/code")]
    [InlineData("CLAUDE_ALLOWED_ROOT", "/code", "Workspace:AllowedRoots:0", "/code")]
    [InlineData("MAX_CONCURRENT_TASKS", "64", "Runner:Slots", "64")]
    [InlineData("MAX_QUEUE_SIZE", "1000000", "Queue:SizeMax", "1000000")]
    [InlineData("LLAMA_MODEL", "llama3", "Mediator:Model", "llama3")]
    [InlineData("LLAMA_HOST", "gpu", "Mediator:Endpoint", "http://gpu:11434")]
    [InlineData("LLAMA_HOST", "https://gpu/", "Mediator:Endpoint", "https://gpu:11434")]
    [InlineData("LLAMA_HOST", "http://", "Mediator:Endpoint", "http://")]
    [InlineData("LLAMA_PORT", "1", "Mediator:Endpoint", "http://localhost:1")]
    [InlineData("LLAMA_PORT", "65535", "Mediator:Endpoint", "http://localhost:65535")]
    [InlineData("LOG_LEVEL", "trace", "Logging:LogLevel:Default", "Trace")]
    [InlineData("LOG_LEVEL", "DEBUG", "Logging:LogLevel:Default", "Debug")]
    [InlineData("LOG_LEVEL", "INFO", "Logging:LogLevel:Default", "Information")]
    [InlineData("LOG_LEVEL", "INFORMATION", "Logging:LogLevel:Default", "Information")]
    [InlineData("LOG_LEVEL", "WARN", "Logging:LogLevel:Default", "Warning")]
    [InlineData("LOG_LEVEL", "WARNING", "Logging:LogLevel:Default", "Warning")]
    [InlineData("LOG_LEVEL", "ERROR", "Logging:LogLevel:Default", "Error")]
    [InlineData("LOG_LEVEL", "CRITICAL", "Logging:LogLevel:Default", "Critical")]
    [InlineData("LOG_LEVEL", "FATAL", "Logging:LogLevel:Default", "Critical")]
    public void A_variable_becomes_a_key(string name, string value, string key, string set)
    {
        var (settings, problems) = Translate((name, value));

        Assert.Empty(problems);
        var only = Assert.Single(settings);
        Assert.Equal((key, set), (only.Key, only.Value));
    }

    [Fact]
    public void A_models_host_and_port_come_together_in_any_order()
    {
        Assert.Equal(
            "http://gpu:8080",
            Translate(("LLAMA_PORT", "8080"), ("LLAMA_HOST", "gpu")).Settings["Mediator:Endpoint"]
        );
        Assert.Equal(
            "http://gpu:8080",
            Translate(("LLAMA_HOST", "gpu"), ("LLAMA_PORT", "8080")).Settings["Mediator:Endpoint"]
        );
    }

    [Theory]
    [InlineData(
        "CLAUDE_TIMEOUT_SEC",
        "0",
        "CLAUDE_TIMEOUT_SEC is '0'; it must be whole seconds from 1 to 86400, or set Task__RunTimeMax=00:05:00."
    )]
    [InlineData(
        "CLAUDE_TIMEOUT_SEC",
        "86401",
        "CLAUDE_TIMEOUT_SEC is '86401'; it must be whole seconds from 1 to 86400, or set Task__RunTimeMax=00:05:00."
    )]
    [InlineData(
        "CLAUDE_MAX_TURNS",
        "-1",
        "CLAUDE_MAX_TURNS is '-1'; it must be 0 (no limit) to 10000, or set Runner__ClaudeCode__MaxTurns."
    )]
    [InlineData(
        "CLAUDE_MAX_TURNS",
        "10001",
        "CLAUDE_MAX_TURNS is '10001'; it must be 0 (no limit) to 10000, or set Runner__ClaudeCode__MaxTurns."
    )]
    [InlineData(
        "MAX_CONCURRENT_TASKS",
        "65",
        "MAX_CONCURRENT_TASKS is '65'; it must be a whole number from 1 to 64, or set Runner__Slots."
    )]
    [InlineData(
        "MAX_CONCURRENT_TASKS",
        "0",
        "MAX_CONCURRENT_TASKS is '0'; it must be a whole number from 1 to 64, or set Runner__Slots."
    )]
    [InlineData(
        "MAX_QUEUE_SIZE",
        "1000001",
        "MAX_QUEUE_SIZE is '1000001'; it must be a whole number from 1 to 1000000, or set Queue__SizeMax."
    )]
    [InlineData(
        "LLAMA_PORT",
        "0",
        "LLAMA_PORT is '0'; it must be a port from 1 to 65535, or set Mediator__Endpoint=http://HOST:PORT."
    )]
    [InlineData(
        "LLAMA_PORT",
        "65536",
        "LLAMA_PORT is '65536'; it must be a port from 1 to 65535, or set Mediator__Endpoint=http://HOST:PORT."
    )]
    [InlineData(
        "LOG_LEVEL",
        "loud",
        "LOG_LEVEL is 'loud'; it must be DEBUG, INFO, WARNING, ERROR or CRITICAL."
    )]
    [InlineData(
        "CLAUDE_SKIP_PERMISSIONS",
        "true",
        "CLAUDE_SKIP_PERMISSIONS must be false: permissions are never skipped; what an agent may do follows from the type of its task. Remove it."
    )]
    [InlineData(
        "GUARDED_WRITE",
        "1",
        "GUARDED_WRITE must be false: an agent works in a worktree of its own and your folder changes only by 'orchestrator git-commit'; staging before approval is not part of this version. Remove it."
    )]
    [InlineData(
        "AGENTS_ENABLED",
        "false",
        "AGENTS_ENABLED must be true: the agent follows from the task's type or its key 'agent_type'. Remove it."
    )]
    [InlineData(
        "TASK_TIMEOUT",
        "5",
        "TASK_TIMEOUT is not read (the predecessor did not read it either): set CLAUDE_TIMEOUT_SEC or Task__RunTimeMax=00:30:00."
    )]
    [InlineData(
        "TELEGRAM_ALLOWED_USERS",
        "1,me",
        "TELEGRAM_ALLOWED_USERS is '1,me'; it must be numbers of users with commas between them, or set Telegram__Users__NUMBER=operate."
    )]
    [InlineData(
        "TELEGRAM_CHAT_ID",
        "team",
        "TELEGRAM_CHAT_ID is 'team'; it must be the number of a chat, or set Telegram__NoticeChat."
    )]
    [InlineData(
        "VALIDATION_MIN_SCORE",
        "x",
        "VALIDATION_MIN_SCORE is refused: results are judged by evidence (diff, checks, criteria), not by thresholds. Remove it; Verify__Commands__0 sets checks."
    )]
    public void A_variable_that_cannot_be_kept_is_refused_with_the_new_way(
        string name,
        string value,
        string words
    )
    {
        var (settings, problems) = Translate((name, value));

        Assert.Empty(settings);
        Assert.Equal([words], problems);
    }

    [Fact]
    public void The_variables_of_the_chat_open_the_same_door_to_the_same_people()
    {
        var (settings, problems) = Translate(
            ("TELEGRAM_BOT_TOKEN", "1:x"),
            ("TELEGRAM_ALLOWED_USERS", "11, 22"),
            ("TELEGRAM_CHAT_ID", "-100"),
            ("TELEGRAM_RATE_LIMIT_REQUESTS", "7"),
            ("TELEGRAM_RATE_LIMIT_WINDOW_SEC", "30")
        );

        Assert.Empty(problems);
        Assert.Equal("1:x", settings["Telegram:Token"]);
        Assert.Equal("operate", settings["Telegram:Users:11"]);
        Assert.Equal("operate", settings["Telegram:Users:22"]);
        Assert.Equal("-100", settings["Telegram:NoticeChat"]);
        Assert.Equal("7", settings["Telegram:RequestsMax"]);
        Assert.Equal("30", settings["Telegram:RequestsWindowSeconds"]);
    }

    [Theory]
    [InlineData("CLAUDE_SKIP_PERMISSIONS", "false 0 no off FALSE")]
    [InlineData("GUARDED_WRITE", "false 0 no off Off")]
    [InlineData("AGENTS_ENABLED", "true 1 yes on True")]
    public void A_value_that_says_what_is_so_anyway_passes(string name, string values) =>
        Assert.All(
            values.Split(' '),
            value =>
            {
                var (settings, problems) = Translate((name, value));
                Assert.Empty(settings);
                Assert.Empty(problems);
            }
        );

    [Fact]
    public void What_is_empty_or_somebody_elses_is_left_alone()
    {
        var (settings, problems) = Translate(
            ("CLAUDE_TIMEOUT_SEC", " "),
            ("LOG_LEVEL", null),
            ("TELEGRAM_OTHER", "x"),
            ("PATH", "/bin")
        );

        Assert.Empty(settings);
        Assert.Empty(problems);
    }

    private static (
        IReadOnlyDictionary<string, string> Settings,
        IReadOnlyList<string> Problems
    ) Translate(params (string Name, string? Value)[] variables) =>
        PredecessorSettings.Translate(variables.Select(v => KeyValuePair.Create(v.Name, v.Value)));
}
