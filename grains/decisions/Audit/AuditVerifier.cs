using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Decisions.Audit;

/// <summary>
/// Checks an export line by line: every byte, the order and number of its lines, and each task's chain of hashes. After a
/// wrong line it goes on with what that line says, so that the lines after it are judged by themselves. Keeps one hash for
/// each task.
/// </summary>
public sealed class AuditVerifier
{
    /// <summary>The most findings that are kept.</summary>
    public const int FindingsMax = 100;

    private static readonly SearchValues<byte> Hexadecimal = SearchValues.Create(
        "0123456789abcdef"u8
    );

    private readonly List<AuditFinding> findings = [];
    private readonly Dictionary<string, (long Sequence, byte[] Hash)> chains = new(
        StringComparer.Ordinal
    );
    private byte[] digest = new byte[HashChain.HashBytes];

    // After a wrong line: the digest that its bytes have, when the one that it states is what was changed.
    private byte[]? other;
    private long line;
    private long records;
    private string lastTask = "";
    private long lastSequence;
    private bool ended;

    // Of the header: null until one was read.
    private string? onlyTask;
    private bool headed;
    private long after;
    private long to;
    private string head = "";
    private string lastHash = "";

    // Number of the last record, in the journal or in the one task.
    private long number;

    /// <summary>Takes the next line, without its line feed.</summary>
    /// <param name="bytes">The line.</param>
    /// <param name="closed">False: the file ended before its line feed.</param>
    public void Take(ReadOnlySpan<byte> bytes, bool closed = true)
    {
        line++;
        if (ended)
        {
            Find("", 0, "stands after the file's last line");
            return;
        }
        if (!TryDigest(bytes, out var content, out var stated))
        {
            Find(lastTask, 0, Unreadable());
            return;
        }
        var computed = AuditWriter.Next(digest, content);
        var whole =
            computed.AsSpan().SequenceEqual(stated)
            || (
                other is not null && AuditWriter.Next(other, content).AsSpan().SequenceEqual(stated)
            );
        (digest, other) = (stated, whole ? null : computed);
        if (Parse(content) is not { } document)
        {
            Find(lastTask, 0, Unreadable());
            return;
        }
        using (document)
        {
            var before = findings.Count;
            try
            {
                Take(document.RootElement, content);
            }
            catch (Exception e)
                when (e is KeyNotFoundException or InvalidOperationException or FormatException)
            {
                Find(lastTask, 0, Unreadable());
            }
            if (findings.Count == before && (!whole || !closed))
            {
                Find(
                    lastTask,
                    records == 0 ? 0 : lastSequence,
                    !closed ? "does not end in a line feed"
                        : ended ? "the last line was changed, or a line before it is missing"
                        : records == 0 ? "the header was changed"
                        : $"the record of {Name(lastTask, lastSequence)} was changed, or does not belong after the line before it"
                );
            }
        }
    }

    /// <summary>What was found, at the file's end.</summary>
    public AuditVerdict End()
    {
        if (!ended)
        {
            line++;
            Find(
                lastTask,
                0,
                line == 1
                    ? "the file is empty"
                    : $"the file's last line is missing, it was cut{Following()}"
            );
        }
        return new AuditVerdict(
            records,
            chains.Count,
            findings.Count == 0 ? Convert.ToHexStringLower(digest) : "",
            findings
        );
    }

    private void Take(JsonElement root, ReadOnlySpan<byte> content)
    {
        if (line == 1)
        {
            Header(root);
        }
        else if (root.TryGetProperty("end", out _))
        {
            Close(root);
        }
        else
        {
            Record(root, content);
        }
    }

    private void Header(JsonElement root)
    {
        if (
            !root.TryGetProperty("audit", out var version)
            || version.GetInt32() != AuditWriter.Version
        )
        {
            Find("", 0, $"is no header of an export of version {AuditWriter.Version}");
            return;
        }
        onlyTask = root.GetProperty("task").GetString();
        after = root.GetProperty("after").GetInt64();
        to = root.GetProperty("to").GetInt64();
        head = root.GetProperty("head").GetString()!;
        number = after;
        headed = true;
    }

    private void Close(JsonElement root)
    {
        ended = true;
        if (root.GetProperty("records").GetInt64() is var told && told != records)
        {
            Find(
                lastTask,
                0,
                $"the file ended with {told} records and holds {records}{Following()}"
            );
        }
        else if (headed && number != to)
        {
            Find(lastTask, 0, $"the header promises records up to {to}; the last is {number}");
        }
        else if (headed && lastHash != head)
        {
            Find(lastTask, lastSequence, "the header names another hash of the last record");
        }
    }

    private void Record(JsonElement root, ReadOnlySpan<byte> content)
    {
        records++;
        var task = root.GetProperty("task").GetString()!;
        var sequence = root.GetProperty("sequence").GetInt64();
        var position = root.GetProperty("position").GetInt64();
        var previous = Hex(root.GetProperty("previous").GetString()!) ?? [];
        var stated = root.GetProperty("hash").GetString()!;
        var stored = Stored(content);
        var (at, kind) = AuditText.Of(stored);
        lastHash = stated;
        var wrong =
            Misplaced(task, sequence, position)
            ?? Broken(task, sequence, previous)
            ?? (
                Convert.ToHexStringLower(HashChain.Next(previous, stored)) != stated
                    ? $"{Name(task, sequence)}: its stored bytes or its hash were changed"
                : root.GetProperty("at").GetString() != at
                || root.GetProperty("kind").GetString() != kind
                    ? $"{Name(task, sequence)}: the line names another instant or kind than the stored bytes"
                : null
            );
        if (wrong is not null)
        {
            Find(task, sequence, wrong);
        }
        chains[task] = (sequence, Hex(stated) ?? HashChain.Next(previous, stored));
        (lastTask, lastSequence) = (task, sequence);
        number = onlyTask is null ? position : sequence;
    }

    private string? Misplaced(string task, long sequence, long position)
    {
        if (onlyTask is not null && task != onlyTask)
        {
            return $"{Name(task, sequence)} is of another task than the export of {onlyTask}";
        }
        var now = onlyTask is null ? position : sequence;
        var what = onlyTask is null ? "position" : "fact";
        return now == number + 1 ? null
            : now <= number
                ? $"{Name(task, sequence)} stands twice or out of order ({what} {now} after {number})"
            : now == number + 2 ? $"{what} {number + 1} is missing before {Name(task, sequence)}"
            : $"{what}s {number + 1} to {now - 1} are missing before {Name(task, sequence)}";
    }

    private string? Broken(string task, long sequence, byte[] previous)
    {
        if (!chains.TryGetValue(task, out var chain))
        {
            return sequence == 1
                ? previous.AsSpan().SequenceEqual(HashChain.Anchor(task))
                    ? null
                    : $"{Name(task, sequence)} does not begin the chain of its task"
                : after == 0
                    ? $"{Name(task, sequence)} is the task's first here: facts before it are missing"
                    : null; // an export that begins later: the chain is taken up from what the record says
        }
        return sequence != chain.Sequence + 1
                ? $"{Name(task, sequence)} follows fact {chain.Sequence} of its task"
            : !previous.AsSpan().SequenceEqual(chain.Hash)
                ? $"{Name(task, sequence)} does not follow from the task's fact before it"
            : null;
    }

    // Null when it is no hash.
    private static byte[]? Hex(string text) =>
        text.Length == 2 * HashChain.HashBytes
        && !Encoding.UTF8.GetBytes(text).AsSpan().ContainsAnyExcept(Hexadecimal)
            ? Convert.FromHexString(text)
            : null;

    private static ReadOnlySpan<byte> Stored(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(Closed(content));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("stored_base64"u8))
            {
                reader.Read();
                return reader.GetBytesFromBase64();
            }
            var wanted = reader.ValueTextEquals("stored"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (wanted)
            {
                return content[start..(int)reader.BytesConsumed];
            }
        }
        throw new KeyNotFoundException();
    }

    private static byte[] Closed(ReadOnlySpan<byte> content) => [.. content, (byte)'}'];

    private static JsonDocument? Parse(ReadOnlySpan<byte> content)
    {
        try
        {
            var document = JsonDocument.Parse(Closed(content));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The line's end is the same in every line, to the byte.
    private static bool TryDigest(
        ReadOnlySpan<byte> bytes,
        out ReadOnlySpan<byte> content,
        out byte[] digest
    )
    {
        const int Hex = 2 * HashChain.HashBytes;
        content = default;
        digest = [];
        var length = bytes.Length - AuditWriter.DigestKey.Length - Hex - 2;
        if (length <= 0 || !bytes.EndsWith("\"}"u8))
        {
            return false;
        }
        var rest = bytes[length..];
        var hex = rest.Slice(AuditWriter.DigestKey.Length, Hex);
        if (!rest.StartsWith(AuditWriter.DigestKey) || hex.ContainsAnyExcept(Hexadecimal))
        {
            return false;
        }
        content = bytes[..length];
        digest = Convert.FromHexString(Encoding.ASCII.GetString(hex));
        return true;
    }

    private string Unreadable() => "no record can be read there" + Following();

    private string Following() =>
        records == 0 ? "" : $"; the last before it is {Name(lastTask, lastSequence)}";

    private static string Name(string task, long sequence) =>
        $"task {(task.Length > 80 ? task[..80] + "…" : task)}, fact {sequence}";

    private void Find(string task, long sequence, string what)
    {
        if (findings.Count < FindingsMax)
        {
            findings.Add(new AuditFinding(line, task, sequence, $"Line {line}: {what}."));
        }
    }
}
