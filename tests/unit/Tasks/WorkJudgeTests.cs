using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class WorkJudgeTests
{
    private static readonly VerificationReport Green = new("none", []);

    [Fact]
    public void Work_without_a_finding_is_a_success() =>
        Assert.Equal(
            new Judgement(true, "SUCCESS", []),
            Judge(new RunResult { Diff = Changed("a.cs") }, Green) with
            {
                Findings = [],
            }
        );

    [Fact]
    public void A_failed_and_a_hung_command_and_checks_that_did_not_run_each_reject_the_work()
    {
        var report = new VerificationReport(
            "repository",
            [
                new CommandResult("make", 0, 1, false, ""),
                new CommandResult("make test", 2, 1, false, "it broke"),
                new CommandResult("make slow", 0, 1, true, "so far"),
            ],
            "No shell."
        );

        var judgement = Judge(new RunResult { Diff = Changed("a.cs") }, report);

        AssertFindings(
            judgement,
            "verification_failed! `make test` ended with exit code 2.",
            "verification_timed_out! `make slow` passed its time limit.",
            "verification_not_run! No shell."
        );
        Assert.Equal((false, "FAILED"), (judgement.Accepted, judgement.Outcome));
        Assert.Equal(
            "The work so far was checked and not accepted:\n"
                + "- `make test` ended with exit code 2.\n"
                + "- `make slow` passed its time limit.\n"
                + "- No shell.\n"
                + "Output of `make test`:\nit broke\n"
                + "Output of `make slow`:\nso far\n",
            WorkJudge.Feedback(judgement, report)
        );
    }

    [Fact]
    public void A_read_only_task_that_wrote_is_rejected_with_the_file()
    {
        AssertFindings(
            Judge(new RunResult { Diff = Changed("a.cs", "b.cs") }, Green, readOnly: true),
            "read_only_task_wrote! A read-only task changed 2 files, first a.cs."
        );
        AssertFindings(
            Judge(
                new RunResult { Diff = new DiffSummary { FilesTotal = 1 } },
                Green,
                readOnly: true
            ),
            "read_only_task_wrote! A read-only task changed 1 files, first ?."
        );
        AssertFindings(Judge(new RunResult(), Green, readOnly: true));
    }

    [Fact]
    public void An_empty_diff_is_told_and_contradicts_an_answer_that_claims_changes()
    {
        var quiet = Judge(new RunResult { ResultText = "There was nothing to do." }, Green);

        AssertFindings(
            quiet,
            "no_files_modified_but_success The task was to change files, and none changed."
        );
        Assert.Equal((true, "PARTIAL"), (quiet.Accepted, quiet.Outcome));
        AssertFindings(
            Judge(new RunResult { ResultText = "I fixed the bug." }, Green),
            "claims_modifications_without_evidence! The agent says that it changed files, and the real diff is empty."
        );
    }

    [Fact]
    public void A_task_without_a_plan_or_a_result_is_judged_by_its_checks_alone() =>
        AssertFindings(WorkJudge.Judge(TaskState.Empty with { Result = null }, Green));

    [Fact]
    public void Secrets_reject_and_files_left_out_are_told_five_of_each()
    {
        var diff = Changed("a.cs") with
        {
            ExcludedFiles = [.. Enumerable.Range(1, 6).Select(i => $".env{i}")],
            Secrets = [.. Enumerable.Range(1, 6).Select(i => new SecretFinding("a.cs", i, "jwt"))],
        };

        AssertFindings(
            Judge(new RunResult { Diff = diff }, Green),
            [
                "sensitive_files_left_out Files that are never committed were changed and left out: .env1, .env2, .env3, .env4, .env5.",
                .. Enumerable
                    .Range(1, 5)
                    .Select(i => $"secret_in_diff! a.cs:{i} adds a secret (jwt)."),
            ]
        );
    }

    [Fact]
    public void Denied_tools_are_told() =>
        AssertFindings(
            Judge(new RunResult { Diff = Changed("a.cs"), Denials = ["WebFetch", "Write"] }, Green),
            "tools_denied 2 tool calls were denied: WebFetch."
        );

    [Fact]
    public void A_host_that_the_sandbox_refused_is_told_and_blocks_nothing() =>
        AssertFindings(
            Judge(
                new RunResult { Diff = Changed("a.cs"), Denials = ["Network evil.example:443"] },
                Green
            ),
            "network_refused The sandbox did not let it reach 1 hosts: evil.example:443."
        );

    [Theory]
    [InlineData("src/a.cs", "src/a.cs", "")]
    [InlineData("src", "src/a.cs", "")]
    [InlineData("src/", "src/a.cs", "")]
    [InlineData("src", "srcs/a.cs", "srcs/a.cs")]
    [InlineData("src/a.cs", "src/a.csproj", "src/a.csproj")]
    [InlineData("SRC/a.cs", "src/a.cs", "src/a.cs")]
    public void A_changed_file_outside_the_named_ones_is_told(
        string named,
        string changed,
        string outside
    ) =>
        AssertFindings(
            Judge(new RunResult { Diff = Changed(changed) }, Green, targets: [named]),
            outside.Length == 0
                ? []
                :
                [
                    $"modified_files_outside_expected 1 changed files are not among the named ones, first {outside}.",
                ]
        );

    [Theory]
    [InlineData("I fixed the bug", true)]
    [InlineData("UPDATED the readme.", true)]
    [InlineData("Nothing was changed", false)]
    [InlineData("I have not modified a.cs", false)]
    [InlineData("I haven't added it", false)]
    [InlineData("Nothing to do. But I (edited) a.cs", true)]
    [InlineData("It was created: \"a.cs\"", true)]
    [InlineData("No file exists;\nadded one", true)]
    [InlineData("I prefixed it", false)]
    [InlineData("This will change nothing", false)]
    [InlineData("", false)]
    public void An_answer_claims_a_change_only_by_a_past_tense_that_nothing_denies(
        string answer,
        bool claims
    ) => Assert.Equal(claims, ChangeClaim.In(answer));

    [Fact]
    public void Every_verb_claims_and_every_negation_denies()
    {
        Assert.All(
            "changed modified edited updated created added wrote implemented fixed removed deleted renamed".Split(
                ' '
            ),
            verb => Assert.True(ChangeClaim.In($"we {verb} it"), verb)
        );
        Assert.All(
            "no not nothing never without didn't haven't hasn't none cannot".Split(' '),
            word => Assert.False(ChangeClaim.In($"we {word} changed it"), word)
        );
        Assert.All(
            " ,:()\"`\t\r".ToCharArray(),
            gap => Assert.True(ChangeClaim.In($"we{gap}changed{gap}it"), $"U+{(int)gap:x4}")
        );
        Assert.All(
            ".!\n;".ToCharArray(),
            end => Assert.True(ChangeClaim.In($"not this{end}changed that"), $"U+{(int)end:x4}")
        );
    }

    private static Judgement Judge(
        RunResult result,
        VerificationReport report,
        bool readOnly = false,
        string[]? targets = null
    ) =>
        WorkJudge.Judge(
            TaskState.Empty with
            {
                Spec = new TaskSpec { Request = "r", TargetFiles = targets ?? [] },
                Plan = TaskSituations.Plan with { ReadOnly = readOnly },
                Result = result,
            },
            report
        );

    private static DiffSummary Changed(params string[] paths) =>
        new()
        {
            FilesTotal = paths.Length,
            Files = [.. paths.Select(p => new FileChange(p, "", "M", 1, 1, "100644", "100644"))],
        };

    private static void AssertFindings(
        Judgement judgement,
        params IReadOnlyList<string> expected
    ) =>
        Assert.Equal(
            expected,
            judgement.Findings.Select(f => $"{f.Code}{(f.Blocking ? "!" : "")} {f.Message}")
        );
}
