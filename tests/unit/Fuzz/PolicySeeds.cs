using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Policy;

namespace Orchestrator.UnitTests.Fuzz;

/// <summary>Policies that people write: whole ones, and one part beside a lane.</summary>
internal static class PolicySeeds
{
    public static PolicyRequest Request { get; } =
        new("alice", "/src/app", "main", TaskKind.Fix, false, "low", "", true);

    private static readonly string[] Parts =
    [
        "",
        "self_approval: true\n",
        "repositories: {allow: [app, '/srv/**'], deny: ['C:\\src\\x']}\n",
        "repositories:\n  base_branches:\n    allow: [main, 'feature/*', HEAD]\n",
        "roles: {lead: [zoe], dev: [ann, \"r-*\", \"role:lead\"]}\n",
        "roles:\n  a: [\"role:b\"]\n  b: [\"role:a\"]\n",
        "requesters:\n  - names: [\"*\"]\n    lanes: [code]\n",
        "protect:\n  - secrets/**\n  - '**/*.pfx'\n  - a/{b,c}/?.txt\n",
        "protect: ['**/größe/**', 'e\u0301/*']\n",
        "changes: {workflow: deny, symlink: ask, mode: allow}\n",
        "rules: [{name: a, verdict: deny, when: {paths: [x/**], kinds: [symlink]}}]\n",
        "rules: [{name: a, verdict: ask, approvals: 2, when: {risk: [high]}, because: why not}]\n",
        "rules:\n  - name: big\n    verdict: ask\n    when:\n      lines_over: 100\n      files_over: 5\n",
        "tests: [{name: t, given: {type: fix, path: a, change: rename, from: b}, expect: ask}]\n",
        "tests: [{name: t, given: {type: fix, paths: [a, ../b], lines: 5, files: 7}, expect: deny, rule: x}]\n",
        "protect: &a [x]\nchanges: *a\n",
        "protect: [[a]]\n",
        "unknown: {a: {b: {c: [d]}}}\n",
    ];

    /// <summary>Policies.</summary>
    public static IReadOnlyList<string> Policies { get; } =
    [
        DefaultPolicy.Text,
        PolicyFixture.Team,
        .. Parts.Select(p =>
            "version: 1\nname: p\n" + p + "lanes: {code: {types: [fix], write: direct}}\n"
        ),
        "version: 1\nname: p\nlanes:\n  a: {types: [fix], write: none, network: {allow: [x.example, '*.y.example']}, commands: [], tools: [Read], budget: {minutes: 5, cost_usd: 0.5}, merge: {auto: false}}\n",
        "- a\n",
        "",
    ];
}
