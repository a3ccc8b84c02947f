using System.Buffers;
using System.Text.Json;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Silo.Storage;

/// <summary>Instant and fact as UTF-8 JSON: the bytes that every store keeps and hashes.</summary>
internal static class FactPayload
{
    /// <summary>The bytes of one fact.</summary>
    public static byte[] Write(DateTimeOffset at, TaskFact fact)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (
            var json = new Utf8JsonWriter(
                buffer,
                new JsonWriterOptions { Encoder = OrchestratorJson.Compact.Options.Encoder }
            )
        )
        {
            json.WriteStartObject();
            json.WriteString("at", at.ToUniversalTime());
            json.WritePropertyName("fact");
            JsonSerializer.Serialize(json, fact, OrchestratorJson.Compact.TaskFact);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The entry that stored bytes stand for.</summary>
    public static JournalEntry Read(long position, string taskId, long sequence, byte[] payload)
    {
        var json = new Utf8JsonReader(payload);
        DateTimeOffset? at = null;
        TaskFact? fact = null;
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("at"u8))
            {
                json.Read();
                at = json.GetDateTimeOffset();
            }
            else if (json.ValueTextEquals("fact"u8))
            {
                json.Read();
                fact = JsonSerializer.Deserialize(ref json, OrchestratorJson.Compact.TaskFact);
            }
            else
            {
                json.Skip();
            }
        }
        return at is { } instant && fact is not null
            ? new JournalEntry(taskId, sequence, instant, fact, position)
            : throw new JsonException($"Fact {sequence} of {taskId} has no 'at' or no 'fact'.");
    }
}
