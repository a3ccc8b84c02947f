using System.Buffers;
using Orchestrator.Decisions.Redaction;

namespace Orchestrator.UnitTests.Redaction;

/// <summary>What a stream of redacted text gives, as strings.</summary>
internal static class RedactionStreamText
{
    public static string Push(this RedactionStream stream, ReadOnlySpan<char> piece)
    {
        var given = new ArrayBufferWriter<char>();
        stream.Push(piece, given);
        return new string(given.WrittenSpan);
    }

    public static string Finish(this RedactionStream stream)
    {
        var given = new ArrayBufferWriter<char>();
        stream.Finish(given);
        return new string(given.WrittenSpan);
    }
}
