using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.House;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Artifacts;

/// <summary>An artifact member by member: of a task that has something of everything, and of one that has next to nothing.</summary>
public sealed class ArtifactWholeTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;

    private static readonly TaskFact[] Facts =
    [
        new TaskFact.Submitted(
            new TaskSpec
            {
                Request = "Fix it",
                Requester = "ann",
                Source = "file",
                Repository = "/srv/app",
                ParentTaskId = "parent",
                MaxTurns = 9,
                TimeoutSeconds = 60,
                Attachments = [new Attachment { Name = "log.txt", Blob = "b" }],
            }
        ),
        new TaskFact.PlanMade(
            1,
            new Plan
            {
                Mode = MediationMode.Llama,
                Title = "Mend the lock",
                Model = "small",
            }
        ),
        new TaskFact.RunEnded(1, new RunResult { ResultText = "Mended.", AgentLabel = "agent" }),
        new TaskFact.Replied(new Reply { Id = "r1", Text = "And now?" }),
        new TaskFact.Replied(new Reply { Id = "r2", Text = "Never mind" }),
    ];

    [Fact]
    public void A_task_with_something_of_everything_is_told_whole() =>
        Assert.Equal(Expected("everything"), Lines(Write(Rich(), "output")));

    [Fact]
    public void A_task_that_has_done_nothing_yet_is_told_with_what_stands_for_nothing() =>
        Assert.Equal(
            Expected("nothing"),
            Lines(
                Encoding.UTF8.GetString(
                    ArtifactWriter.Write("t", TaskState.Empty, [], new ArtifactExtras("", 0, ""))
                )
            )
        );

    [Fact]
    public void Long_output_is_shown_by_its_first_and_last_2048_characters()
    {
        var output = new string('a', 2_048) + "b" + new string('c', 2_048);
        var triage = JsonNode.Parse(Write(Rich(), output))!["triage"]!;
        var exact = JsonNode.Parse(Write(Rich(), output[..2_048]))!["triage"]!;

        Assert.Equal(output[..2_048], triage["stdout_head"]!.GetValue<string>());
        Assert.Equal(output[^2_048..], triage["stdout_tail"]!.GetValue<string>());
        Assert.Equal(output[..2_048], exact["stdout_head"]!.GetValue<string>());
        Assert.Equal(output[..2_048], exact["stdout_tail"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(TaskPhase.Done, true, "", "SUCCESS")]
    [InlineData(TaskPhase.Failed, false, "It broke.", "FAILED")]
    [InlineData(TaskPhase.Cancelled, false, "cancelled", "FAILED")]
    [InlineData(TaskPhase.InReview, false, "", "FAILED")]
    public void An_end_is_told_by_success_errors_and_outcome(
        TaskPhase phase,
        bool success,
        string error,
        string outcome
    )
    {
        var root = JsonNode.Parse(
            Write(
                Rich() with
                {
                    Phase = phase,
                    Judgement = null,
                    Failure = new Failure("c", "It broke."),
                },
                ""
            )
        )!;

        Assert.Equal(success, root["success"]!.GetValue<bool>());
        Assert.Equal(
            error,
            string.Join(' ', root["errors"]!.AsArray().Select(e => e!.GetValue<string>()))
        );
        Assert.Equal(outcome, root["judgement"]!["outcome"]!.GetValue<string>());
        Assert.Equal(
            "failed",
            JsonNode.Parse(Write(Rich() with { Phase = TaskPhase.Failed, Failure = null }, ""))![
                "errors"
            ]![0]!.GetValue<string>()
        );
    }

    [Theory]
    [InlineData(false, 1, "new")]
    [InlineData(false, 2, "primed")]
    [InlineData(true, 2, "resumed")]
    public void How_the_agent_knew_what_was_said_before_is_told(
        bool resume,
        int turn,
        string expected
    ) =>
        Assert.Equal(
            expected,
            JsonNode.Parse(Write(Rich() with { Resume = resume, Turn = turn }, ""))![
                "session_continued"
            ]!.GetValue<string>()
        );

    [Fact]
    public void What_the_guard_kept_from_happening_is_a_violation_and_told_once()
    {
        var stopped = Rich() with
        {
            Ruling = Rich().Ruling! with { Verdict = Verdict.Allow },
            Result = new RunResult
            {
                ErrorClass = ErrorClass.PolicyViolation,
                Message = "The guard failed.",
            },
        };
        static string[] Types(TaskState state) =>
            [
                .. JsonNode.Parse(Write(state, ""))!["security"]!["violations"]!
                    .AsArray()
                    .Select(v => v!["type"]!.GetValue<string>()),
            ];

        Assert.Equal(["policy", "guard"], Types(stopped));
        Assert.Equal(
            ["policy"],
            Types(stopped with { Ruling = Rich().Ruling! with { Verdict = Verdict.Deny } })
        );
        Assert.Equal(["policy"], Types(stopped with { Lane = null }));
        Assert.Equal(["guard"], Types(stopped with { Ruling = null }));
        Assert.Equal(["policy"], Types(stopped with { Result = null }));
        Assert.Equal(
            ["policy"],
            Types(stopped with { Result = new RunResult { ErrorClass = ErrorClass.Fatal } })
        );
    }

    [Fact]
    public void Commands_that_people_were_asked_about_are_told_with_what_became_of_them()
    {
        var push = new AskedCommand("git push", "", "h1");
        var state = Rich() with
        {
            AllowedCommands = [push],
            Command = new AskedCommand("rm x", "docs", "h2"),
        };
        var json = Write(state, "");

        Assert.Equal(
            ArtifactValidator.Check("t", Write(Rich(), "")),
            ArtifactValidator.Check("t", json)
        );
        Assert.Equal(
            """[{"command":"git push","folder":"","hash":"h1","allowed":true},{"command":"rm x","folder":"docs","hash":"h2","allowed":false}]""",
            JsonNode.Parse(json)!["policy"]!["commands"]!.ToJsonString()
        );
        Assert.Null(JsonNode.Parse(Write(Rich(), ""))!["policy"]!["commands"]);
    }

    [Fact]
    public void The_note_beside_a_guarded_diff_says_what_it_is_and_who_approved_it() =>
        Assert.Equal(
            Lines(
                """
                {"task_id":"t","repository":"/srv/app",
                "guarded":{"hash":"hash","base_commit":"base","branch":"main","step":"applied","expires":"2026-01-03T03:04:05Z","approvals":2,"rule":"keys (p:3)","policy":"team@1","applied_by":"ann","commit":"commit"},
                "policy":{"version":"team@1","stage":"diff","lane":"code","verdict":"needs_approval",
                "rulings":[{"verdict":"allow","rule":"lane code","source":"p:2","path":"","reason":"fine"},{"verdict":"deny","rule":"keys","source":"p:3","path":"keys/a","reason":"never"},{"verdict":"needs_approval","rule":"big","source":"p:4","path":"","reason":"big"}],
                "approved_by":["ann","bob"]}}
                """
            ),
            Lines(Encoding.UTF8.GetString(PolicyRecord.GuardedNote("t", Rich())))
        );

    private static TaskState Rich()
    {
        var state = TaskSituations.Fold(TaskState.Empty, Facts);
        return state with
        {
            Version = 12,
            Phase = TaskPhase.Failed,
            Turn = 2,
            Attempt = 3,
            TurnAttempts = 4,
            UpdatedAt = Now.ToOffset(TimeSpan.FromHours(1)),
            ErrorClass = ErrorClass.RateLimit,
            Failure = new Failure("c", "It broke."),
            Runner = "claude-code",
            Agent = TaskSituations.Agent,
            SessionId = "session",
            Resume = true,
            CostUsd = 1.5m,
            Tokens = 42,
            Constraints = ["no new dependency"],
            Clarified = "Which? All.",
            Workspace = TaskSituations.Workspace,
            Plan = state.Plan! with
            {
                ModelAnswered = true,
                FallbackReason = "why",
                PriorSummary = "before",
                PriorSummaryMode = MediationMode.Llama,
                Kind = TaskKind.CodeReview,
            },
            Lane = new LaneRights { Name = "code" },
            ApprovedBy = ["ann", "bob"],
            Said = [.. state.Said.Select(m => m with { Number = m.Number + 5 })],
            Ruling = new PolicyRuling
            {
                Stage = "diff",
                Policy = "team@1",
                Verdict = Verdict.NeedsApproval,
                Rulings =
                [
                    new Ruling(Verdict.Allow, "lane code", "fine") { Source = "p:2" },
                    new Ruling(Verdict.Deny, "keys", "never") { Source = "p:3", Path = "keys/a" },
                    new Ruling(Verdict.NeedsApproval, "big", "big") { Source = "p:4" },
                ],
            },
            Guarded = new GuardedState
            {
                Diff = new GuardedDiff
                {
                    Hash = "hash",
                    BaseCommit = "base",
                    Branch = "main",
                    Rule = "keys (p:3)",
                    Policy = "team@1",
                    Expires = Now.AddDays(1).ToOffset(TimeSpan.FromHours(1)),
                    Approvals = 2,
                },
                Step = GuardedStep.Applied,
                AppliedBy = "ann",
                Commit = "commit",
            },
            Verification = new VerificationReport(
                "repository",
                [new CommandResult("make test", 2, 1.5, true, "it broke")],
                "No shell."
            ),
            Judgement = new Judgement(false, "FAILED", [new Finding("code", true, "Words.")]),
            Result = new RunResult
            {
                ExitCode = 3,
                DurationSeconds = 2.5,
                StderrTail = "err",
                ResultText = "Mended.",
                Model = "big",
                AgentVersion = "2.1",
                AgentLabel = "agent",
                Sandbox = "bubblewrap",
                SandboxLimits = "1 GiB",
                Denials = ["Write a"],
                Diff = new DiffSummary
                {
                    BaseCommit = "base",
                    PatchBlob = "patch",
                    FilesTotal = 5,
                    AddedLines = 7,
                    DeletedLines = 8,
                    ExcludedFiles = [".env"],
                    Secrets = [new SecretFinding("a", 4, "jwt")],
                    Files =
                    [
                        Change("a", "A"),
                        Change("d", "D"),
                        Change("r", "R"),
                        Change("c", "C"),
                        Change("m", "M"),
                    ],
                },
            },
        };
    }

    private static FileChange Change(string path, string status) =>
        new(path, "", status, 1, 2, "100644", "100644");

    private static string Write(TaskState state, string output) =>
        Encoding.UTF8.GetString(
            ArtifactWriter.Write(
                "t",
                state,
                [.. Facts.Select((f, i) => new JournalEntry("t", i + 1, Now, f, i + 1))],
                new ArtifactExtras(output, 3, "/usr/bin/agent")
            )
        );

    // One line for each member, so that a difference is seen where it is.
    private static IEnumerable<string> Lines(string json) =>
        JsonNode
            .Parse(json)!
            .AsObject()
            .Select(m => $"{m.Key}: {m.Value?.ToJsonString(Plain) ?? "null"}");

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static IEnumerable<string> Expected(string name) =>
        Repository
            .Read($"tests/unit/Fixtures/whole/{name}.txt")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
