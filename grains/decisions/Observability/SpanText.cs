using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Decisions.Observability;

/// <summary>Spans as OTLP over HTTP wants them: the JSON form of <c>ExportTraceServiceRequest</c> (opentelemetry-proto, trace/v1).</summary>
public static class SpanText
{
    private const int KindInternal = 1;
    private const int StatusOk = 1;
    private const int StatusError = 2;

    /// <summary>A request.</summary>
    /// <param name="spans">Its spans.</param>
    /// <param name="service">Who says it.</param>
    /// <param name="version">In which version.</param>
    /// <param name="clean">Takes secrets out of a text.</param>
    public static byte[] Write(
        IReadOnlyList<TraceSpan> spans,
        string service,
        string version,
        Func<string, string> clean
    )
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(clean);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            json.WriteStartObject();
            json.WriteStartObject("resource");
            json.WriteStartArray("attributes");
            Attribute(json, "service.name", service);
            Attribute(json, "service.version", version);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans");
            json.WriteStartObject();
            json.WriteStartObject("scope");
            json.WriteString("name", "Orchestrator");
            json.WriteEndObject();
            json.WriteStartArray("spans");
            foreach (var span in spans)
            {
                Write(json, span, clean);
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, TraceSpan span, Func<string, string> clean)
    {
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId);
        json.WriteString("spanId", span.SpanId);
        if (span.ParentId.Length > 0)
        {
            json.WriteString("parentSpanId", span.ParentId);
        }
        json.WriteString("name", span.Name);
        json.WriteNumber("kind", KindInternal);
        json.WriteString("startTimeUnixNano", Nanoseconds(span.Start));
        json.WriteString("endTimeUnixNano", Nanoseconds(span.End));
        json.WriteStartArray("attributes");
        foreach (var (key, value) in span.Attributes)
        {
            Attribute(json, key, value is string text ? clean(text) : value);
        }
        json.WriteEndArray();
        if (span.CausedBy.Length > 0)
        {
            json.WriteStartArray("links");
            json.WriteStartObject();
            json.WriteString("traceId", TraceParent.Trace(span.CausedBy));
            json.WriteString("spanId", TraceParent.Span(span.CausedBy));
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteStartObject("status");
        json.WriteNumber("code", span.Error.Length > 0 ? StatusError : StatusOk);
        if (span.Error.Length > 0)
        {
            json.WriteString("message", span.Error);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Attribute(Utf8JsonWriter json, string key, object value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("value");
        switch (value)
        {
            case long number:
                // 64-bit numbers are texts in the JSON form of protobuf.
                json.WriteString("intValue", number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                json.WriteNumber("doubleValue", number);
                break;
            default:
                json.WriteString("stringValue", value.ToString());
                break;
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Nanoseconds(DateTimeOffset at) =>
        ((at - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);
}
