namespace Orchestrator.Decisions.Observability;

/// <summary>The header <c>traceparent</c> of W3C Trace Context (level 1): <c>00-trace-span-flags</c>.</summary>
public static class TraceParent
{
    private const int Length = 55;
    private const int TraceAt = 3;
    private const int SpanAt = 36;

    /// <summary>What a caller sent, as version 00; empty when it is none. As the standard wants it, what cannot be read is as if it were not there, and of a later version the known fields count.</summary>
    /// <param name="header">From outside: anything.</param>
    public static string Read(string? header)
    {
        if (
            header is not { Length: >= Length }
            || (header.Length > Length && header[Length] != '-')
        )
        {
            return "";
        }
        var text = header[..Length];
        var version = text[..2];
        return
            IsHex(version)
            && version != "ff"
            && (version != "00" || header.Length == Length)
            && (text[2], text[35], text[52]) == ('-', '-', '-')
            && IsHex(Trace(text))
            && Trace(text).Trim('0').Length > 0
            && IsHex(Span(text))
            && Span(text).Trim('0').Length > 0
            && IsHex(text[53..])
            ? "00" + text[2..]
            : "";
    }

    /// <summary>The trace of one that was read, 32 hex digits.</summary>
    public static string Trace(string parent)
    {
        ArgumentNullException.ThrowIfNull(parent);
        return parent[TraceAt..(TraceAt + 32)];
    }

    /// <summary>The span of one that was read, 16 hex digits.</summary>
    public static string Span(string parent)
    {
        ArgumentNullException.ThrowIfNull(parent);
        return parent[SpanAt..(SpanAt + 16)];
    }

    private static bool IsHex(string text) =>
        text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');
}
