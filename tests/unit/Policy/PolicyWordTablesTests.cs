using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>The words of policies one by one: types, verdicts, ways to write, networks, and the keys that each part may have.</summary>
public sealed class PolicyWordTablesTests
{
    private const string Conditions =
        "Known: paths, kinds, lanes, types, requesters, roles, repositories, lines_over, files_over, risk, first_time.";

    [Theory]
    [InlineData("fix", TaskKind.Fix, "fix")]
    [InlineData("bug_fix", TaskKind.Fix, "fix")]
    [InlineData("code_review", TaskKind.CodeReview, "code_review")]
    [InlineData("summarize", TaskKind.Summarize, "summarize")]
    [InlineData("analyze", TaskKind.Analyze, "analyze")]
    [InlineData("documentation", TaskKind.Documentation, "documentation")]
    public void A_type_of_work_has_a_word_and_may_have_a_second(
        string word,
        TaskKind kind,
        string told
    )
    {
        Assert.Equal(kind, PolicyWords.TypeOf(word));
        Assert.Equal(told, PolicyWords.Of(kind));
        Assert.Contains(word, PolicyWords.Types);
        Assert.Equal(6, PolicyWords.Types.Count);
    }

    [Theory]
    [InlineData("Fix")]
    [InlineData("unknown")]
    [InlineData("")]
    public void Another_word_is_no_type_of_work(string word) =>
        Assert.Null(PolicyWords.TypeOf(word));

    [Fact]
    public void A_kind_of_work_that_no_policy_names_is_unknown() =>
        Assert.Equal("unknown", PolicyWords.Of(TaskKind.Unknown));

    [Theory]
    [InlineData(Verdict.Allow, "allow")]
    [InlineData(Verdict.NeedsApproval, "ask")]
    [InlineData(Verdict.Deny, "deny")]
    public void A_verdict_has_one_word(Verdict verdict, string word) =>
        Assert.Equal(word, PolicyWords.Of(verdict));

    [Theory]
    [InlineData(LaneWrite.None, "none")]
    [InlineData(LaneWrite.Direct, "direct")]
    [InlineData(LaneWrite.Guarded, "guarded")]
    public void A_way_to_write_is_told_by_the_word_that_the_policy_uses(
        LaneWrite write,
        string word
    )
    {
        var lane = PolicyTexts.Read(
            PolicyTexts.Head + $"lanes: {{code: {{types: [fix], write: {word}}}}}\n"
        );

        Assert.Equal(word, PolicyWords.Of(write));
        Assert.Equal(write, Assert.Single(lane.Lanes).Write);
    }

    [Theory]
    [InlineData(false, "", null)]
    [InlineData(false, "off", SandboxNetwork.Off)]
    [InlineData(false, "allowlist", SandboxNetwork.Allowlist)]
    [InlineData(false, "open", SandboxNetwork.Open)]
    [InlineData(true, "", SandboxNetwork.Open)]
    [InlineData(true, "off", SandboxNetwork.Off)]
    public void A_lane_demands_of_the_sandbox_what_it_says_of_it(
        bool required,
        string network,
        SandboxNetwork? demanded
    )
    {
        IReadOnlyList<string> hosts = ["a.test"];
        var demand = LaneSandbox.Of(
            new LaneRights
            {
                Name = "l",
                SandboxRequired = required,
                Network = network,
                Hosts = hosts,
            }
        );

        Assert.Equal(
            demanded is { } inForce
                ? new SandboxDemand
                {
                    Required = required,
                    Network = inForce,
                    Hosts = hosts,
                }
                : null,
            demand
        );
        Assert.Null(LaneSandbox.Of(null));
    }

    // The part stands in line 4.
    [Theory]
    [InlineData(
        "rules: [{colour: x, name: a, verdict: deny}]",
        "4:10 A rule has no key 'colour' | Known: name, verdict, when, approvals, by, because, at."
    )]
    [InlineData(
        "rules: [{name: a, verdict: deny, when: {colour: x}}]",
        "4:41 'when' of rule 'a' has no key 'colour' | " + Conditions
    )]
    [InlineData(
        "requesters: [{names: [ann], colour: x}]",
        "4:29 A rule of 'requesters' has no key 'colour' | Known: names, roles, lanes."
    )]
    [InlineData(
        "tests: [{name: a, given: {type: fix}, expect: allow, colour: x}]",
        "4:54 A test has no key 'colour' | Known: name, given, expect, rule."
    )]
    [InlineData(
        "rules: [{name: a, verdict: deny, when: {kinds: [colours]}}]",
        "4:49 A kind of change cannot be 'colours' | Known: symlink, symlink_outside, submodule, mode, binary, workflow, lockfile, generated, test_deletion, deletion, rename, odd_name, policy_file, agent_settings, git_files."
    )]
    public void A_key_or_word_that_is_not_known_is_told_with_all_that_are(
        string part,
        string problem
    ) =>
        Assert.Equal(
            [problem],
            PolicyTexts.Problems(PolicyTexts.Head + PolicyTexts.Lanes + part + "\n")
        );

    [Theory]
    [InlineData(
        "approvals: [{colour: x}]",
        "8:18 An approval of lane 'code' has no key 'colour' | Known: name, count, by, when, because, at."
    )]
    [InlineData(
        "approvals: [{when: {colour: x}}]",
        "8:25 'when' of an approval of lane 'code' has no key 'colour' | " + Conditions
    )]
    public void A_lane_s_approval_tells_the_same(string key, string problem) =>
        Assert.Equal([problem], PolicyTexts.Problems(PolicyTexts.Code(key)));

    [Theory]
    [InlineData("paths", true)]
    [InlineData("kinds", true)]
    [InlineData("lanes", true)]
    [InlineData("types", true)]
    [InlineData("requesters", true)]
    [InlineData("roles", true)]
    [InlineData("repositories", true)]
    [InlineData("lines_over", false)]
    [InlineData("files_over", false)]
    [InlineData("risk", true)]
    [InlineData("first_time", false)]
    public void A_condition_without_an_entry_is_told(string key, bool isList)
    {
        string Of(string value) =>
            $"{PolicyTexts.Head}{PolicyTexts.Lanes}rules: [{{name: a, verdict: deny, when: {{{key}: {value}}}}}]\n";
        string[] problem =
        [
            $"4:41 '{key}' has no entry, so the rule would never hold | Remove it, or say what it is about.",
        ];

        Assert.Equal(problem, PolicyTexts.Problems(Of("")));
        if (isList)
        {
            Assert.Equal(problem, PolicyTexts.Problems(Of("[]")));
        }
    }

    [Fact]
    public void The_built_in_policy_is_called_by_its_file_and_its_text_is_the_one_that_is_read()
    {
        var (policy, problems) = PolicyReader.Read(DefaultPolicy.Text, "a/b\\default.yaml");

        Assert.Empty(problems);
        Assert.Equal("default.yaml", DefaultPolicy.FileName);
        Assert.Equal(
            (policy!.Id, "default.yaml", "default.yaml:3"),
            (DefaultPolicy.Document.Id, policy.FileName, DefaultPolicy.Document.At(3))
        );
        Assert.Matches("^default@[0-9a-f]{12}$", policy.Id);
    }
}
