using CsCheck;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A lane's commands: allowed, asked about, by how many and whom.</summary>
public sealed class LaneCommandsTests
{
    [Theory]
    [InlineData("[dotnet test]", "dotnet test", "", 0, "")]
    [InlineData("dotnet test", "dotnet test", "", 0, "")]
    [InlineData("[]", "", "", 0, "")]
    [InlineData("{allow: [git, make]}", "git, make", "", 0, "")]
    [InlineData("{allow: []}", "", "", 0, "")]
    [InlineData("{ask: [git push]}", null, "git push", 1, "")]
    [InlineData("{ask: git push}", null, "git push", 1, "")]
    [InlineData("{allow: git, ask: [git push, rm]}", "git", "git push, rm", 1, "")]
    [InlineData(
        "{allow: [], ask: [git push], approvals: 2, by: [keeper]}",
        "",
        "git push",
        2,
        "keeper"
    )]
    public void What_a_lane_says_of_commands_is_what_its_runs_get(
        string commands,
        string? allowed,
        string asked,
        int approvals,
        string by
    )
    {
        var (policy, problems) = Read(commands);

        Assert.Empty(problems);
        Assert.Empty(TextSchemas.CheckPolicy(Json(commands)));
        var lane = PolicyEngine.OnPlan(policy!, PolicyFixture.Request(), []).Lane!;
        Assert.Equal(allowed, lane.Commands is null ? null : string.Join(", ", lane.Commands));
        Assert.Equal(asked, string.Join(", ", lane.AskCommands));
        Assert.Equal((approvals, by), (lane.AskApprovals, string.Join(", ", lane.AskRoles)));
    }

    [Theory]
    [InlineData("{deny: [x]}", "has no key 'deny'", true)]
    [InlineData("{ask: ['x;y']}", "is no beginning of a command line", true)]
    [InlineData("{ask: ['x $Y']}", "is no beginning of a command line", true)]
    [InlineData("{ask: [x], approvals: 0}", "no whole number of 1 to 10", true)]
    [InlineData("{ask: []}", "asks about no command", false)]
    [InlineData("{ask: [], by: [keeper]}", "asks about no command", false)]
    [InlineData("{approvals: 2}", "asks about no command", false)]
    [InlineData("{ask: [x], by: [nobody]}", "nobody", false)]
    [InlineData("{ask: [x], approvals: 3, by: [keeper]}", "wants 3 approvals", false)]
    [InlineData("{allow: [git push], ask: [git push]}", "is asked about in line", false)]
    [InlineData("{allow: [git push origin], ask: [git push]}", "is asked about in line", false)]
    public void What_cannot_be_meant_is_refused_and_named(
        string commands,
        string words,
        bool bySchemaToo
    )
    {
        var (policy, problems) = Read(commands);

        Assert.Null(policy);
        Assert.Contains(problems, p => p.ToString()!.Contains(words, StringComparison.Ordinal));
        Assert.Equal(bySchemaToo, TextSchemas.CheckPolicy(Json(commands)).Count > 0);
    }

    [Fact]
    public void An_ask_changes_no_other_right_and_no_ruling() =>
        Gen.Select(
                Any("git push", "rm", "./deploy.sh", "npm publish").Array[1, 3],
                Any("docs/a.md", "src/a.cs", ".github/workflows/x.yml", "a_test.py")
            )
            .Sample(
                (asks, path) =>
                {
                    var plain = Read("{allow: [git]}").Policy!;
                    var asking = Read(
                        $"{{allow: [git], ask: [{string.Join(", ", asks.Distinct())}]}}"
                    ).Policy!;
                    var request = PolicyFixture.Request();
                    var (before, after) = (
                        PolicyEngine.OnPlan(plain, request, [path]),
                        PolicyEngine.OnPlan(asking, request, [path])
                    );
                    Assert.Equal(before.Verdict, after.Verdict);
                    Assert.Equal(before.Lane!.Commands, after.Lane!.Commands);
                    Assert.Equal(before.Lane.Tools, after.Lane.Tools);
                    Assert.Equal(asks.Distinct(), after.Lane.AskCommands);
                    Assert.Equal(
                        PolicyFixture.Rules(
                            PolicyFixture.OnDiff(plain, request, PolicyFixture.Changed(path))
                        ),
                        PolicyFixture.Rules(
                            PolicyFixture.OnDiff(asking, request, PolicyFixture.Changed(path))
                        )
                    );
                }
            );

    private static Gen<string> Any(params string[] values) =>
        Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static (PolicyDocument? Policy, IReadOnlyList<PolicyProblem> Problems) Read(
        string commands
    ) => PolicyReader.Read(Text(commands), "p.yaml");

    private static string Text(string commands) =>
        $"version: 1\nname: p\nroles: {{keeper: [ann, bob]}}\nlanes: {{code: {{types: [fix], write: direct, commands: {commands}}}}}\n";

    private static string Json(string commands) => PolicySchemaTests.Json(Text(commands));
}
