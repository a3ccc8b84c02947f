using Orchestrator.Decisions.Ci;
using Xunit;

namespace Orchestrator.UnitTests.Ci;

/// <summary>The base is looked for in the order that docs/ci.md tells, and each candidate says what named it.</summary>
public sealed class CiBaseTests
{
    private const int EventCharactersMax = 16 * 1024 * 1024;

    private const string Event = """
        {
          "pull_request": {"base": {"sha": "1111"}, "head": {"sha": "9999"}},
          "merge_group": {"base_sha": "2222", "head_sha": "9999"},
          "before": "3333",
          "after": "9999",
          "repository": {"default_branch": "trunk"}
        }
        """;

    [Fact]
    public void GitHub_names_the_branch_before_the_commits_of_its_event() =>
        Assert.Equal(
            [
                "mine ORCHESTRATOR_BASE",
                "refs/remotes/origin/main GITHUB_BASE_REF",
                "1111 GITHUB_EVENT_PATH pull_request.base.sha",
                "2222 GITHUB_EVENT_PATH merge_group.base_sha",
                "3333 GITHUB_EVENT_PATH before",
                "refs/remotes/origin/trunk GITHUB_EVENT_PATH repository.default_branch",
            ],
            Told(
                Event,
                "GITHUB_ACTIONS=true",
                "ORCHESTRATOR_BASE=mine",
                "GITHUB_BASE_REF=main",
                "CI_DEFAULT_BRANCH=other",
                "CHANGE_TARGET=other"
            )
        );

    [Fact]
    public void GitLab_names_the_target_before_the_commits() =>
        Assert.Equal(
            [
                "mine ORCHESTRATOR_BASE",
                "refs/remotes/origin/main CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
                "1111 CI_MERGE_REQUEST_TARGET_BRANCH_SHA",
                "2222 CI_MERGE_REQUEST_DIFF_BASE_SHA",
                "3333 CI_COMMIT_BEFORE_SHA",
                "refs/remotes/origin/trunk CI_DEFAULT_BRANCH",
            ],
            Told(
                Event,
                "GITLAB_CI=true",
                "ORCHESTRATOR_BASE=mine",
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main",
                "CI_MERGE_REQUEST_TARGET_BRANCH_SHA=1111",
                "CI_MERGE_REQUEST_DIFF_BASE_SHA=2222",
                "CI_COMMIT_BEFORE_SHA=3333",
                "CI_DEFAULT_BRANCH=trunk",
                "GITHUB_BASE_REF=other"
            )
        );

    [Fact]
    public void Azure_names_a_whole_ref() =>
        Assert.Equal(
            [
                "mine ORCHESTRATOR_BASE",
                "refs/remotes/origin/release/1 SYSTEM_PULLREQUEST_TARGETBRANCH",
            ],
            Told(
                Event,
                "TF_BUILD=True",
                "ORCHESTRATOR_BASE=mine",
                "SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/release/1",
                "CHANGE_TARGET=other"
            )
        );

    [Fact]
    public void The_other_systems_are_asked_without_a_mark_of_their_own() =>
        Assert.Equal(
            [
                "mine ORCHESTRATOR_BASE",
                "refs/remotes/origin/one CHANGE_TARGET",
                "refs/remotes/origin/two BITBUCKET_PR_DESTINATION_BRANCH",
                "refs/remotes/origin/three BUILDKITE_PULL_REQUEST_BASE_BRANCH",
            ],
            Told(
                Event,
                "ORCHESTRATOR_BASE=mine",
                "CHANGE_TARGET=one",
                "BITBUCKET_PR_DESTINATION_BRANCH=two",
                "BUILDKITE_PULL_REQUEST_BASE_BRANCH=three",
                "GITHUB_BASE_REF=other",
                "CI_DEFAULT_BRANCH=other",
                "SYSTEM_PULLREQUEST_TARGETBRANCH=other"
            )
        );

    [Theory]
    [InlineData("GITHUB_ACTIONS=true", CiSystem.GitHub)]
    [InlineData("GITLAB_CI=TRUE", CiSystem.GitLab)]
    [InlineData("TF_BUILD=True", CiSystem.Azure)]
    [InlineData("TF_BUILD=false", CiSystem.None)]
    [InlineData("GITLAB_CI=", CiSystem.None)]
    [InlineData("GITHUB_ACTIONS=1", CiSystem.None)]
    public void A_system_is_known_by_its_own_variable(string set, CiSystem system) =>
        Assert.Equal(system, CiBase.Of(Variables(set), null).System);

    [Theory]
    [InlineData("", "")]
    [InlineData(" ", "")]
    [InlineData(" main\n", "refs/remotes/origin/main CHANGE_TARGET")]
    [InlineData("refs/heads/main", "refs/remotes/origin/main CHANGE_TARGET")]
    [InlineData("v1.0", "refs/remotes/origin/v1.0 CHANGE_TARGET")]
    [InlineData("0000000000000000000000000000000000000000", "")]
    public void A_value_that_is_blank_or_no_commit_names_nothing(string value, string told) =>
        Assert.Equal(told, string.Join('\n', Told(null, "CHANGE_TARGET=" + value)));

    // What somebody names by hand may be any ref, so that it is taken as it is written.
    [Fact]
    public void A_named_base_is_taken_as_it_is_written() =>
        Assert.Equal(
            ["refs/heads/main ORCHESTRATOR_BASE"],
            Told(null, "ORCHESTRATOR_BASE=refs/heads/main")
        );

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("""{"before":"a","before":"b"}""")]
    [InlineData("""{"before":"\ud800"}""")]
    [InlineData("""{"\ud800":1,"before":"a"}""")]
    [InlineData("""{"pull_request":{"base":1,"base":2}}""")]
    public void What_is_no_event_names_no_base(string text) =>
        Assert.Empty(Told(text, "GITHUB_ACTIONS=true"));

    [Fact]
    public void A_branch_may_be_called_zero() =>
        Assert.Equal(
            ["refs/remotes/origin/0 GITHUB_BASE_REF"],
            Told(null, "GITHUB_ACTIONS=true", "GITHUB_BASE_REF=0")
        );

    [Fact]
    public void No_event_names_no_base() => Assert.Empty(Told(null, "GITHUB_ACTIONS=true"));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void An_event_that_is_too_long_is_not_read(int over, int candidates) =>
        Assert.Equal(
            candidates,
            Told(
                """{"before":"3333"}""".PadRight(EventCharactersMax + over),
                "GITHUB_ACTIONS=true"
            ).Count
        );

    private static List<string> Told(string? gitHubEvent, params string[] set) =>
        [.. CiBase.Of(Variables(set), gitHubEvent).Candidates.Select(c => $"{c.Ref} {c.From}")];

    private static Func<string, string?> Variables(params string[] set) =>
        set.Select(s => s.Split('=', 2))
            .ToDictionary(s => s[0], s => s[1], StringComparer.Ordinal)
            .GetValueOrDefault;
}
