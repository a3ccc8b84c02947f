using Orchestrator.Decisions.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>The text of a task file to the letter: people read it, and other programs do.</summary>
public sealed class TaskFileWriterTests
{
    private static readonly TaskFile Least = new()
    {
        Id = "t-1",
        Type = "fix",
        Title = "A title",
        Request = "Do it.",
    };

    [Fact]
    public void All_that_a_file_can_say_stands_in_its_place()
    {
        var file = Least with
        {
            Priority = "high",
            Created = new DateTimeOffset(2026, 3, 1, 1, 30, 0, TimeSpan.FromHours(2)),
            Cwd = @"C:\src\it's here",
            TimeoutSeconds = 1_800,
            AgentType = "claude-code",
            ParentTaskId = "t-0",
            BaseBranch = "release/2.x",
            Remote = "github:acme/shop",
            Tickets = ["linear:SHOP-1", "jira:PAY-2"],
            Runner = "scripted",
            Model = "opus",
            Script = "{\"version\":1}",
            MaxTurns = 40,
            Title = "Two\nlines",
            TargetFiles = ["src/a b.cs", "two\r\nlines"],
            SuccessCriteria = ["builds", "two\nlines"],
            Context = "before\n**Prompt:** no heading\n**target files:** none either\nafter",
            Request = "First.\r\n**Prompt:** stays as it is\nLast.",
        };

        Assert.Equal(
            """
            ---
            id: t-1
            type: fix
            priority: high
            created: '2026-02-28T23:30:00Z'
            cwd: 'C:\src\it''s here'
            timeout_sec: 1800
            agent_type: claude-code
            parent_task_id: t-0
            base_branch: release/2.x
            remote: 'github:acme/shop'
            tickets: 'linear:SHOP-1, jira:PAY-2'
            runner: scripted
            model: opus
            script: '{"version":1}'
            max_turns: 40
            ---

            # Two lines

            **Target Files:**
            - src/a b.cs
            - two lines

            **Success Criteria:**
            - [ ] builds
            - [ ] two lines

            **Context:**
            before
             **Prompt:** no heading
             **target files:** none either
            after

            **Prompt:**
            First.
            **Prompt:** stays as it is
            Last.

            """.ReplaceLineEndings("\n"),
            TaskFileWriter.Write(file)
        );
    }

    [Fact]
    public void What_is_not_said_is_not_written() =>
        Assert.Equal(
            """
            ---
            id: t-1
            type: fix
            priority: medium
            ---

            # A title

            **Target Files:**

            **Success Criteria:**

            **Context:**


            **Prompt:**
            Do it.

            """.ReplaceLineEndings("\n"),
            TaskFileWriter.Write(Least)
        );

    // Plain only where YAML can read nothing else into it.
    [Theory]
    [InlineData("opus", "opus")]
    [InlineData("a_b-c.d/e", "a_b-c.d/e")]
    [InlineData("9", "9")]
    [InlineData("-9", "'-9'")]
    [InlineData("_a", "'_a'")]
    [InlineData(".a", "'.a'")]
    [InlineData("/a", "'/a'")]
    [InlineData("null", "'null'")]
    [InlineData("Null", "'Null'")]
    [InlineData("nulls", "nulls")]
    [InlineData("a b", "'a b'")]
    [InlineData("a:b", "'a:b'")]
    [InlineData("é", "'é'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("''", "''''''")]
    [InlineData("say \"a\"", "'say \"a\"'")]
    [InlineData("a\tb", "\"a\\tb\"")]
    [InlineData("a\nb", "\"a\\nb\"")]
    [InlineData("a\u2028b", "\"a\\u2028b\"")]
    [InlineData("a\u2029b", "\"a\\u2029b\"")]
    [InlineData("\uFEFFb", "\"\\uFEFFb\"")]
    public void A_value_is_quoted_where_it_could_be_read_as_something_else(
        string value,
        string written
    ) =>
        Assert.Contains(
            $"\nmodel: {written}\n",
            TaskFileWriter.Write(Least with { Model = value }),
            StringComparison.Ordinal
        );
}
