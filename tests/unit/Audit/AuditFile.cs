using System.Text;
using Orchestrator.Decisions.Audit;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.UnitTests.Audit;

/// <summary>Exports made and checked in memory.</summary>
internal static class AuditFile
{
    /// <summary>Facts of two tasks and the system log, in turns; the numbers are positions from 1.</summary>
    public static IReadOnlyList<(string Task, string Stored)> Facts { get; } =
    [
        (
            "task_a",
            Fact(
                "submitted",
                "\"spec\":{\"request\":\"Grüße \\\"x\\\"\",\"requester\":\"ann\",\"source\":\"cli\"}"
            )
        ),
        ("task_b", Fact("submitted", "\"spec\":{\"request\":\"two\",\"requester\":\"bob\"}")),
        (
            "task_a",
            Fact(
                "screened",
                "\"turn\":1,\"ruling\":{\"verdict\":\"allow\",\"rule\":\"repository\"}"
            )
        ),
        ("_system", Fact("throttled", "\"reason\":\"full\",\"requester\":\"eve\"")),
        ("task_a", Fact("approved", "\"by\":\"ann\",\"note\":\"\"")),
        ("task_b", Fact("cancel-requested", "\"by\":\"bob\",\"reason\":\"no\"")),
        ("task_a", Fact("delivered", "\"turn\":1")),
    ];

    public static string Fact(string kind, string members) =>
        $$$"""{"at":"2026-05-04T03:02:01+00:00","fact":{"fact":"{{{kind}}}",{{{members}}}}}""";

    /// <summary>The lines of an export of the facts after a position.</summary>
    public static List<byte[]> Lines(long after = 0, string? task = null)
    {
        var writer = new AuditWriter();
        var lines = new List<byte[]>();
        var chain = new Dictionary<string, (long Sequence, byte[] Hash)>();
        var records =
            new List<(
                long Position,
                string Task,
                long Sequence,
                byte[] Previous,
                byte[] Hash,
                byte[] Stored
            )>();
        for (var i = 0; i < Facts.Count; i++)
        {
            var (of, stored) = (Facts[i].Task, Encoding.UTF8.GetBytes(Facts[i].Stored));
            var (sequence, previous) = chain.GetValueOrDefault(of, (0, HashChain.Anchor(of)));
            var hash = HashChain.Next(previous, stored);
            chain[of] = (sequence + 1, hash);
            records.Add((i + 1, of, sequence + 1, previous, hash, stored));
        }
        var wanted = records
            .Where(r => task is null ? r.Position > after : r.Task == task && r.Sequence > after)
            .ToList();
        lines.Add(
            writer.Header(
                new AuditHeader
                {
                    Product = "1.2.3",
                    Cluster = "orchestrator",
                    Schema = 3,
                    Made = new DateTimeOffset(2026, 5, 4, 0, 0, 0, TimeSpan.Zero),
                    Task = task,
                    After = after,
                    To = task is null ? wanted[^1].Position : wanted[^1].Sequence,
                    Head = Convert.ToHexStringLower(wanted[^1].Hash),
                }
            )
        );
        foreach (var r in wanted)
        {
            lines.Add(
                writer.Record(
                    new AuditRecord
                    {
                        Position = r.Position,
                        TaskId = r.Task,
                        Sequence = r.Sequence,
                        Previous = r.Previous,
                        Hash = r.Hash,
                        Stored = r.Stored,
                    }
                )
            );
        }
        lines.Add(writer.End());
        return lines;
    }

    public static AuditVerdict Verify(IEnumerable<byte[]> lines) =>
        Verify([.. lines.SelectMany(l => l)]);

    /// <summary>As the silo's verb reads a file.</summary>
    public static AuditVerdict Verify(byte[] file)
    {
        var verifier = new AuditVerifier();
        var rest = file.AsSpan();
        while (rest.IndexOf((byte)'\n') is >= 0 and var length)
        {
            verifier.Take(rest[..length]);
            rest = rest[(length + 1)..];
        }
        if (rest.Length > 0)
        {
            verifier.Take(rest, closed: false);
        }
        return verifier.End();
    }
}
