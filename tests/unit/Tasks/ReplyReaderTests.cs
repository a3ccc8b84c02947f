using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>A reply at the door, a fork of a turn, and when two submissions are one.</summary>
public sealed class ReplyReaderTests
{
    private static readonly string Blob = new('a', 64);
    private static readonly ReplySender Ann = new("r1", "ann", "http", "1.2.3.4");

    [Fact]
    public void A_reply_is_taken_as_it_was_sent()
    {
        var (reply, failure) = ReplyReader.Read(
            new ReplyRequest
            {
                Text = " And now ",
                Constraints = [" a "],
                Type = "analyze",
                Priority = "high",
                Interrupt = true,
                Attachments = [new AttachedFile("d/n.txt", Blob)],
                Script = """{"version":1,"steps":[{"do":"say","text":"x"}]}""",
            },
            Ann
        );

        Assert.Null(failure);
        Assert.Equal(
            ("r1", " And now ", "ann", "http", "1.2.3.4", true),
            (reply!.Id, reply.Text, reply.By, reply.Channel, reply.From, reply.Interrupt)
        );
        Assert.Equal(
            (TaskKind.Analyze, TaskPriority.High, "a", "n.txt", Blob),
            (
                reply.Kind!.Value,
                reply.Priority!.Value,
                reply.Constraints.Single(),
                reply.Attachments.Single().Name,
                reply.Attachments.Single().Blob
            )
        );
        Assert.StartsWith("{", reply.Script, StringComparison.Ordinal);
        var bare = ReplyReader.Read(new ReplyRequest { Text = "x" }, Ann).Reply!;
        Assert.Equal(
            (null, null, false, "", 0, 0),
            (
                bare.Kind,
                bare.Priority,
                bare.Interrupt,
                bare.Script,
                bare.Constraints.Count,
                bare.Attachments.Count
            )
        );
    }

    [Fact]
    public void Each_finding_about_a_reply_names_member_and_cure()
    {
        var ask = new ReplyRequest { Text = "x" };
        (ReplyRequest Request, ReplySender By, string Finding)[] table =
        [
            (
                ask with
                {
                    Text = " ",
                },
                Ann,
                "text is empty: say in words what the next turn is to do"
            ),
            (
                ask with
                {
                    Text = null,
                },
                Ann,
                "text is empty: say in words what the next turn is to do"
            ),
            (ask with { Text = new string('x', 200_000) }, Ann, ""),
            (
                ask with
                {
                    Text = new string('x', 200_001),
                },
                Ann,
                "text has 200001 characters, the most allowed are 200000: attach it as a file"
            ),
            (
                ask with
                {
                    Script = new string('x', 1_000_001),
                },
                Ann,
                "script is longer than 1,000,000 characters"
            ),
            (ask with { Script = "" }, Ann, ""),
            (ask, Ann with { Id = "" }, "the idempotency key must have 1 to 128 characters"),
            (ask, Ann with { Id = new string('x', 128) }, ""),
            (
                ask,
                Ann with
                {
                    Id = new string('x', 129),
                },
                "the idempotency key must have 1 to 128 characters"
            ),
            (
                ask with
                {
                    Type = "paint",
                },
                Ann,
                "type 'paint' is unknown; known: fix, bug_fix, code_review, summarize, analyze, documentation"
            ),
            (
                ask with
                {
                    Constraints = [""],
                    Text = "",
                },
                Ann,
                "text is empty: say in words what the next turn is to do; constraints may have 20 entries of 1 to 1,000 characters each, none of them empty"
            ),
        ];

        Assert.All(
            table,
            row =>
                Assert.Equal(
                    row.Finding.Length == 0 ? null : row.Finding + ".",
                    ReplyReader.Read(row.Request, row.By).Failure?.Message
                )
        );
        Assert.StartsWith(
            "script: ",
            ReplyReader
                .Read(ask with { Script = new string('x', 1_000_000) }, Ann)
                .Failure!.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_fork_takes_over_where_and_how_the_parent_worked_and_what_it_knew()
    {
        var parent = TaskSituations.Named("Done") with
        {
            Spec = TaskSituations.Spec with
            {
                Repository = "/r",
                BaseBranch = "b",
                TimeoutSeconds = 5,
                AgentType = "t",
                Runner = "claude-code",
                Model = "m",
                WorkingDirectory = "w",
                MaxTurns = 6,
                Labels = ["l"],
                Remote = "github:o/n",
                Title = "not taken over",
                Context = "not taken over",
            },
            Priority = TaskPriority.High,
            Turn = 3,
            BaseCommit = "commit",
            BaseBundle = "bundle",
            PatchBlob = "patch",
            AcceptedPatch = "patch",
            Constraints = ["a"],
            Attachments = [new Attachment { Name = "n", Blob = "b" }],
        };
        TaskSpec Fork(TaskState from, ForkRequest request) =>
            ForkReader.Read("p", from, request, "ann", "key").Spec!;
        var ask = new ForkRequest { Request = "And now", Constraints = ["a", "c"] };

        var fork = Fork(parent, ask);

        Assert.Equal(
            ("And now", "", "", "/r", "b", 5, "t"),
            (
                fork.Request,
                fork.Title,
                fork.Context,
                fork.Repository,
                fork.BaseBranch,
                fork.TimeoutSeconds,
                fork.AgentType
            )
        );
        Assert.Equal(
            ("claude-code", "m", "w", 6, "l", "github:o/n", TaskPriority.High),
            (
                fork.Runner,
                fork.Model,
                fork.WorkingDirectory,
                fork.MaxTurns,
                fork.Labels.Single(),
                fork.Remote,
                fork.Priority
            )
        );
        Assert.Equal(
            ("p", 3, "commit", "bundle", "patch", true, "ann"),
            (
                fork.ParentTaskId,
                fork.ParentTurn,
                fork.StartCommit,
                fork.StartBundle,
                fork.StartPatchBlob,
                fork.StartPatchAccepted,
                fork.Requester
            )
        );
        Assert.Equal(["a", "c"], fork.Constraints);
        Assert.Equal(parent.Attachments, fork.Attachments);
        Assert.Equal(parent.MemoryWithThisTurn, fork.Earlier);
        Assert.Equal("", Fork(parent, ask with { Type = "analyze" }).AgentType);
        Assert.Equal(TaskPriority.Low, Fork(parent, ask with { Priority = "low" }).Priority);
        Assert.False(Fork(parent with { AcceptedPatch = "other" }, ask).StartPatchAccepted);
        Assert.False(
            Fork(parent with { PatchBlob = "", AcceptedPatch = "" }, ask).StartPatchAccepted
        );
        var bare = Fork(parent with { Spec = new TaskSpec { Request = "r" } }, ask);
        Assert.Equal(
            ("", 0, "", 0, ""),
            (
                bare.BaseBranch,
                bare.TimeoutSeconds,
                bare.WorkingDirectory,
                bare.MaxTurns,
                bare.Remote
            )
        );
    }

    [Fact]
    public void A_fork_of_what_has_not_ended_or_of_no_request_says_so()
    {
        string Says(TaskState? from, ForkRequest request) =>
            ForkReader.Read("p", from, request, "ann", "").Failure!.Message;

        Assert.Equal(
            "Turn 7 of p does not exist or has not ended. 'orchestrator show p --conversation' shows its turns.",
            Says(null, new ForkRequest { Request = "x", Turn = 7 })
        );
        Assert.Equal(
            "No turn of p has ended yet. Wait for one, or submit a new task.",
            Says(null, new ForkRequest { Request = "x" })
        );
        Assert.Equal(
            "request is empty: say in words what is wanted.",
            Says(TaskSituations.Named("Done"), new ForkRequest())
        );
    }
}
