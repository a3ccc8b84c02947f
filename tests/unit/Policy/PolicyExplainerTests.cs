using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A question is answered as the engine would rule on that change, and an example that does not hold says what was ruled.</summary>
public sealed class PolicyExplainerTests
{
    private const string Before =
        PolicyTexts.Head
        + "protect: [secrets/**]\n"
        + "lanes:\n  code: {types: [fix], write: guarded}\n  read: {types: [analyze], write: none}\n";

    // A change that is about more than its path: without the word, the same path meets nothing.
    [Theory]
    [InlineData("symlink", "src/a")]
    [InlineData("symlink_outside", "src/a")]
    [InlineData("submodule", "src/a")]
    [InlineData("mode", "src/a")]
    [InlineData("binary", "src/a")]
    [InlineData("deletion", "src/a")]
    [InlineData("rename", "src/a")]
    [InlineData("test_deletion", "tests/a.cs")]
    public void A_change_is_of_the_kind_that_is_asked_about(string change, string path)
    {
        var policy = PolicyTexts.Read($"{Before}changes: {{{change}: deny}}\n");
        var question = new PolicyQuestion { Type = TaskKind.Fix, Paths = [path] };

        Assert.Equal(
            [$"changes.{change}"],
            Denying(PolicyExplainer.Explain(policy, question with { Change = change }))
        );
        Assert.Empty(Denying(PolicyExplainer.Explain(policy, question)));
    }

    [Theory]
    // where the link points to, and what it was called before, count
    [InlineData("symlink", "../secrets/a", "", "protect")]
    [InlineData("symlink", "b", "", "")]
    [InlineData("symlink", "", "", "")]
    [InlineData("symlink", "../../a", "", "changes.symlink_outside (built in)")]
    [InlineData("symlink_outside", "", "", "changes.symlink_outside (built in)")]
    [InlineData("symlink_outside", "../../a", "", "changes.symlink_outside (built in)")]
    [InlineData("symlink_outside", "../secrets/a", "", "protect")]
    [InlineData("rename", "", "secrets/a", "protect")]
    [InlineData("rename", "", "lib/a", "")]
    [InlineData("rename", "", "", "")]
    // of no other change
    [InlineData("mode", "/etc", "secrets/a", "")]
    [InlineData("", "/etc", "secrets/a", "")]
    public void A_change_has_the_names_that_are_given(
        string change,
        string target,
        string from,
        string rule
    ) =>
        Assert.Equal(
            rule.Length > 0 ? [rule] : [],
            Denying(
                PolicyExplainer.Explain(
                    PolicyTexts.Read(Before),
                    new PolicyQuestion
                    {
                        Type = TaskKind.Fix,
                        Paths = ["src/l"],
                        Change = change,
                        Target = target,
                        From = from,
                    }
                )
            )
        );

    [Theory]
    [InlineData(10, 2, 0, "")]
    [InlineData(11, 2, 0, "lines")]
    [InlineData(10, 3, 0, "files")]
    [InlineData(10, 1, 2, "")]
    [InlineData(10, 1, 3, "files")]
    [InlineData(11, 2, 3, "lines files")]
    public void A_diff_is_as_big_as_is_said_and_has_at_least_its_paths(
        int lines,
        int paths,
        int files,
        string rules
    )
    {
        var policy = PolicyTexts.Read(
            Before
                + "rules:\n- {name: lines, verdict: deny, when: {lines_over: 10}}\n- {name: files, verdict: deny, when: {files_over: 2}}\n"
        );
        var answer = PolicyExplainer.Explain(
            policy,
            new PolicyQuestion
            {
                Type = TaskKind.Fix,
                Paths = [.. Enumerable.Range(0, paths).Select(i => $"f{i}")],
                Lines = lines,
                Files = files,
            }
        );

        Assert.Equal(rules, string.Join(' ', Denying(answer)));
    }

    [Fact]
    public void Request_and_plan_are_answered_and_the_diff_where_paths_are_given()
    {
        var policy = PolicyTexts.Read(Before);
        var question = new PolicyQuestion { Type = TaskKind.Fix };
        var without = PolicyExplainer.Explain(policy, question);
        var told = PolicyExplainer.Explain(policy, question with { Paths = ["a"] });

        Assert.Equal(["request", "plan"], without.Stages.Select(s => s.Stage));
        Assert.Equal(["request", "plan", "diff"], told.Stages.Select(s => s.Stage));
        Assert.Equal(
            ("code", LaneWrite.Guarded, Verdict.Allow),
            (without.Lane, without.Write, without.Verdict)
        );
        Assert.Equal(Verdict.NeedsApproval, told.Verdict);
    }

    [Fact]
    public void The_strictest_stage_is_the_answer()
    {
        var policy = PolicyTexts.Read(
            Before
                + "repositories: {deny: [secret]}\nrules: [{name: q, verdict: ask, when: {risk: high}}]\n"
        );
        var question = new PolicyQuestion { Type = TaskKind.Fix, Repository = "app" };

        Assert.Equal(Verdict.Allow, PolicyExplainer.Explain(policy, question).Verdict);
        Assert.Equal(
            Verdict.NeedsApproval,
            PolicyExplainer.Explain(policy, question with { Risk = "high" }).Verdict
        );
        Assert.Equal(
            Verdict.Deny,
            PolicyExplainer
                .Explain(policy, question with { Risk = "high", Repository = "secret" })
                .Verdict
        );
        Assert.Equal(
            Verdict.Deny,
            PolicyExplainer.Explain(policy, question with { Paths = ["secrets/a"] }).Verdict
        );
    }

    [Fact]
    public void A_question_without_a_lane_has_none()
    {
        var answer = PolicyExplainer.Explain(
            PolicyTexts.Read(Before),
            new PolicyQuestion { Type = TaskKind.Documentation, Paths = ["a"] }
        );

        Assert.Equal(
            ("", LaneWrite.None, Verdict.Deny),
            (answer.Lane, answer.Write, answer.Verdict)
        );
    }

    [Fact]
    public void All_that_is_known_of_the_requester_is_asked_with()
    {
        var policy = PolicyTexts.Read(
            """
            version: 1
            name: p
            repositories: {base_branches: {deny: [old]}}
            lanes: {code: {types: [fix], write: direct, model: sonnet}}
            rules:
              - {name: who, verdict: deny, when: {requesters: [ann]}}
              - {name: first, verdict: deny, when: {first_time: true}}
              - {name: where, verdict: deny, when: {repositories: [app]}}
            """
        );
        var answer = PolicyExplainer.Explain(
            policy,
            new PolicyQuestion
            {
                Type = TaskKind.Fix,
                Requester = "ann",
                Repository = "app",
                BaseBranch = "old",
                FirstTime = true,
                Model = "opus",
            }
        );

        Assert.Equal(
            ["base_branches.deny", "who", "first", "where", "model"],
            PolicyFixture.Rules(answer.Stages[1])
        );
    }

    [Theory]
    [InlineData("expect: ask", "")]
    [InlineData("expect: ask, rule: q1", "")]
    [InlineData("expect: ask, rule: Q4", "")]
    [InlineData(
        "expect: deny",
        "expected deny, and it is ask by q1 (p.yaml:8); q2 (p.yaml:9); q3 (p.yaml:10)"
    )]
    [InlineData(
        "expect: allow",
        "expected allow, and it is ask by q1 (p.yaml:8); q2 (p.yaml:9); q3 (p.yaml:10)"
    )]
    [InlineData(
        "expect: ask, rule: q5",
        "expected ask by 'q5', and it is by q1 (p.yaml:8); q2 (p.yaml:9); q3 (p.yaml:10)"
    )]
    public void An_example_that_does_not_hold_names_the_first_three_rules(
        string expected,
        string reason
    )
    {
        var rules = string.Concat(
            Enumerable.Range(1, 4).Select(i => $"- {{name: q{i}, verdict: ask}}\n")
        );
        var policy = PolicyTexts.Read(
            $"{Before}rules:\n{rules}tests:\n- {{name: t, given: {{type: fix}}, {expected}}}\n"
        );

        Assert.Equal(
            reason.Length > 0 ? [new FailedExample("t", 13, reason)] : [],
            PolicyExplainer.Test(policy)
        );
    }

    private static List<string> Denying(PolicyAnswer answer) =>
        [
            .. answer
                .Stages.SelectMany(s => s.Rulings)
                .Where(r => r.Verdict == Verdict.Deny)
                .Select(r => r.Rule)
                .Distinct(),
        ];
}
