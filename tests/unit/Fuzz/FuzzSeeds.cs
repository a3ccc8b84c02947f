using System.Text;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Artifacts;
using Orchestrator.UnitTests.House;
using Orchestrator.UnitTests.Redaction;
using Orchestrator.UnitTests.Tasks;

namespace Orchestrator.UnitTests.Fuzz;

/// <summary>Inputs as the real world sends them.</summary>
internal static class FuzzSeeds
{
    /// <summary>Whole outputs of the real Claude Code CLI 2.1.330 against a scripted model; paths and ports are replaced, and the reason of one refused tool is left out.</summary>
    public static IReadOnlyList<string> Streams =>
        [
            .. Directory
                .GetFiles(Path.Combine(Repository.Root, "tests/unit/Fixtures/streams"), "*.jsonl")
                .Order(StringComparer.Ordinal)
                .Select(File.ReadAllText),
        ];

    public static IReadOnlyList<string> Plans { get; } =
    [
        .. from type in (string[])["fix", "documentation", "code_review", "summarize", "analyze"]
        from rest in (string[])
            [
                """ "title":"Retry connections","target_files":["src/db.cs"],"success_criteria":["it retries"],"risk":"low"}""",
                """ "title":"Größe ändern","target_files":[],"success_criteria":[],"risk":"medium"}""",
                """ "title":"Two files","target_files":["a/b/c.ts","d.md"],"success_criteria":["tests pass","no new warning"],"risk":"high"}""",
                """ "title":"x","target_files":["../../etc/passwd"],"success_criteria":[],"risk":"low"}""",
            ]
        select $"{{\"type\":\"{type}\",{rest}",
        "```json\n{\"type\":\"fix\",\"title\":\"x\",\"target_files\":[],\"success_criteria\":[],\"risk\":\"low\"}\n```",
        "Sure! Here is the plan: {\"type\":\"fix\"}",
    ];

    public static IReadOnlyList<string> Sentences { get; } =
    [
        "Fix the flaky test in tests/LoginTests.cs",
        "please add a retry to src/db.cs and src/net/http.ts",
        "review the authentication code, don't change anything",
        "Summarize the error handling of this repository",
        "Do not create anything, only review auth",
        "What does this repository do?",
        "look at the update of the schema",
        "Write documentation for the public API in docs/api.md",
        "Rename Foo to Bar everywhere; keep the tests green.",
        "Why is startup slow? Explain, with file and line.",
        "**Goal**\nMigrate from Newtonsoft to System.Text.Json.\n\n## Steps\n1. find uses\n2. replace\n",
        "Never touch vendor/. Update README.md only.",
        "Ändere die Größe des Puffers in src\\net\\puffer.cs auf 4096",
        "修复 src/main.py 中的错误",
        "fix\n\n\n\tindentation   of   config.yaml...",
        "Can you please look into #1234 (see https://example.com/a/b.html) and fix it?",
        "/compact and @file.txt then delete old logs/*.log",
        "Without changing behaviour, refactor OrderService.cs; split it into three files: A.cs, B.cs, C.cs",
        "Analyze a.b.c.d.e.f.g.h/i.j.k and ../secret/x.txt and /etc/passwd",
        "Run the linter; correct everything it reports, except warnings CA1031.",
        "It's broken: `TypeError: undefined is not a function` at app.js:10:5",
        string.Concat(Enumerable.Repeat("Remove the unused import in module_a.py. ", 100)),
    ];

    public static IReadOnlyList<string> Submissions { get; } =
    [
        """{"request":"Fix it"}""",
        """{"request":"Fix it","type":"fix","priority":"high","repository":"/home/ann/app"}""",
        """{"request":"Review","type":"code_review","repository":"C:\\src\\app","base_branch":"main"}""",
        """{"request":"x","id":"a1b2c3d4","title":"A title"}""",
        """{"request":"x","target_files":["src/a.cs","src/b.cs"],"success_criteria":["tests pass"]}""",
        """{"request":"x","timeout_sec":600,"max_turns":40}""",
        """{"request":"x","context":"We use Postgres 16.\nSee docs."}""",
        """{"request":"x","runner":"scripted","script":"{\"steps\":[{\"do\":\"say\",\"text\":\"hi\"}]}"}""",
        """{"request":"x","runner":"claude-code","model":"claude-sonnet-5-5"}""",
        """{"request":"x","labels":["os=windows","pool=backend"]}""",
        """{"request":"x","working_directory":"packages/web"}""",
        """{"request":"x","agent_type":"bug_fix","source":"cli"}""",
        """{"request":"ä 漢 😀 \u0041 \n line"}""",
        """{"request":"x","type":"bug_fix","priority":"low"}""",
        """{"request":"x","type":"documentation","target_files":["docs/api.md"]}""",
        """{"request":"x","type":"summarize"}""",
        """{"request":"x","type":"analyze","base_branch":"v1.2.3"}""",
        """{"request":"","type":"fix"}""",
        """{"request":"x","unknown":1}""",
        """{"request":"x","id":"../../x"}""",
        """{"request":"x","target_files":["../x"],"base_branch":"-x y"}""",
    ];

    public static IReadOnlyList<string> Scripts { get; } =
    [
        .. (
            from step in (string[])
                [
                    """{"do":"say","text":"I look."}""",
                    """{"do":"write","path":"src/a.txt","text":"one\n"}""",
                    """{"do":"append","path":"src/a.txt","text":"two\n"}""",
                    """{"do":"edit","path":"a.txt","find":"one","text":"two"}""",
                    """{"do":"delete","path":"a.txt"}""",
                    """{"do":"run","command":["git","status"]}""",
                    """{"do":"sleep","milliseconds":50}""",
                    """{"do":"output","number":100000}""",
                    """{"do":"grandchild","milliseconds":60000}""",
                    """{"do":"commit","text":"Change it"}""",
                    """{"do":"raw","text":"no json"}""",
                    """{"do":"result","text":"done","fields":{"num_turns":3,"usage":{"input_tokens":5}}}""",
                    """{"do":"no-result"}""",
                    """{"do":"exit","number":3}""",
                    """{"do":"crash"}""",
                    """{"do":"hang"}""",
                    """{"do":"write","attempt":2,"path":"b.txt","text":"x"}""",
                    """{"do":"unknown"}""",
                    """{"do":"write","path":"../x","text":"x"}""",
                ]
            select "{\"version\":1,\"steps\":["
                + step
                + ",{\"do\":\"say\",\"text\":\"end\"},{\"do\":\"result\",\"text\":\"ok\"}]}"
        ),
        """{"steps":[]}""",
        """{"version":2,"steps":[]}""",
    ];

    public static IReadOnlyList<string> VerifyFiles { get; } =
    [
        "verify:\n  - dotnet test\n",
        "verify:\n  - npm ci\n  - npm test\n",
        "# how this repository is checked\nverify:\n  - make test   # all of it\n",
        "verify: [make, 'make test', \"make lint\"]\n",
        "verify: []\n",
        "verify:\n",
        "",
        "---\nverify:\n- cargo test\n...\n",
        "verify:\n  - |\n    set -e\n    make\n",
        "verify:\n  - >-\n    go test\n    ./...\n",
        "verify:\r\n  - dotnet build\r\n  - dotnet test --no-build\r\n",
        "\uFEFFverify:\n  - pytest -q\n",
        "{\"verify\": [\"make\"]}",
        "verify: &a\n  - make\n",
        "verify:\n  - &x make\n  - *x\n",
        "other: 1\nverify:\n  - make\n",
        "verify: make\n",
        "verify:\n  - make: all\n",
        "- make\n",
        "verify:\n\t- make\n",
        "verify:\n  - 'it''s quoted'\n  - \"tab\\t\\u00e4\"\n",
        "verify:\n" + string.Concat(Enumerable.Repeat("  - make test\n", 21)),
    ];

    /// <summary>Artifacts as the product writes them, of tasks that went every way.</summary>
    public static IReadOnlyList<string> Artifacts { get; } = [.. WriteArtifacts()];

    public static IReadOnlyList<string> Redacted { get; } =
    [
        .. RedactionCorpus.Secrets.Select(s =>
            s.Data.Item2.Replace("@@", s.Data.Item3, StringComparison.Ordinal)
        ),
        .. RedactionCorpus.Ordinary.Select(o => o.Data),
    ];

    private static IEnumerable<string> WriteArtifacts()
    {
        TaskFact[][] ways =
        [
            [],
            [new TaskFact.Failed(new Failure("agent_failed", "It broke."), ErrorClass.Fatal)],
            [
                new TaskFact.CancelRequested("ann", "enough"),
                new TaskFact.Cancelled("during_execution"),
            ],
            [
                new TaskFact.RunEnded(1, new RunResult { ErrorClass = ErrorClass.Timeout }),
                new TaskFact.Failed(new Failure("timed_out", "Too long."), ErrorClass.Timeout),
            ],
        ];
        foreach (var (_, state) in TaskSituations.All.Where(s => s.State.Spec is not null))
        {
            foreach (var way in ways.Take(state.Ended ? 1 : 4))
            {
                yield return ArtifactFixture.Write(state, way);
            }
        }
    }
}
