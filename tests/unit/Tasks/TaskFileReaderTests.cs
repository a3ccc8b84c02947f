using System.Text;
using CsCheck;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class TaskFileReaderTests
{
    private const string Example = """
        ---
        id: example_001
        type: fix
        priority: high
        created: 2025-08-03T16:30:00Z
        cwd: /backend
        timeout_sec: 900
        agent_type: bug_fix
        parent_task_id: example_000
        template_id: whatever
        ---

        # Retry lost database connections

        **Target Files:**
        - src/db/pool.cs
        - config\db.json

        **Prompt:**
        Connections drop under load. Find the cause and make the pool recover.

        **Success Criteria:**
        - [ ] a dropped connection is replaced within 5 s
        - [x] the test suite passes
        - [✓] see [the page](x)

        **Context:**
        Seen first after the upgrade to version 4.
        """;

    private static readonly string[] Hard =
    [
        "in /srv/app: retry",
        "C:\\x\\y: z",
        "**Context:** x\n**Prompt:**\n---\n# no\n## Steps",
        "a\n**Target Files:**\n- b",
        "null",
        "yes",
        "'",
    ];

    [Fact]
    public void The_predecessors_example_is_read_in_every_part()
    {
        var file = Good("example.task.md", Example);

        Assert.Equal(
            ("example_001", "fix", "high", "/backend", 900, "bug_fix", "example_000"),
            (
                file.Id,
                file.Type,
                file.Priority,
                file.Cwd,
                file.TimeoutSeconds,
                file.AgentType,
                file.ParentTaskId
            )
        );
        Assert.Equal(new DateTimeOffset(2025, 8, 3, 16, 30, 0, TimeSpan.Zero), file.Created);
        Assert.Equal("Retry lost database connections", file.Title);
        Assert.Equal(["src/db/pool.cs", "config/db.json"], file.TargetFiles);
        Assert.Equal(
            "Connections drop under load. Find the cause and make the pool recover.",
            file.Request
        );
        Assert.Equal(
            [
                "a dropped connection is replaced within 5 s",
                "the test suite passes",
                "see [the page](x)",
            ],
            file.SuccessCriteria
        );
        Assert.Equal("Seen first after the upgrade to version 4.", file.Context);
        Assert.Empty(TaskFileReader.Read("example.task.md", Example).Warnings);
    }

    [Theory]
    [InlineData("id: 42", "42")]
    [InlineData("id: 00042", "00042")]
    [InlineData("id: 'a.b-c_d'", "a.b-c_d")]
    [InlineData("id:", "name.task")]
    [InlineData("id: ~", "name.task")]
    [InlineData("priority: low", "name.task")]
    public void An_id_is_the_key_or_the_files_name(string line, string id) =>
        Assert.Equal(id, Good("name.task.md", Minimal(line)).Id);

    [Theory]
    [InlineData("created: 2025-08-03 16:30:00", 16)]
    [InlineData("created: '2025-08-03T16:30:00'", 16)]
    [InlineData("created: 2025-08-03T18:30:00+02:00", 16)]
    [InlineData("created: 2025-08-03", 0)]
    public void A_timestamp_may_be_quoted_or_not_and_is_utc(string line, int hour) =>
        Assert.Equal(
            new DateTimeOffset(2025, 8, 3, hour, hour == 0 ? 0 : 30, 0, TimeSpan.Zero),
            Good("a.task.md", Minimal(line)).Created
        );

    [Theory]
    [InlineData("cwd: C:\\x\\y", "C:\\x\\y")]
    [InlineData("cwd: 'C:\\x\\y'", "C:\\x\\y")]
    [InlineData("cwd: a --- b", "a --- b")]
    [InlineData("cwd: \"/srv/app: retry\"", "/srv/app: retry")]
    [InlineData("cwd:", "")]
    [InlineData("cwd: ''", "")]
    public void A_folder_is_read_as_it_is_written(string line, string cwd) =>
        Assert.Equal(cwd, Good("a.task.md", Minimal(line)).Cwd);

    [Fact]
    public void Line_ends_marks_and_a_missing_last_newline_change_nothing()
    {
        var plain = Good("a.task.md", Example);
        var windows = Example.ReplaceLineEndings("\r\n");
        Assert.Equivalent(plain, Good("a.task.md", windows), strict: true);
        Assert.Equivalent(plain, Good("a.task.md", "\uFEFF" + windows), strict: true);
        Assert.Equivalent(plain, Good("a.task.md", Example.TrimEnd() + "\n\n"), strict: true);
        foreach (
            var encoding in (Encoding[])
                [new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode]
        )
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(windows)];
            Assert.Equivalent(plain, TaskFileReader.Read("a.task.md", bytes).File, strict: true);
        }
    }

    [Fact]
    public void D22_Only_the_known_headings_end_a_block()
    {
        const string Prompt =
            "First line  \n    indented\n**Note** this\n## Steps\n# A comment\n---\n**Files:** none\n- item\n\n| a | b |\n  **Context:** quoted";
        var file = Good(
            "a.task.md",
            $"---\ntype: fix\n---\n# Task: one\n**Prompt:**  \n{Prompt}\n\n**Context:**\nAfter.\n"
        );

        Assert.Equal(Prompt, file.Request);
        Assert.Equal(("Task: one", "After."), (file.Title, file.Context));
    }

    [Fact]
    public void A_file_without_a_prompt_block_asks_for_its_free_text_else_for_its_title()
    {
        Assert.Equal("Do it.", Good("a.task.md", "---\ntype: fix\n---\n# T\n\nDo it.\n").Request);
        Assert.Equal("T", Good("a.task.md", "---\ntype: fix\n---\n# T\n").Request);
        Assert.Equal("Task a.task", Good("a.task.md", "---\ntype: fix\n---\n**Prompt:** x").Title);
    }

    [Theory]
    [InlineData("", 1, "File must start with YAML frontmatter")]
    [InlineData("# Title\n---\ntype: fix\n---\n", 1, "File must start with YAML frontmatter")]
    [InlineData("---\ntype: fix\n", 3, "File must have complete YAML frontmatter")]
    [InlineData("---\ntype: [fix\n---\nx", 2, "Invalid YAML frontmatter:")]
    [InlineData("---\ntype: fix\ntype: fix\n---\nx", 3, "Invalid YAML frontmatter:")]
    [InlineData("---\ntype: fix\nid: [a]\n---\nx", 3, "Invalid YAML frontmatter:")]
    [InlineData("---\njust words\n---\nx", 2, "Invalid YAML frontmatter:")]
    [InlineData("---\ntype: &a fix\n---\nx", 2, "Invalid YAML frontmatter:")]
    [InlineData("---\ntype: *a\n---\nx", 2, "Invalid YAML frontmatter:")]
    [InlineData("---\ncwd: \"C:\\q\"\ntype: fix\n---\nx", 2, "Invalid YAML frontmatter:")]
    [InlineData("---\nid: a\n---\nx", 1, "Missing required field: type")]
    [InlineData("---\n---\nx", 1, "Missing required field: type")]
    [InlineData("---\nid: a\ntype: bugfix\n---\nx", 3, "Invalid task type: bugfix")]
    [InlineData("---\ntype: fix\npriority: urgent\n---\nx", 3, "Invalid priority: urgent")]
    [InlineData("---\ntype: fix\nid: ../../x\n---\nx", 3, "Invalid id: ../../x")]
    [InlineData("---\ntype: fix\nid: NUL.txt\n---\nx", 3, "Invalid id: NUL.txt")]
    [InlineData("---\ntype: fix\nid: _system\n---\nx", 3, "Invalid id: _system")]
    [InlineData("---\ntype: fix\ntimeout_sec: 1h\n---\nx", 3, "Invalid timeout_sec: 1h")]
    [InlineData("---\ntype: fix\ntimeout_sec: 86401\n---\nx", 3, "Invalid timeout_sec: 86401")]
    [InlineData("---\ntype: fix\nagent_type: wizard\n---\nx", 3, "Invalid agent_type: wizard")]
    [InlineData("---\ntype: fix\n---\n\n", 5, "The file asks for nothing")]
    public void A_bad_file_is_refused_with_its_line_and_the_cure(
        string text,
        int line,
        string message
    )
    {
        var reading = TaskFileReader.Read("a.task.md", text);

        Assert.Null(reading.File);
        var problem = Assert.Single(reading.Problems);
        Assert.Equal(line, problem.Line);
        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Cure);
    }

    [Fact]
    public void Every_problem_is_told_at_once_and_unknown_keys_are_warnings()
    {
        var reading = TaskFileReader.Read(
            "a.task.md",
            "---\ntype: x\npriority: y\nowner: me\nmeta:\n  - deep: [1]\ntimeout_sec: 0\n---\nx"
        );

        Assert.Equal([2, 3, 7], reading.Problems.Select(p => p.Line));
        Assert.Equal([4, 6], reading.Warnings.Select(p => p.Line));
        Assert.Contains("'owner'", reading.Warnings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_refuse_one_character_more_and_take_the_last_allowed_one()
    {
        static string Of(int length) =>
            $"---\ntype: fix\n---\n**Prompt:**\n{new string('x', length)}";
        Assert.Equal(200_000, Good("a.task.md", Of(200_000)).Request.Length);
        Assert.Null(TaskFileReader.Read("a.task.md", Of(200_001)).File);
        Assert.Null(TaskFileReader.Read("a.task.md", new byte[TaskFileReader.BytesMax + 1]).File);
        Assert.Null(TaskFileReader.Read("a.task.md", [0x2D, 0x2D, 0x2D, 0x0A, 0xC3]).File);
    }

    [Theory]
    [InlineData("x.task.md", true)]
    [InlineData("x.task.v2.MD", true)]
    [InlineData("x.task.md.error.md", false)]
    [InlineData(".x.task.tmp", false)]
    [InlineData(".x.task.md", false)]
    [InlineData("x.md", false)]
    [InlineData("x.task.txt", false)]
    public void The_watched_folder_takes_task_files_only(string name, bool taken) =>
        Assert.Equal(taken, TaskFileReader.IsTaskFileName(name));

    [Fact]
    public void What_the_writer_writes_the_reader_reads_back()
    {
        var words = Gen.OneOf(
            Gen.String[Gen.Char[" abcßü漢'\":#-*[]{}&!|>%@`,?\\/\t\n\0.0~"], 0, 60],
            Gen.Int[0, Hard.Length - 1].Select(i => Hard[i])
        );
        Gen.Select(words, words, words)
            .Sample(
                (cwd, request, context) =>
                {
                    var file = new TaskFile
                    {
                        Id = "t-1",
                        Type = "bug_fix",
                        Priority = "low",
                        Created = DateTimeOffset.UnixEpoch,
                        Title = "A title",
                        Cwd = cwd.Replace("\0", "", StringComparison.Ordinal).Trim(),
                        Request = "x" + request.ReplaceLineEndings("\n").TrimEnd() + "\n-",
                        Context = context.ReplaceLineEndings("\n").Replace("**", "*"),
                        TargetFiles = ["a b.cs", "c/d"],
                        SuccessCriteria = ["[link](x) holds", "done"],
                    };
                    var back = TaskFileReader.Read("t.task.md", TaskFileWriter.Write(file));
                    Assert.True(back.File is not null, string.Join('\n', back.Problems));
                    Assert.Equal(file.Request, back.File!.Request);
                    Assert.Equal(file.Cwd, back.File.Cwd);
                    Assert.Equal(file.Context.Trim('\n', ' ', '\t'), back.File.Context.Trim());
                    Assert.Equal(file.SuccessCriteria, back.File.SuccessCriteria);
                    Assert.Equal(file.TargetFiles, back.File.TargetFiles);
                },
                iter: 2_000
            );
    }

    [Fact]
    public void No_text_throws_or_takes_longer_than_its_length_allows()
    {
        string[] hard =
        [
            "---\n" + new string('[', 60_000) + "\n---\nx",
            "---\n" + string.Concat(Enumerable.Repeat("a: ", 20_000)) + "\n---\nx",
            "---\n" + string.Concat(Enumerable.Repeat("? ", 30_000)) + "\n---\nx",
            "---\n" + string.Concat(Enumerable.Repeat("- ", 30_000)) + "\n---\nx",
            "---\n" + string.Concat(Enumerable.Repeat("{a: ", 15_000)) + "\n---\nx",
            "---\n" + string.Concat(Enumerable.Repeat("k: &a [*a,*a]\n", 4_000)) + "\n---\nx",
            "---\n"
                + string.Concat(Enumerable.Range(0, 8_000).Select(i => $"k{i}: v\n"))
                + "---\nx",
            "---\ntype: \"" + new string('\\', 60_000) + "\"\n---\nx",
            "---\ntype: |\n" + string.Concat(Enumerable.Repeat("  x\n", 15_000)) + "---\nx",
            "---\ntype: fix\n---\n" + string.Concat(Enumerable.Repeat("**Prompt:**\n", 80_000)),
            "---\ntype: fix\n---\n**Target Files:**\n"
                + string.Concat(Enumerable.Repeat("- \n", 300_000)),
        ];
        foreach (var text in hard)
        {
            // Bytes, not milliseconds: the same on every machine, and no loop runs without them for long.
            var before = GC.GetAllocatedBytesForCurrentThread();
            TaskFileReader.Read("a.task.md", text);
            var cost = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(
                cost < (100L * text.Length) + 4_000_000,
                $"{text[..20]}... of {text.Length} characters cost {cost} bytes"
            );
        }
        Gen.Select(Gen.Int[0, Example.Length - 1], Gen.Int[0, 40], Gen.String[0, 8])
            .Sample(
                (at, cut, put) =>
                    TaskFileReader.Read(
                        "a.task.md",
                        Example[..at] + put + Example[Math.Min(Example.Length, at + cut)..]
                    )
                        is not null,
                iter: 3_000
            );
    }

    [Theory]
    [InlineData("in /backend and add tests", "/backend")]
    [InlineData("in /srv/app: retry", "/srv/app")]
    [InlineData("Fix the pool in /srv/app.", "/srv/app")]
    [InlineData("fix it in C:\\work\\app, then test", "C:\\work\\app")]
    [InlineData("fix it in \"C:\\my work\\app\" then test", "C:\\my work\\app")]
    [InlineData("In /a/b-c_d (soon)", "/a/b-c_d")]
    [InlineData("what is in / here", "")]
    [InlineData("begin /backend", "")]
    [InlineData("look in src/app", "")]
    [InlineData("", "")]
    public void D25_A_sentence_names_its_folder_without_the_words_around_it(
        string sentence,
        string folder
    ) => Assert.Equal(folder, SentenceFolder.Of(sentence));

    [Fact]
    public void D25_A_sentence_with_a_colon_survives_the_way_through_a_task_file()
    {
        var file = Good("a.task.md", Minimal("id: x")) with
        {
            Request = "in /srv/app: retry",
            Cwd = SentenceFolder.Of("in /srv/app: retry"),
        };
        var back = Good("a.task.md", TaskFileWriter.Write(file));

        Assert.Equal(("/srv/app", "in /srv/app: retry"), (back.Cwd, back.Request));
    }

    [Fact]
    public void D11_Every_type_of_a_task_file_is_taken_at_the_door()
    {
        foreach (
            var type in (string[])
                ["code_review", "summarize", "fix", "analyze", "documentation", "bug_fix"]
        )
        {
            var file = Good("a.task.md", $"---\ntype: {type}\n---\nx");
            var (spec, failure) = SubmissionReader.Read(
                new SubmitRequest { Request = file.Request, Type = file.Type },
                "files",
                ""
            );
            Assert.True(spec is not null, failure?.Message);
        }
    }

    private static string Minimal(string line) => $"---\ntype: fix\n{line}\n---\nDo it.\n";

    private static TaskFile Good(string name, string text)
    {
        var reading = TaskFileReader.Read(name, text);
        Assert.True(reading.File is not null, string.Join('\n', reading.Problems));
        return reading.File!;
    }
}
