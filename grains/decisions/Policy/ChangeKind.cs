using System.Collections.Frozen;
using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Decisions.Policy;

/// <summary>What a change of one file is, beside being a change. A file may be of several kinds.</summary>
[Flags]
internal enum ChangeKind
{
    /// <summary>An ordinary change.</summary>
    None = 0,

    /// <summary>A symlink was added or points elsewhere.</summary>
    Symlink = 1,

    /// <summary>A symlink that leaves the repository, goes in a circle, or whose target is not known.</summary>
    SymlinkOutside = 1 << 1,

    /// <summary>A submodule was added, moved to another commit or removed.</summary>
    Submodule = 1 << 2,

    /// <summary>A file that was there became executable, or is no longer.</summary>
    Mode = 1 << 3,

    /// <summary>Git sees no text in it.</summary>
    Binary = 1 << 4,

    /// <summary>What a CI system runs.</summary>
    Workflow = 1 << 5,

    /// <summary>The exact versions of dependencies.</summary>
    Lockfile = 1 << 6,

    /// <summary>Made by a program, by its conventional name or folder.</summary>
    Generated = 1 << 7,

    /// <summary>A test file was deleted, or renamed to what is none.</summary>
    TestDeletion = 1 << 8,

    /// <summary>A file was deleted.</summary>
    Deletion = 1 << 9,

    /// <summary>A file has another name.</summary>
    Rename = 1 << 10,

    /// <summary>A name that a file system may read differently than it is written.</summary>
    OddName = 1 << 11,

    /// <summary>What tells the product how a repository's work is checked: <c>.orchestrator.yaml</c>, a policy.</summary>
    PolicyFile = 1 << 12,

    /// <summary>What coding agents take orders from.</summary>
    AgentSettings = 1 << 13,

    /// <summary>What makes git or its hooks do something on a developer's machine.</summary>
    GitFiles = 1 << 14,
}

/// <summary>The names of the kinds, what is said of each when the policy says nothing, and which paths are of which kind.</summary>
internal static class ChangeKinds
{
    /// <summary>Each kind by the name that policies use, in the order they are told in.</summary>
    public static IReadOnlyList<(string Name, ChangeKind Kind)> All { get; } =
    [
        ("symlink", ChangeKind.Symlink),
        ("symlink_outside", ChangeKind.SymlinkOutside),
        ("submodule", ChangeKind.Submodule),
        ("mode", ChangeKind.Mode),
        ("binary", ChangeKind.Binary),
        ("workflow", ChangeKind.Workflow),
        ("lockfile", ChangeKind.Lockfile),
        ("generated", ChangeKind.Generated),
        ("test_deletion", ChangeKind.TestDeletion),
        ("deletion", ChangeKind.Deletion),
        ("rename", ChangeKind.Rename),
        ("odd_name", ChangeKind.OddName),
        ("policy_file", ChangeKind.PolicyFile),
        ("agent_settings", ChangeKind.AgentSettings),
        ("git_files", ChangeKind.GitFiles),
    ];

    /// <summary>
    /// In force for a kind that a policy does not name, so that a short policy is not a careless one: nothing that acts
    /// outside the diff goes unasked.
    /// </summary>
    public static Verdict Unsaid(ChangeKind kind) =>
        kind switch
        {
            ChangeKind.SymlinkOutside or ChangeKind.OddName => Verdict.Deny,
            ChangeKind.Submodule
            or ChangeKind.Workflow
            or ChangeKind.TestDeletion
            or ChangeKind.PolicyFile
            or ChangeKind.AgentSettings
            or ChangeKind.GitFiles => Verdict.NeedsApproval,
            _ => Verdict.Allow,
        };

    /// <summary>The kind's name in policies.</summary>
    public static string NameOf(ChangeKind kind) => All.First(k => k.Kind == kind).Name;

    /// <summary>The kinds that a path is of by its name alone.</summary>
    /// <param name="key">Of a <see cref="RepositoryPath"/>.</param>
    public static ChangeKind OfPath(string key)
    {
        var cut = key.LastIndexOf('/');
        var name = key.AsSpan(cut + 1);
        var kinds = ChangeKind.None;
        if (ByName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var named))
        {
            kinds |= named;
        }
        foreach (var part in key.AsSpan().Split('/'))
        {
            if (
                ByFolder
                    .GetAlternateLookup<ReadOnlySpan<char>>()
                    .TryGetValue(key.AsSpan()[part], out var found)
            )
            {
                kinds |= found;
            }
        }
        foreach (var (glob, kind) in ByGlob)
        {
            if ((kinds & kind) == 0 && glob.Matches(key))
            {
                kinds |= kind;
            }
        }
        return kinds;
    }

    /// <summary>True for tests by the conventions of the common languages.</summary>
    public static bool IsTest(string key) => Array.Exists(Tests, t => t.Matches(key));

    private static readonly FrozenDictionary<string, ChangeKind> ByName = new Dictionary<
        string,
        ChangeKind
    >
    {
        [".gitlab-ci.yml"] = ChangeKind.Workflow,
        [".gitlab-ci.yaml"] = ChangeKind.Workflow,
        [".travis.yml"] = ChangeKind.Workflow,
        [".drone.yml"] = ChangeKind.Workflow,
        [".cirrus.yml"] = ChangeKind.Workflow,
        [".woodpecker.yml"] = ChangeKind.Workflow,
        [".woodpecker.yaml"] = ChangeKind.Workflow,
        ["appveyor.yml"] = ChangeKind.Workflow,
        [".appveyor.yml"] = ChangeKind.Workflow,
        ["bitbucket-pipelines.yml"] = ChangeKind.Workflow,
        ["buildspec.yml"] = ChangeKind.Workflow,
        ["cloudbuild.yaml"] = ChangeKind.Workflow,
        ["cloudbuild.yml"] = ChangeKind.Workflow,
        ["codemagic.yaml"] = ChangeKind.Workflow,
        ["jenkinsfile"] = ChangeKind.Workflow,
        ["package-lock.json"] = ChangeKind.Lockfile,
        ["npm-shrinkwrap.json"] = ChangeKind.Lockfile,
        ["yarn.lock"] = ChangeKind.Lockfile,
        ["pnpm-lock.yaml"] = ChangeKind.Lockfile,
        ["bun.lock"] = ChangeKind.Lockfile,
        ["bun.lockb"] = ChangeKind.Lockfile,
        ["deno.lock"] = ChangeKind.Lockfile,
        ["packages.lock.json"] = ChangeKind.Lockfile,
        ["paket.lock"] = ChangeKind.Lockfile,
        ["cargo.lock"] = ChangeKind.Lockfile,
        ["go.sum"] = ChangeKind.Lockfile,
        ["go.work.sum"] = ChangeKind.Lockfile,
        ["poetry.lock"] = ChangeKind.Lockfile,
        ["pipfile.lock"] = ChangeKind.Lockfile,
        ["pdm.lock"] = ChangeKind.Lockfile,
        ["uv.lock"] = ChangeKind.Lockfile,
        ["gemfile.lock"] = ChangeKind.Lockfile,
        ["composer.lock"] = ChangeKind.Lockfile,
        ["mix.lock"] = ChangeKind.Lockfile,
        ["pubspec.lock"] = ChangeKind.Lockfile,
        ["podfile.lock"] = ChangeKind.Lockfile,
        ["package.resolved"] = ChangeKind.Lockfile,
        ["gradle.lockfile"] = ChangeKind.Lockfile,
        ["flake.lock"] = ChangeKind.Lockfile,
        [".terraform.lock.hcl"] = ChangeKind.Lockfile,
        ["claude.md"] = ChangeKind.AgentSettings,
        ["claude.local.md"] = ChangeKind.AgentSettings,
        ["agents.md"] = ChangeKind.AgentSettings,
        ["agent.md"] = ChangeKind.AgentSettings,
        ["gemini.md"] = ChangeKind.AgentSettings,
        [".mcp.json"] = ChangeKind.AgentSettings,
        [".cursorrules"] = ChangeKind.AgentSettings,
        [".windsurfrules"] = ChangeKind.AgentSettings,
        [".clinerules"] = ChangeKind.AgentSettings,
        [".aider.conf.yml"] = ChangeKind.AgentSettings,
        [".gitmodules"] = ChangeKind.GitFiles,
        [".gitattributes"] = ChangeKind.GitFiles,
        [".pre-commit-config.yaml"] = ChangeKind.GitFiles,
        ["lefthook.yml"] = ChangeKind.GitFiles,
        [".lefthook.yml"] = ChangeKind.GitFiles,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // With all below them, wherever they lie.
    private static readonly FrozenDictionary<string, ChangeKind> ByFolder = new Dictionary<
        string,
        ChangeKind
    >
    {
        [".circleci"] = ChangeKind.Workflow,
        [".buildkite"] = ChangeKind.Workflow,
        [".teamcity"] = ChangeKind.Workflow,
        [".semaphore"] = ChangeKind.Workflow,
        [".woodpecker"] = ChangeKind.Workflow,
        [".azure-pipelines"] = ChangeKind.Workflow,
        ["node_modules"] = ChangeKind.Generated,
        ["__generated__"] = ChangeKind.Generated,
        ["__snapshots__"] = ChangeKind.Generated,
        ["generated"] = ChangeKind.Generated,
        [".orchestrator"] = ChangeKind.PolicyFile,
        [".claude"] = ChangeKind.AgentSettings,
        [".cursor"] = ChangeKind.AgentSettings,
        [".codex"] = ChangeKind.AgentSettings,
        [".gemini"] = ChangeKind.AgentSettings,
        [".windsurf"] = ChangeKind.AgentSettings,
        [".continue"] = ChangeKind.AgentSettings,
        [".githooks"] = ChangeKind.GitFiles,
        [".husky"] = ChangeKind.GitFiles,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly (PathGlob Glob, ChangeKind Kind)[] ByGlob =
    [
        .. Globs(
            ChangeKind.Workflow,
            ".github/workflows/**",
            ".github/actions/**",
            ".github/{codeowners,dependabot.yml}",
            ".gitea/workflows/**",
            ".forgejo/workflows/**",
            ".gitlab/ci/**",
            "**/azure-pipelines*.yml",
            "**/jenkinsfile.*"
        ),
        .. Globs(
            ChangeKind.Generated,
            "**/*.g.cs",
            "**/*.g.i.cs",
            "**/*.designer.cs",
            "**/*.generated.*",
            "**/*.pb.go",
            "**/*_pb2.py",
            "**/*_generated.*",
            "**/zz_generated*",
            "**/*.g.dart",
            "**/*.freezed.dart",
            "**/*.min.js",
            "**/*.min.css",
            "**/*.js.map",
            "**/*.css.map"
        ),
        .. Globs(
            ChangeKind.PolicyFile,
            "**/.orchestrator.{yaml,yml}",
            "**/orchestrator-policy.{yaml,yml}"
        ),
        .. Globs(
            ChangeKind.AgentSettings,
            ".github/copilot-instructions.md",
            ".github/instructions/**",
            ".vscode/mcp.json"
        ),
    ];

    private static readonly PathGlob[] Tests =
    [
        .. Globs(
                ChangeKind.None,
                "**/{test,tests,__tests__,spec,specs,testing}/**",
                "**/*{test,tests,spec}.{cs,fs,vb,java,kt,scala,swift,groovy,php}",
                "**/*.{test,tests,spec,cy,e2e}.*",
                "**/*_{test,tests,spec}.*",
                "**/test_*.py",
                "**/conftest.py"
            )
            .Select(g => g.Glob),
    ];

    private static IEnumerable<(PathGlob Glob, ChangeKind Kind)> Globs(
        ChangeKind kind,
        params string[] patterns
    ) => patterns.Select(p => (PathGlob.Read(p, out var problem) ?? throw Bad(p, problem), kind));

    private static InvalidOperationException Bad(string pattern, string problem) =>
        new($"The built-in pattern '{pattern}' {problem}.");
}
