using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Each problem of a policy is one line: its place, what is wrong in whole words, and what to write instead.</summary>
public sealed class PolicyProblemsTests
{
    // The part begins in line 3.
    [Theory]
    [InlineData(
        "colour: red\n",
        "3:1 The policy has no key 'colour' | Known: version, name, repositories, roles, requesters, self_approval, protect, changes, lanes, rules, tests."
    )]
    [InlineData("protekt: [a]\n", "3:1 The policy has no key 'protekt' | Did you mean 'protect'?")]
    [InlineData(
        "protect: [a]\nprotect: [b]\n",
        "4:1 'protect' stands here a second time, first in line 3 | Keep one of them."
    )]
    [InlineData(
        "protect: {a: b}\n",
        "3:10 'protect' is no list | Write [one, two], or each below it after '- '."
    )]
    [InlineData("protect: [a, [b]]\n", "3:14 An entry of 'protect' is no text")]
    [InlineData(
        "protect: [/a]\n",
        "3:11 '/a' under 'protect' is absolute; patterns begin at the repository's root, without '/' or a drive"
    )]
    [InlineData(
        "self_approval: yes\n",
        "3:16 'self_approval' is neither true nor false | Write true or false."
    )]
    [InlineData(
        "self_approval: 'true'\n",
        "3:16 'self_approval' is neither true nor false | Write true or false."
    )]
    [InlineData(
        "repositories: x\n",
        "3:15 'repositories' is no mapping | Write its keys below it: allow, deny, base_branches."
    )]
    [InlineData(
        "repositories: {allows: x}\n",
        "3:16 'repositories' has no key 'allows' | Did you mean 'allow'?"
    )]
    [InlineData(
        "repositories: {deny: ['a/[b]']}\n",
        "3:23 'a/[b]' under 'deny' holds '['; sets of characters are not known: use ? for one character"
    )]
    [InlineData(
        "repositories: {base_branches: [x]}\n",
        "3:31 'base_branches' is no mapping | Write its keys below it: allow, deny."
    )]
    [InlineData(
        "repositories: {base_branches: {allowed: x}}\n",
        "3:32 'base_branches' has no key 'allowed' | Known: allow, deny."
    )]
    [InlineData(
        "changes: [ask]\n",
        "3:10 'changes' is no mapping | Write its keys below it: symlink, symlink_outside, submodule, mode, binary, workflow, lockfile, generated, test_deletion, deletion, rename, odd_name, policy_file, agent_settings, git_files."
    )]
    [InlineData(
        "changes: {worflow: ask}\n",
        "3:11 'changes' has no key 'worflow' | Did you mean 'workflow'?"
    )]
    [InlineData(
        "changes: {workflow: maybe}\n",
        "3:21 'workflow' cannot be 'maybe' | Known: allow, ask, deny."
    )]
    [InlineData(
        "changes: {workflow: [ask]}\n",
        "3:21 'workflow' is no single word | Known: allow, ask, deny."
    )]
    [InlineData(
        "requesters: [{name: x}]\n",
        "3:14 This rule of 'requesters' names nobody | Write roles: [maintainer], or names: [\"*\"].\n"
            + "3:15 A rule of 'requesters' has no key 'name' | Did you mean 'names'?"
    )]
    [InlineData(
        "requesters: [{lanes: [code]}]\n",
        "3:14 This rule of 'requesters' names nobody | Write roles: [maintainer], or names: [\"*\"]."
    )]
    [InlineData(
        "requesters: [{names: [a], lanes: [cod]}]\n",
        "3:35 There is no lane 'cod' | Did you mean 'code'?"
    )]
    [InlineData(
        "requesters: [{names: [a], lanes: [elsewhere]}]\n",
        "3:35 There is no lane 'elsewhere' | Known: code."
    )]
    [InlineData(
        "requesters: [{names: [a], roles: [boss]}]\n",
        "3:35 There is no role 'boss' | Write it under 'roles:' first."
    )]
    [InlineData(
        "requesters: [{names: [a], roles: [[b]]}]\n",
        "3:35 There is no role '' | Write it under 'roles:' first."
    )]
    [InlineData(
        "roles: [a]\n",
        "3:8 'roles' is no mapping | Write a name and ':' for each below 'roles:'."
    )]
    [InlineData(
        "roles: {\"a b\": [x]}\n",
        "3:9 'a b' under 'roles' is no name | Use letters, digits, '.', '_' and '-', at most 80."
    )]
    [InlineData(
        "roles:\n  a: [x]\n  A: [y]\n",
        "5:3 'A' stands under 'roles' a second time, first in line 4 | Keep one of them; case does not count."
    )]
    [InlineData(
        "roles: {a: [[x]]}\n",
        "3:13 Role 'a' is no list of names | Write [alice, \"release-*\", \"role:other\"]."
    )]
    [InlineData(
        "roles: {a: {b: c}}\n",
        "3:12 Role 'a' is no list of names | Write [alice, \"release-*\", \"role:other\"]."
    )]
    [InlineData("roles: {a: ['']}\n", "3:13 '' in role 'a' has 0 characters; 1 to 300 are taken")]
    [InlineData(
        "roles: {a: [role:bb], b: [x]}\n",
        "3:13 There is no role 'bb' | Did you mean 'b'?"
    )]
    [InlineData(
        "roles: {a: [role:elsewhere], b: [x]}\n",
        "3:13 There is no role 'elsewhere' | Known: a, b."
    )]
    [InlineData(
        "roles: {a: [role:A]}\n",
        "3:13 Roles go in a circle: 'a' includes 'A', which includes 'a' | Name the people of one of them instead."
    )]
    [InlineData(
        "roles:\n  a: [role:b]\n  b: [role:c]\n  c: [role:b, x]\n",
        "5:7 Roles go in a circle: 'b' includes 'c', which includes 'b' | Name the people of one of them instead.\n"
            + "6:7 Roles go in a circle: 'c' includes 'b', which includes 'c' | Name the people of one of them instead."
    )]
    [InlineData("\"\": x\n", "3:1 A key is a short text | Write 'key: value'.")]
    [InlineData(
        "protect: &x [a]\n",
        "3:10 Anchors and aliases (& and *) are not taken | Write the value out, or quote a text that begins with '*' or '&'."
    )]
    [InlineData(
        "protect: !!seq [a]\n",
        "3:10 Tags (!) are not taken | Write the value alone, or quote a text that begins with '!'."
    )]
    public void A_problem_is_told_in_whole_words(string part, string problems) =>
        Assert.Equal(
            problems.Split('\n'),
            PolicyTexts.Problems(PolicyTexts.Head + part + PolicyTexts.Lanes)
        );

    [Theory]
    [InlineData("", "1:1 The text holds nothing | Begin with 'version: 1'.")]
    [InlineData(
        "version: 1\nname: p\n",
        "1:1 The policy has no lane, so every task would be denied | Write 'lanes:' with a lane for each type of work."
    )]
    [InlineData(
        PolicyTexts.Head + "lanes: {}\n",
        "3:1 The policy has no lane, so every task would be denied | Write 'lanes:' with a lane for each type of work."
    )]
    [InlineData(
        "name: p\n" + PolicyTexts.Lanes,
        "1:1 The policy does not say its version | Begin with 'version: 1'."
    )]
    [InlineData(
        "version: 0\nname: p\n" + PolicyTexts.Lanes,
        "1:10 'version' is no whole number of 1 to 1"
    )]
    [InlineData(
        "version: '1'\nname: p\n" + PolicyTexts.Lanes,
        "1:10 'version' is no whole number of 1 to 1"
    )]
    [InlineData(
        "version: 1\n" + PolicyTexts.Lanes,
        "1:1 The policy has no name of letters, digits, '.', '_' and '-' | Write 'name: team'."
    )]
    [InlineData(
        "version: 1\nname: a b\n" + PolicyTexts.Lanes,
        "2:1 The policy has no name of letters, digits, '.', '_' and '-' | Write 'name: team'."
    )]
    [InlineData(
        PolicyTexts.Head + PolicyTexts.Lanes + "---\nversion: 1\n",
        "4:1 A second document begins here | Keep one policy in a file."
    )]
    public void A_whole_text_is_no_policy(string text, string problem) =>
        Assert.Equal([problem], PolicyTexts.Problems(text));

    [Theory]
    [InlineData(1, true)]
    [InlineData(79, true)]
    [InlineData(80, true)]
    [InlineData(81, false)]
    public void A_name_has_at_most_80_characters(int length, bool taken)
    {
        var name = new string('n', length);
        string Lane(string lane) =>
            PolicyTexts.Head + $"lanes: {{{lane}: {{types: [fix], write: direct}}}}\n";
        var named = $"version: 1\nname: {name}\n{PolicyTexts.Lanes}";
        var role = $"{PolicyTexts.Head}roles: {{{name}: [x]}}\n{PolicyTexts.Lanes}";

        Assert.All(
            (string[])[named, role, Lane(name)],
            text =>
            {
                Assert.Equal(taken, PolicyTexts.Problems(text).Count == 0);
                Assert.Equal(taken, PolicyTexts.SchemaTakes(text));
            }
        );
    }

    [Theory]
    [InlineData("lanes", 64)]
    [InlineData("roles", 100)]
    public void Lanes_and_roles_have_a_most(string what, int most)
    {
        string Of(int count) =>
            PolicyTexts.Head
            + (what == "roles" ? PolicyTexts.Lanes : "")
            + $"{what}:\n"
            + string.Concat(
                Enumerable
                    .Range(0, count)
                    .Select(i =>
                        what == "roles" ? $"  r{i}: [x]\n" : $"  l{i}: {{types: [], write: none}}\n"
                    )
            );

        Assert.DoesNotContain(
            PolicyTexts.Problems(Of(most)),
            p => p.Contains("at most", StringComparison.Ordinal)
        );
        var line = what == "roles" ? 5 : 4;
        Assert.Contains(
            $"{line}:3 '{what}' has {most + 1} entries; at most {most} are taken | Join some.",
            PolicyTexts.Problems(Of(most + 1))
        );
        Assert.False(PolicyTexts.SchemaTakes(Of(most + 1)));
    }

    [Theory]
    [InlineData("protect", 1_000)]
    [InlineData("rules", 500)]
    public void A_list_has_a_most(string what, int most)
    {
        string Of(int count) =>
            PolicyTexts.Head
            + PolicyTexts.Lanes
            + $"{what}:\n"
            + string.Concat(
                Enumerable
                    .Range(0, count)
                    .Select(i =>
                        what == "rules" ? $"- {{name: r{i}, verdict: deny}}\n" : $"- p{i}\n"
                    )
            );

        Assert.Empty(PolicyTexts.Problems(Of(most)));
        Assert.Equal(
            [
                $"5:1 '{what}' has {most + 1} entries; at most {most} are taken | Use wider patterns.",
            ],
            PolicyTexts.Problems(Of(most + 1))
        );
        Assert.False(PolicyTexts.SchemaTakes(Of(most + 1)));
    }

    [Fact]
    public void A_text_has_at_most_1_MiB_of_UTF_8()
    {
        string Of(int bytes)
        {
            var text = PolicyTexts.Head + PolicyTexts.Lanes + "# ";
            return text + new string('x', bytes - text.Length);
        }

        Assert.Empty(PolicyTexts.Problems(Of(PolicyReader.BytesMax)));
        Assert.Equal(
            ["1:1 The policy is longer than 1048576 bytes | Use wider patterns."],
            PolicyTexts.Problems(Of(PolicyReader.BytesMax + 1))
        );
        // As many characters, and one of them has two bytes.
        Assert.Equal(
            ["1:1 The policy is longer than 1048576 bytes | Use wider patterns."],
            PolicyTexts.Problems(Of(PolicyReader.BytesMax - 1) + "é")
        );
    }

    [Fact]
    public void At_most_200_problems_are_told()
    {
        string Of(int count) =>
            PolicyTexts.Head
            + PolicyTexts.Lanes
            + string.Concat(Enumerable.Range(100, count).Select(i => $"colour{i}: x\n"));

        Assert.Equal(199, PolicyTexts.Problems(Of(199)).Count);
        Assert.Equal(200, PolicyTexts.Problems(Of(200)).Count);
        Assert.Equal(200, PolicyTexts.Problems(Of(250)).Count);
    }

    [Theory]
    [InlineData(13, true)]
    [InlineData(15, true)]
    [InlineData(16, false)]
    public void A_text_is_nested_at_most_16_deep(int lists, bool taken)
    {
        var text =
            PolicyTexts.Head
            + $"protect: {new string('[', lists)}a{new string(']', lists)}\n"
            + PolicyTexts.Lanes;

        Assert.Equal(
            [
                taken
                    ? "3:11 An entry of 'protect' is no text"
                    : $"3:{10 + lists} Nested deeper than 16 | Shorten the policy.",
            ],
            PolicyTexts.Problems(text)
        );
    }

    [Theory]
    [InlineData("a\tb\u0001", "a b ")]
    [InlineData("", "")]
    public void A_text_in_a_message_is_one_line(string text, string shown) =>
        Assert.Equal(shown, PolicySection.Shown(text));

    [Theory]
    [InlineData(79, "")]
    [InlineData(80, "")]
    [InlineData(81, "…")]
    public void A_text_in_a_message_is_short(int length, string end) =>
        Assert.Equal(
            new string('a', Math.Min(length, 80)) + end,
            PolicySection.Shown(new string('a', length))
        );
}
