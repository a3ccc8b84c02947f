using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>What is wrong with a policy, and where: all of it at once.</summary>
public sealed class PolicyReaderTests
{
    private const string Lane = "lanes: {code: {types: [fix], write: direct}}\n";
    private const string Head = "version: 1\nname: p\n";

    // The text begins with two lines of its own (Head) unless it says its version itself.
    [Theory]
    [InlineData("roles: {a: [role:b], b: [role:a]}\n", "3:13", "go in a circle")]
    [InlineData("roles: {a: [role:a]}\n", "3:13", "go in a circle")]
    [InlineData("roles: {a: [role:x]}\n", "3:13", "no role 'x'")]
    [InlineData("roles:\n  a: [x]\n  A: [y]\n", "5:3", "a second time, first in line 4")]
    [InlineData("roles: {\"a b\": [x]}\n", "3:9", "is no name")]
    [InlineData("roles: [a]\n", "3:8", "is no mapping")]
    [InlineData("roles: {a: [[x]]}\n", "3:13", "is no list of names")]
    [InlineData("protekt: [a]\n", "3:1", "no key 'protekt'. Did you mean 'protect'?")]
    [InlineData("colour: red\n", "3:1", "Known: version, name")]
    [InlineData("protect: [a]\nprotect: [b]\n", "4:1", "a second time, first in line 3")]
    [InlineData("protect: [/a]\n", "3:11", "is absolute")]
    [InlineData("protect:\n  - a\n  - '[ab]'\n", "5:5", "sets of characters")]
    [InlineData("protect: {a: b}\n", "3:10", "is no list")]
    [InlineData("protect: [a, [b]]\n", "3:14", "is no text")]
    [InlineData("self_approval: yes\n", "3:16", "neither true nor false")]
    [InlineData("self_approval: 'true'\n", "3:16", "neither true nor false")]
    [InlineData("changes: {workflow: maybe}\n", "3:21", "cannot be 'maybe'")]
    [InlineData("changes: {worflow: ask}\n", "3:11", "Did you mean 'workflow'?")]
    [InlineData("changes: {odd_name: alow}\n", "3:21", "Did you mean 'allow'?")]
    [InlineData(
        "repositories: {allow: [x], deny: [X]}\n",
        "3:1",
        "allowed here and denied in line 3"
    )]
    [InlineData("repositories: {allow: ['a/[b]']}\n", "3:24", "sets of characters")]
    [InlineData("repositories: {base_branches: {deny: ['a b:']}}\n", "", "")]
    [InlineData("requesters: [{lanes: [code]}]\n", "3:14", "names nobody")]
    [InlineData(
        "requesters: [{names: [a], lanes: [cod]}]\n",
        "3:35",
        "no lane 'cod'. Did you mean 'code'?"
    )]
    [InlineData("requesters: [{roles: [boss]}]\n", "3:23", "no role 'boss'")]
    [InlineData("rules: [{verdict: deny}]\n", "3:9", "has no name")]
    [InlineData("rules: [{name: a}]\n", "3:9", "has no verdict")]
    [InlineData("rules: [{name: a, verdict: allow}]\n", "3:28", "cannot be 'allow'")]
    [InlineData(
        "rules:\n- {name: a, verdict: deny}\n- {name: A, verdict: deny}\n",
        "5:10",
        "A second rule is called 'A', the first in line 4"
    )]
    [InlineData(
        "rules: [{name: a, verdict: deny, approvals: 2}]\n",
        "3:34",
        "denies, and 'approvals' speaks of a question"
    )]
    [InlineData(
        "rules: [{name: a, verdict: ask, approvals: 0}]\n",
        "3:44",
        "no whole number of 1 to 10"
    )]
    [InlineData(
        "rules: [{name: a, verdict: ask, approvals: 1.5}]\n",
        "3:44",
        "no whole number of 1 to 10"
    )]
    [InlineData("rules: [{name: a, verdict: ask, by: [x]}]\n", "3:38", "no role 'x'")]
    [InlineData(
        "rules: [{name: a, verdict: ask, at: plan, when: {lines_over: 3}}]\n",
        "3:37",
        "which only the diff shows"
    )]
    [InlineData(
        "rules: [{name: a, verdict: deny, when: {kinds: [symlnk]}}]\n",
        "3:49",
        "Did you mean 'symlink'?"
    )]
    [InlineData(
        "rules: [{name: a, verdict: deny, when: {types: [fixx]}}]\n",
        "3:49",
        "Did you mean 'fix'?"
    )]
    [InlineData(
        "rules: [{name: a, verdict: deny, when: {risk: huge}}]\n",
        "3:47",
        "Known: low, medium, high"
    )]
    [InlineData(
        "rules: [{name: a, verdict: deny, when: {lanes: [docs]}}]\n",
        "3:49",
        "no lane 'docs'"
    )]
    [InlineData(
        "rules: [{name: a, verdict: deny, when: {paths: []}}]\n",
        "3:41",
        "would never hold"
    )]
    [InlineData("rules: [{name: a, verdict: deny, when: {lines: 3}}]\n", "3:41", "Did you mean")]
    [InlineData(
        "roles: {m: [a]}\nrules: [{name: q, verdict: ask, approvals: 2, by: [m]}]\n",
        "4:1",
        "wants 2 approvals, and m has 1 people"
    )]
    [InlineData(
        "tests: [{name: a, given: {type: fix}, expect: yes}]\n",
        "3:47",
        "Known: allow, ask, deny"
    )]
    [InlineData("tests: [{name: a, given: {}, expect: allow}]\n", "3:26", "has no type")]
    [InlineData("tests: [{name: a, expect: allow}]\n", "3:9", "has nothing given")]
    [InlineData("tests: [{given: {type: fix}}]\n", "3:9", "has no name")]
    [InlineData(
        "tests: [{name: a, given: {type: fix, lines: -1}, expect: ask}]\n",
        "3:45",
        "no whole number"
    )]
    [InlineData("protect: &x [a]\n", "3:10", "Anchors and aliases")]
    [InlineData("protect: [*x]\n", "3:11", "Anchors and aliases")]
    [InlineData("protect: !!set {a}\n", "3:10", "Tags")]
    [InlineData("protect: [a\n", "3:10", "no valid YAML from here")]
    [InlineData("protect: \"a\n", "3:10", "no valid YAML")]
    [InlineData("--- \nversion: 1\n", "3:1", "A second document")]
    [InlineData("? [a]\n: b\n", "3:3", "A key is a short text")]
    [InlineData(
        "protect: [[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]\n",
        "3:26",
        "Nested deeper than 16"
    )]
    public void A_problem_is_told_with_line_column_and_cure(string part, string at, string words)
    {
        // The part first, so that its place does not depend on the rest.
        var (policy, problems) = PolicyReader.Read(Head + part + Lane, "p.yaml");

        if (at.Length == 0)
        {
            Assert.Empty(problems);
            return;
        }
        Assert.Null(policy);
        Assert.True(
            problems.Any(p =>
                $"{p.Line}:{p.Column}" == at
                && $"{p.Message}. {p.Cure}".Contains(words, StringComparison.Ordinal)
            ),
            string.Join('\n', problems)
        );
    }

    [Theory]
    [InlineData("", "1:1", "holds nothing")]
    [InlineData("# only words\n", "1:1", "holds nothing")]
    [InlineData("- a\n", "1:1", "is no mapping")]
    [InlineData("text\n", "1:1", "is no mapping")]
    [InlineData("version: 2\nname: p\n" + Lane, "1:10", "no whole number of 1 to 1")]
    [InlineData("name: p\n" + Lane, "1:1", "does not say its version")]
    [InlineData("version: 1\n" + Lane, "1:1", "has no name")]
    [InlineData("version: 1\nname: a b\n" + Lane, "2:1", "has no name")]
    [InlineData("version: 1\nname: p\n", "1:1", "no lane")]
    [InlineData(Head + "lanes: {a: {write: none}}", "3:9", "has no types")]
    [InlineData(Head + "lanes: {a: {types: [fix]}}", "3:9", "does not say how it writes")]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: yes}}",
        "3:34",
        "Known: none, direct, guarded"
    )]
    [InlineData(
        Head + "lanes:\n  a: {types: [fix], write: none}\n  b: {types: [bug_fix], write: none}",
        "5:3",
        "which has the lane 'a' already"
    )]
    [InlineData(Head + "lanes: {a: {types: [fix, fix], write: none}}", "3:9", "twice")]
    [InlineData(
        Head + "protect: [src/**]\nlanes: {a: {types: [fix], write: direct, paths: [src/x/**]}}",
        "4:1",
        "may change nothing: all its paths are protected, the first in line 3"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: direct, protect: ['**']}}",
        "3:1",
        "all paths are protected"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, merge: {auto: true}}}",
        "3:48",
        "writes nothing"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: guarded, merge: {auto: true}}}",
        "3:51",
        "is guarded"
    )]
    [InlineData(
        Head
            + "lanes: {a: {types: [fix], write: direct, merge: {auto: true}, pull_request: draft}}",
        "3:63",
        "a draft never is"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: direct, pull_request: later}}",
        "3:56",
        "Known: draft, ready"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, network: closed}}",
        "3:49",
        "Known: open, off"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, network: {allow: ['http://x']}}}",
        "3:58",
        "is no host name"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, network: {}}}",
        "3:49",
        "allows nothing"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, commands: ['rm -rf $HOME']}}",
        "3:51",
        "no beginning of a command"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, commands: ['a,Bash(b)']}}",
        "3:51",
        "no beginning of a command"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, tools: ['Bash(x)']}}",
        "3:48",
        "no name of a tool"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, sandbox: maybe}}",
        "3:49",
        "Known: required, optional"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, budget: {minutes: 0}}}",
        "3:58",
        "1 to 1440"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, budget: {cost_usd: -1}}}",
        "3:59",
        "no amount of US dollars"
    )]
    [InlineData(
        Head + "lanes: {a: {types: [fix], write: none, guarded_hours: 9999}}",
        "3:55",
        "1 to 8760"
    )]
    public void A_whole_policy_has_a_problem(string text, string at, string words)
    {
        var (policy, problems) = PolicyReader.Read(text, "p.yaml");

        Assert.Null(policy);
        Assert.True(
            problems.Any(p =>
                $"{p.Line}:{p.Column}" == at
                && $"{p.Message}. {p.Cure}".Contains(words, StringComparison.Ordinal)
            ),
            string.Join('\n', problems)
        );
    }

    [Theory]
    [InlineData("pull_request: draft", true)]
    [InlineData("pull_request: ready", false)]
    [InlineData("merge: {auto: true}, pull_request: ready", false)]
    [InlineData("merge: {auto: false}, pull_request: draft", true)]
    [InlineData("guarded_hours: 1", null)]
    public void A_lane_says_whether_its_pull_requests_are_drafts(string key, bool? draft)
    {
        var policy = PolicyReader
            .Read(Head + $"lanes: {{a: {{types: [fix], write: direct, {key}}}}}", "p.yaml")
            .Policy!;

        Assert.Equal(draft, policy.DraftOf("a"));
        Assert.Null(policy.DraftOf("elsewhere"));
    }

    [Fact]
    public void All_problems_are_told_at_once_in_the_order_of_the_text()
    {
        var (policy, problems) = PolicyReader.Read(
            """
            version: 1
            name: p
            protekt: [a]
            protect: ['../x']
            changes: {symlink: perhaps}
            lanes:
              code: {types: [fix], write: direct, modle: x}
            rules:
              - {name: a, verdict: deny, when: {lanes: [nowhere]}}
            """,
            "p.yaml"
        );

        Assert.Null(policy);
        Assert.Equal(
            ["3:1", "4:11", "5:20", "7:39", "9:45"],
            problems.Select(p => $"{p.Line}:{p.Column}")
        );
    }

    [Fact]
    public void The_id_is_the_name_and_the_hash_of_the_text_whatever_its_line_ends()
    {
        var text = Head + Lane;
        var id = PolicyReader.Read(text, "p.yaml").Policy!.Id;

        Assert.Matches("^p@[0-9a-f]{12}$", id);
        Assert.Equal(
            id,
            PolicyReader
                .Read(text.Replace("\n", "\r\n", StringComparison.Ordinal), "q.yaml")
                .Policy!.Id
        );
        Assert.Equal(id, PolicyReader.Read("\uFEFF" + text, "p.yaml").Policy!.Id);
        Assert.NotEqual(id, PolicyReader.Read(text + "# x\n", "p.yaml").Policy!.Id);
    }

    [Theory]
    [InlineData(1024 * 1024 + 1)]
    [InlineData(5_000_000)]
    public void A_text_of_more_than_1_MiB_is_not_read(int length)
    {
        var (policy, problems) = PolicyReader.Read(new string('#', length), "p.yaml");

        Assert.Null(policy);
        Assert.Contains("longer than", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_a_list_s_most_entries_are_refused()
    {
        var many = string.Join(", ", Enumerable.Range(0, 1_001).Select(i => "a" + i));
        var (_, problems) = PolicyReader.Read($"{Head}protect: [{many}]\n{Lane}", "p.yaml");

        Assert.Contains("1001 entries", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_names_the_file_without_its_folder()
    {
        var policy = PolicyReader.Read(Head + Lane, "C:\\policies/p.yaml").Policy!;

        Assert.Equal("p.yaml", policy.FileName);
        Assert.Equal(
            "p.yaml:3",
            PolicyEngine.OnPlan(policy, PolicyFixture.Request(), []).Rulings[0].Source
        );
    }

    [Fact]
    public void The_built_in_policy_holds_its_own_examples() =>
        Assert.Empty(PolicyExplainer.Test(DefaultPolicy.Document));
}
