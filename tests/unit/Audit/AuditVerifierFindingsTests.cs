using Orchestrator.GrainInterfaces.Api;
using Xunit;
using static Orchestrator.UnitTests.Audit.AuditLines;

namespace Orchestrator.UnitTests.Audit;

/// <summary>What is wrong in an export is found once, and told in a sentence with its line, task and number.</summary>
public sealed class AuditVerifierFindingsTests
{
    private static readonly string NoHash = new('g', 64);

    /// <summary>Lines whose digests are right, and what is wrong with them: task/number of the finding, then its message.</summary>
    public static TheoryData<string, string[]> Wrong() =>
        new()
        {
            {
                "t/1 Line 2: task t, fact 1: its stored bytes or its hash were changed.",
                [Header(1, Hash("u", 1)), Record("t", 1, 1, hash: Hash("u", 1)), End(1)]
            },
            // What is no hash is no hash of anything, and the fact after it is judged by the stored bytes.
            {
                "t/1 Line 2: task t, fact 1: its stored bytes or its hash were changed.",
                [Header(2, Hash("t", 2)), Record("t", 1, 1, hash: "ab"), Record("t", 2, 2), End(2)]
            },
            {
                "t/1 Line 2: task t, fact 1: its stored bytes or its hash were changed.",
                [
                    Header(2, Hash("t", 2)),
                    Record("t", 1, 1, hash: NoHash),
                    Record("t", 2, 2),
                    End(2),
                ]
            },
            {
                "t/1 Line 2: task t, fact 1: the line names another instant or kind than the stored bytes.",
                [
                    Header(1, Hash("t", 1)),
                    Record("t", 1, 1, at: "2026-05-04T03:02:02+00:00"),
                    End(1),
                ]
            },
            {
                "t/1 Line 2: task t, fact 1: the line names another instant or kind than the stored bytes.",
                [Header(1, Hash("t", 1)), Record("t", 1, 1, kind: "rejected"), End(1)]
            },
            {
                "u/1 Line 2: task u, fact 1 is of another task than the export of t.",
                [Header(1, Hash("u", 1), "t"), Record("u", 1, 1), End(1)]
            },
            {
                "t/3 Line 3: fact 2 is missing before task t, fact 3.",
                [Header(3, Hash("t", 3), "t"), Record("t", 1, 5), Record("t", 3, 6), End(2)]
            },
            {
                "t/5 Line 3: facts 2 to 4 are missing before task t, fact 5.",
                [Header(5, Hash("t", 5), "t"), Record("t", 1, 5), Record("t", 5, 6), End(2)]
            },
            {
                "u/1 Line 3: position 2 is missing before task u, fact 1.",
                [Header(3, Hash("u", 1)), Record("t", 1, 1), Record("u", 1, 3), End(2)]
            },
            {
                "u/1 Line 3: positions 2 to 3 are missing before task u, fact 1.",
                [Header(4, Hash("u", 1)), Record("t", 1, 1), Record("u", 1, 4), End(2)]
            },
            {
                "u/1 Line 2: positions 8 to 19 are missing before task u, fact 1.",
                [Header(20, Hash("u", 1), after: 7), Record("u", 1, 20), End(1)]
            },
            {
                "t/2 Line 4: task t, fact 2 stands twice or out of order (fact 2 after 2).",
                [
                    Header(2, Hash("t", 2), "t"),
                    Record("t", 1, 1),
                    Record("t", 2, 2),
                    Record("t", 2, 3),
                    End(3),
                ]
            },
            {
                "v/1 Line 4: task v, fact 1 stands twice or out of order (position 1 after 2).",
                [
                    Header(1, Hash("v", 1)),
                    Record("t", 1, 1),
                    Record("u", 1, 2),
                    Record("v", 1, 1),
                    End(3),
                ]
            },
            {
                "t/1 Line 2: task t, fact 1 does not begin the chain of its task.",
                [Header(1, Hash("t", 1)), Record("t", 1, 1, previous: Hash("u", 0)), End(1)]
            },
            {
                "t/1 Line 2: task t, fact 1 does not begin the chain of its task.",
                [Header(1, Hash("t", 1)), Record("t", 1, 1, previous: NoHash), End(1)]
            },
            {
                "t/1 Line 2: task t, fact 1 does not begin the chain of its task.",
                [Header(1, Hash("t", 1)), Record("t", 1, 1, previous: "zz"), End(1)]
            },
            {
                "t/1 Line 2: task t, fact 1 does not begin the chain of its task.",
                [Header(1, Hash("t", 1)), Record("t", 1, 1, previous: ""), End(1)]
            },
            {
                "t/2 Line 2: task t, fact 2 is the task's first here: facts before it are missing.",
                [Header(1, Hash("t", 2)), Record("t", 2, 1), End(1)]
            },
            {
                "t/3 Line 3: task t, fact 3 follows fact 1 of its task.",
                [Header(2, Hash("t", 3)), Record("t", 1, 1), Record("t", 3, 2), End(2)]
            },
            {
                "t/2 Line 3: task t, fact 2 does not follow from the task's fact before it.",
                [
                    Header(2, Hash("t", 2)),
                    Record("t", 1, 1),
                    Record("t", 2, 2, previous: Hash("u", 1)),
                    End(2),
                ]
            },
            {
                "t/0 Line 3: no record can be read there; the last before it is task t, fact 1.",
                [Header(1, Hash("t", 1)), Record("t", 1, 1), Bare("t", 2, 2), End(2)]
            },
            {
                "t/0 Line 3: no record can be read there; the last before it is task t, fact 1.",
                [Header(1, Hash("t", 1)), Record("t", 1, 1), "nonsense", End(1)]
            },
            { "/0 Line 1: no record can be read there.", ["nonsense", End(0)] },
            {
                "/0 Line 1: is no header of an export of version 1.",
                ["""{"audit":2,"task":null,"after":0,"to":5,"head":"x" """, End(0)]
            },
            {
                "/0 Line 1: is no header of an export of version 1.",
                ["""{"product":"1","cluster":"c" """, End(0)]
            },
            {
                "t/0 Line 4: the file ended with 3 records and holds 2; the last before it is task t, fact 2.",
                [Header(2, Hash("t", 2)), Record("t", 1, 1), Record("t", 2, 2), End(3)]
            },
            { "/0 Line 2: the file ended with 1 records and holds 0.", [Header(0, ""), End(1)] },
            {
                "t/0 Line 3: the header promises records up to 2; the last is 1.",
                [Header(2, Hash("t", 2)), Record("t", 1, 1), End(1)]
            },
            {
                "t/2 Line 4: the header names another hash of the last record.",
                [Header(2, Hash("t", 1)), Record("t", 1, 1), Record("t", 2, 2), End(2)]
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_where_every_digest_is_right_is_told_once(
        string expected,
        string[] contents
    ) => Assert.Equal([expected], Told(AuditFile.Verify(Of(contents))));

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void An_export_of_nothing_verifies(long after)
    {
        var verdict = AuditFile.Verify(Of(Header(after, "", after: after), End(0)));

        Assert.Empty(verdict.Findings);
        Assert.Equal((0L, 0), (verdict.Records, verdict.Tasks));
    }

    [Fact]
    public void The_digest_of_a_file_is_the_one_of_its_last_line()
    {
        string[] contents = [Header(1, Hash("t", 1)), Record("t", 1, 1), End(1)];

        var verdict = AuditFile.Verify(Of(contents));

        Assert.Empty(verdict.Findings);
        Assert.Equal(Convert.ToHexStringLower(contents.Aggregate(Zero, Digest)), verdict.Digest);
        Assert.Equal((1L, 1), (verdict.Records, verdict.Tasks));
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(80, "")]
    [InlineData(81, "…")]
    [InlineData(200, "…")]
    public void The_first_80_characters_of_a_tasks_id_are_told(int length, string mark)
    {
        var task = new string('t', length);

        var verdict = AuditFile.Verify(Of(Header(1, Hash(task, 2)), Record(task, 2, 1), End(1)));

        var shown = new string('t', Math.Min(length, 80)) + mark;
        Assert.Equal(
            [
                $"{task}/2 Line 2: task {shown}, fact 2 is the task's first here: facts before it are missing.",
            ],
            Told(verdict)
        );
    }

    // A record without what was stored; its digest is right all the same.
    private static string Bare(string task, long sequence, long position)
    {
        var whole = Record(task, sequence, position);
        return whole[..whole.IndexOf(",\"stored\"", StringComparison.Ordinal)];
    }

    private static IEnumerable<string> Told(AuditVerdict verdict) =>
        verdict.Findings.Select(f => $"{f.TaskId}/{f.Sequence} {f.Message}");
}
