using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Mediation;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;
using Orchestrator.Silo.Telegram;
using Orchestrator.Silo.Tickets;
using Orchestrator.Silo.Webhooks;

namespace Orchestrator.Silo.Settings;

/// <summary>A key that is read.</summary>
/// <param name="Key">With <c>:</c> between its parts; a part <c>*</c> stands for any name or number.</param>
/// <param name="Type">What its text is turned into.</param>
/// <param name="Checks">Ranges and patterns of the option, with its words.</param>
internal sealed record KnownSetting(
    string Key,
    Type Type,
    IReadOnlyList<ValidationAttribute> Checks
)
{
    /// <summary>The shape of the value, in words.</summary>
    public string Shape =>
        Type == typeof(int) || Type == typeof(long) ? "a whole number"
        : Type == typeof(double) || Type == typeof(decimal) ? "a number"
        : Type.IsEnum
            ? "one of " + string.Join(", ", Enum.GetNames(Type).Select(n => n.ToLowerInvariant()))
        : Type == typeof(bool) ? "true or false"
        : Type == typeof(TimeSpan) ? "a time as hh:mm:ss"
        : "a text";
}

/// <summary>The product's own sections and the options that read them. A new option is known here by being there.</summary>
internal static class SettingsCatalog
{
    /// <summary>Section to its options.</summary>
    public static IReadOnlyList<(string Section, Type Options)> Sections { get; } =
    [
        ("Runner", typeof(RunnerOptions)),
        ("Workspace", typeof(WorkspaceOptions)),
        ("Verify", typeof(VerifyOptions)),
        ("Task", typeof(TaskOptions)),
        ("Queue", typeof(QueueOptions)),
        ("Budgets", typeof(BudgetOptions)),
        ("Scanner", typeof(ScannerOptions)),
        ("Slo", typeof(SloOptions)),
        ("Mediator", typeof(MediatorOptions)),
        ("Intake", typeof(IntakeOptions)),
        ("Delivery", typeof(DeliveryOptions)),
        ("GitHub", typeof(GitHubOptions)),
        (LinearTicketOptions.Section, typeof(LinearTicketOptions)),
        (JiraTicketOptions.Section, typeof(JiraTicketOptions)),
        ("Storage", typeof(StoreOptions)),
        ("Cluster", typeof(ClusterStoreOptions)),
        ("Api", typeof(ApiOptions)),
        ("Webhooks", typeof(WebhookOptions)),
        ("Telegram", typeof(TelegramOptions)),
        ("Telemetry", typeof(TelemetryOptions)),
    ];

    /// <summary>Every key of those sections.</summary>
    public static IReadOnlyList<KnownSetting> Settings { get; } =
    [.. Sections.SelectMany(s => Of(s.Section, s.Options))];

    /// <summary>Names without a section: of the silo, its clients and the agent.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "ORCHESTRATOR_DATA",
        "ORCHESTRATOR_URL",
        "ORCHESTRATOR_TOKEN",
        "ORCHESTRATOR_SILO",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL",
        "data",
        "urls",
        "log-file",
    ];

    /// <summary>Sections of the platform that people set here.</summary>
    public static IReadOnlyList<string> Foreign { get; } =
    ["Logging", "Kestrel", "AllowedHosts", "Orleans"];

    /// <summary>The known setting of a concrete key, or null.</summary>
    public static KnownSetting? Find(string key) =>
        Settings.FirstOrDefault(s => Fits(s.Key.Split(':'), key.Split(':')));

    /// <summary>The candidate that is fewest changes away from a name.</summary>
    public static string Nearest(string name, IEnumerable<string> candidates) =>
        candidates
            .OrderBy(c => Distance(name.ToUpperInvariant(), c.ToUpperInvariant()))
            .ThenBy(c => c, StringComparer.Ordinal)
            .First();

    private static bool Fits(string[] known, string[] given) =>
        known.Length == given.Length
        && known
            .Zip(given)
            .All(p =>
                p.First == "*"
                    ? p.Second.Length > 0
                    : p.First.Equals(p.Second, StringComparison.OrdinalIgnoreCase)
            );

    private static IEnumerable<KnownSetting> Of(string prefix, Type options)
    {
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var (key, type) = ($"{prefix}:{property.Name}", property.PropertyType);
            if (
                type.IsAssignableFrom(typeof(List<string>)) && type != typeof(object)
                || type == typeof(Dictionary<string, string>)
            )
            {
                yield return new KnownSetting(key + ":*", typeof(string), []);
            }
            else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            {
                foreach (var inner in Of(key + ":*", type.GetGenericArguments()[1]))
                {
                    yield return inner;
                }
            }
            else if (type.IsClass && type != typeof(string))
            {
                foreach (var inner in Of(key, type))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return new KnownSetting(
                    key,
                    type,
                    [.. property.GetCustomAttributes<ValidationAttribute>()]
                );
            }
        }
    }

    private static int Distance(string a, string b)
    {
        if (a.Length > 200)
        {
            return int.MaxValue;
        }
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var up = row[j];
                row[j] = Math.Min(
                    Math.Min(row[j - 1] + 1, up + 1),
                    diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)
                );
                diagonal = up;
            }
        }
        return row[^1];
    }
}
