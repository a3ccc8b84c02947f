using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A policy's own tests are read key by key, and one that could prove nothing is told.</summary>
public sealed class ExampleReaderTests
{
    // The tests begin in line 5, each with "- " before it.
    private const string Before = PolicyTexts.Head + PolicyTexts.Lanes + "tests:\n";

    [Fact]
    public void Every_key_of_a_test_is_read()
    {
        var policy = PolicyTexts.Read(
            Before
                + """
                - {name: first, given: {type: fix}, expect: allow}
                - name: everything
                  given:
                    requester: ann
                    repository: /srv/app
                    base_branch: main
                    type: code_review
                    risk: high
                    model: sonnet
                    first_time: true
                    path: a.cs
                    paths: [b.cs, c.cs]
                    change: symlink
                    target: ../x
                    from: old.cs
                    lines: 7
                    files: 9
                  expect: deny
                  rule: some rule
                """
        );
        var example = policy.Examples[1];

        Assert.Equal(2, policy.ExampleCount);
        Assert.Equal(
            ("everything", 6, Verdict.Deny, "some rule"),
            (example.Name, example.Line, example.Expect, example.Rule)
        );
        Assert.Equal(["a.cs", "b.cs", "c.cs"], example.Given.Paths);
        Assert.Equal(
            new PolicyQuestion
            {
                Requester = "ann",
                Repository = "/srv/app",
                BaseBranch = "main",
                Type = TaskKind.CodeReview,
                Risk = "high",
                Model = "sonnet",
                FirstTime = true,
                Paths = example.Given.Paths,
                Change = "symlink",
                Target = "../x",
                From = "old.cs",
                Lines = 7,
                Files = 9,
            },
            example.Given
        );
    }

    [Fact]
    public void What_a_test_leaves_out_is_an_ordinary_change_of_one_line()
    {
        var example = PolicyTexts
            .Read(Before + "- {name: a, given: {type: fix}, expect: ask}\n")
            .Examples[0];

        Assert.Equal(
            ("a", 5, Verdict.NeedsApproval, ""),
            (example.Name, example.Line, example.Expect, example.Rule)
        );
        AssertEmpty(example.Given, TaskKind.Fix);
    }

    [Fact]
    public void A_question_that_says_nothing_is_empty() =>
        AssertEmpty(new PolicyQuestion { Paths = null! }, TaskKind.Unknown);

    [Theory]
    [InlineData(
        "{given: {type: fix}, expect: allow}",
        "5:3 A test has no name | Write 'name: …' as a sentence that can be false."
    )]
    [InlineData(
        "{name: a, given: {type: fix}}",
        "5:3 Test 'a' expects nothing | Write 'expect: allow', 'expect: ask' or 'expect: deny'."
    )]
    [InlineData(
        "{name: a, expect: allow}",
        "5:3 Test 'a' has nothing given | Write 'given: {requester: alice, type: fix, path: src/a.cs}'."
    )]
    [InlineData(
        "{name: a, given: {}, expect: allow}",
        "5:20 'given' of test 'a' has no type | Write 'type: fix'."
    )]
    [InlineData(
        "{name: a, given: {type: fix, pat: x}, expect: allow}",
        "5:32 'given' of test 'a' has no key 'pat' | Did you mean 'path'?"
    )]
    [InlineData(
        "{name: a, given: {type: fix, colour: x}, expect: allow}",
        "5:32 'given' of test 'a' has no key 'colour' | Known: requester, repository, base_branch, type, risk, model, first_time, path, paths, change, target, from, lines, files."
    )]
    [InlineData(
        "{name: a, given: {type: fix}, expect: allow, rle: x}",
        "5:48 A test has no key 'rle' | Did you mean 'rule'?"
    )]
    [InlineData(
        "{name: a, given: {type: fix}, expect: yes}",
        "5:41 'expect' cannot be 'yes' | Known: allow, ask, deny."
    )]
    [InlineData(
        "{name: a, given: {type: fixx}, expect: allow}",
        "5:27 'type' cannot be 'fixx' | Did you mean 'fix'?"
    )]
    [InlineData(
        "{name: a, given: {type: fix, change: simlink}, expect: allow}",
        "5:40 'change' cannot be 'simlink' | Did you mean 'symlink'?"
    )]
    [InlineData(
        "{name: a, given: {type: fix, risk: huge}, expect: allow}",
        "5:38 'risk' cannot be 'huge' | Known: low, medium, high."
    )]
    [InlineData(
        "{name: a, given: {type: fix, first_time: yes}, expect: allow}",
        "5:44 'first_time' is neither true nor false | Write true or false."
    )]
    public void A_test_that_could_prove_nothing_is_told_once(string test, string problem)
    {
        var text = Before + $"- {test}\n";

        Assert.Equal([problem], PolicyTexts.Problems(text));
        Assert.False(PolicyTexts.SchemaTakes(text));
    }

    [Theory]
    [InlineData("allow", Verdict.Allow)]
    [InlineData("ask", Verdict.NeedsApproval)]
    [InlineData("deny", Verdict.Deny)]
    public void A_test_expects_what_it_says(string word, Verdict verdict) =>
        Assert.Equal(
            verdict,
            PolicyTexts
                .Read(Before + $"- {{name: a, given: {{type: fix}}, expect: {word}}}\n")
                .Examples[0]
                .Expect
        );

    [Theory]
    [InlineData("fix", TaskKind.Fix)]
    [InlineData("bug_fix", TaskKind.Fix)]
    [InlineData("code_review", TaskKind.CodeReview)]
    [InlineData("summarize", TaskKind.Summarize)]
    [InlineData("analyze", TaskKind.Analyze)]
    [InlineData("documentation", TaskKind.Documentation)]
    public void A_test_is_about_the_type_it_says(string word, TaskKind kind) =>
        Assert.Equal(
            kind,
            PolicyTexts
                .Read(Before + $"- {{name: a, given: {{type: {word}}}, expect: ask}}\n")
                .Examples[0]
                .Given.Type
        );

    [Theory]
    [InlineData("low")]
    [InlineData("medium")]
    [InlineData("high")]
    public void A_test_is_about_the_risk_it_says(string risk) =>
        Assert.Equal(
            risk,
            PolicyTexts
                .Read(Before + $"- {{name: a, given: {{type: fix, risk: {risk}}}, expect: ask}}\n")
                .Examples[0]
                .Given.Risk
        );

    [Theory]
    [InlineData("lines", 10_000_000)]
    [InlineData("files", 1_000_000)]
    public void A_size_is_a_whole_number_up_to_its_most(string name, int most)
    {
        string Of(int number) =>
            $"{Before}- {{name: a, given: {{type: fix, {name}: {number}}}, expect: ask}}\n";

        Assert.All(
            (int[])[0, 1, most - 1, most],
            number =>
            {
                var given = PolicyTexts.Read(Of(number)).Examples[0].Given;
                Assert.Equal(number, name == "lines" ? given.Lines : given.Files);
                Assert.True(PolicyTexts.SchemaTakes(Of(number)));
            }
        );
        Assert.All(
            (int[])[-1, most + 1],
            number =>
            {
                Assert.Equal(
                    [$"5:39 '{name}' is no whole number of 0 to {most}"],
                    PolicyTexts.Problems(Of(number))
                );
                Assert.False(PolicyTexts.SchemaTakes(Of(number)));
            }
        );
    }

    [Theory]
    [InlineData("{name: #, given: {type: fix}, expect: ask}", "name", 120)]
    [InlineData("{name: a, given: {type: fix}, expect: ask, rule: #}", "rule", 200)]
    [InlineData("{name: a, given: {type: fix, requester: #}, expect: ask}", "requester", 200)]
    [InlineData("{name: a, given: {type: fix, repository: #}, expect: ask}", "repository", 4_096)]
    [InlineData("{name: a, given: {type: fix, base_branch: #}, expect: ask}", "base_branch", 250)]
    [InlineData("{name: a, given: {type: fix, model: #}, expect: ask}", "model", 200)]
    [InlineData("{name: a, given: {type: fix, target: #}, expect: ask}", "target", 4_096)]
    [InlineData("{name: a, given: {type: fix, from: #}, expect: ask}", "from", 4_096)]
    public void A_text_of_a_test_has_a_longest(string test, string name, int most)
    {
        string Of(int length) =>
            Before + $"- {test.Replace("#", new string('x', length), StringComparison.Ordinal)}\n";

        Assert.All(
            (int[])[1, most],
            length =>
            {
                Assert.Empty(PolicyTexts.Problems(Of(length)));
                Assert.True(PolicyTexts.SchemaTakes(Of(length)));
            }
        );
        Assert.Contains(
            $"5:{3 + test.IndexOf('#', StringComparison.Ordinal)} '{name}' is no text of at most {most} characters in one line",
            PolicyTexts.Problems(Of(most + 1))
        );
        Assert.False(PolicyTexts.SchemaTakes(Of(most + 1)));
    }

    [Theory]
    [InlineData("path")]
    [InlineData("paths")]
    public void A_path_of_a_test_has_at_most_4096_characters(string name)
    {
        string Of(int length) =>
            $"{Before}- {{name: a, given: {{type: fix, {name}: {new string('x', length)}}}, expect: ask}}\n";

        Assert.Equal([new string('x', 4_096)], PolicyTexts.Read(Of(4_096)).Examples[0].Given.Paths);
        Assert.Equal(
            [
                $"5:{34 + name.Length} '{new string('x', 80)}…' under '{name}' is no text of 1 to 4096 characters in one line",
            ],
            PolicyTexts.Problems(Of(4_097))
        );
    }

    [Fact]
    public void A_policy_has_at_most_500_tests()
    {
        static string Of(int count) =>
            Before
            + string.Concat(
                Enumerable.Repeat("- {name: a, given: {type: fix}, expect: allow}\n", count)
            );

        Assert.Equal(500, PolicyTexts.Read(Of(500)).ExampleCount);
        Assert.Equal(
            ["5:1 'tests' has 501 entries; at most 500 are taken | Use wider patterns."],
            PolicyTexts.Problems(Of(501))
        );
        Assert.False(PolicyTexts.SchemaTakes(Of(501)));
    }

    private static void AssertEmpty(PolicyQuestion question, TaskKind type)
    {
        Assert.Empty(question.Paths);
        Assert.Equal(
            ("", "", "", "", "", type),
            (
                question.Requester,
                question.Repository,
                question.BaseBranch,
                question.Risk,
                question.Model,
                question.Type
            )
        );
        Assert.Equal(
            ("", "", "", false, 1, 0),
            (
                question.Change,
                question.Target,
                question.From,
                question.FirstTime,
                question.Lines,
                question.Files
            )
        );
    }
}
