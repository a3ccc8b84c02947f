using System.Globalization;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.Silo.Mediation;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Storage;
using Orchestrator.Silo.Telegram;
using Orchestrator.Silo.Webhooks;

namespace Orchestrator.Silo.Settings;

/// <summary>Looks at the whole configuration before anything starts.</summary>
internal static class SettingsCheck
{
    /// <summary>Every finding: the key, what is wrong, the way out. Empty when all is well.</summary>
    public static IReadOnlyList<string> Check(IConfiguration configuration)
    {
        var problems = new List<string>();
        foreach (var (section, _) in SettingsCatalog.Sections)
        {
            foreach (var (key, value) in Leaves(configuration.GetSection(section)))
            {
                if (SettingsCatalog.Find(key) is not { } known)
                {
                    var near = SettingsCatalog.Nearest(
                        key,
                        SettingsCatalog.Settings.Select(s => s.Key)
                    );
                    problems.Add(
                        $"{key} is unknown. Nearest known key: {near} ({near.Replace(":", "__", StringComparison.Ordinal)} as a variable). Rename or remove it."
                    );
                }
                else if (Wrong(known, value) is { } wrong)
                {
                    problems.Add(wrong);
                }
            }
        }
        if (problems.Count == 0)
        {
            // What one key cannot show by itself. Only texts that are well-formed can be bound.
            problems.AddRange(
                new MediatorOptionsRules()
                    .Validate(
                        null,
                        configuration.GetSection("Mediator").Get<MediatorOptions>() ?? new()
                    )
                    .Failures
                    ?? []
            );
            problems.AddRange(
                new WorkspaceOptionsRules()
                    .Validate(
                        null,
                        configuration.GetSection("Workspace").Get<WorkspaceOptions>() ?? new()
                    )
                    .Failures
                    ?? []
            );
            problems.AddRange(
                new GitHubOptionsRules()
                    .Validate(
                        null,
                        configuration.GetSection("GitHub").Get<GitHubOptions>() ?? new()
                    )
                    .Failures
                    ?? []
            );
            problems.AddRange(
                new WebhookOptionsRules()
                    .Validate(
                        null,
                        configuration.GetSection("Webhooks").Get<WebhookOptions>() ?? new()
                    )
                    .Failures
                    ?? []
            );
            problems.AddRange(
                new TelegramOptionsRules()
                    .Validate(
                        null,
                        configuration.GetSection("Telegram").Get<TelegramOptions>() ?? new()
                    )
                    .Failures
                    ?? []
            );
            problems.AddRange(
                new TelemetryOptionsRules()
                    .Validate(
                        null,
                        configuration.GetSection("Telemetry").Get<TelemetryOptions>() ?? new()
                    )
                    .Failures
                    ?? []
            );
            if (
                ClusterStoreOptions.Problem(configuration[ClusterStoreOptions.Key] ?? "") is
                { } connection
            )
            {
                problems.Add(connection);
            }
        }
        return problems;
    }

    /// <summary>Names of a file of ours, or of the command line, that nobody reads.</summary>
    /// <param name="keys">Keys with <c>:</c> between the parts.</param>
    /// <param name="predecessor">Names that the predecessor had.</param>
    /// <param name="where">The file or <c>the command line</c>.</param>
    public static IEnumerable<string> Unknown(
        IEnumerable<string> keys,
        IReadOnlyList<string> predecessor,
        string where
    )
    {
        string[] tops =
        [
            .. SettingsCatalog.Sections.Select(s => s.Section.Split(':')[0]),
            .. SettingsCatalog.Names,
            .. SettingsCatalog.Foreign,
            .. predecessor,
        ];
        foreach (var key in keys)
        {
            var top = key.Split(':')[0];
            if (
                !tops.Contains(top, StringComparer.OrdinalIgnoreCase)
                && !top.StartsWith("VALIDATION_", StringComparison.OrdinalIgnoreCase)
            )
            {
                yield return $"{key} (in {where}) is unknown. Nearest known name: {SettingsCatalog.Nearest(top, tops.Where(t => !t.EndsWith('_')))}. Rename or remove it.";
            }
        }
    }

    private static IEnumerable<(string Key, string Value)> Leaves(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            if (child.Value is { } value)
            {
                yield return (child.Path, value);
            }
            foreach (var leaf in Leaves(child))
            {
                yield return leaf;
            }
        }
    }

    private static string? Wrong(KnownSetting known, string text)
    {
        if (text.Length == 0 && known.Type != typeof(string))
        {
            return null; // an empty variable counts as absent
        }
        var value = Read(known.Type, text);
        if (value is null)
        {
            return $"{known.Key} is '{Cut(text)}'; it must be {known.Shape}. Correct it, or remove it for its default.";
        }
        var broken = known.Checks.FirstOrDefault(c => !c.IsValid(value));
        return broken is null
            ? null
            : $"{broken.FormatErrorMessage(known.Key).TrimEnd('.')}; it is '{Cut(text)}'. Correct it, or remove it for its default.";
    }

    // Null = not of that type.
    private static object? Read(Type type, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        if (type.IsEnum)
        {
            return Enum.GetNames(type)
                .FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        }
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => int.TryParse(text, NumberStyles.Integer, culture, out var n)
                ? n
                : null,
            TypeCode.Int64 => long.TryParse(text, NumberStyles.Integer, culture, out var n)
                ? n
                : null,
            TypeCode.Double => double.TryParse(text, NumberStyles.Float, culture, out var n)
                ? n
                : null,
            TypeCode.Decimal => decimal.TryParse(text, NumberStyles.Float, culture, out var n)
                ? n
                : null,
            TypeCode.Boolean => bool.TryParse(text, out var b) ? b : null,
            _ when type == typeof(TimeSpan) => TimeSpan.TryParse(text, culture, out var t)
                ? t
                : null,
            _ => text,
        };
    }

    private static string Cut(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
