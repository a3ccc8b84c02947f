using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A rule is read condition by condition; one that could never hold or that says two things is told.</summary>
public sealed class RuleReaderTests
{
    private const string Before =
        PolicyTexts.Head
        + "roles: {keeper: [ann, bob], other: [zoe]}\n"
        + PolicyTexts.Lanes
        + "rules:\n";

    [Fact]
    public void Every_condition_of_a_rule_is_read()
    {
        var policy = PolicyTexts.Read(
            Before
                + """
                - verdict: ask
                  name: everything
                  when:
                    paths: [src/**, docs/a]
                    kinds: [symlink, mode]
                    lanes: [code]
                    types: [fix, analyze]
                    requesters: [ann, "b*"]
                    roles: [keeper]
                    repositories: [app, "/srv/**"]
                    lines_over: 10
                    files_over: 0
                    risk: [low, high]
                    first_time: true
                  approvals: 2
                  by: [keeper, other]
                  because: it matters.
                - name: nothing
                  verdict: deny
                """
        );
        var rule = policy.Rules[0];

        Assert.Equal(
            ("everything", 7, Verdict.NeedsApproval, 2, "it matters.", false),
            (rule.Name, rule.Line, rule.Verdict, rule.Approvals, rule.Because, rule.AtPlan)
        );
        Assert.Equal(["keeper", "other"], rule.By);
        Assert.Equal([("src/**", 9), ("docs/a", 9)], rule.When.Paths.Select(Place));
        Assert.Equal(ChangeKind.Symlink | ChangeKind.Mode, rule.When.Kinds);
        Assert.Equal(["code"], rule.When.Lanes);
        Assert.Equal([TaskKind.Fix, TaskKind.Analyze], rule.When.Types);
        Assert.Equal(["ann", "b*"], rule.When.Requesters.Select(r => r.Text));
        Assert.Equal(["keeper"], rule.When.Roles);
        Assert.Equal(["app", "/srv/**"], rule.When.Repositories.Select(r => r.Text));
        Assert.Equal(["low", "high"], rule.When.Risk);
        Assert.Equal(
            (10, 0, true),
            (rule.When.LinesOver!.Value, rule.When.FilesOver!.Value, rule.When.FirstTime!.Value)
        );
        Assert.True(policy.AsksFirstTime);

        var (bare, when) = (policy.Rules[1], policy.Rules[1].When);
        Assert.Equal(
            ("nothing", 23, Verdict.Deny, "", false, false),
            (bare.Name, bare.Line, bare.Verdict, bare.Because, when.OfFiles, when.OfSize)
        );
        Assert.Equal(
            0,
            when.Paths.Count
                + when.Lanes.Count
                + when.Types.Count
                + when.Requesters.Count
                + when.Roles.Count
                + when.Repositories.Count
                + when.Risk.Count
        );
        Assert.Null(when.LinesOver ?? when.FilesOver);
        Assert.Null(when.FirstTime);
    }

    [Theory]
    [InlineData("{}", "", true)]
    [InlineData("{risk: high}", "", true)]
    [InlineData("{risk: high}", ", at: plan", true)]
    [InlineData("{risk: high}", ", at: diff", false)]
    [InlineData("{paths: a}", "", false)]
    [InlineData("{kinds: mode}", "", false)]
    [InlineData("{lines_over: 0}", "", false)]
    [InlineData("{files_over: 0}", "", false)]
    [InlineData("{files_over: 0}", ", at: diff", false)]
    public void A_rule_s_question_is_put_before_the_run_unless_it_needs_the_diff(
        string when,
        string at,
        bool atPlan
    ) =>
        Assert.Equal(
            atPlan,
            PolicyTexts
                .Read($"{Before}- {{name: a, verdict: ask, when: {when}{at}}}\n")
                .Rules[0]
                .AtPlan
        );

    // Of a lane's own questions the plan hears none that does not say so.
    [Theory]
    [InlineData("{risk: high}", "", false)]
    [InlineData("{risk: high}", ", at: diff", false)]
    [InlineData("{risk: high}", ", at: plan", true)]
    [InlineData("{paths: a}", "", false)]
    public void A_lane_s_question_is_put_at_the_diff(string when, string at, bool atPlan) =>
        Assert.Equal(
            atPlan,
            PolicyTexts
                .Read(PolicyTexts.Code($"approvals: [{{when: {when}{at}}}]"))
                .Lanes[0]
                .Approvals[0]
                .AtPlan
        );

    [Theory]
    [InlineData("{verdict: deny}", "6:3 A rule has no name | Write 'name: …'; rulings name it.")]
    [InlineData(
        "{name: a}",
        "6:3 Rule 'a' has no verdict | Write 'verdict: deny' or 'verdict: ask'."
    )]
    [InlineData(
        "{name: a, verdict: allow}",
        "6:22 'verdict' cannot be 'allow' | Known: deny, ask."
    )]
    [InlineData(
        "{name: a, verdict: deny, wen: {}}",
        "6:28 A rule has no key 'wen' | Did you mean 'when'?"
    )]
    [InlineData(
        "{name: a, verdict: deny, approvals: 2}",
        "6:28 Rule 'a' denies, and 'approvals' speaks of a question | Remove it, or write 'verdict: ask'."
    )]
    [InlineData(
        "{name: a, verdict: deny, by: [keeper]}",
        "6:28 Rule 'a' denies, and 'by' speaks of a question | Remove it, or write 'verdict: ask'."
    )]
    [InlineData(
        "{name: a, verdict: deny, at: diff}",
        "6:28 Rule 'a' denies, and 'at' speaks of a question | Remove it, or write 'verdict: ask'."
    )]
    [InlineData(
        "{name: a, verdict: ask, at: plan, when: {paths: x}}",
        "6:31 'a' asks at the plan about paths, kinds or sizes, which only the diff shows | Write 'at: diff', or remove those conditions."
    )]
    [InlineData(
        "{name: a, verdict: ask, at: plan, when: {kinds: mode}}",
        "6:31 'a' asks at the plan about paths, kinds or sizes, which only the diff shows | Write 'at: diff', or remove those conditions."
    )]
    [InlineData(
        "{name: a, verdict: ask, at: plan, when: {files_over: 1}}",
        "6:31 'a' asks at the plan about paths, kinds or sizes, which only the diff shows | Write 'at: diff', or remove those conditions."
    )]
    [InlineData(
        "{name: a, verdict: ask, at: later}",
        "6:31 'at' cannot be 'later' | Known: plan, diff."
    )]
    [InlineData(
        "{name: a, verdict: ask, by: [keepr]}",
        "6:32 There is no role 'keepr' | Did you mean 'keeper'?"
    )]
    [InlineData(
        "{name: a, verdict: deny, when: {pats: x}}",
        "6:35 'when' of rule 'a' has no key 'pats' | Did you mean 'paths'?"
    )]
    [InlineData(
        "{name: a, verdict: deny, when: x}",
        "6:34 'when' of rule 'a' is no mapping | Write its keys below it: paths, kinds, lanes, types, requesters, roles, repositories, lines_over, files_over, risk, first_time."
    )]
    [InlineData(
        "{name: a, verdict: deny, when: {kinds: simlink}}",
        "6:42 A kind of change cannot be 'simlink' | Did you mean 'symlink'?"
    )]
    [InlineData(
        "{name: a, verdict: deny, when: {types: fixx}}",
        "6:42 A type cannot be 'fixx' | Did you mean 'fix'?"
    )]
    [InlineData(
        "{name: a, verdict: deny, when: {risk: huge}}",
        "6:41 A risk cannot be 'huge' | Known: low, medium, high."
    )]
    [InlineData(
        "{name: a, verdict: deny, when: {lanes: cod}}",
        "6:42 There is no lane 'cod' | Did you mean 'code'?"
    )]
    [InlineData(
        "{name: a, verdict: deny, when: {first_time: maybe}}",
        "6:47 'first_time' is neither true nor false | Write true or false."
    )]
    public void A_rule_with_a_problem_has_this_one_alone(string rule, string problem) =>
        Assert.Equal([problem], PolicyTexts.Problems($"{Before}- {rule}\n"));

    [Theory]
    [InlineData("paths")]
    [InlineData("kinds")]
    [InlineData("lanes")]
    [InlineData("types")]
    [InlineData("requesters")]
    [InlineData("roles")]
    [InlineData("repositories")]
    [InlineData("risk")]
    public void A_list_of_conditions_without_an_entry_would_never_hold(string key)
    {
        var problem =
            $"6:35 '{key}' has no entry, so the rule would never hold | Remove it, or say what it is about.";

        Assert.Equal(
            [problem],
            PolicyTexts.Problems($"{Before}- {{name: a, verdict: deny, when: {{{key}: []}}}}\n")
        );
        Assert.Equal(
            [problem],
            PolicyTexts.Problems($"{Before}- {{name: a, verdict: deny, when: {{{key}: }}}}\n")
        );
    }

    [Fact]
    public void Two_rules_have_two_names_and_case_does_not_tell_them_apart() =>
        Assert.Equal(
            ["7:10 A second rule is called 'A', the first in line 6 | Call them differently."],
            PolicyTexts.Problems(
                Before
                    + "- {name: a, verdict: deny}\n- {name: A, verdict: deny}\n- {name: b, verdict: deny}\n"
            )
        );

    [Theory]
    [InlineData("name: #, verdict: deny", "name", 80)]
    [InlineData("name: a, verdict: deny, because: #", "because", 300)]
    public void A_text_of_a_rule_has_a_longest(string rule, string name, int most)
    {
        string Of(int length) =>
            Before
            + $"- {{{rule.Replace("#", new string('x', length), StringComparison.Ordinal)}}}\n";

        Assert.Empty(PolicyTexts.Problems(Of(most)));
        Assert.True(PolicyTexts.SchemaTakes(Of(most)));
        Assert.Contains(
            $"6:{4 + rule.IndexOf('#', StringComparison.Ordinal)} '{name}' is no text of at most {most} characters in one line",
            PolicyTexts.Problems(Of(most + 1))
        );
        Assert.False(PolicyTexts.SchemaTakes(Of(most + 1)));
    }

    [Fact]
    public void A_policy_counts_what_can_refuse_or_ask()
    {
        var policy = PolicyTexts.Read(
            """
            version: 1
            name: p
            requesters: [{names: [ann]}, {names: [bob]}]
            lanes:
              read: {types: [analyze], write: none, approvals: [{count: 1}]}
              code: {types: [fix], write: direct, approvals: [{count: 1}, {count: 2}]}
            rules: [{name: a, verdict: deny}]
            tests: [{name: t, given: {type: fix}, expect: deny}]
            """
        );

        Assert.Equal((6, 1), (policy.RuleCount, policy.ExampleCount));
        Assert.Equal(["read", "code"], policy.LaneNames);
        Assert.False(policy.AsksFirstTime);
        Assert.False(policy.SelfApproval);
    }

    [Theory]
    [InlineData("approvals: [{when: {first_time: true}}]", true)]
    [InlineData("approvals: [{when: {first_time: false}}]", true)]
    [InlineData("approvals: [{when: {risk: low}}]", false)]
    public void Whether_it_is_the_first_task_is_looked_up_where_somebody_asks(
        string key,
        bool asks
    ) => Assert.Equal(asks, PolicyTexts.Read(PolicyTexts.Code(key)).AsksFirstTime);

    private static (string, int) Place(LinedGlob glob) => (glob.Glob.Text, glob.Line);
}
