using System.Globalization;
using System.Text;

namespace Orchestrator.Decisions.Ci;

/// <summary>A report for people: lines for a log, and Markdown for a page.</summary>
public static class CiWords
{
    private const int SummaryRowsMax = 100;

    /// <summary>Lines for a terminal or log. Each begins with a word of the product's own, so that none orders anything.</summary>
    public static IReadOnlyList<string> Lines(CiReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var subject = report.Subject;
        return
        [
            Invariant(
                $"base:    {subject.Base} ({CiText.Plain(subject.BaseFrom)}), compared from {Short(subject.From)}"
            ),
            Invariant(
                $"change:  {subject.Head}: {subject.Files} files, +{subject.AddedLines} -{subject.DeletedLines} lines"
            ),
            $"policy:  {CiText.Plain(subject.Policy)} ({CiText.Plain(Where(subject))})",
            .. report.Findings.Select(f =>
                CiText.Plain(
                    $"{f.LevelName + ":", -8} {f.CheckName}/{f.Rule}{(f.Path.Length > 0 ? $" {f.Place}" : "")}: {f.Message}{(f.Source.Length > 0 ? $" ({f.Source})" : "")}"
                )
            ),
            .. report.FindingsTotal > report.Findings.Count
                ? (string[])
                    [
                        Invariant(
                            $"more:    {report.FindingsTotal - report.Findings.Count} findings are not listed."
                        ),
                    ]
                : [],
            $"result:  {Result(report)}",
        ];
    }

    /// <summary>A page for the summary of a job.</summary>
    public static string Summary(CiReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var subject = report.Subject;
        var page = new StringBuilder();
        page.Append("### Orchestrator: ").Append(Result(report)).Append("\n\n");
        page.Append(
            CultureInfo.InvariantCulture,
            $"{subject.Files} files, +{subject.AddedLines} -{subject.DeletedLines} lines; judged by policy {CiText.Markdown(subject.Policy)} ({CiText.Markdown(Where(subject))}).\n"
        );
        if (report.Findings.Count == 0)
        {
            return page.ToString();
        }
        page.Append("\n| | check | place | what |\n|---|---|---|---|\n");
        foreach (var f in report.Findings.Take(SummaryRowsMax))
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {f.LevelName} | {CiText.Markdown($"{f.CheckName}/{f.Rule}")} | {CiText.Markdown(f.Place)} | {CiText.Markdown(f.Message)} {CiText.Markdown(f.Source)} |\n"
            );
        }
        if (report.FindingsTotal > SummaryRowsMax)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"\n{report.FindingsTotal - SummaryRowsMax} more are in the log or not listed.\n"
            );
        }
        return page.ToString();
    }

    private static string Result(CiReport report) =>
        report.Outcome switch
        {
            "passed" when report.Findings.Any(f => f.Level == CiLevel.Warning) =>
                "passed; the policy wants people to look at what is marked",
            "passed" => "passed",
            "violation" => "violation: the policy denies it, or it adds a secret",
            "needs_approval" => "needs approval: the policy asks, and the check is strict",
            _ => "failed: an artifact or the policy file is broken",
        };

    private static string Where(CiSubject subject) =>
        subject.PolicyPath.Length > 0
            ? $"{subject.PolicyPath} of the base commit"
            : "built in: the base commit has none";

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;

    private static string Invariant(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);
}
