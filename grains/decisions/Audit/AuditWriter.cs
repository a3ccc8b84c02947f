using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Orchestrator.Decisions.Audit;

/// <summary>What an export says of itself in its first line.</summary>
public sealed record AuditHeader
{
    /// <summary>The product's version.</summary>
    public string Product { get; init; } = "";

    /// <summary>The cluster's id.</summary>
    public string Cluster { get; init; } = "";

    /// <summary>Version of the journal's schema.</summary>
    public int Schema { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset Made { get; init; }

    /// <summary>The only task in it, or null: all, and the system log.</summary>
    public string? Task { get; init; }

    /// <summary>Number before the first record: of the whole journal, or of the task. 0 = from the beginning.</summary>
    public long After { get; init; }

    /// <summary>Number of the last record, counted likewise.</summary>
    public long To { get; init; }

    /// <summary>Stored hash of the last record, lower-case hex: for one task, the head of its chain.</summary>
    public string Head { get; init; } = "";
}

/// <summary>One fact to export.</summary>
public readonly ref struct AuditRecord
{
    /// <summary>Place in the whole journal.</summary>
    public required long Position { get; init; }

    /// <summary>The task.</summary>
    public required string TaskId { get; init; }

    /// <summary>Number in the task.</summary>
    public required long Sequence { get; init; }

    /// <summary>The stored hash of the fact before it; empty when that one is not there.</summary>
    public required ReadOnlySpan<byte> Previous { get; init; }

    /// <summary>The stored hash.</summary>
    public required ReadOnlySpan<byte> Hash { get; init; }

    /// <summary>The stored bytes.</summary>
    public required ReadOnlySpan<byte> Stored { get; init; }
}

/// <summary>
/// Writes an export, line by line: a header, one line for each fact, an end. Each line closes with a digest over the line
/// and the digest before it, so that no byte of the file and no line's place can change without showing.
/// </summary>
public sealed class AuditWriter
{
    /// <summary>Version of the format.</summary>
    public const int Version = 1;

    internal static ReadOnlySpan<byte> DigestKey => ",\"digest\":\""u8;

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true, // the closing brace comes with the digest
    };

    private byte[] digest = new byte[HashChain.HashBytes];

    /// <summary>Records so far.</summary>
    public long Records { get; private set; }

    /// <summary>The digest so far, lower-case hex.</summary>
    public string Digest => Convert.ToHexStringLower(digest);

    /// <summary>The first line, with its line feed.</summary>
    public byte[] Header(AuditHeader header) =>
        Line(json =>
        {
            json.WriteNumber("audit", Version);
            json.WriteString("product", header.Product);
            json.WriteString("cluster", header.Cluster);
            json.WriteNumber("schema", header.Schema);
            json.WriteString("made", header.Made.ToUniversalTime());
            json.WriteString("task", header.Task);
            json.WriteNumber("after", header.After);
            json.WriteNumber("to", header.To);
            json.WriteString("head", header.Head);
        });

    /// <summary>A fact's line, with its line feed.</summary>
    public byte[] Record(AuditRecord record)
    {
        Records++;
        var (at, kind) = AuditText.Of(record.Stored);
        var buffer = new ArrayBufferWriter<byte>(record.Stored.Length + 512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("position", record.Position);
            json.WriteString("task", record.TaskId);
            json.WriteNumber("sequence", record.Sequence);
            json.WriteString("at", at);
            json.WriteString("kind", kind);
            json.WriteString("previous", Convert.ToHexStringLower(record.Previous));
            json.WriteString("hash", Convert.ToHexStringLower(record.Hash));
            if (IsOneLineOfJson(record.Stored))
            {
                json.WritePropertyName("stored");
                json.WriteRawValue(record.Stored, skipInputValidation: true);
            }
            else
            {
                // Damaged bytes are exported as they are, for whoever looks into them.
                json.WriteBase64String("stored_base64", record.Stored);
            }
        }
        return Close(buffer);
    }

    /// <summary>The last line, with its line feed.</summary>
    public byte[] End() =>
        Line(json =>
        {
            json.WriteBoolean("end", true);
            json.WriteNumber("records", Records);
        });

    /// <summary>The digest of a line that follows a digest.</summary>
    internal static byte[] Next(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> line) =>
        HashChain.Next(digest, line);

    private byte[] Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
        }
        return Close(buffer);
    }

    private byte[] Close(ArrayBufferWriter<byte> line)
    {
        digest = Next(digest, line.WrittenSpan);
        line.Write(DigestKey);
        line.Write(Encoding.ASCII.GetBytes(Digest));
        line.Write("\"}\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private static bool IsOneLineOfJson(ReadOnlySpan<byte> bytes)
    {
        if (bytes.ContainsAny((byte)'\n', (byte)'\r') || !Utf8.IsValid(bytes))
        {
            return false;
        }
        try
        {
            var reader = new Utf8JsonReader(bytes);
            var first = reader.Read() ? reader.TokenType : JsonTokenType.None;
            while (reader.Read()) { }
            return first == JsonTokenType.StartObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
