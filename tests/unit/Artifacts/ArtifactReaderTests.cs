using Orchestrator.Decisions.Artifacts;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Artifacts;

public sealed class ArtifactReaderTests
{
    [Fact]
    public void An_artifact_is_read_as_far_as_it_is_shown()
    {
        var task = ArtifactReader.Read(
            """
            {"task_id":"a1b2c3d4","success":false,"timestamp":"2026-01-02T03:04:05","return_code":3,"execution_time":1.5,
             "task":{"title":"Mend it","prompt":"mend"},"errors":["broke","again"],
             "files_modified":["Modified: src\\a.cs","Created: b.cs","Deleted: c.cs","d.cs",7],"parsed_output":{"result":"said"}}
            """
        )!;

        Assert.Equal(
            ("a1b2c3d4", TaskPhase.Failed, "Mend it", "mend", "import", 1, 1),
            (
                task.TaskId,
                task.Phase,
                task.Title,
                task.Request,
                task.Requester,
                task.Turn,
                task.Attempt
            )
        );
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), task.CreatedAt);
        Assert.Equal(task.CreatedAt, task.UpdatedAt);
        Assert.Equal(("agent_failed", "broke"), (task.Failure!.Code, task.Failure.Message));
        Assert.Equal(
            (3, 1.5, "said", 4),
            (
                task.Result!.ExitCode,
                task.Result.DurationSeconds,
                task.Result.ResultText,
                task.Result.Diff.FilesTotal
            )
        );
        Assert.Equal(
            ["M src/a.cs", "A b.cs", "D c.cs", "M d.cs"],
            task.Result.Diff.Files.Select(f => $"{f.Status} {f.Path}")
        );
    }

    [Fact]
    public void What_is_missing_or_of_another_kind_has_a_default()
    {
        var done = ArtifactReader.Read("""{"task_id":"t","success":true,"task":7}""")!;
        var failed = ArtifactReader.Read(
            """{"task_id":"t","return_code":1e300,"execution_time":"x","errors":{},"timestamp":"never"}"""
        )!;

        Assert.Equal(
            (TaskPhase.Done, null, "Task t (imported)", "", DateTimeOffset.UnixEpoch),
            (done.Phase, done.Failure, done.Title, done.Request, done.CreatedAt)
        );
        Assert.Equal(
            (TaskPhase.Failed, "The imported task failed."),
            (failed.Phase, failed.Failure!.Message)
        );
        Assert.Equal(
            (0, 0d, ""),
            (failed.Result!.ExitCode, failed.Result.DurationSeconds, failed.Result.ResultText)
        );
    }

    [Theory]
    [InlineData("""{"raw_stdout":"raw"}""", "raw")]
    [InlineData("""{"parsed_output":"text","raw_stdout":"raw"}""", "text")]
    [InlineData("""{"parsed_output":{"result":""},"raw_stdout":"raw"}""", "raw")]
    [InlineData("""{"parsed_output":null,"raw_stdout":7}""", "")]
    public void The_agent_s_words_are_found_where_any_version_kept_them(
        string json,
        string words
    ) =>
        Assert.Equal(
            words,
            ArtifactReader.Read("{\"task_id\":\"t\"," + json[1..])!.Result!.ResultText
        );

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"task_id":7}""")]
    [InlineData("""{"task_id":""}""")]
    public void What_is_no_artifact_is_none(string json) => Assert.Null(ArtifactReader.Read(json));

    [Theory]
    [InlineData(@"a\ud83d", "a\ufffd")]
    [InlineData(@"\ude00b", "\ufffdb")]
    [InlineData(@"\uD83Dx\uDE00", "\ufffdx\ufffd")]
    [InlineData(@"\ud83d\ud83d\ude00", "\ufffd\ud83d\ude00")]
    public void Half_a_character_is_shown_as_the_mark_for_one(string written, string shown)
    {
        var task = ArtifactReader.Read(
            $$$"""{"task_id":"t","success":true,"task":{"title":"{{{written}}}"}}"""
        )!;

        Assert.Equal(shown, task.Title);
    }
}
