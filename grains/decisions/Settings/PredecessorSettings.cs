using System.Globalization;

namespace Orchestrator.Decisions.Settings;

/// <summary>The predecessor's variables: each works under its old name, or is refused by name with the new way.</summary>
public static class PredecessorSettings
{
    /// <summary>Every name that is known here; <c>VALIDATION_</c> stands for all that begin so.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "CLAUDE_SKIP_PERMISSIONS",
        "CLAUDE_TIMEOUT_SEC",
        "CLAUDE_MAX_TURNS",
        "CLAUDE_BASE_CWD",
        "CLAUDE_ALLOWED_ROOT",
        "GUARDED_WRITE",
        "MAX_CONCURRENT_TASKS",
        "MAX_QUEUE_SIZE",
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_ALLOWED_USERS",
        "TELEGRAM_CHAT_ID",
        "TELEGRAM_RATE_LIMIT_REQUESTS",
        "TELEGRAM_RATE_LIMIT_WINDOW_SEC",
        "AGENTS_ENABLED",
        "LLAMA_HOST",
        "LLAMA_PORT",
        "LLAMA_MODEL",
        "LOG_LEVEL",
        "TASK_TIMEOUT",
        "VALIDATION_",
    ];

    /// <summary>Translates one layer of variables.</summary>
    /// <param name="variables">Name to value; names compare without case. Empty values count as absent.</param>
    /// <returns>The product's own keys, and one sentence per variable that is refused.</returns>
    public static (
        IReadOnlyDictionary<string, string> Settings,
        IReadOnlyList<string> Problems
    ) Translate(IEnumerable<KeyValuePair<string, string?>> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var problems = new List<string>();
        var llama = new Llama("", "");
        foreach (var (key, text) in variables)
        {
            var name = key.ToUpperInvariant();
            var value = text?.Trim() ?? "";
            if (value.Length == 0)
            {
                continue;
            }
            var problem = name switch
            {
                "CLAUDE_TIMEOUT_SEC" => Seconds(settings, name, value),
                "CLAUDE_MAX_TURNS" => Turns(settings, name, value),
                "CLAUDE_BASE_CWD" => Set(settings, "Workspace:Base", value),
                "CLAUDE_ALLOWED_ROOT" => Set(settings, "Workspace:AllowedRoots:0", value),
                "MAX_CONCURRENT_TASKS" => Number(settings, "Runner:Slots", name, value, 64),
                "MAX_QUEUE_SIZE" => Number(settings, "Queue:SizeMax", name, value, 1_000_000),
                "TELEGRAM_BOT_TOKEN" => Set(settings, "Telegram:Token", value),
                "TELEGRAM_ALLOWED_USERS" => Users(settings, value),
                "TELEGRAM_CHAT_ID" => Chat(settings, value),
                "TELEGRAM_RATE_LIMIT_REQUESTS" => Number(
                    settings,
                    "Telegram:RequestsMax",
                    name,
                    value,
                    10_000
                ),
                "TELEGRAM_RATE_LIMIT_WINDOW_SEC" => Number(
                    settings,
                    "Telegram:RequestsWindowSeconds",
                    name,
                    value,
                    86_400
                ),
                "LLAMA_HOST" => Take(() => llama = llama with { Host = value }),
                "LLAMA_PORT" when IsPort(value) => Take(() => llama = llama with { Port = value }),
                "LLAMA_PORT" =>
                    $"LLAMA_PORT is '{value}'; it must be a port from 1 to 65535, or set Mediator__Endpoint=http://HOST:PORT",
                "LLAMA_MODEL" => Set(settings, "Mediator:Model", value),
                "LOG_LEVEL" => Level(settings, value),
                _ => Refusal(name, value),
            };
            if (problem is not null)
            {
                problems.Add(problem + ".");
            }
        }
        if (llama.Host.Length + llama.Port.Length > 0)
        {
            settings["Mediator:Endpoint"] = llama.Address;
        }
        return (settings, problems);
    }

    private static string? Refusal(string name, string value) =>
        name switch
        {
            "CLAUDE_SKIP_PERMISSIONS" when !IsFalse(value) =>
                "CLAUDE_SKIP_PERMISSIONS must be false: permissions are never skipped; what an agent may do follows from the type of its task. Remove it",
            "GUARDED_WRITE" when !IsFalse(value) =>
                "GUARDED_WRITE must be false: an agent works in a worktree of its own and your folder changes only by 'orchestrator git-commit'; staging before approval is not part of this version. Remove it",
            "AGENTS_ENABLED" when !IsTrue(value) =>
                "AGENTS_ENABLED must be true: the agent follows from the task's type or its key 'agent_type'. Remove it",
            "TASK_TIMEOUT" =>
                "TASK_TIMEOUT is not read (the predecessor did not read it either): set CLAUDE_TIMEOUT_SEC or Task__RunTimeMax=00:30:00",
            _ when name.StartsWith("VALIDATION_", StringComparison.Ordinal) =>
                $"{name} is refused: results are judged by evidence (diff, checks, criteria), not by thresholds. Remove it; Verify__Commands__0 sets checks",
            _ => null,
        };

    // Whom the predecessor let in could do everything.
    private static string? Users(Dictionary<string, string> settings, string value)
    {
        var users = value.Split(
            ',',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        if (
            users.Any(u =>
                !long.TryParse(u, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                || n == 0
            )
        )
        {
            return $"TELEGRAM_ALLOWED_USERS is '{value}'; it must be numbers of users with commas between them, or set Telegram__Users__NUMBER=operate";
        }
        foreach (var user in users)
        {
            settings["Telegram:Users:" + user] = "operate";
        }
        return null;
    }

    private static string? Chat(Dictionary<string, string> settings, string value) =>
        long.TryParse(
            value,
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out var chat
        )
        && chat != 0
            ? Set(settings, "Telegram:NoticeChat", value)
            : $"TELEGRAM_CHAT_ID is '{value}'; it must be the number of a chat, or set Telegram__NoticeChat";

    private static string? Seconds(Dictionary<string, string> settings, string name, string value)
    {
        if (!Whole(value, 1, 86_400, out var seconds))
        {
            return $"{name} is '{value}'; it must be whole seconds from 1 to 86400, or set Task__RunTimeMax=00:05:00";
        }
        settings["Task:RunTimeMax"] = TimeSpan
            .FromSeconds(seconds)
            .ToString("c", CultureInfo.InvariantCulture);
        return null;
    }

    // 0 was "no limit": the largest that can be asked for.
    private static string? Turns(Dictionary<string, string> settings, string name, string value)
    {
        if (!Whole(value, 0, 10_000, out var turns))
        {
            return $"{name} is '{value}'; it must be 0 (no limit) to 10000, or set Runner__ClaudeCode__MaxTurns";
        }
        return Set(
            settings,
            "Runner:ClaudeCode:MaxTurns",
            (turns == 0 ? 10_000 : turns).ToString(CultureInfo.InvariantCulture)
        );
    }

    private static string? Number(
        Dictionary<string, string> settings,
        string key,
        string name,
        string value,
        int max
    ) =>
        Whole(value, 1, max, out var number)
            ? Set(settings, key, number.ToString(CultureInfo.InvariantCulture))
            : $"{name} is '{value}'; it must be a whole number from 1 to {max.ToString(CultureInfo.InvariantCulture)}, or set {key.Replace(":", "__", StringComparison.Ordinal)}";

    private static string? Level(Dictionary<string, string> settings, string value)
    {
        var level = value.ToUpperInvariant() switch
        {
            "TRACE" => "Trace",
            "DEBUG" => "Debug",
            "INFO" or "INFORMATION" => "Information",
            "WARN" or "WARNING" => "Warning",
            "ERROR" => "Error",
            "CRITICAL" or "FATAL" => "Critical",
            _ => null,
        };
        return level is null
            ? $"LOG_LEVEL is '{value}'; it must be DEBUG, INFO, WARNING, ERROR or CRITICAL"
            : Set(settings, "Logging:LogLevel:Default", level);
    }

    private static string? Set(Dictionary<string, string> settings, string key, string value)
    {
        settings[key] = value;
        return null;
    }

    private static string? Take(Action take)
    {
        take();
        return null;
    }

    private static bool Whole(string value, int min, int max, out int number) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number >= min
        && number <= max;

    private static bool IsPort(string value) => Whole(value, 1, 65_535, out _);

    private static bool IsFalse(string value) =>
        value.ToUpperInvariant() is "FALSE" or "0" or "NO" or "OFF";

    private static bool IsTrue(string value) =>
        value.ToUpperInvariant() is "TRUE" or "1" or "YES" or "ON";

    private sealed record Llama(string Host, string Port)
    {
        // A host may be written with its scheme, as Ollama's own variable has it.
        public string Address
        {
            get
            {
                var host = Host.Length > 0 ? Host : "localhost";
                var port = Port.Length > 0 ? Port : "11434";
                if (!host.Contains("://", StringComparison.Ordinal))
                {
                    return $"http://{host}:{port}";
                }
                return Uri.TryCreate(host, UriKind.Absolute, out var address)
                    ? new UriBuilder(address)
                    {
                        Port = int.Parse(port, CultureInfo.InvariantCulture),
                    }
                        .Uri.ToString()
                        .TrimEnd('/')
                    : host;
            }
        }
    }
}
