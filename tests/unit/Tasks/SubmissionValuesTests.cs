using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What the values of a submission come to, and which paths and tickets are named so.</summary>
public sealed class SubmissionValuesTests
{
    private static readonly string Blob = new('a', 64);

    [Theory]
    [InlineData(null, TaskKind.Unknown)]
    [InlineData("", TaskKind.Unknown)]
    [InlineData("fix", TaskKind.Fix)]
    [InlineData("bug_fix", TaskKind.Fix)]
    [InlineData("code_review", TaskKind.CodeReview)]
    [InlineData("summarize", TaskKind.Summarize)]
    [InlineData("analyze", TaskKind.Analyze)]
    [InlineData("documentation", TaskKind.Documentation)]
    public void A_type_is_the_kind_of_work(string? type, TaskKind kind) =>
        Assert.Equal(kind, SubmissionReader.Read(Ask() with { Type = type }, "", "").Spec!.Kind);

    [Theory]
    [InlineData(null, TaskPriority.Medium)]
    [InlineData("", TaskPriority.Medium)]
    [InlineData("medium", TaskPriority.Medium)]
    [InlineData("high", TaskPriority.High)]
    [InlineData("low", TaskPriority.Low)]
    public void A_priority_is_the_lane_of_the_queue(string? priority, TaskPriority lane) =>
        Assert.Equal(
            lane,
            SubmissionReader.Read(Ask() with { Priority = priority }, "", "").Spec!.Priority
        );

    [Theory]
    [InlineData("cli", "cli")]
    [InlineData("demo", "demo")]
    [InlineData("file", "http")]
    [InlineData(null, "http")]
    public void Only_the_command_line_and_the_demo_say_by_which_door_they_came(
        string? source,
        string door
    ) =>
        Assert.Equal(
            door,
            SubmissionReader.Read(Ask() with { Source = source }, "", "").Spec!.Source
        );

    [Theory]
    [InlineData("linear:ENG-1", true)]
    [InlineData("jira:A_b-1", true)]
    [InlineData("linear:", false)]
    [InlineData(":ENG-1", false)]
    [InlineData("Linear:ENG-1", false)]
    [InlineData("linear:ENG 1", false)]
    [InlineData("linear:a:b", false)]
    [InlineData("linear", false)]
    public void A_ticket_is_named_by_its_host_and_key(string ticket, bool named) =>
        Assert.Equal(named, SubmissionReader.IsTicket(ticket));

    [Fact]
    public void A_ticket_s_name_has_80_characters_at_most()
    {
        Assert.True(SubmissionReader.IsTicket("linear:" + Long(73)));
        Assert.False(SubmissionReader.IsTicket("linear:" + Long(74)));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("a/..b/c", true)]
    [InlineData("", false)]
    [InlineData("/a", false)]
    [InlineData("\\a", false)]
    [InlineData("~a", false)]
    [InlineData("a/../b", false)]
    [InlineData("a\\..", false)]
    [InlineData("c:a", false)]
    [InlineData("a\0b", false)]
    public void A_path_stays_below_the_folder_it_is_relative_to(string path, bool stays) =>
        Assert.Equal(stays, SubmissionReader.IsRelative(path));

    [Fact]
    public void A_path_has_1024_characters_at_most()
    {
        Assert.True(SubmissionReader.IsRelative(Long(1_024)));
        Assert.False(SubmissionReader.IsRelative(Long(1_025)));
        Assert.False(SubmissionReader.IsRelative(null!));
    }

    [Fact]
    public void What_is_taken_is_what_was_sent_trimmed_where_blanks_mean_nothing()
    {
        var (spec, _) = SubmissionReader.Read(
            new SubmitRequest
            {
                Request = " Fix it ",
                Title = " Mend\nthe lock ",
                Repository = "/r",
                BaseBranch = "b",
                TargetFiles = ["f"],
                SuccessCriteria = ["s"],
                Context = "c",
                TimeoutSec = 5,
                AgentType = "t",
                Runner = "scripted",
                Model = "m",
                WorkingDirectory = "w",
                MaxTurns = 6,
                Labels = ["l"],
                Remote = "github:o/n",
                Tickets = ["linear:A-1", "linear:A-1", "jira:B-2"],
                Constraints = [" k "],
                Attachments = [new AttachedFile("../n.txt", Blob)],
            },
            "ann",
            "key"
        );

        Assert.Equal(
            (" Fix it ", "Mend the lock", "/r", "b", "c", 5, "t"),
            (
                spec!.Request,
                spec.Title,
                spec.Repository,
                spec.BaseBranch,
                spec.Context,
                spec.TimeoutSeconds,
                spec.AgentType
            )
        );
        Assert.Equal(
            ("scripted", "m", "w", 6, "github:o/n", "ann", "key"),
            (
                spec.Runner,
                spec.Model,
                spec.WorkingDirectory,
                spec.MaxTurns,
                spec.Remote,
                spec.Requester,
                spec.IdempotencyKey
            )
        );
        Assert.Equal(
            "f s l k linear:A-1,jira:B-2",
            $"{spec.TargetFiles[0]} {spec.SuccessCriteria[0]} {spec.Labels[0]} {spec.Constraints[0]} {string.Join(',', spec.Tickets)}"
        );
        Assert.Equal(new Attachment { Name = "n.txt", Blob = Blob }, spec.Attachments.Single());
    }

    [Fact]
    public void What_was_left_out_is_empty()
    {
        var spec = SubmissionReader.Read(Ask(), "", "").Spec!;

        Assert.Equal(
            "|||||||||0|0|0|0|0|0|0|0",
            string.Join(
                '|',
                spec.Title,
                spec.Repository,
                spec.BaseBranch,
                spec.Context,
                spec.AgentType,
                spec.Runner,
                spec.Model,
                spec.Script + spec.WorkingDirectory,
                spec.Remote,
                spec.TimeoutSeconds,
                spec.MaxTurns,
                spec.TargetFiles.Count,
                spec.SuccessCriteria.Count,
                spec.Labels.Count,
                spec.Tickets.Count,
                spec.Constraints.Count,
                spec.Attachments.Count
            )
        );
    }

    private static SubmitRequest Ask() => new() { Request = "Fix it" };

    private static string Long(int length) => new('x', length);
}
