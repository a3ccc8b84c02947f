namespace Orchestrator.SystemTests.Policy;

// What everything is planted into, and the policy that it is judged by.
internal static partial class ViolationCorpus
{
    /// <summary>The policy of the corpus.</summary>
    public const string Policy = """
        version: 1
        name: corpus
        self_approval: false
        protect: ["secrets/**", "src/keys/**", "LICENSE", "docs/größe/**", "docs/café/**"]
        changes:
          symlink_outside: deny
          odd_name: deny
          workflow: ask
          agent_settings: ask
          git_files: ask
          submodule: deny
          policy_file: ask
          test_deletion: ask
          binary: deny
          lockfile: ask
          generated: deny
        lanes:
          read:
            types: [code_review, summarize, analyze]
            write: none
          docs:
            types: [documentation]
            write: direct
            paths: ["docs/**", "*.md"]
          code:
            types: [fix]
            write: direct
            budget: { diff_lines: 400, diff_files: 30 }
        """;

    /// <summary>Files of every repository.</summary>
    public static readonly (string Path, string Text)[] Base =
    [
        ("README.md", "# A\n"),
        ("LICENSE", "free\n"),
        ("CLAUDE.md", "be kind\n"),
        (".gitignore", "bin/\n"),
        (".orchestrator.yaml", "verify: []\n"),
        ("docs/guide.md", "guide\n"),
        ("src/app.cs", "class App { }\n"),
        ("src/util/text.cs", "class Text { }\n"),
        ("src/keys/key.txt", "sealed\n"),
        ("secrets/list.txt", "sealed\n"),
        ("tests/app_test.cs", "class AppTest { }\n"),
        ("tests/test_util.py", "def test_a(): pass\n"),
        ("web/src/button.test.ts", "test()\n"),
        ("web/src/button.ts", "button()\n"),
        ("web/package.json", "{}\n"),
        ("pkg/pool/pool_test.go", "package pool\n"),
        ("pkg/pool/pool.go", "package pool\n"),
        ("java/src/test/java/PoolTest.java", "class PoolTest { }\n"),
        ("spec/pool_spec.rb", "it\n"),
        ("tests/data/one.json", "{}\n"),
        (".github/workflows/build.yml", "on: push\n"),
    ];
}
