using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Runners;

namespace Orchestrator.Benchmarks;

/// <summary>
/// Bytes of the agent's stream per CPU second: the product's reader, against a bare Utf8JsonReader over every token,
/// a JsonDocument and a JsonNode per line, in turn within each round.
/// </summary>
internal static class StreamBenchmark
{
    private const int Lines = 4_000;
    private const double SecondsPerRound = 0.5;

    public static void Run(int rounds)
    {
        var text = Workload();
        var readers = new (string Name, Action<byte[]> Read)[]
        {
            ("product's reader", Product),
            ("Utf8JsonReader, every token", Tokens),
            ("JsonDocument per line", Documents),
            ("JsonNode per line", Nodes),
        };
        var rates = readers.Select(_ => new List<double>()).ToArray();
        var allocated = new double[readers.Length];
        foreach (var (_, read) in readers)
        {
            Measure(read, text, 0.3); // the JIT's warm-up
        }
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < readers.Length; i++)
            {
                var (rate, bytesPerLine) = Measure(readers[i].Read, text, SecondsPerRound);
                rates[i].Add(rate);
                allocated[i] = bytesPerLine;
            }
        }
        Figures.Head(
            $"stream-json ({text.Length / 1e6:N1} MB, {Lines} lines, {rounds} rounds)",
            "reader",
            "MB per CPU second (median)",
            "min to max",
            "of the bare reader, same round",
            "bytes allocated a line"
        );
        for (var i = 0; i < readers.Length; i++)
        {
            Figures.Row(
                readers[i].Name,
                Figures.N(Figures.Median(rates[i])),
                $"{Figures.N(rates[i].Min())} to {Figures.N(rates[i].Max())}",
                Figures.N(Figures.Median(rates[i].Zip(rates[1], (a, b) => a / b))),
                Figures.N(allocated[i])
            );
        }
    }

    private static (double MegabytesPerSecond, double BytesPerLine) Measure(
        Action<byte[]> read,
        byte[] text,
        double seconds
    )
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var cpu = Figures.CpuSeconds();
        var passes = 0;
        double spent;
        do
        {
            for (var i = 0; i < 8; i++)
            {
                read(text);
                passes++;
            }
            spent = Figures.CpuSeconds() - cpu;
        } while (spent < seconds);
        return (
            passes * (text.Length / 1e6) / spent,
            (GC.GetAllocatedBytesForCurrentThread() - before) / ((double)passes * Lines)
        );
    }

    private static void Product(byte[] text)
    {
        var reader = new RunOutputReader();
        // As it comes from a pipe: pieces of 64 KiB that end in the middle of a line.
        for (var at = 0; at < text.Length; at += 65_536)
        {
            reader.Push(text.AsSpan(at, Math.Min(65_536, text.Length - at)));
        }
        reader.Finish();
        if (reader.Lines != Lines || reader.SkippedLines != 0 || reader.ToolCalls != Lines / 4)
        {
            throw new InvalidOperationException("The reader lost a line.");
        }
    }

    private static void Tokens(byte[] text)
    {
        foreach (var line in new LineEnumerator(text))
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read()) { }
        }
    }

    private static void Documents(byte[] text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var end = Array.IndexOf(text, (byte)'\n', at);
            using var document = JsonDocument.Parse(text.AsMemory(at, end - at));
            _ = document.RootElement.GetProperty("type").ValueEquals("assistant"u8);
            at = end + 1;
        }
    }

    private static void Nodes(byte[] text)
    {
        foreach (var line in new LineEnumerator(text))
        {
            _ = (string?)JsonNode.Parse(Encoding.UTF8.GetString(line))!["type"] == "assistant";
        }
    }

    // Assistant text with usage, a tool call, a tool result of 4,000 characters, a text delta, in turn.
    private static byte[] Workload()
    {
        var body = string.Concat(
                Enumerable
                    .Range(0, 100)
                    .Select(i => $"{i:000} some output \\\"quoted\\\" text of a tool call\\n")
            )[..4_000]
            .TrimEnd('\\');
        var lines = new StringBuilder();
        for (var i = 0; i < Lines / 4; i++)
        {
            lines
                .Append(
                    """{"type":"assistant","message":{"id":"msg_1","role":"assistant","content":[{"type":"text","text":"I will look at the file first and then change it."}],"usage":{"input_tokens":1200,"output_tokens":45,"cache_read_input_tokens":9000}},"parent_tool_use_id":null,"session_id":"4509"}"""
                )
                .Append('\n')
                .Append(
                    """{"type":"assistant","message":{"id":"msg_1","content":[{"type":"tool_use","id":"toolu_1","name":"Edit","input":{"file_path":"/srv/wt/42/src/db.cs","old_string":"a","new_string":"b"}}]},"session_id":"4509"}"""
                )
                .Append('\n')
                .Append(
                    """{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"BODY"}]},"session_id":"4509"}""".Replace(
                        "BODY",
                        body,
                        StringComparison.Ordinal
                    )
                )
                .Append('\n')
                .Append(
                    """{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}},"parent_tool_use_id":null,"session_id":"4509"}"""
                )
                .Append('\n');
        }
        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private ref struct LineEnumerator(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> rest = text;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly LineEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                return false;
            }
            Current = rest[..end];
            rest = rest[(end + 1)..];
            return true;
        }
    }
}
