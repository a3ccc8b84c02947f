using System.Text.Json.Nodes;
using Orchestrator.Decisions.Ci;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>
/// A report's files are whole: the product's own JSON, SARIF 2.1.0 and GitLab's Code Quality report, member by member.
/// </summary>
public sealed class CiFilesTests
{
    private static readonly CiReport Rich = new(
        CiSamples.Subject,
        [
            new(
                CiCheck.Policy,
                CiLevel.Error,
                "protect",
                "src/a b#1%.cs",
                3,
                7,
                "src/a b#1%.cs is \"protected\".",
                "policy.yaml:12"
            ),
            new(
                CiCheck.Policy,
                CiLevel.Error,
                "requesters",
                "",
                0,
                0,
                "Nobody admits it.",
                "policy.yaml:3"
            ),
            new(
                CiCheck.Policy,
                CiLevel.Warning,
                "protect",
                "docs/ä.md",
                0,
                0,
                "Two lines\nand ##[an order]"
            ),
            new(CiCheck.Artifacts, CiLevel.Notice, "schema", "results/t.json", 1, 0, "It is old."),
        ],
        9,
        3
    );

    [Fact]
    public void The_answer_for_programs_holds_the_whole_report() =>
        AssertSame(
            """
            {
              "outcome": "violation",
              "exit_code": 3,
              "base": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
              "compared_with": "0123456789abcdefcccccccccccccccccccccccc",
              "head": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
              "base_from": "GITHUB_BASE_REF",
              "policy": "team@1e69e186f191",
              "policy_path": ".orchestrator/policy.yaml",
              "files": 4,
              "added_lines": 5,
              "deleted_lines": 6,
              "findings_total": 9,
              "findings": [
                {
                  "check": "policy",
                  "level": "error",
                  "rule": "protect",
                  "path": "src/a b#1%.cs",
                  "line": 3,
                  "column": 7,
                  "message": "src/a b#1%.cs is \"protected\".",
                  "source": "policy.yaml:12"
                },
                {
                  "check": "policy",
                  "level": "error",
                  "rule": "requesters",
                  "path": "",
                  "line": 0,
                  "column": 0,
                  "message": "Nobody admits it.",
                  "source": "policy.yaml:3"
                },
                {
                  "check": "policy",
                  "level": "warning",
                  "rule": "protect",
                  "path": "docs/ä.md",
                  "line": 0,
                  "column": 0,
                  "message": "Two lines\nand ##[an order]",
                  "source": ""
                },
                {
                  "check": "artifacts",
                  "level": "notice",
                  "rule": "schema",
                  "path": "results/t.json",
                  "line": 1,
                  "column": 0,
                  "message": "It is old.",
                  "source": ""
                }
              ]
            }
            """,
            CiFiles.Json(Rich)
        );

    // A region begins at line 1 at least; a place is an escaped URI; fingerprints stay for as long as they are called v1.
    [Fact]
    public void Sarif_names_each_rule_once_and_places_what_is_about_a_file() =>
        AssertSame(
            """
            {
              "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
              "version": "2.1.0",
              "runs": [
                {
                  "tool": {
                    "driver": {
                      "name": "orchestrator",
                      "rules": [
                        {"id": "policy/protect", "shortDescription": {"text": "policy/protect"}},
                        {"id": "policy/requesters", "shortDescription": {"text": "policy/requesters"}},
                        {"id": "artifacts/schema", "shortDescription": {"text": "artifacts/schema"}}
                      ]
                    }
                  },
                  "results": [
                    {
                      "ruleId": "policy/protect",
                      "level": "error",
                      "message": {"text": "src/a b#1%.cs is \"protected\"."},
                      "partialFingerprints": {"orchestrator/v1": "4cc6b5a657b0804d98218e2d1e43ae6f"},
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {"uri": "src/a%20b%231%25.cs"},
                            "region": {"startLine": 3, "startColumn": 7}
                          }
                        }
                      ]
                    },
                    {
                      "ruleId": "policy/requesters",
                      "level": "error",
                      "message": {"text": "Nobody admits it."},
                      "partialFingerprints": {"orchestrator/v1": "87bced27387c3bc09a097221bd6cfc8a"}
                    },
                    {
                      "ruleId": "policy/protect",
                      "level": "warning",
                      "message": {"text": "Two lines\\u{A}and # #[an order]"},
                      "partialFingerprints": {"orchestrator/v1": "e06d6311c29a4e79c51911fa6df3b7b9"},
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {"uri": "docs/%C3%A4.md"},
                            "region": {"startLine": 1}
                          }
                        }
                      ]
                    },
                    {
                      "ruleId": "artifacts/schema",
                      "level": "note",
                      "message": {"text": "It is old."},
                      "partialFingerprints": {"orchestrator/v1": "b6c90f8c5a3653a2e3baaf156f6934c2"},
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {"uri": "results/t.json"},
                            "region": {"startLine": 1}
                          }
                        }
                      ]
                    }
                  ]
                }
              ]
            }
            """,
            CiFiles.Sarif(Rich)
        );

    [Fact]
    public void Code_quality_leaves_out_what_is_about_no_file_and_ranks_the_rest() =>
        AssertSame(
            """
            [
              {
                "description": "src/a b#1%.cs is \"protected\".",
                "check_name": "policy/protect",
                "fingerprint": "4cc6b5a657b0804d98218e2d1e43ae6f",
                "severity": "blocker",
                "location": {"path": "src/a b#1%.cs", "lines": {"begin": 3}}
              },
              {
                "description": "Two lines\\u{A}and # #[an order]",
                "check_name": "policy/protect",
                "fingerprint": "e06d6311c29a4e79c51911fa6df3b7b9",
                "severity": "minor",
                "location": {"path": "docs/ä.md", "lines": {"begin": 1}}
              },
              {
                "description": "It is old.",
                "check_name": "artifacts/schema",
                "fingerprint": "b6c90f8c5a3653a2e3baaf156f6934c2",
                "severity": "info",
                "location": {"path": "results/t.json", "lines": {"begin": 1}}
              }
            ]
            """,
            CiFiles.CodeQuality(Rich)
        );

    [Fact]
    public void A_report_without_findings_is_whole_too()
    {
        var report = CiSamples.Report(0);

        AssertSame(
            """
            {
              "outcome": "passed",
              "exit_code": 0,
              "base": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
              "compared_with": "0123456789abcdefcccccccccccccccccccccccc",
              "head": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
              "base_from": "GITHUB_BASE_REF",
              "policy": "team@1e69e186f191",
              "policy_path": ".orchestrator/policy.yaml",
              "files": 4,
              "added_lines": 5,
              "deleted_lines": 6,
              "findings_total": 0,
              "findings": []
            }
            """,
            CiFiles.Json(report)
        );
        AssertSame(
            """
            {
              "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
              "version": "2.1.0",
              "runs": [{"tool": {"driver": {"name": "orchestrator", "rules": []}}, "results": []}]
            }
            """,
            CiFiles.Sarif(report)
        );
        AssertSame("[]", CiFiles.CodeQuality(report));
    }

    [Fact]
    public void Each_file_is_one_line_that_orders_nothing() =>
        Assert.All(
            (string[])[CiFiles.Json(Rich), CiFiles.Sarif(Rich), CiFiles.CodeQuality(Rich)],
            j => Assert.DoesNotContain(j, c => c is '\n' or '\r' or '#')
        );

    // Readers tell new findings from known ones by it, so that another finding must have another one.
    [Fact]
    public void A_fingerprint_is_of_check_rule_path_line_and_message()
    {
        var one = CiSamples.Finding;
        CiFinding[] findings =
        [
            one,
            one with
            {
                Check = CiCheck.Secrets,
            },
            one with
            {
                Rule = "other",
            },
            one with
            {
                Path = "src/b.cs",
            },
            one with
            {
                Line = 4,
            },
            one with
            {
                Message = "It is large.",
            },
        ];

        var prints = Fingerprints(CiSamples.Report(3, findings));

        Assert.Equal(findings.Length, prints.Distinct(StringComparer.Ordinal).Count());
        Assert.All(prints, p => Assert.Matches("^[0-9a-f]{32}$", p));
        // Level and source may change without making another finding of it.
        Assert.Equal(
            prints[..1],
            Fingerprints(
                CiSamples.Report(0, one with { Level = CiLevel.Notice, Source = "p.yaml:1" })
            )
        );
    }

    private static List<string> Fingerprints(CiReport report) =>
        [
            .. JsonNode
                .Parse(CiFiles.CodeQuality(report))!
                .AsArray()
                .Select(f => (string)f!["fingerprint"]!),
        ];

    // Compared as text: names, values and their order, but neither blanks nor how a character is escaped.
    private static void AssertSame(string wanted, string made) =>
        Assert.Equal(JsonNode.Parse(wanted)!.ToJsonString(), JsonNode.Parse(made)!.ToJsonString());
}
