using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Observability;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

/// <summary>A request to a collector is, as a whole, the JSON form that OTLP wants.</summary>
public sealed class SpanTextTests
{
    private const string Trace = "803e67fa7c578d9dafd511ab11372c6b";
    private const string Root = "1faffe2ea37be03b";
    private const string Caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_request_holds_who_says_it_and_every_span_with_all_that_is_known_of_it()
    {
        // The number has more digits than a double keeps, and a tick is 100 nanoseconds.
        var run = new TraceSpan(
            Trace,
            "d8e881f927182a72",
            Root,
            "run",
            Start,
            Start.AddTicks(15),
            "timeout",
            [
                new("orchestrator.host", "secret-1"),
                new("orchestrator.input_tokens", 9007199254740993L),
                new("orchestrator.cost_usd", 0.25),
            ]
        );
        var turn = new TraceSpan(Trace, Root, "", "turn", Start, Start.AddSeconds(1), "", [])
        {
            CausedBy = Caller,
        };

        Assert.Equal(
            Compact(
                """
                {
                  "resourceSpans": [
                    {
                      "resource": {
                        "attributes": [
                          { "key": "service.name", "value": { "stringValue": "silo" } },
                          { "key": "service.version", "value": { "stringValue": "1.2.3" } }
                        ]
                      },
                      "scopeSpans": [
                        {
                          "scope": { "name": "Orchestrator" },
                          "spans": [
                            {
                              "traceId": "803e67fa7c578d9dafd511ab11372c6b",
                              "spanId": "d8e881f927182a72",
                              "parentSpanId": "1faffe2ea37be03b",
                              "name": "run",
                              "kind": 1,
                              "startTimeUnixNano": "1767323045000000000",
                              "endTimeUnixNano": "1767323045000001500",
                              "attributes": [
                                { "key": "orchestrator.host", "value": { "stringValue": "x-1" } },
                                { "key": "orchestrator.input_tokens", "value": { "intValue": "9007199254740993" } },
                                { "key": "orchestrator.cost_usd", "value": { "doubleValue": 0.25 } }
                              ],
                              "status": { "code": 2, "message": "timeout" }
                            },
                            {
                              "traceId": "803e67fa7c578d9dafd511ab11372c6b",
                              "spanId": "1faffe2ea37be03b",
                              "name": "turn",
                              "kind": 1,
                              "startTimeUnixNano": "1767323045000000000",
                              "endTimeUnixNano": "1767323046000000000",
                              "attributes": [],
                              "links": [
                                { "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7" }
                              ],
                              "status": { "code": 1 }
                            }
                          ]
                        }
                      ]
                    }
                  ]
                }
                """
            ),
            Write(run, turn)
        );
    }

    [Fact]
    public void A_request_of_no_spans_still_says_who_it_is_of() =>
        Assert.Equal(
            """{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"silo"}},{"key":"service.version","value":{"stringValue":"1.2.3"}}]},"scopeSpans":[{"scope":{"name":"Orchestrator"},"spans":[]}]}]}""",
            Write()
        );

    private static string Write(params TraceSpan[] spans) =>
        Encoding.UTF8.GetString(
            SpanText.Write(
                spans,
                "silo",
                "1.2.3",
                t => t.Replace("secret", "x", StringComparison.Ordinal)
            )
        );

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString();
}
