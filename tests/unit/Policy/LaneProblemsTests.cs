using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>What is wrong with a lane is told with its place, in whole sentences, once, with what to write instead.</summary>
public sealed class LaneProblemsTests
{
    // The keys stand in line 8 and begin in column 5.
    [Theory]
    [InlineData(
        "colour: red",
        "8:5 Lane 'code' has no key 'colour' | Known: types, write, paths, protect, commands, tools, network, model, sandbox, budget, approvals, merge, pull_request, guarded_hours, questions."
    )]
    [InlineData("modle: x", "8:5 Lane 'code' has no key 'modle' | Did you mean 'model'?")]
    [InlineData(
        "budget: {hours: 1}",
        "8:14 The budget of lane 'code' has no key 'hours' | Known: minutes, turns, cost_usd, diff_lines, diff_files."
    )]
    [InlineData(
        "budget: [1]",
        "8:13 The budget of lane 'code' is no mapping | Write its keys below it: minutes, turns, cost_usd, diff_lines, diff_files."
    )]
    [InlineData(
        "budget: {cost_usd: free}",
        "8:24 'cost_usd' is no amount of US dollars above 0 up to 1000000 | Write a number such as 2.50."
    )]
    [InlineData("sandbox: maybe", "8:14 'sandbox' cannot be 'maybe' | Known: required, optional.")]
    [InlineData(
        "pull_request: later",
        "8:19 'pull_request' cannot be 'later' | Known: draft, ready."
    )]
    [InlineData("network: on", "8:14 'network' cannot be 'on' | Known: open, off.")]
    [InlineData(
        "network: {}",
        "8:14 The network of lane 'code' allows nothing | Write 'network: off', or {allow: [host.example]}."
    )]
    [InlineData(
        "merge: {wait: 1}",
        "8:13 The merge rule of lane 'code' has no key 'wait' | Known: auto, checks, quiet_minutes, lines_max, files_max, approvals, method."
    )]
    [InlineData(
        "merge: {auto: true, method: fast}",
        "8:33 'method' cannot be 'fast' | Known: squash, merge, rebase."
    )]
    [InlineData("merge: {auto: 1}", "8:19 'auto' is neither true nor false | Write true or false.")]
    [InlineData(
        "merge: {checks: ['']}",
        "8:22 '' under 'checks' is no text of 1 to 200 characters in one line"
    )]
    [InlineData(
        "commands: {deny: [x]}",
        "8:16 'commands' of lane 'code' has no key 'deny' | Known: allow, ask, approvals, by."
    )]
    [InlineData(
        "commands: {ask: [], approvals: 2, by: [keeper]}",
        "8:16 Lane 'code' asks about no command, and 'ask' speaks of a question | Write 'ask: [git push]', or remove it."
    )]
    [InlineData(
        "commands: {allow: [git], approvals: 2, by: [keeper]}",
        "8:30 Lane 'code' asks about no command, and 'approvals' speaks of a question | Write 'ask: [git push]', or remove it."
    )]
    [InlineData(
        "commands: {allow: [git], by: [keeper]}",
        "8:30 Lane 'code' asks about no command, and 'by' speaks of a question | Write 'ask: [git push]', or remove it."
    )]
    [InlineData("commands: [[x]]", "8:16 An entry of 'commands' is no text")]
    [InlineData(
        "approvals: [{names: x}]",
        "8:18 An approval of lane 'code' has no key 'names' | Did you mean 'name'?"
    )]
    [InlineData(
        "approvals: [{when: {path: x}}]",
        "8:25 'when' of an approval of lane 'code' has no key 'path' | Did you mean 'paths'?"
    )]
    [InlineData(
        "approvals: [{at: plan, when: {lines_over: 1}}]",
        "8:22 'approval 1 of lane code' asks at the plan about paths, kinds or sizes, which only the diff shows | Write 'at: diff', or remove those conditions."
    )]
    public void A_lane_with_a_problem_has_this_one_alone(string key, string problem) =>
        Assert.Equal([problem], PolicyTexts.Problems(PolicyTexts.Code(key)));

    [Theory]
    [InlineData("[fixx]", "6:13 A type cannot be 'fixx' | Did you mean 'fix'?")]
    [InlineData(
        "[[fix]]",
        "6:13 A type is no single word | Known: fix, bug_fix, code_review, summarize, analyze, documentation."
    )]
    [InlineData(
        "[]",
        "5:3 Lane 'code' has no types, so no task would use it | Write types: with some of fix, code_review, summarize, analyze, documentation."
    )]
    [InlineData(
        "",
        "5:3 Lane 'code' has no types, so no task would use it | Write types: with some of fix, code_review, summarize, analyze, documentation."
    )]
    public void A_lane_needs_types_that_are_known(string types, string problem) =>
        Assert.Equal(
            [problem],
            PolicyTexts.Problems(PolicyTexts.Lane($"types: {types}", "write: direct"))
        );

    [Theory]
    [InlineData(
        "write:",
        "5:3 Lane 'code' does not say how it writes | Write 'write: none', 'write: direct' or 'write: guarded'."
    )]
    [InlineData(
        "model: x",
        "5:3 Lane 'code' does not say how it writes | Write 'write: none', 'write: direct' or 'write: guarded'."
    )]
    [InlineData("write: maybe", "7:12 'write' cannot be 'maybe' | Known: none, direct, guarded.")]
    public void A_lane_must_say_how_it_writes(string key, string problem) =>
        Assert.Equal([problem], PolicyTexts.Problems(PolicyTexts.Lane("types: [fix]", key)));

    [Fact]
    public void A_lane_that_says_nothing_is_told_both() =>
        Assert.Equal(
            [
                "3:9 Lane 'code' has no types, so no task would use it | Write types: with some of fix, code_review, summarize, analyze, documentation.",
                "3:9 Lane 'code' does not say how it writes | Write 'write: none', 'write: direct' or 'write: guarded'.",
            ],
            PolicyTexts.Problems(PolicyTexts.Head + "lanes: {code: {}}\n")
        );

    [Theory]
    [InlineData(
        "none",
        "8:13 Lane 'code' writes nothing, and its work is to be merged by itself | Remove 'auto: true', or write 'write: direct'."
    )]
    [InlineData(
        "guarded",
        "8:13 Lane 'code' is guarded, and its work is to be merged by itself | Remove 'auto: true', or write 'write: direct'."
    )]
    public void Only_work_that_is_delivered_can_merge_by_itself(string write, string problem)
    {
        string[] Of(string auto) =>
            ["types: [fix]", $"write: {write}", $"merge: {{auto: {auto}, approvals: 1}}"];

        Assert.Equal([problem], PolicyTexts.Problems(PolicyTexts.Lane(Of("true"))));
        Assert.Empty(PolicyTexts.Problems(PolicyTexts.Lane(Of("false"))));
    }

    [Fact]
    public void A_draft_never_merges_by_itself()
    {
        Assert.Equal(
            [
                "8:5 Pull requests of lane 'code' are opened as drafts, and are to be merged by themselves; a draft never is | Write 'pull_request: ready', or remove 'auto: true'.",
            ],
            PolicyTexts.Problems(PolicyTexts.Code("pull_request: draft", "merge: {auto: true}"))
        );
        Assert.Empty(
            PolicyTexts.Problems(PolicyTexts.Code("pull_request: draft", "merge: {auto: false}"))
        );
        Assert.Empty(
            PolicyTexts.Problems(PolicyTexts.Code("pull_request: ready", "merge: {auto: true}"))
        );
    }

    [Fact]
    public void A_network_without_hosts_is_told_beside_its_unknown_key() =>
        Assert.Equal(
            [
                "8:14 The network of lane 'code' allows nothing | Write 'network: off', or {allow: [host.example]}.",
                "8:15 The network of lane 'code' has no key 'hosts' | Known: allow.",
            ],
            PolicyTexts.Problems(PolicyTexts.Code("network: {hosts: [a]}"))
        );

    [Fact]
    public void Each_allowed_command_that_is_asked_about_is_told_with_both_lines()
    {
        // "git" is wider than what is asked about, and "git pushx" is another command.
        var text = PolicyTexts.Code(
            "commands:",
            "  allow: [git push origin, git pushx, git, rm]",
            "  by: [keeper]",
            "  ask: [git push, rm]"
        );

        Assert.Equal(
            [
                "9:7 'git push origin' is allowed in lane 'code', and is asked about in line 11 | Remove one of them.",
                "9:7 'rm' is allowed in lane 'code', and is asked about in line 11 | Remove one of them.",
            ],
            PolicyTexts.Problems(text)
        );
    }

    [Fact]
    public void A_question_about_commands_that_too_few_can_answer_is_told_where_it_is_asked() =>
        Assert.Equal(
            [
                "10:1 'commands of lane code' wants 3 approvals, and keeper has 2 people | Add people to the role, or ask for fewer.",
            ],
            PolicyTexts.Problems(
                PolicyTexts.Code(
                    "commands:",
                    "  approvals: 3",
                    "  ask: [git push]",
                    "  by: [keeper]"
                )
            )
        );
}
