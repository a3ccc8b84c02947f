using Orchestrator.Decisions.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What the reader says about a task file's frontmatter: the line, what is wrong, and what to write instead.</summary>
public sealed class TaskFileWordsTests
{
    private const string Plain = "Write 'key: value', one a line.";
    private const string Known =
        "Known: id, type, priority, created, cwd, timeout_sec, agent_type, parent_task_id, base_branch, remote, tickets, runner, model, script, max_turns.";

    [Theory]
    [InlineData(
        "id: a/b",
        3,
        "Invalid id: a/b",
        "Use 1 to 64 of A-Z a-z 0-9 . _ -, not only dots."
    )]
    [InlineData("priority: urgent", 3, "Invalid priority: urgent", "Use one of high, medium, low.")]
    [InlineData(
        "agent_type: painter",
        3,
        "Invalid agent_type: painter",
        "Use one of analyze, bug_fix, code_review, documentation, or leave it out: then the type decides."
    )]
    [InlineData(
        "parent_task_id: a/b",
        3,
        "Invalid parent_task_id: a/b",
        "Name the id of a task, or leave it out."
    )]
    [InlineData(
        "timeout_sec: 86401",
        3,
        "Invalid timeout_sec: 86401",
        "Use a whole number from 1 to 86,400, or leave it out."
    )]
    [InlineData(
        "max_turns: 0",
        3,
        "Invalid max_turns: 0",
        "Use a whole number from 1 to 10,000, or leave it out."
    )]
    [InlineData("cwd: &a x", 3, "Invalid YAML frontmatter: anchors (&name) are not taken", Plain)]
    [InlineData("cwd: *a", 3, "Invalid YAML frontmatter: aliases (*name) are not followed", Plain)]
    [InlineData(
        "type: fix",
        3,
        "Invalid YAML frontmatter: the key 'type' stands there twice",
        "Keep one of them."
    )]
    [InlineData(
        "cwd: [a]",
        3,
        "Invalid YAML frontmatter: the key 'cwd' needs one plain value",
        Plain
    )]
    [InlineData("? [a]\n: b", 3, "Invalid YAML frontmatter: a key is no plain word", Plain)]
    [InlineData(
        "x: [[[[[[[[a]]]]]]]]",
        3,
        "Invalid YAML frontmatter: it is nested deeper than 8",
        Plain
    )]
    public void A_problem_names_its_line_and_the_cure(
        string lines,
        int line,
        string message,
        string cure
    ) =>
        Assert.Equal(
            [new TaskFileFinding(line, message, cure)],
            Read($"---\ntype: fix\n{lines}\n---\nDo it.\n").Problems
        );

    [Fact]
    public void A_file_without_a_type_or_with_an_unknown_one_is_told_those_there_are()
    {
        const string types = "code_review, summarize, fix, analyze, documentation, bug_fix.";

        Assert.Equal(
            [
                new TaskFileFinding(
                    1,
                    "Missing required field: type",
                    $"Add 'type: fix' to the frontmatter; known: {types}"
                ),
            ],
            Read("---\nid: a\n---\nDo it.\n").Problems
        );
        Assert.Equal(
            [new TaskFileFinding(2, "Invalid task type: paint", $"Use one of {types}")],
            Read("---\ntype: paint\n---\nDo it.\n").Problems
        );
        Assert.Equal(
            $"Invalid task type: {new string('x', 60)}…",
            Read($"---\ntype: {new string('x', 61)}\n---\nDo it.\n").Problems[0].Message
        );
        Assert.Equal(
            $"Invalid task type: {new string('x', 60)}",
            Read($"---\ntype: {new string('x', 60)}\n---\nDo it.\n").Problems[0].Message
        );
    }

    [Fact]
    public void A_file_whose_name_is_no_id_is_told_to_have_one()
    {
        var problem = Assert.Single(
            TaskFileReader.Read("a b.md", "---\ntype: fix\n---\nDo it.\n").Problems
        );

        Assert.Equal(
            new TaskFileFinding(
                1,
                "Invalid id: a b",
                "The id comes from the file's name; add a key 'id' with 1 to 64 of A-Z a-z 0-9 . _ -."
            ),
            problem
        );
    }

    [Fact]
    public void What_is_ignored_is_told_as_a_warning()
    {
        Assert.Equal(
            [
                new TaskFileFinding(
                    3,
                    "Invalid created: yesterday; the time of arrival counts",
                    "Write it as 2025-08-03T16:30:00Z."
                ),
                new TaskFileFinding(4, "The key 'colour' is unknown and ignored", Known),
                new TaskFileFinding(5, "The key 'more' is unknown and ignored", Known),
            ],
            Read(
                "---\ntype: fix\ncreated: yesterday\ncolour: red\nmore: {a: [b, {c: d}]}\n---\nDo it.\n"
            ).Warnings
        );
    }

    [Theory]
    [InlineData("~", "")]
    [InlineData("null", "")]
    [InlineData("Null", "")]
    [InlineData("'null'", "null")]
    [InlineData("NULL", "NULL")]
    public void Yaml_s_plain_words_for_nothing_are_nothing(string value, string model) =>
        Assert.Equal(model, Read($"---\ntype: fix\nmodel: {value}\n---\nDo it.\n").File!.Model);

    [Fact]
    public void A_file_that_says_only_its_type_has_what_stands_for_the_rest()
    {
        var file = Read("---\ntype: fix\n---\nDo it.\n").File!;

        Assert.Equal(
            ("medium", null, "", 1, null, "", "", ""),
            (
                file.Priority,
                file.Created,
                file.Cwd,
                file.CwdLine,
                file.TimeoutSeconds,
                file.AgentType,
                file.ParentTaskId,
                file.BaseBranch
            )
        );
        Assert.Equal(
            ("", 0, "", "", "", null, "", 0, 0),
            (
                file.Remote,
                file.Tickets.Count,
                file.Runner,
                file.Model,
                file.Script,
                file.MaxTurns,
                file.Context,
                file.TargetFiles.Count,
                file.SuccessCriteria.Count
            )
        );
    }

    [Fact]
    public void Frontmatter_of_65536_characters_is_read_and_none_longer()
    {
        string Text(int length) =>
            $"---\ntype: fix\nx: {new string('x', length - "type: fix\nx: ".Length)}\n---\nDo it.\n";

        Assert.NotNull(Read(Text(65_536)).File);
        Assert.Equal(
            new TaskFileFinding(
                2,
                "Invalid YAML frontmatter: it has 65537 characters, at most 65536 are read",
                "Put the text under **Prompt:** instead."
            ),
            Read(Text(65_537)).Problems[0]
        );
    }

    [Fact]
    public void Fifty_findings_of_a_kind_are_kept()
    {
        var keys = string.Concat(Enumerable.Range(1, 60).Select(i => $"key{i}: x\n"));

        Assert.Equal(50, Read($"---\ntype: fix\n{keys}---\nDo it.\n").Warnings.Count);
    }

    private static TaskFileReading Read(string text) => TaskFileReader.Read("a.task.md", text);
}
