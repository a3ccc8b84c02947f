using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Orchestrator.Silo.Settings;

namespace Orchestrator.SystemTests.Cli;

/// <summary>Makes <c>docs/configuration.md</c> of the catalog of settings and of what is written at each.</summary>
internal static partial class ConfigurationPage
{
    private static readonly Dictionary<string, XElement> Written = XDocument
        .Load(
            Path.Combine(
                Path.GetDirectoryName(
                    SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo")
                )!,
                "orchestrator-silo.xml"
            )
        )
        .Descendants("member")
        .Where(m => m.Element("summary") is not null)
        .ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary")!);

    /// <summary>The page.</summary>
    public static string Make()
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line("# Configuration");
        Line("");
        Line(
            "Made from the product's own catalog of settings. Where settings are put, and which is stronger, stands at the head of `.env.example`; as a variable `:` becomes `__`. `*` stands for a name or a number of yours. An unknown key is refused at start, with the nearest known one. `orchestrator init` writes a first file, `orchestrator doctor` shows the settings in force."
        );
        foreach (var (section, options) in SettingsCatalog.Sections)
        {
            Line("");
            Line("## " + section);
            Line("");
            Line("| key | value | |");
            Line("|---|---|---|");
            Rows(Line, section, options);
        }
        Line("");
        Line("## Without a section");
        Line("");
        Line(string.Join(", ", SettingsCatalog.Names.Select(n => $"`{n}`")) + ".");
        Line("");
        Line(
            $"Sections of the platform that are read too: {string.Join(", ", SettingsCatalog.Foreign.Select(n => $"`{n}`"))}."
        );
        return text.ToString();
    }

    /// <summary>Every key of the page.</summary>
    public static IReadOnlyList<string> Keys(string page) =>
        [.. KeyCell().Matches(page).Select(m => m.Groups[1].Value)];

    private static void Rows(Action<string> line, string prefix, Type options)
    {
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var (key, type) = ($"{prefix}:{property.Name}", property.PropertyType);
            if (SettingsCatalog.Find(key) is null && SettingsCatalog.Find(key + ":x") is { } many)
            {
                Row(line, key + ":*", many.Shape, property);
            }
            else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            {
                Rows(line, key + ":*", type.GetGenericArguments()[1]);
            }
            else if (SettingsCatalog.Find(key) is { } known)
            {
                Row(line, key, known.Shape, property);
            }
            else
            {
                Rows(line, key, type);
            }
        }
    }

    private static void Row(Action<string> line, string key, string shape, PropertyInfo property)
    {
        var name = $"P:{property.DeclaringType!.FullName!.Replace('+', '.')}.{property.Name}";
        var words = Written.TryGetValue(name, out var summary) ? Words(summary) : "";
        line($"| `{key}` | {shape} | {words} |");
    }

    private static string Words(XElement summary) =>
        Blanks()
            .Replace(
                string.Concat(
                    summary
                        .Nodes()
                        .Select(n =>
                            n switch
                            {
                                XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
                                XElement { Name.LocalName: "see" } see =>
                                    $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
                                XElement other => other.Value,
                                XText plain => plain.Value,
                                _ => "",
                            }
                        )
                ),
                " "
            )
            .Trim()
            .Replace("|", "\\|", StringComparison.Ordinal);

    [GeneratedRegex(@"\s+", RegexOptions.None, 1_000)]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline, 1_000)]
    private static partial Regex KeyCell();
}
