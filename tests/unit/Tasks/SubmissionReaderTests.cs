using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>A submission and a reply at the door: what is taken as it came, and each finding in the words that name member and cure.</summary>
public sealed class SubmissionReaderTests
{
    private static readonly string Blob = new('a', 64);

    // What is asked for, and the only finding; empty = it is taken.
    private static readonly (SubmitRequest Request, string Finding)[] Table =
    [
        (Ask() with { Request = null }, "request is empty: say in words what is wanted"),
        (Ask() with { Request = " \n" }, "request is empty: say in words what is wanted"),
        (Ask() with { Request = Long(200_000) }, ""),
        (
            Ask() with
            {
                Request = Long(200_001),
            },
            "request has 200001 characters; at most 200000 are taken"
        ),
        (Ask() with { Title = Long(200) }, ""),
        (Ask() with { Title = Long(201) }, "title has 201 characters; at most 200 are taken"),
        (
            Ask() with
            {
                Context = Long(200_001),
            },
            "context has 200001 characters; at most 200000 are taken"
        ),
        (
            Ask() with
            {
                Repository = Long(1_025),
            },
            "repository has 1025 characters; at most 1024 are taken"
        ),
        (
            Ask() with
            {
                Script = Long(1_000_001),
            },
            "script has 1000001 characters; at most 1000000 are taken"
        ),
        (Ask() with { Id = "task-1" }, ""),
        (
            Ask() with
            {
                Id = "a/b",
            },
            "id 'a/b' must be 1 to 64 of A-Z a-z 0-9 . _ -, no dots alone, no name of a device, and not 'index'"
        ),
        (
            Ask() with
            {
                Id = Long(61) + "/",
            },
            $"id '{Long(60)}…' must be 1 to 64 of A-Z a-z 0-9 . _ -, no dots alone, no name of a device, and not 'index'"
        ),
        (Ask() with { BaseBranch = Long(250) }, ""),
        (Ask() with { BaseBranch = "" }, ""),
        (Ask() with { BaseBranch = "-x" }, "base_branch '-x' is no name of a branch"),
        (Ask() with { BaseBranch = "a b" }, "base_branch 'a b' is no name of a branch"),
        (
            Ask() with
            {
                BaseBranch = Long(251),
            },
            $"base_branch '{Long(60)}…' is no name of a branch"
        ),
        (Ask() with { TimeoutSec = 1 }, ""),
        (Ask() with { TimeoutSec = 86_400 }, ""),
        (Ask() with { TimeoutSec = 0 }, "timeout_sec must be 1 to 86,400"),
        (Ask() with { TimeoutSec = 86_401 }, "timeout_sec must be 1 to 86,400"),
        (Ask() with { MaxTurns = 1 }, ""),
        (Ask() with { MaxTurns = 10_000 }, ""),
        (Ask() with { MaxTurns = 0 }, "max_turns must be 1 to 10,000"),
        (Ask() with { MaxTurns = 10_001 }, "max_turns must be 1 to 10,000"),
        (Ask() with { WorkingDirectory = "src/a" }, ""),
        (Ask() with { WorkingDirectory = "" }, ""),
        (
            Ask() with
            {
                WorkingDirectory = "../a",
            },
            "working_directory '../a' must be a relative path inside the repository"
        ),
        (Ask() with { TargetFiles = Many(200, "a") }, ""),
        (
            Ask() with
            {
                TargetFiles = Many(201, "a"),
            },
            "target_files must be at most 200 relative paths inside the repository"
        ),
        (
            Ask() with
            {
                TargetFiles = ["a", null!],
            },
            "target_files must be at most 200 relative paths inside the repository"
        ),
        (Ask() with { SuccessCriteria = Many(50, "a"), Labels = Many(16, "a") }, ""),
        (
            Ask() with
            {
                SuccessCriteria = Many(51, "a"),
            },
            "success_criteria may have 50 entries, labels 16, none of them empty"
        ),
        (
            Ask() with
            {
                Labels = Many(17, "a"),
            },
            "success_criteria may have 50 entries, labels 16, none of them empty"
        ),
        (
            Ask() with
            {
                Labels = ["a", ""],
            },
            "success_criteria may have 50 entries, labels 16, none of them empty"
        ),
        (Ask() with { Remote = "", Repository = "" }, ""),
        (Ask() with { Remote = "github:o/n", Repository = "/r" }, ""),
        (
            Ask() with
            {
                Remote = "github:o",
                Repository = "/r",
            },
            "remote 'github:o' is no repository on a remote host; example: github:owner/name"
        ),
        (
            Ask() with
            {
                Remote = "github:o/n",
            },
            "remote needs a repository: the clone that the agent works on"
        ),
        (Ask() with { Tickets = Many(20, "linear:ENG-1") }, ""),
        (
            Ask() with
            {
                Tickets = Many(21, "linear:ENG-1"),
            },
            "tickets may have 20 entries such as linear:ENG-1 or jira:ABC-1"
        ),
        (
            Ask() with
            {
                Tickets = [null!],
            },
            "tickets may have 20 entries such as linear:ENG-1 or jira:ABC-1"
        ),
        (Ask() with { Constraints = Many(20, Long(1_000)) }, ""),
        (
            Ask() with
            {
                Constraints = Many(21, "a"),
            },
            "constraints may have 20 entries of 1 to 1,000 characters each, none of them empty"
        ),
        (
            Ask() with
            {
                Constraints = [Long(1_001)],
            },
            "constraints may have 20 entries of 1 to 1,000 characters each, none of them empty"
        ),
        (
            Ask() with
            {
                Constraints = ["a", " "],
            },
            "constraints may have 20 entries of 1 to 1,000 characters each, none of them empty"
        ),
        (Ask() with { Attachments = Files(10) }, ""),
        (Ask() with { Attachments = Files(11) }, "attachments may have 10 entries"),
        (
            Ask() with
            {
                Attachments = [new AttachedFile("a", new string('A', 64))],
            },
            "attachments must be what POST /v1/attachments answered: each with its blob, 64 hex digits"
        ),
        (
            Ask() with
            {
                Attachments = [new AttachedFile("a", new string('a', 63))],
            },
            "attachments must be what POST /v1/attachments answered: each with its blob, 64 hex digits"
        ),
        (
            Ask() with
            {
                Attachments = [null!],
            },
            "attachments must be what POST /v1/attachments answered: each with its blob, 64 hex digits"
        ),
        (
            Ask() with
            {
                Type = "paint",
            },
            "type 'paint' is unknown; known: fix, bug_fix, code_review, summarize, analyze, documentation"
        ),
        (
            Ask() with
            {
                Priority = "urgent",
            },
            "priority 'urgent' is unknown; known: high, medium, low"
        ),
        (Ask() with { Script = "no script", Runner = "claude-code" }, ""),
        (Ask() with { Script = "", Runner = "scripted" }, ""),
        (
            Ask() with
            {
                Script = """{"version":1,"steps":[{"do":"say","text":"x"}]}""",
                Runner = "scripted",
            },
            ""
        ),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Table.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_submission_is_taken_or_its_finding_names_member_and_cure(int row)
    {
        var (request, finding) = Table[row];

        var (spec, failure) = SubmissionReader.Read(request, "ann", "key");

        Assert.Equal(
            finding.Length == 0 ? null : new Failure(FailureCodes.InvalidRequest, finding + "."),
            failure
        );
        Assert.Equal(finding.Length == 0, spec is not null);
    }

    [Fact]
    public void All_findings_are_told_at_once()
    {
        var (_, failure) = SubmissionReader.Read(
            new SubmitRequest
            {
                TimeoutSec = 0,
                Runner = "scripted",
                Script = "nonsense",
            },
            "ann",
            ""
        );

        Assert.StartsWith(
            "request is empty: say in words what is wanted; timeout_sec must be 1 to 86,400; script: ",
            failure!.Message,
            StringComparison.Ordinal
        );
    }

    private static SubmitRequest Ask() => new() { Request = "Fix it" };

    private static string Long(int length) => new('x', length);

    private static string[] Many(int count, string text) => [.. Enumerable.Repeat(text, count)];

    private static AttachedFile[] Files(int count) =>
        [.. Enumerable.Repeat(new AttachedFile("a", Blob), count)];
}
