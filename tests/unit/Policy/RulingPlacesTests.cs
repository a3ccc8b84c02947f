using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A ruling names the line of its rule, or of the next thing that is there, and no path when it is about none.</summary>
public sealed class RulingPlacesTests
{
    // A comment first: the policy itself begins in line 2.
    private const string Start = "# words\nversion: 1\nname: a.b_c-1\n";

    [Fact]
    public void A_kind_is_ruled_on_where_it_is_said_else_where_the_kinds_are()
    {
        var policy = PolicyTexts.Read(
            $"{Start}{PolicyTexts.Lanes}changes:\n  mode: ask\n  binary: deny\n  workflow:\n"
        );

        Assert.Equal(
            [(6, "mode"), (7, "binary")],
            policy.Changes.Where(c => c.Said).Select(c => (c.Line, c.Name))
        );
        Assert.Equal(
            [
                (5, "symlink"),
                (5, "symlink_outside"),
                (5, "submodule"),
                (5, "workflow"),
                (5, "lockfile"),
                (5, "generated"),
                (5, "test_deletion"),
                (5, "deletion"),
                (5, "rename"),
                (5, "odd_name"),
                (5, "policy_file"),
                (5, "agent_settings"),
                (5, "git_files"),
            ],
            policy.Changes.Where(c => !c.Said).Select(c => (c.Line, c.Name))
        );
        Assert.Equal("a.b_c-1", policy.Name);
    }

    [Fact]
    public void What_is_not_said_is_ruled_on_where_the_policy_begins()
    {
        var policy = PolicyTexts.Read(Start + PolicyTexts.Lanes);

        Assert.All(policy.Changes, c => Assert.Equal((2, false), (c.Line, c.Said)));
        Assert.Equal((2, 4), (policy.RequestersLine, policy.LanesLine));
        Assert.Equal(4, Assert.Single(policy.Lanes).PathsLine);
    }

    [Fact]
    public void A_ruling_about_no_path_names_none()
    {
        var policy = PolicyTexts.Read(
            Start
                + "requesters: [{names: [ann], lanes: [code]}]\n"
                + "lanes:\n"
                + "  code: {types: [fix], write: guarded, model: sonnet, budget: {diff_lines: 1, diff_files: 1}, approvals: [{when: {lines_over: 1}}]}\n"
                + "  read: {types: [analyze], write: none}\n"
                + "rules:\n"
                + "- {name: q, verdict: ask, when: {risk: low}}\n"
        );
        var request = PolicyFixture.Request(requester: "bob") with { Model = "opus" };
        var changes = PolicyFixture.Diff(
            PolicyFixture.Changed("a"),
            PolicyFixture.Changed("b")
        ) with
        {
            FilesTotal = 3,
        };
        PolicyRuling[] rulings =
        [
            PolicyEngine.OnPlan(policy, request, []),
            PolicyEngine.OnDiff(policy, request, null, changes),
            PolicyEngine.OnPlan(policy, request with { Kind = TaskKind.Documentation }, []),
            PolicyEngine.OnDiff(
                policy,
                request with
                {
                    Kind = TaskKind.Analyze,
                    ReadOnly = true,
                },
                null,
                changes
            ),
        ];

        Assert.Equal(
            [
                "deny requesters :4",
                "deny model :6",
                "ask q :9",
                "deny requesters :4",
                "deny unseen_files :6",
                "deny lane code diff_lines :6",
                "deny lane code diff_files :6",
                "ask approval 1 of lane code :6",
                "ask guarded lane code :6",
                "deny requesters :4",
                "deny lanes :5",
                "deny requesters :4",
                "deny lane read writes nothing :7",
                "deny unseen_files :7",
            ],
            rulings
                .SelectMany(r => r.Rulings)
                .Select(r => $"{PolicyWords.Of(r.Verdict)} {r.Rule} {r.Source["p.yaml".Length..]}")
        );
        Assert.All(
            rulings.SelectMany(r => r.Rulings),
            r =>
                Assert.Equal(
                    ("", r.Verdict == Verdict.Deny ? FailureCodes.PolicyDenied : ""),
                    (r.Path, r.Code)
                )
        );
    }

    [Fact]
    public void A_lane_that_leaves_everything_out_gives_rights_without_a_limit()
    {
        var policy = PolicyTexts.Read(Start + PolicyTexts.Lanes);
        var rights = PolicyEngine.OnPlan(policy, PolicyFixture.Request(), []).Lane!;

        Assert.Empty(rights.AskRoles);
        Assert.Empty(rights.AskCommands);
        Assert.Empty(rights.Paths);
        Assert.Empty(rights.Protected);
        Assert.Empty(rights.Tools);
        Assert.Empty(rights.Hosts);
        Assert.Null(rights.Commands);
        Assert.Equal(
            ("code", LaneWrite.Direct, 0, "", "", 0, 0, 0m, 0, 0, false),
            (
                rights.Name,
                rights.Write,
                rights.AskApprovals,
                rights.Network,
                rights.Model,
                rights.RunSecondsMax,
                rights.TurnsMax,
                rights.CostUsdMax,
                rights.GuardedHours,
                rights.QuestionsMax,
                rights.SandboxRequired
            )
        );
    }

    [Fact]
    public void A_part_that_is_made_without_its_texts_has_empty_ones()
    {
        var policy = new PolicyDocument { Id = "p@1" };
        var lane = new PolicyLane { Name = "l", Line = 1 };
        var rule = new PolicyRule
        {
            Name = "r",
            Line = 1,
            Verdict = Verdict.Deny,
        };
        var question = new PolicyQuestion();
        var example = new PolicyExample
        {
            Name = "e",
            Line = 1,
            Given = question,
            Expect = Verdict.Allow,
        };

        Assert.Equal(
            ("", "", "", "", "", "", ":7"),
            (
                policy.Name,
                policy.FileName,
                lane.Network,
                lane.Model,
                rule.Because,
                example.Rule,
                policy.At(7)
            )
        );
        Assert.Equal(
            ("", "", "", "", "", "", "", "", 1, 0),
            (
                question.Requester,
                question.Repository,
                question.BaseBranch,
                question.Risk,
                question.Model,
                question.Change,
                question.Target,
                question.From,
                question.Lines,
                question.Files
            )
        );
        Assert.Equal(
            (1, 1, "squash"),
            (policy.LanesLine, policy.RequestersLine, new MergeRule([], 0, 0, 0).Method)
        );
    }

    [Fact]
    public void A_command_that_is_allowed_and_asked_about_is_told_where_it_is_allowed() =>
        Assert.Equal(
            [
                "10:7 'rm' is allowed in lane 'code', and is asked about in line 9 | Remove one of them.",
            ],
            PolicyTexts.Problems(
                PolicyTexts.Code("commands:", "  ask: [rm]", "  allow: [make, rm]")
            )
        );

    [Theory]
    [InlineData("/a/...")]
    [InlineData("../...")]
    [InlineData(".../...")]
    [InlineData("a/../../b/...")]
    [InlineData("C:/...")]
    public void What_leaves_the_repository_in_two_ways_leaves_it(string path) =>
        Assert.True(RepositoryPath.Of(path).Escapes);

    [Theory]
    [InlineData("a\uFE00b", "")]
    [InlineData("a\uFE0Fb", "")]
    [InlineData("a\uFDFFb", "")]
    [InlineData("a\uFE10b", "")]
    [InlineData("a\u200Bb", "it holds a character that cannot be seen")]
    [InlineData("a\u200Cb", "")]
    [InlineData("a\u200Db", "")]
    [InlineData("a\u200Eb", "it holds a character that cannot be seen")]
    [InlineData("a\u034Fb", "it holds a character that cannot be seen")]
    public void What_joins_or_varies_a_letter_is_part_of_a_name(string path, string oddity) =>
        Assert.Equal(oddity, RepositoryPath.Of(path).Oddity);

    [Theory]
    [InlineData("*.old", "protect")]
    [InlineData("*.target", "")]
    public void A_rename_that_is_asked_about_without_its_old_name_is_one_from_beside_it(
        string pattern,
        string rule
    )
    {
        var policy = PolicyTexts.Read($"{Start}{PolicyTexts.Lanes}protect: ['**/{pattern}']\n");
        var answer = PolicyExplainer.Explain(
            policy,
            new PolicyQuestion
            {
                Type = TaskKind.Fix,
                Paths = ["src/l"],
                Change = "rename",
            }
        );

        Assert.Equal(rule.Length > 0 ? [rule] : [], PolicyFixture.Rules(answer.Stages[^1]));
    }

    [Theory]
    [InlineData("symlink", "src/l.target")]
    [InlineData("symlink", "l")]
    public void A_link_that_is_asked_about_without_its_target_leads_to_its_neighbour(
        string change,
        string path
    )
    {
        var policy = PolicyTexts.Read($"{Start}{PolicyTexts.Lanes}protect: ['{path}.target']\n");
        var answer = PolicyExplainer.Explain(
            policy,
            new PolicyQuestion
            {
                Type = TaskKind.Fix,
                Paths = [path],
                Change = change,
            }
        );

        Assert.Equal(["protect"], PolicyFixture.Rules(answer.Stages[^1]));
    }

    [Fact]
    public void A_submodule_that_is_moved_and_renamed_stays_one() =>
        Assert.Equal(
            "Submodule, Rename",
            $"{ChangedFile.Of(PolicyFixture.Diff(new FileChange("b", "a", "R", 0, 0, "160000", "160000")))[0].Kinds}"
        );
}
