using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.UnitTests.Audit;

/// <summary>
/// Lines of an export from what a test wants to stand in them, by the format's description and not by the writer: each has
/// the digest that it needs, so that only what is wrong in itself is found.
/// </summary>
internal static class AuditLines
{
    public const string At = "2026-05-04T03:02:01+00:00";

    /// <summary>What comes before the first line.</summary>
    public static byte[] Zero => new byte[32];

    /// <summary>The stored bytes of a task's fact.</summary>
    public static string Stored(long sequence) =>
        $$$"""{"at":"{{{At}}}","fact":{"fact":"approved","note":"{{{sequence}}}"}}""";

    /// <summary>The right hash of a task's fact; of fact 0, what stands in for it.</summary>
    public static string Hash(string task, long sequence)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(task));
        for (var i = 1L; i <= sequence; i++)
        {
            hash = Digest(hash, Stored(i));
        }
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>SHA-256 of what was before and of a text.</summary>
    public static byte[] Digest(byte[] before, string text) =>
        SHA256.HashData([.. before, .. Encoding.UTF8.GetBytes(text)]);

    /// <summary>A header of all tasks, or of one.</summary>
    public static string Header(long to, string head, string? task = null, long after = 0)
    {
        var only = task is null ? "null" : $"\"{task}\"";
        return $$"""{"audit":1,"product":"1","head":"{{head}}","task":{{only}},"after":{{after}},"to":{{to}}""";
    }

    /// <summary>A record, right where a test says nothing else.</summary>
    public static string Record(
        string task,
        long sequence,
        long position,
        string? previous = null,
        string? hash = null,
        string at = At,
        string kind = "approved"
    )
    {
        previous ??= Hash(task, sequence - 1);
        hash ??= Hash(task, sequence);
        var names =
            $$"""{"position":{{position}},"task":"{{task}}","sequence":{{sequence}},"at":"{{at}}","kind":"{{kind}}" """;
        return $$"""{{names}},"previous":"{{previous}}","hash":"{{hash}}","stored":{{Stored(sequence)}}""";
    }

    /// <summary>The last line.</summary>
    public static string End(long records) => $$"""{"end":true,"records":{{records}}""";

    /// <summary>A line with its digest.</summary>
    public static byte[] Line(string content, byte[] digest) =>
        Encoding.UTF8.GetBytes($"{content},\"digest\":\"{Convert.ToHexStringLower(digest)}\"}}\n");

    /// <summary>These lines, each with its digest.</summary>
    public static List<byte[]> Of(params string[] contents)
    {
        var digest = Zero;
        var lines = new List<byte[]>();
        foreach (var content in contents)
        {
            digest = Digest(digest, content);
            lines.Add(Line(content, digest));
        }
        return lines;
    }
}
