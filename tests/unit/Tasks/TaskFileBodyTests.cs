using Orchestrator.Decisions.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>What the reader takes from below a task file's frontmatter, and every word it says about it.</summary>
public sealed class TaskFileBodyTests
{
    private const string Front = "---\ntype: fix\n---\n";

    [Fact]
    public void A_file_that_is_no_text_is_told_how_to_be_saved() =>
        Assert.Equal(
            ["line 1: File is no UTF-8 text. Save it as UTF-8."],
            Words(TaskFileReader.Read("a.task.md", [0x2D, 0xFF, 0x2D]).Problems)
        );

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x00, 0xD8 })]
    [InlineData(new byte[] { 0xFE, 0xFF, 0xD8, 0x00 })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0xC3 })]
    [InlineData(new byte[] { 0xC3 })]
    public void Half_a_character_is_no_text_in_any_encoding(byte[] bytes) =>
        Assert.Null(TaskFileReader.Decode(bytes));

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0x00 }, "a")]
    [InlineData(new byte[] { 0xFE, 0xFF, 0x00, 0x61 }, "a")]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x61 }, "a")]
    [InlineData(new byte[] { 0x61 }, "a")]
    [InlineData(new byte[] { }, "")]
    public void A_mark_says_the_encoding_and_is_no_part_of_the_text(byte[] bytes, string text) =>
        Assert.Equal(text, TaskFileReader.Decode(bytes));

    [Fact]
    public void A_file_over_the_limit_is_told_its_size_and_what_to_do() =>
        Assert.Equal(
            [
                "line 1: File has 2097153 bytes; at most 2097152 are read. Shorten the prompt, or name files of the repository instead of quoting them.",
            ],
            Words(TaskFileReader.Read("a.task.md", new byte[TaskFileReader.BytesMax + 1]).Problems)
        );

    [Theory]
    [InlineData("a.task.md", "a.task")]
    [InlineData("a.task.MD", "a.task")]
    [InlineData("a.task", "a.task")]
    [InlineData("wish", "wish")]
    public void The_id_is_the_files_name_without_its_ending(string name, string id) =>
        Assert.Equal(id, TaskFileReader.Read(name, Front + "x").File!.Id);

    [Theory]
    [InlineData(200, 0)]
    [InlineData(201, 1)]
    public void A_title_over_200_characters_is_cut_and_told(int length, int warnings)
    {
        var title = new string('t', length);
        var reading = TaskFileReader.Read("a.task.md", $"{Front}\n# {title}\nDo it.");

        Assert.Equal(title[..200], reading.File!.Title);
        Assert.Equal(
            Enumerable.Repeat("line 5: The title is cut at 200 characters. Shorten it.", warnings),
            Words(reading.Warnings)
        );
    }

    [Theory]
    [InlineData("**Prompt:**", "The prompt", 4)]
    [InlineData("Words.\n**Context:**", "The context", 5)]
    public void A_block_over_the_limit_is_told_by_the_line_of_its_heading(
        string heading,
        string what,
        int line
    )
    {
        var max = SubmissionReader.RequestMax;
        TaskFileReading Read(int length) =>
            TaskFileReader.Read("a.task.md", $"{Front}{heading}\n{new string('x', length)}");

        Assert.Empty(Read(max).Problems);
        Assert.Equal(
            [
                $"line {line}: {what} has {max + 1} characters; at most {max} are taken. Shorten it, or name files of the repository instead of quoting them.",
            ],
            Words(Read(max + 1).Problems)
        );
    }

    [Theory]
    [InlineData("**Target Files:**", "a/{0}", 200)]
    [InlineData("**Success Criteria:**", "it is {0}", 50)]
    public void A_list_over_its_limit_is_told_by_the_line_of_its_heading(
        string heading,
        string entry,
        int max
    )
    {
        TaskFileReading Read(int count) =>
            TaskFileReader.Read(
                "a.task.md",
                $"{Front}# T\n{heading}\n"
                    + string.Concat(
                        Enumerable
                            .Range(0, count)
                            .Select(n =>
                                "- " + entry.Replace("{0}", $"{n}", StringComparison.Ordinal) + "\n"
                            )
                    )
            );

        Assert.Empty(Read(max).Problems);
        Assert.Equal(
            [
                $"line 5: {heading} has {max + 1} entries; at most {max} are taken. Name folders instead of files, or split the task.",
            ],
            Words(Read(max + 1).Problems)
        );
    }

    [Fact]
    public void A_heading_that_stands_there_again_is_text_and_told()
    {
        var reading = TaskFileReader.Read(
            "a.task.md",
            Front
                + "**Prompt:** first\nsecond\n**prompt:** third\n**Context:**\nfourth\n**Context:**"
        );

        Assert.Equal("first\nsecond\n**prompt:** third", reading.File!.Request);
        Assert.Equal("fourth\n**Context:**", reading.File.Context);
        Assert.Equal(
            [
                "line 6: **Prompt:** stands here a second time and is taken as text. Keep one block of each kind.",
                "line 9: **Context:** stands here a second time and is taken as text. Keep one block of each kind.",
            ],
            Words(reading.Warnings)
        );
    }

    [Fact]
    public void A_target_is_a_relative_path_in_whatever_dress()
    {
        var reading = TaskFileReader.Read(
            "a.task.md",
            Front
                + "**Target Files:** - first.cs\n* second.cs\n-\tthird.cs\n- `four th.cs`\n- ./fifth.cs\n\n- a\\sixth.cs\nno item\n- /etc/passwd\n- ../up\n-\n**Prompt:**\nx"
        );

        Assert.Equal(
            ["first.cs", "second.cs", "third.cs", "four th.cs", "fifth.cs", "a/sixth.cs"],
            reading.File!.TargetFiles
        );
        Assert.Equal(
            ((int[])[11, 12, 13, 14]).Select(l =>
                $"line {l}: This line under **Target Files:** is no relative path and is ignored. Write '- path/below/the/repository'."
            ),
            Words(reading.Warnings)
        );
    }

    [Theory]
    [InlineData("- [ ] it works", "it works")]
    [InlineData("- [x] it works", "it works")]
    [InlineData("* [done] it works", "it works")]
    [InlineData("- [] it works", "it works")]
    [InlineData("- [later] it works", "[later] it works")]
    [InlineData("- [a](b) works", "[a](b) works")]
    [InlineData("- it [x] works", "it [x] works")]
    [InlineData("- [ it works", "[ it works")]
    [InlineData("it works\nat once", "it works at once")]
    [InlineData("- it works\n  at once", "it works at once")]
    [InlineData("- [ ] it works\n- [x]\n-\n*", "it works")]
    [InlineData("- a\n- b\nc\n\n* d", "a|b c|d")]
    [InlineData("\n", "")]
    public void A_criterion_is_an_item_without_its_box_with_what_follows_it(
        string lines,
        string criteria
    ) =>
        Assert.Equal(
            criteria,
            string.Join(
                '|',
                TaskFileReader
                    .Read(
                        "a.task.md",
                        $"{Front}# T\n**Success Criteria:**\n{lines}\n**Prompt:**\nx"
                    )
                    .File!.SuccessCriteria
            )
        );

    [Fact]
    public void A_criterion_over_1024_characters_is_refused_with_the_line_that_made_it_so()
    {
        var most = new string('c', 1_024);
        TaskFileReading Read(string lines) =>
            TaskFileReader.Read("a.task.md", $"{Front}# T\n**Success Criteria:**\n{lines}");

        Assert.Equal([most], Read("- " + most).File!.SuccessCriteria);
        Assert.Equal(
            ["line 7: A criterion has more than 1024 characters. Shorten it."],
            Words(Read($"- {most[1..]}\n a\n- {most}c").Problems)
        );
    }

    [Fact]
    public void A_file_that_asks_for_nothing_is_told_at_its_last_line() =>
        Assert.Equal(
            ["line 6: The file asks for nothing. Write what is wanted under a line **Prompt:**."],
            Words(TaskFileReader.Read("a.task.md", Front + "\n \n\t").Problems)
        );

    [Theory]
    [InlineData(
        "",
        1,
        "File must start with YAML frontmatter. Write --- on line 1, then 'type: fix' and further keys, then --- again."
    )]
    [InlineData(
        "---\ntype: fix\n\n",
        4,
        "File must have complete YAML frontmatter. Close the frontmatter with a line --- of its own, before the title."
    )]
    public void Frontmatter_that_does_not_begin_or_end_is_told(
        string text,
        int line,
        string words
    ) =>
        Assert.Equal(
            [$"line {line}: {words}"],
            Words(TaskFileReader.Read("a.task.md", text).Problems)
        );

    [Fact]
    public void A_marker_may_be_followed_by_blanks_and_the_title_stands_anywhere()
    {
        var reading = TaskFileReader.Read(
            "a.task.md",
            "--- \ntype: fix\n---\t\nbefore\n# The title \n## no title\n# another\nafter"
        );

        Assert.Equal("The title", reading.File!.Title);
        Assert.Equal("before\n## no title\n# another\nafter", reading.File.Request);
    }

    private static IEnumerable<string> Words(IEnumerable<TaskFileFinding> findings) =>
        findings.Select(f => f.ToString());
}
