using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Policies and diffs for tests.</summary>
internal static class PolicyFixture
{
    public const string File = "100644";
    public const string Link = "120000";

    /// <summary>A policy with something of everything.</summary>
    public const string Team = """
        version: 1
        name: team
        repositories:
          allow: [app, "/srv/git/**", 'C:\src\**']
          deny: ["/srv/git/secret/**"]
          base_branches:
            allow: [main, "feature/**", HEAD]
            deny: ["feature/frozen"]
        roles:
          lead: [zoe]
          maintainer: [alice, "release-*", "role:lead"]
          writer: [bob, carol, "role:maintainer"]
          security: [mallory, trent]
        requesters:
          - roles: [writer]
            lanes: [read, docs, code]
          - roles: [maintainer]
          - names: ["guest-*"]
            lanes: [read]
        self_approval: false
        protect:
          - secrets/**
          - "**/*.pfx"
        changes:
          mode: ask
          binary: ask
          lockfile: allow
          generated: deny
          rename: allow
        lanes:
          read: {types: [code_review, analyze], write: none, sandbox: required, network: off}
          docs:
            types: [documentation]
            write: direct
            paths: [docs/**, "**/*.md"]
            protect: [docs/legal/**]
            tools: [Read, Edit]
            commands: []
          code:
            types: [fix]
            write: guarded
            network: {allow: [api.example.com, "*.example.org"]}
            model: claude-sonnet
            commands: [dotnet test]
            budget: {minutes: 30, turns: 50, cost_usd: 2.50, diff_lines: 1000, diff_files: 20}
            approvals:
              - {count: 2, by: [maintainer], when: {paths: [src/core/**]}}
              - {name: big diffs, by: [maintainer], when: {lines_over: 300}}
            guarded_hours: 24
        rules:
          - {name: no migrations by guests, verdict: deny, when: {paths: ["**/migrations/**"], requesters: [carol]}, because: they lock tables}
          - {name: risky work, verdict: ask, when: {risk: high}, approvals: 2, by: [security]}
          - {name: first work, verdict: ask, when: {first_time: true, types: [fix]}, at: diff}
          - {name: no workflows in docs, verdict: deny, when: {kinds: [workflow, agent_settings], lanes: [docs]}}
          - {name: frozen, verdict: deny, when: {repositories: [frozen-app]}}
        tests: []
        """;

    public static PolicyDocument Read(string text)
    {
        var (policy, problems) = PolicyReader.Read(text, "team.yaml");
        Assert.Empty(problems.Select(p => $"{p.Line}:{p.Column} {p.Message}"));
        return policy!;
    }

    public static PolicyRequest Request(
        TaskKind kind = TaskKind.Fix,
        string requester = "alice",
        string repository = "/home/ann/app",
        string risk = "low"
    ) =>
        new(
            requester,
            repository,
            "",
            kind,
            kind is not (TaskKind.Fix or TaskKind.Documentation),
            risk,
            "",
            false
        );

    public static FileChange Changed(string path) => new(path, "", "M", 1, 1, File, File);

    public static FileChange Linked(string path, string target) =>
        new(path, "", "A", 1, 0, "", Link) { LinkTarget = target };

    public static DiffSummary Diff(params FileChange[] files) =>
        new() { Files = files, FilesTotal = files.Length };

    public static PolicyRuling OnDiff(
        PolicyDocument policy,
        PolicyRequest request,
        params FileChange[] files
    ) =>
        PolicyEngine.OnDiff(
            policy,
            request,
            PolicyEngine.OnPlan(policy, request, []).Lane,
            Diff(files)
        );

    public static IEnumerable<string> Rules(PolicyRuling ruling) =>
        ruling.Rulings.Where(r => r.Verdict != Verdict.Allow).Select(r => r.Rule);

    public static int Severity(Verdict verdict) =>
        verdict switch
        {
            Verdict.Deny => 2,
            Verdict.NeedsApproval => 1,
            _ => 0,
        };
}
