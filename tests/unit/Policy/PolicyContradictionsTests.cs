using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Parts of a policy that leave nothing of each other are told, and parts that only narrow each other are not.</summary>
public sealed class PolicyContradictionsTests
{
    [Theory]
    [InlineData(
        "  allow: [app]\n  deny: [lib, APP.git]\n",
        "4:1 Repository 'app' is allowed here and denied in line 5 | Remove one of them."
    )]
    [InlineData(
        "  deny: [/srv/app]\n  allow: [lib, srv/app, x]\n",
        "5:1 Repository 'srv/app' is allowed here and denied in line 4 | Remove one of them."
    )]
    [InlineData(
        "  base_branches:\n    allow: [main]\n    deny: [refs/heads/main]\n",
        "5:1 Base branch 'main' is allowed here and denied in line 6 | Remove one of them."
    )]
    [InlineData("  allow: [app]\n  deny: [app-two]\n", "")]
    [InlineData("  allow: [srv/**]\n  deny: [srv/app]\n", "")]
    [InlineData("  deny: [app]\n", "")]
    [InlineData("  base_branches:\n    allow: [main]\n    deny: [old]\n", "")]
    public void What_is_allowed_is_not_denied_in_the_same_words(
        string repositories,
        string problem
    ) =>
        AssertProblems(
            problem,
            $"{PolicyTexts.Head}repositories:\n{repositories}{PolicyTexts.Lanes}"
        );

    [Theory]
    [InlineData(
        "  a: {types: [fix], write: direct}\n  b: {types: [bug_fix, analyze], write: none}\n",
        "5:3 Lane 'b' is for the type fix, which has the lane 'a' already | Leave each type to one lane."
    )]
    [InlineData(
        "  a: {types: [analyze, fix, analyze], write: none}\n",
        "4:3 Lane 'a' names the type analyze twice | Leave each type to one lane."
    )]
    [InlineData(
        "  a: {types: [code_review], write: none}\n  b: {types: [fix], write: none}\n  c: {types: [code_review, fix], write: none}\n",
        "6:3 Lane 'c' is for the type code_review, which has the lane 'a' already | Leave each type to one lane.\n"
            + "6:3 Lane 'c' is for the type fix, which has the lane 'b' already | Leave each type to one lane."
    )]
    [InlineData("  a: {types: [fix], write: none}\n  b: {types: [analyze], write: none}\n", "")]
    public void A_type_of_work_has_one_lane(string lanes, string problems) =>
        AssertProblems(problems, $"{PolicyTexts.Head}lanes:\n{lanes}");

    [Theory]
    [InlineData(
        "protect: [docs/**, '**']\n",
        "write: direct",
        "5:1 Lane 'code' may write, and all paths are protected in line 3 | Write 'write: none', or protect less."
    )]
    [InlineData(
        "protect: [docs/**]\n",
        "write: guarded, protect: ['**']",
        "5:1 Lane 'code' may write, and all paths are protected in line 5 | Write 'write: none', or protect less."
    )]
    [InlineData("protect: ['**']\n", "write: none", "")]
    [InlineData("protect: ['*']\n", "write: direct", "")]
    [InlineData(
        "protect: [docs/**, src/**]\n",
        "write: direct, paths: [src/a/**, docs/*]",
        "5:1 Lane 'code' may change nothing: all its paths are protected, the first in line 3 | Protect less, or remove the lane's paths."
    )]
    [InlineData(
        "protect: ['**']\n",
        "write: none, paths: [src/**]",
        "5:1 Lane 'code' may change nothing: all its paths are protected, the first in line 3 | Protect less, or remove the lane's paths."
    )]
    [InlineData(
        "protect: [docs/**]\n",
        "write: direct, protect: [src/**], paths: [src/**]",
        "5:1 Lane 'code' may change nothing: all its paths are protected, the first in line 5 | Protect less, or remove the lane's paths."
    )]
    [InlineData("protect: [docs/**]\n", "write: direct, paths: [docs/a, src/**]", "")]
    [InlineData("protect: [docs/a/**]\n", "write: direct, paths: [docs/**]", "")]
    public void A_lane_that_writes_must_have_something_left_to_change(
        string protect,
        string lane,
        string problem
    ) =>
        AssertProblems(
            problem,
            $"{PolicyTexts.Head}{protect}lanes:\n  code: {{types: [fix], {lane}}}\n"
        );

    [Theory]
    [InlineData("[ann]", 1, "m", "")]
    [InlineData("[ann]", 2, "m", "'q' wants 2 approvals, and m has 1 people")]
    [InlineData("[]", 1, "m", "'q' wants 1 approvals, and m has 0 people")]
    [InlineData("[ann, ben]", 2, "m", "")]
    [InlineData("[ann, ben]", 3, "m", "'q' wants 3 approvals, and m has 2 people")]
    // one person in another case is one, and a pattern stands for any number
    [InlineData("[ann, Ann]", 2, "m", "'q' wants 2 approvals, and m has 1 people")]
    [InlineData("['a*']", 10, "m", "")]
    [InlineData("['an?']", 10, "m", "")]
    // of several roles each approver must have one
    [InlineData("[ann]", 2, "m, n", "")]
    [InlineData("[ann]", 3, "m, n", "'q' wants 3 approvals, and m and n has 2 people")]
    [InlineData("[zoe]", 2, "m, n", "'q' wants 2 approvals, and m and n has 1 people")]
    public void A_question_can_be_answered(string people, int approvals, string by, string problem)
    {
        const string Cure = " | Add people to the role, or ask for fewer.";
        var roles = $"{PolicyTexts.Head}roles: {{m: {people}, n: [zoe]}}\n";
        var asked = problem.Length > 0 ? problem + Cure : "";

        AssertProblems(
            asked.Length > 0 ? "5:1 " + asked : "",
            $"{roles}rules:\n- {{name: q, verdict: ask, approvals: {approvals}, by: [{by}]}}\n{PolicyTexts.Lanes}"
        );
        AssertProblems(
            asked.Length > 0 ? "6:1 " + asked : "",
            $"{roles}lanes:\n  code:\n    approvals: [{{name: q, count: {approvals}, by: [{by}]}}]\n    types: [fix]\n    write: direct\n"
        );
        AssertProblems(
            asked.Length > 0
                ? "6:1 " + asked.Replace("'q'", "'commands of lane code'", StringComparison.Ordinal)
                : "",
            $"{roles}lanes:\n  code:\n    commands: {{ask: [rm], approvals: {approvals}, by: [{by}]}}\n    types: [fix]\n    write: direct\n"
        );
    }

    [Fact]
    public void A_question_that_names_no_role_is_anybody_s_to_answer() =>
        AssertProblems(
            "",
            $"{PolicyTexts.Head}rules: [{{name: q, verdict: ask, approvals: 10}}]\n{PolicyTexts.Lanes}"
        );

    private static void AssertProblems(string problems, string text) =>
        Assert.Equal(
            problems.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            PolicyTexts.Problems(text)
        );
}
