using CsCheck;
using Orchestrator.Decisions.Ci;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>Names and words of a change, which anybody may choose, order nothing where a CI system reads them.</summary>
public sealed class CiTextTests
{
    private static readonly CiSubject Subject = new(
        new string('a', 40),
        new string('a', 40),
        new string('b', 40),
        "--base",
        "p@1",
        "policy.yaml",
        1,
        2,
        3
    );

    private static readonly string[] Pieces =
    [
        "::",
        "::error::",
        "##[",
        "##vso[task.setvariable variable=x]",
        "\n",
        "\r",
        "%0A",
        "%",
        ",",
        ";",
        "]",
        ":",
        "#",
        "\u2028",
        "\u202e",
        "\u0085",
        "|",
        "`",
        "<b>",
        "@all",
        "[x](y)",
        "a",
        "ü",
        "\ud800",
    ];

    [Fact]
    public void A_line_for_a_runner_is_one_line_and_one_order_whatever_the_names_are() =>
        Gen.OneOf(Pieces)
            .Array[0, 8]
            .Select(p => string.Concat(p))
            .Array[3]
            .Sample(
                words =>
                {
                    var report = Report(words[0], words[1], words[2]);
                    var line = Assert.Single(CiAnnotations.Lines(report, CiSystem.GitHub));
                    Assert.StartsWith("::error ", line, StringComparison.Ordinal);
                    Assert.DoesNotContain(line, c => c is '\n' or '\r' or '\u2028' or '\u0085');
                    Assert.DoesNotContain("##", line, StringComparison.Ordinal);
                    // The data begins at the second '::', and no property holds one.
                    var properties = line[8..line.IndexOf("::", 8, StringComparison.Ordinal)];
                    Assert.All(
                        properties.Split(','),
                        p => Assert.Matches("^(file|line|title)=", p)
                    );

                    var azure = Assert.Single(CiAnnotations.Lines(report, CiSystem.Azure));
                    Assert.DoesNotContain(azure, c => c is '\n' or '\r');
                    Assert.Equal(0, azure.LastIndexOf("##", StringComparison.Ordinal));
                    Assert.All(
                        azure[
                            "##vso[task.logissue ".Length..azure.IndexOf(
                                ']',
                                StringComparison.Ordinal
                            )
                        ]
                            .Split(';'),
                        p => Assert.Matches("^(type|sourcepath|linenumber|code)=", p)
                    );

                    Assert.All(
                        CiWords.Lines(report),
                        l =>
                        {
                            Assert.Matches("^[a-z]+: ", l);
                            Assert.DoesNotContain("##", l, StringComparison.Ordinal);
                            Assert.DoesNotContain(l, c => c is '\n' or '\r');
                        }
                    );
                    Assert.All(
                        (string[])
                            [
                                CiFiles.Json(report),
                                CiFiles.Sarif(report),
                                CiFiles.CodeQuality(report),
                            ],
                        j => Assert.DoesNotContain(j, c => c is '\n' or '#')
                    );
                },
                iter: 2_000
            );

    [Fact]
    public void A_summary_holds_no_markup_of_a_name()
    {
        var page = CiWords.Summary(
            Report("a|b`<img src=x>@all[x](https://h).md", "rule", "https://h **x**")
        );

        var row = page.Split('\n').Single(l => l.StartsWith("| error", StringComparison.Ordinal));
        Assert.Equal(5, row.Count(c => c == '|'));
        Assert.DoesNotContain(row, c => c is '<' or '`' or '@' or '[' or '*' or ':');
        Assert.Contains("a&#124;b&#96;", row, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_name_holds_of_a_secret_is_told_nowhere()
    {
        var token = "ghp_" + "a8Jk2mLq9ZxT4vBn7Wc1Yd6Rf3Gh5Ks0Pu8E";
        var report = Report($"src/{token}.cs", "rule", $"{token} is protected");

        Assert.DoesNotContain(
            token,
            CiFiles.Json(report)
                + CiFiles.Sarif(report)
                + CiFiles.CodeQuality(report)
                + CiWords.Summary(report)
                + string.Join('\n', CiWords.Lines(report))
                + string.Join('\n', CiAnnotations.Lines(report, CiSystem.GitHub)),
            StringComparison.Ordinal
        );
    }

    private static CiReport Report(string path, string rule, string message) =>
        CiReport.Of(
            Subject,
            [new CiFinding(CiCheck.Policy, CiLevel.Error, rule, path, 3, 0, message, "p.yaml:1")],
            strict: false,
            new Redactor([])
        );
}
