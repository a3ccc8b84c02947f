using Orchestrator.Decisions.Ci;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>What a change is compared with, what objects to it, and which exit code follows.</summary>
public sealed class CiJudgeTests
{
    private const string Sha = "0123456789012345678901234567890123456789";
    private const string Event =
        """{"pull_request":{"base":{"sha":"0123456789012345678901234567890123456789"}},"before":"0000000000000000000000000000000000000000"}""";
    private static readonly CiTerms Terms = new(TaskKind.Fix, "", "", "");

    [Theory]
    [InlineData(
        "GITHUB_ACTIONS=true,GITHUB_BASE_REF=main",
        CiSystem.GitHub,
        "refs/remotes/origin/main|" + Sha
    )]
    [InlineData("GITHUB_ACTIONS=true", CiSystem.GitHub, Sha)]
    [InlineData(
        "GITLAB_CI=true,CI_MERGE_REQUEST_DIFF_BASE_SHA=abc,CI_DEFAULT_BRANCH=main",
        CiSystem.GitLab,
        "abc|refs/remotes/origin/main"
    )]
    [InlineData(
        "GITLAB_CI=true,CI_COMMIT_BEFORE_SHA=0000000000000000000000000000000000000000",
        CiSystem.GitLab,
        ""
    )]
    [InlineData(
        "TF_BUILD=True,SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/release/1",
        CiSystem.Azure,
        "refs/remotes/origin/release/1"
    )]
    [InlineData("CHANGE_TARGET=main", CiSystem.None, "refs/remotes/origin/main")]
    [InlineData(
        "ORCHESTRATOR_BASE=x,BITBUCKET_PR_DESTINATION_BRANCH=y",
        CiSystem.None,
        "x|refs/remotes/origin/y"
    )]
    [InlineData("GITHUB_BASE_REF=main", CiSystem.None, "")]
    public void The_base_is_what_the_CI_system_says(string set, CiSystem system, string refs)
    {
        var variables = set.Split(',').Select(s => s.Split('=')).ToDictionary(s => s[0], s => s[1]);

        var found = CiBase.Of(variables.GetValueOrDefault, Event);

        Assert.Equal(system, found.System);
        Assert.Equal(refs, string.Join('|', found.Candidates.Select(c => c.Ref)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"pull_request":7,"before":["x"],"repository":{"default_branch":{}}}""")]
    public void An_event_that_is_none_names_no_base(string text) =>
        Assert.Empty(CiBase.Of(n => n == "GITHUB_ACTIONS" ? "true" : null, text).Candidates);

    [Theory]
    [InlineData("", false, 0)]
    [InlineData("pw", false, 0)]
    [InlineData("pw", true, 4)]
    [InlineData("ae", true, 1)]
    [InlineData("fe pw", true, 1)]
    [InlineData("ae pe", false, 3)]
    [InlineData("se pw", true, 3)]
    public void The_worst_finding_decides(string findings, bool strict, int exitCode)
    {
        var told = findings
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(f => new CiFinding(
                f[0] switch
                {
                    'p' => CiCheck.Policy,
                    's' => CiCheck.Secrets,
                    'f' => CiCheck.PolicyFile,
                    _ => CiCheck.Artifacts,
                },
                f[1] == 'e' ? CiLevel.Error : CiLevel.Warning,
                "r",
                "",
                0,
                0,
                "m"
            ))
            .ToList();

        Assert.Equal(exitCode, CiReport.Of(Subject(), told, strict, new Redactor([])).ExitCode);
    }

    [Fact]
    public void More_findings_than_are_listed_are_counted_and_the_errors_come_first()
    {
        var warnings = Enumerable
            .Range(0, CiReport.FindingsMax)
            .Select(i => new CiFinding(CiCheck.Policy, CiLevel.Warning, "w", "", 0, 0, "m"));
        CiFinding[] error = [new(CiCheck.Artifacts, CiLevel.Error, "e", "", 0, 0, "m")];

        var report = CiReport.Of(Subject(), [.. warnings, .. error], false, new Redactor([]));

        Assert.Equal("e", report.Findings[0].Rule);
        Assert.Equal(CiReport.FindingsMax, report.Findings.Count);
        Assert.Equal(CiReport.FindingsMax + 1, report.FindingsTotal);
        Assert.Equal(1, report.ExitCode);
    }

    [Fact]
    public void A_diff_is_judged_by_lane_rules_and_names_and_requesters_only_when_one_is_named()
    {
        var policy = Policy(
            """
            version: 1
            name: p
            protect: [LICENSE]
            requesters: [{names: [ann]}]
            lanes: {code: {types: [fix], write: direct}, read: {types: [documentation], write: none}}
            rules: [{name: look, verdict: ask, when: {paths: [b/**]}}]
            """
        );
        var diff = Diff("LICENSE", "b/x", ".env");

        Assert.Equal(
            ["LICENSE Error protect", "b/x Warning look", ".env Error sensitive_file"],
            Told(CiJudge.Diff(policy, Terms, diff))
        );
        Assert.Equal(
            [" Error requesters"],
            Told(CiJudge.Diff(policy, Terms with { Requester = "bob" }, Diff("a")))
        );
        Assert.Empty(CiJudge.Diff(policy, Terms with { Requester = "ann" }, Diff("a")));
        Assert.NotEmpty(
            CiJudge.Diff(policy, Terms with { Kind = TaskKind.Documentation }, Diff("a"))
        );
        // What is taken away is no secret that comes in.
        Assert.Empty(
            CiJudge.Diff(
                policy,
                Terms,
                new DiffSummary
                {
                    Files = [new FileChange("a/.env", "", "D", 0, 1, "100644", "")],
                    FilesTotal = 1,
                }
            )
        );
    }

    [Theory]
    [InlineData("a", "a", "")]
    [InlineData("", "a", "brings a policy")]
    [InlineData("a", "", "removes the policy")]
    [InlineData("a", "b", "changes the policy")]
    public void A_change_of_the_policy_itself_is_said(string before, string after, string words)
    {
        var told = CiJudge.PolicyChange("p.yaml", before, after);

        Assert.Equal(words.Length > 0 ? 1 : 0, told.Count);
        Assert.All(told, f => Assert.Contains(words, f.Message, StringComparison.Ordinal));
        Assert.All(told, f => Assert.Equal(CiLevel.Warning, f.Level));
    }

    [Fact]
    public void A_policy_that_is_not_whole_or_whose_example_does_not_hold_fails_with_its_line()
    {
        var broken = CiJudge.PolicyText("d/p.yaml", "version: 1\nname: x\nprotekt: [a]\n");
        Assert.Contains(broken, f => f is { Line: 3, Check: CiCheck.PolicyFile });
        Assert.All(broken, f => Assert.Equal("d/p.yaml", f.Path));

        var example = CiJudge.PolicyText(
            "p.yaml",
            "version: 1\nname: x\nlanes: {c: {types: [fix], write: direct}}\ntests:\n  - {name: no, given: {type: fix, path: a}, expect: deny}\n"
        );
        Assert.Equal(5, Assert.Single(example).Line);
        Assert.Single(CiJudge.PolicyText("p.yaml", null));
    }

    private static IEnumerable<string> Told(IEnumerable<CiFinding> findings) =>
        findings.Select(f => $"{f.Path} {f.Level} {f.Rule}");

    private static PolicyDocument Policy(string text)
    {
        var (policy, problems) = PolicyReader.Read(text, "p.yaml");
        return policy ?? throw new InvalidOperationException(problems[0].Message);
    }

    private static DiffSummary Diff(params string[] paths) =>
        new()
        {
            Files = [.. paths.Select(p => new FileChange(p, "", "A", 1, 0, "", "100644"))],
            FilesTotal = paths.Length,
            AddedLines = paths.Length,
        };

    private static CiSubject Subject() => new(Sha, Sha, Sha, "", "p@1", "", 0, 0, 0);
}
