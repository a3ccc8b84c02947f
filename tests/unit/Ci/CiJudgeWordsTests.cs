using Orchestrator.Decisions.Ci;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>Each finding of the checks is whole: its rule, its place, and the sentence that says what to do.</summary>
public sealed class CiJudgeWordsTests
{
    private static readonly CiTerms Terms = new(TaskKind.Fix, "", "", "");

    [Fact]
    public void What_the_policy_denies_names_the_file_and_the_rules_line() =>
        Assert.Equal(
            [
                new CiFinding(
                    CiCheck.Policy,
                    CiLevel.Error,
                    "protect",
                    "LICENSE",
                    0,
                    0,
                    "LICENSE is protected by 'LICENSE'. Leave it alone, or have a person change it.",
                    "p.yaml:3"
                ),
            ],
            CiJudge.Diff(
                Policy(
                    """
                    version: 1
                    name: p
                    protect: [LICENSE]
                    lanes: {code: {types: [fix], write: direct}}
                    """
                ),
                Terms,
                Added("LICENSE")
            )
        );

    [Fact]
    public void A_file_that_holds_secrets_by_its_name_is_an_error_of_its_own() =>
        Assert.Equal(
            [
                new CiFinding(
                    CiCheck.Policy,
                    CiLevel.Error,
                    "sensitive_file",
                    "deploy/.env",
                    0,
                    0,
                    "A file of this name holds secrets; it is never committed. Take it out, and renew what it held."
                ),
            ],
            CiJudge.Diff(
                Policy("version: 1\nname: p\nlanes: {code: {types: [fix], write: direct}}\n"),
                Terms,
                Added("deploy/.env")
            )
        );

    // Only a server knows whose tasks have ended well: a check of a checkout takes nobody for a newcomer.
    [Fact]
    public void A_rule_about_newcomers_says_nothing_of_a_checkout() =>
        Assert.Empty(
            CiJudge.Diff(
                Policy(
                    """
                    version: 1
                    name: p
                    lanes: {code: {types: [fix], write: direct}}
                    rules: [{name: newcomers, verdict: deny, when: {first_time: true, paths: ['**']}}]
                    """
                ),
                Terms,
                Added("src/a.cs")
            )
        );

    [Fact]
    public void A_secret_is_told_by_its_place_and_what_to_do() =>
        Assert.Equal(
            [
                new CiFinding(
                    CiCheck.Secrets,
                    CiLevel.Error,
                    "github_token",
                    "src/a.cs",
                    12,
                    5,
                    "This adds a secret. Take it out of every commit, and renew it where it was valid."
                ),
            ],
            CiJudge.Secrets([new ScanFinding("src/a.cs", 12, 5, "github_token")])
        );

    [Fact]
    public void A_policy_that_is_no_text_is_unreadable() =>
        Assert.Equal(
            [OfFile("unreadable", "d/p.yaml", 1, 1, "It is no UTF-8 text, or too long for one.")],
            CiJudge.PolicyText("d/p.yaml", null)
        );

    [Fact]
    public void A_problem_of_the_policy_is_told_with_its_cure() =>
        Assert.Equal(
            [
                OfFile(
                    "problem",
                    "d/p.yaml",
                    3,
                    1,
                    "The policy has no key 'protekt'. Did you mean 'protect'?"
                ),
            ],
            CiJudge.PolicyText(
                "d/p.yaml",
                "version: 1\nname: x\nprotekt: [a]\nlanes: {c: {types: [fix], write: direct}}\n"
            )
        );

    [Fact]
    public void A_problem_without_a_cure_ends_with_its_sentence() =>
        Assert.Contains(
            OfFile(
                "problem",
                "p.yaml",
                2,
                7,
                "'name' is no text of at most 80 characters in one line."
            ),
            CiJudge.PolicyText(
                "p.yaml",
                $"version: 1\nname: {new string('x', 81)}\nlanes: {{c: {{types: [fix], write: direct}}}}\n"
            )
        );

    [Fact]
    public void An_example_that_does_not_hold_is_told_with_its_reason()
    {
        const string Text = """
            version: 1
            name: x
            lanes: {c: {types: [fix], write: direct}}
            tests:
              - {name: holds, given: {type: fix, path: a}, expect: allow}
              - {name: no, given: {type: fix, path: a}, expect: deny}
            """;
        var reason = Assert.Single(PolicyExplainer.Test(Policy(Text))).Reason;

        Assert.StartsWith("expected deny, and it is allow", reason, StringComparison.Ordinal);
        Assert.Equal(
            [OfFile("example", "p.yaml", 6, 0, $"The example 'no' does not hold: {reason}.")],
            CiJudge.PolicyText("p.yaml", Text)
        );
    }

    [Fact]
    public void A_policy_that_is_whole_says_nothing() =>
        Assert.Empty(
            CiJudge.PolicyText(
                "p.yaml",
                "version: 1\nname: x\nlanes: {c: {types: [fix], write: direct}}\n"
            )
        );

    [Theory]
    [InlineData("", "a", "This brings a policy.")]
    [InlineData("a", "", "This removes the policy.")]
    [InlineData("a", "b", "This changes the policy.")]
    public void A_change_of_the_policy_is_a_warning_of_the_policys_own(
        string before,
        string after,
        string words
    ) =>
        Assert.Equal(
            [
                new CiFinding(
                    CiCheck.Policy,
                    CiLevel.Warning,
                    "policy_changed",
                    "d/p.yaml",
                    0,
                    0,
                    words
                        + " It was judged by the one of the base commit; what it brings counts after the merge."
                ),
            ],
            CiJudge.PolicyChange("d/p.yaml", before, after)
        );

    [Fact]
    public void A_base_whose_policy_is_broken_fails_the_check() =>
        Assert.Equal(
            OfFile(
                "base_unreadable",
                "d/p.yaml",
                0,
                0,
                "The base commit's policy is not whole, so that the built-in one judged. Repair it on the base branch."
            ),
            CiJudge.BrokenBase("d/p.yaml")
        );

    [Fact]
    public void What_a_schema_says_of_an_artifact_is_told_word_by_word()
    {
        string[] said = ["'status' is missing.", "'files' is no list."];

        Assert.Equal(
            said.Select(s => new CiFinding(
                CiCheck.Artifacts,
                CiLevel.Error,
                "schema",
                "results/t.json",
                0,
                0,
                s
            )),
            CiJudge.Artifact("results/t.json", said)
        );
        Assert.Empty(CiJudge.Artifact("results/t.json", []));
    }

    private static CiFinding OfFile(string rule, string path, int line, int column, string words) =>
        new(CiCheck.PolicyFile, CiLevel.Error, rule, path, line, column, words);

    private static PolicyDocument Policy(string text)
    {
        var (policy, problems) = PolicyReader.Read(text, "p.yaml");
        return policy ?? throw new InvalidOperationException(problems[0].Message);
    }

    private static DiffSummary Added(string path) =>
        new()
        {
            Files = [new FileChange(path, "", "A", 1, 0, "", "100644")],
            FilesTotal = 1,
            AddedLines = 1,
        };
}
