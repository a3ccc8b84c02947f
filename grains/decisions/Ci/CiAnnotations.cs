using System.Globalization;

namespace Orchestrator.Decisions.Ci;

/// <summary>Whose annotations are written.</summary>
public enum CiSystem
{
    /// <summary>None.</summary>
    None,

    /// <summary>Workflow commands of GitHub Actions, and of what is compatible with it.</summary>
    GitHub,

    /// <summary>GitLab: a Code Quality report, which is a file.</summary>
    GitLab,

    /// <summary>Logging commands of Azure Pipelines.</summary>
    Azure,
}

/// <summary>
/// Findings as lines that a CI system shows beside the changed line. Sources: docs.github.com "Workflow commands", and the
/// escaping of actions/toolkit (packages/core/src/command.ts); learn.microsoft.com "Logging commands" of Azure Pipelines.
/// </summary>
public static class CiAnnotations
{
    /// <summary>Most lines; GitHub itself shows ten of each level for a step.</summary>
    public const int LinesMax = 50;

    /// <summary>The lines, worst first; none for a system that reads a file.</summary>
    public static IReadOnlyList<string> Lines(CiReport report, CiSystem system)
    {
        ArgumentNullException.ThrowIfNull(report);
        return system switch
        {
            CiSystem.GitHub => [.. report.Findings.Take(LinesMax).Select(GitHub)],
            CiSystem.Azure => [.. report.Findings.Take(LinesMax).Select(Azure)],
            _ => [],
        };
    }

    private static string GitHub(CiFinding finding)
    {
        List<string> properties = [];
        if (finding.Path.Length > 0)
        {
            properties.Add("file=" + GitHubProperty(finding.Path));
        }
        if (finding.Path.Length > 0 && finding.Line > 0)
        {
            properties.Add(string.Create(CultureInfo.InvariantCulture, $"line={finding.Line}"));
        }
        if (finding.Path.Length > 0 && finding.Line > 0 && finding.Column > 0)
        {
            properties.Add(string.Create(CultureInfo.InvariantCulture, $"col={finding.Column}"));
        }
        properties.Add("title=" + GitHubProperty($"{finding.CheckName}: {finding.Rule}"));
        return $"::{finding.LevelName} {string.Join(',', properties)}::{GitHubData(Words(finding))}";
    }

    // Azure knows no notice.
    private static string Azure(CiFinding finding)
    {
        List<string> properties = [finding.Level == CiLevel.Error ? "type=error" : "type=warning"];
        if (finding.Path.Length > 0)
        {
            properties.Add("sourcepath=" + AzureProperty(finding.Path));
        }
        if (finding.Path.Length > 0 && finding.Line > 0)
        {
            properties.Add(
                string.Create(CultureInfo.InvariantCulture, $"linenumber={finding.Line}")
            );
        }
        properties.Add("code=" + AzureProperty($"{finding.CheckName}/{finding.Rule}"));
        return $"##vso[task.logissue {string.Join(';', properties)}]{AzureData(Words(finding))}";
    }

    private static string Words(CiFinding finding) =>
        finding.Source.Length > 0 ? $"{finding.Message} ({finding.Source})" : finding.Message;

    private static string GitHubData(string text) =>
        CiText
            .Plain(text)
            .Replace("%", "%25", StringComparison.Ordinal)
            .Replace("\r", "%0D", StringComparison.Ordinal)
            .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string GitHubProperty(string text) =>
        GitHubData(text)
            .Replace(":", "%3A", StringComparison.Ordinal)
            .Replace(",", "%2C", StringComparison.Ordinal);

    private static string AzureData(string text) =>
        CiText
            .Plain(text)
            .Replace("%", "%AZP25", StringComparison.Ordinal)
            .Replace("\r", "%0D", StringComparison.Ordinal)
            .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string AzureProperty(string text) =>
        AzureData(text)
            .Replace("]", "%5D", StringComparison.Ordinal)
            .Replace(";", "%3B", StringComparison.Ordinal);
}
