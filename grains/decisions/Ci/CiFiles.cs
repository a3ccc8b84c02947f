using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Orchestrator.Decisions.Ci;

/// <summary>A report as JSON: the product's own, SARIF 2.1.0, and the Code Quality report of GitLab.</summary>
public static class CiFiles
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = Encoder() };

    /// <summary>The answer of <c>--json</c>: one line.</summary>
    public static string Json(CiReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var subject = report.Subject;
        return new JsonObject
        {
            ["outcome"] = report.Outcome,
            ["exit_code"] = report.ExitCode,
            ["base"] = subject.Base,
            ["compared_with"] = subject.From,
            ["head"] = subject.Head,
            ["base_from"] = subject.BaseFrom,
            ["policy"] = subject.Policy,
            ["policy_path"] = subject.PolicyPath,
            ["files"] = subject.Files,
            ["added_lines"] = subject.AddedLines,
            ["deleted_lines"] = subject.DeletedLines,
            ["findings_total"] = report.FindingsTotal,
            ["findings"] = new JsonArray([
                .. report.Findings.Select(f => new JsonObject
                {
                    ["check"] = f.CheckName,
                    ["level"] = f.LevelName,
                    ["rule"] = f.Rule,
                    ["path"] = f.Path,
                    ["line"] = f.Line,
                    ["column"] = f.Column,
                    ["message"] = f.Message,
                    ["source"] = f.Source,
                }),
            ]),
        }.ToJsonString(OneLine);
    }

    /// <summary>SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), as code scanning takes it.</summary>
    public static string Sarif(CiReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var rules = report.Findings.Select(RuleId).Distinct().ToList();
        return new JsonObject
        {
            ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(
                new JsonObject
                {
                    ["tool"] = new JsonObject
                    {
                        ["driver"] = new JsonObject
                        {
                            ["name"] = "orchestrator",
                            ["rules"] = new JsonArray([
                                .. rules.Select(r => new JsonObject
                                {
                                    ["id"] = r,
                                    ["shortDescription"] = new JsonObject { ["text"] = r },
                                }),
                            ]),
                        },
                    },
                    ["results"] = new JsonArray([.. report.Findings.Select(Result)]),
                }
            ),
        }.ToJsonString(OneLine);
    }

    /// <summary>GitLab's Code Quality report (docs.gitlab.com/ci/testing/code_quality): only what is about a file.</summary>
    public static string CodeQuality(CiReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new JsonArray([
            .. report
                .Findings.Where(f => f.Path.Length > 0)
                .Select(f => new JsonObject
                {
                    ["description"] = CiText.Plain(f.Message),
                    ["check_name"] = RuleId(f),
                    ["fingerprint"] = Fingerprint(f),
                    ["severity"] = f.Level switch
                    {
                        CiLevel.Error => "blocker",
                        CiLevel.Warning => "minor",
                        _ => "info",
                    },
                    ["location"] = new JsonObject
                    {
                        ["path"] = f.Path,
                        ["lines"] = new JsonObject { ["begin"] = Math.Max(1, f.Line) },
                    },
                }),
        ]).ToJsonString(OneLine);
    }

    private static JsonObject Result(CiFinding finding)
    {
        var result = new JsonObject
        {
            ["ruleId"] = RuleId(finding),
            ["level"] = finding.Level == CiLevel.Notice ? "note" : finding.LevelName,
            ["message"] = new JsonObject { ["text"] = CiText.Plain(finding.Message) },
            ["partialFingerprints"] = new JsonObject { ["orchestrator/v1"] = Fingerprint(finding) },
        };
        if (finding.Path.Length > 0)
        {
            var region = new JsonObject { ["startLine"] = Math.Max(1, finding.Line) };
            if (finding.Column > 0)
            {
                region["startColumn"] = finding.Column;
            }
            result["locations"] = new JsonArray(
                new JsonObject
                {
                    ["physicalLocation"] = new JsonObject
                    {
                        ["artifactLocation"] = new JsonObject { ["uri"] = Uri(finding.Path) },
                        ["region"] = region,
                    },
                }
            );
        }
        return result;
    }

    private static string Uri(string path) =>
        string.Join('/', path.Split('/').Select(System.Uri.EscapeDataString));

    private static string RuleId(CiFinding finding) =>
        CiText.Plain($"{finding.CheckName}/{finding.Rule}");

    private static string Fingerprint(CiFinding finding) =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{RuleId(finding)}\n{finding.Path}\n{finding.Line}\n{finding.Message}"
                    )
                )
            )
        )[..32];

    // Readable, but never a line that orders something of a CI system's runner.
    private static JavaScriptEncoder Encoder()
    {
        var settings = new TextEncoderSettings(UnicodeRanges.All);
        settings.ForbidCharacter('#');
        return JavaScriptEncoder.Create(settings);
    }
}
