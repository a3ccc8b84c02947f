using System.Text;
using CsCheck;
using Orchestrator.Decisions.Audit;
using Xunit;

namespace Orchestrator.UnitTests.Audit;

/// <summary>An export that was touched anywhere is refused, and the first wrong record is named.</summary>
public sealed class AuditVerifierTests
{
    [Fact]
    public void An_export_that_nobody_touched_verifies_and_the_same_facts_have_the_same_digest()
    {
        var verdict = AuditFile.Verify(AuditFile.Lines());

        Assert.Empty(verdict.Findings);
        Assert.Equal((7L, 3), (verdict.Records, verdict.Tasks));
        Assert.Equal(verdict.Digest, AuditFile.Verify(AuditFile.Lines()).Digest);
        Assert.NotEqual(verdict.Digest, AuditFile.Verify(AuditFile.Lines(after: 1)).Digest);
    }

    // A digest that is noted elsewhere must be one of a file that held.
    [Fact]
    public void A_file_with_findings_has_no_digest() =>
        Assert.Equal("", AuditFile.Verify(AuditFile.Lines().SkipLast(1)).Digest);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void An_export_that_begins_later_verifies_from_the_hash_it_records(long after) =>
        Assert.Empty(AuditFile.Verify(AuditFile.Lines(after)).Findings);

    [Fact]
    public void An_export_of_one_task_verifies_and_names_the_head_of_its_chain()
    {
        var lines = AuditFile.Lines(task: "task_a");

        Assert.Empty(AuditFile.Verify(lines).Findings);
        Assert.Equal(4, AuditFile.Verify(lines).Records);
        Assert.Empty(AuditFile.Verify(AuditFile.Lines(2, "task_a")).Findings);
    }

    [Fact]
    public void Every_flipped_byte_is_found_and_the_first_finding_is_on_its_line()
    {
        foreach (var lines in (List<byte[]>[])[AuditFile.Lines(), AuditFile.Lines(1, "task_a")])
        {
            byte[] file = [.. lines.SelectMany(l => l)];
            var (line, end) = (1, lines[0].Length);
            for (var i = 0; i < file.Length; i++)
            {
                if (i == end)
                {
                    end += lines[line++].Length;
                }
                foreach (var flip in (byte[])[0x01, 0x20, 0x80, 0xff])
                {
                    file[i] ^= flip;
                    var findings = AuditFile.Verify(file).Findings;
                    file[i] ^= flip;

                    Assert.True(findings.Count > 0, $"byte {i} ^ {flip:x2} is not found");
                    Assert.True(
                        findings[0].Line == line,
                        $"byte {i} ^ {flip:x2} is on line {line}: {findings[0].Message}"
                    );
                    Assert.StartsWith(
                        $"Line {line}: ",
                        findings[0].Message,
                        StringComparison.Ordinal
                    );
                }
            }
            Assert.Empty(AuditFile.Verify(file).Findings);
        }
    }

    [Fact]
    public void A_changed_word_of_a_fact_is_named_with_its_task_and_number_and_nothing_else_is()
    {
        var lines = AuditFile.Lines();
        lines[5] = Encoding.UTF8.GetBytes(
            Encoding
                .UTF8.GetString(lines[5])
                .Replace("\"by\":\"ann\"", "\"by\":\"eve\"", StringComparison.Ordinal)
        );

        var finding = Assert.Single(AuditFile.Verify(lines).Findings);
        Assert.Equal((6L, "task_a", 3L), (finding.Line, finding.TaskId, finding.Sequence));
        Assert.Contains("stored bytes", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_removed_doubled_or_swapped_line_is_found()
    {
        var whole = AuditFile.Lines();
        for (var i = 0; i < whole.Count; i++)
        {
            var removed = whole.ToList();
            removed.RemoveAt(i);
            var gone = AuditFile.Verify(removed).Findings;
            Assert.True(gone.Count > 0 && gone[0].Line == i + 1, $"line {i + 1} removed");

            var doubled = whole.ToList();
            doubled.Insert(i, whole[i]);
            var twice = AuditFile.Verify(doubled).Findings;
            Assert.True(twice.Count > 0 && twice[0].Line == i + 2, $"line {i + 1} doubled");
            for (var j = i + 1; j < whole.Count; j++)
            {
                var swapped = whole.ToList();
                (swapped[i], swapped[j]) = (swapped[j], swapped[i]);
                var moved = AuditFile.Verify(swapped).Findings;
                Assert.True(
                    moved.Count > 0 && moved[0].Line == i + 1,
                    $"{i + 1} and {j + 1} swapped"
                );
            }
        }
    }

    [Fact]
    public void A_missing_record_and_one_that_stands_twice_are_told_apart()
    {
        var missing = AuditFile.Lines();
        missing.RemoveAt(3);
        var doubled = AuditFile.Lines();
        doubled.Insert(3, doubled[3]);

        Assert.Contains(
            "position 3 is missing",
            AuditFile.Verify(missing).Findings[0].Message,
            StringComparison.Ordinal
        );
        var twice = AuditFile.Verify(doubled).Findings[0];
        Assert.Contains("twice or out of order", twice.Message, StringComparison.Ordinal);
        Assert.Equal(("task_a", 2L), (twice.TaskId, twice.Sequence));
    }

    [Fact]
    public void A_file_that_was_cut_anywhere_is_not_whole()
    {
        byte[] file = [.. AuditFile.Lines().SelectMany(l => l)];
        for (var length = 0; length < file.Length; length++)
        {
            Assert.True(
                AuditFile.Verify(file[..length]).Findings.Count > 0,
                $"cut after {length} of {file.Length} bytes"
            );
        }
    }

    [Fact]
    public void A_chain_that_somebody_made_anew_from_a_changed_fact_on_breaks_where_a_later_hash_was_kept()
    {
        // Who changes the journal and not what follows: the writer exports what stands there.
        var writer = new AuditWriter();
        var (first, second) = ("{\"a\":1}"u8.ToArray(), "{\"a\":2}"u8.ToArray());
        var hash = HashChain.Next(HashChain.Anchor("t"), "{\"a\":0}"u8);
        var next = HashChain.Next(hash, second);
        var forged = HashChain.Next(HashChain.Anchor("t"), first);
        byte[][] lines =
        [
            writer.Header(new AuditHeader { To = 2, Head = Convert.ToHexStringLower(next) }),
            writer.Record(
                new AuditRecord
                {
                    Position = 1,
                    TaskId = "t",
                    Sequence = 1,
                    Previous = HashChain.Anchor("t"),
                    Hash = forged,
                    Stored = first,
                }
            ),
            writer.Record(
                new AuditRecord
                {
                    Position = 2,
                    TaskId = "t",
                    Sequence = 2,
                    Previous = forged,
                    Hash = next,
                    Stored = second,
                }
            ),
            writer.End(),
        ];

        var finding = Assert.Single(AuditFile.Verify(lines).Findings);
        Assert.Equal((3L, "t", 2L), (finding.Line, finding.TaskId, finding.Sequence));
    }

    [Fact]
    public void Bytes_that_are_no_line_of_JSON_are_exported_and_verified_all_the_same()
    {
        foreach (
            var stored in (byte[][])
                [
                    [],
                    [0xff, 0xfe],
                    [.. "{\"a\":\n1}"u8],
                    [.. "nonsense"u8],
                    [.. "{\"a\":\""u8, 0xc3, .. "\"}"u8],
                ]
        )
        {
            var writer = new AuditWriter();
            var hash = HashChain.Next(HashChain.Anchor("t"), stored);
            byte[][] lines =
            [
                writer.Header(new AuditHeader { To = 1, Head = Convert.ToHexStringLower(hash) }),
                writer.Record(
                    new AuditRecord
                    {
                        Position = 1,
                        TaskId = "t",
                        Sequence = 1,
                        Previous = HashChain.Anchor("t"),
                        Hash = hash,
                        Stored = stored,
                    }
                ),
                writer.End(),
            ];

            Assert.Empty(AuditFile.Verify(lines).Findings);
        }
    }

    [Fact]
    public void Any_bytes_at_all_are_refused_without_a_crash() =>
        Gen
            .Byte.Array[0, 400]
            .Sample(bytes => Assert.NotEmpty(AuditFile.Verify(bytes).Findings), iter: 2_000);

    [Fact]
    public void Any_change_of_several_bytes_is_found()
    {
        byte[] file = [.. AuditFile.Lines().SelectMany(l => l)];
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte.Array[1, 40])
            .Sample(
                (at, bytes) =>
                {
                    var changed = file.ToArray();
                    bytes
                        .AsSpan(0, Math.Min(bytes.Length, file.Length - at))
                        .CopyTo(changed.AsSpan(at));
                    Assert.Equal(
                        changed.AsSpan().SequenceEqual(file),
                        AuditFile.Verify(changed).Findings.Count == 0
                    );
                },
                iter: 2_000
            );
    }
}
