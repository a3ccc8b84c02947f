using System.Text.Json.Nodes;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Policy;

/// <summary>A lane that restricts nothing, and the real CLI: a write outside of the worktree is none of its rights.</summary>
public sealed class UnrestrictedLaneTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_leaves_the_worktree_is_denied_where_the_lane_restricts_nothing(
        bool hostAllowsCommands
    )
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "plants links and shell lines of Linux");
        await using var agent = await GuardedAgent.StartAsync(
            Scenarios,
            LockedClaude.Path(),
            hostAllowsCommands
                ?
                [
                    "--Runner:ClaudeCode:AllowedCommands:0=git",
                    "--Runner:ClaudeCode:AllowedCommands:1=cp",
                ]
                : []
        );
        var planted = Planted(agent.Host);

        var (end, results) = await agent.RunAsync(
            "no-restrictions",
            await agent.RepositoryAsync(),
            "fix"
        );

        Assert.True(end.Phase == TaskPhase.Done, $"{end.Phase} {end.Failure?.Message}");
        var calls = planted.Zip(results.TakeLast(planted.Count)).ToList();
        TestContext.Current.SendDiagnosticMessage(
            string.Join(
                '\n',
                calls.Select(c =>
                    $"{c.Second.Refused, -5} {c.First["input"]?.ToJsonString()}: {c.Second.Text[..Math.Min(c.Second.Text.Length, 120)]}"
                )
            )
        );
        Assert.Equal(
            [],
            calls
                .Where(c => !c.Second.Refused)
                .Select(c => $"{c.First.ToJsonString()}: {c.Second.Text}")
        );
        Assert.Equal([".ssh"], Directory.GetFileSystemEntries(agent.Host).Select(Path.GetFileName));
        Assert.Equal(["src/new.cs"], end.Result!.Diff.Files.Select(f => f.Path));
    }

    private static Dictionary<string, IReadOnlyList<JsonObject>> Scenarios(
        string host,
        string data
    ) =>
        new()
        {
            ["no-restrictions"] =
            [
                ClaudeGuardTests.Write("src/new.cs"),
                ClaudeGuardTests.Bash("git status --short"),
                .. Planted(host),
                ModelApi.Say("Done."),
            ],
        };

    private static IReadOnlyList<JsonObject> Planted(string host) =>
        [
            ClaudeGuardTests.Write(Path.Combine(host, "x")),
            ClaudeGuardTests.Write("../x.md"),
            ClaudeGuardTests.Write("docs/host/x"),
            ClaudeGuardTests.Write(".git/hooks/pre-commit"),
            ClaudeGuardTests.Bash($"cp docs/old.md {host}/copied"),
            ClaudeGuardTests.Bash($"echo x > {host}/redirected"),
            ClaudeGuardTests.Bash($"git diff --output={host}/diffed"),
            ClaudeGuardTests.Bash($"git log -1 -p --output={host}/logged"),
            ClaudeGuardTests.Bash($"git -c core.fsmonitor='touch {host}/monitored' status"),
            ClaudeGuardTests.Bash($"git -c diff.external='touch {host}/external' diff HEAD~0"),
            ClaudeGuardTests.Bash($"git grep -O'touch {host}/paged' old"),
            ClaudeGuardTests.Bash($"sort -o {host}/sorted docs/old.md"),
            ClaudeGuardTests.Bash($"find docs -fprint {host}/found"),
        ];
}
