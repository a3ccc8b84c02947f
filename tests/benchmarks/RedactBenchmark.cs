using System.Buffers;
using System.Text;
using Orchestrator.Decisions.Redaction;

namespace Orchestrator.Benchmarks;

/// <summary>Characters that the redactor takes in per CPU second: whole texts, streams in pieces, and a bare search for one word as the raw limit.</summary>
internal static class RedactBenchmark
{
    private const int Characters = 8_000_000;
    private const int Piece = 16_384;
    private static readonly Redactor Redactor = new(["a-literal-of-the-configuration"]);

    public static void Run(int rounds)
    {
        (string Name, string Text)[] texts =
        [
            (
                "program text",
                Fill(["for (var i = 0; i < count; i++) { total += Weigh(items[i]); }\n"])
            ),
            (
                "log lines",
                Fill([
                    "2026-11-24T10:00:00Z info request=4f1c9e20 path=/v1/tasks status=200 took=12ms\n",
                    "2026-11-24T10:00:01Z warn commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad is not reachable\n",
                ])
            ),
            (
                "a secret in each tenth line",
                Fill([
                    .. Enumerable.Repeat("dotnet test --project tests/unit --no-build\n", 9),
                    "password = \"x9Kq7TzVb2LmRw4N\" token=ghp_16C7e42F292c6912E7710c838347Ae178B4a\n",
                ])
            ),
        ];
        (string Name, Action<string> Read)[] readers =
        [
            ("whole", t => _ = Redactor.Redact(t)),
            ("streamed", Stream),
            ("one word searched", t => _ = t.Contains("no such word", StringComparison.Ordinal)),
        ];
        Figures.Head(
            $"redactor ({Characters / 1e6:N0} million characters, {rounds} rounds)",
            "text",
            "way",
            "million characters per CPU second (median)",
            "min to max"
        );
        foreach (var (text, characters) in texts)
        {
            var rates = readers.Select(_ => new List<double>()).ToArray();
            for (var round = -1; round < rounds; round++)
            {
                for (var i = 0; i < readers.Length; i++)
                {
                    var before = Figures.CpuSeconds();
                    var passes = 0;
                    double spent;
                    do
                    {
                        readers[i].Read(characters);
                        passes++;
                        spent = Figures.CpuSeconds() - before;
                    } while (spent < 0.3);
                    if (round >= 0) // the first is the JIT's warm-up
                    {
                        rates[i].Add(passes * (characters.Length / 1e6) / spent);
                    }
                }
            }
            for (var i = 0; i < readers.Length; i++)
            {
                Figures.Row(
                    text,
                    readers[i].Name,
                    Figures.N(Figures.Median(rates[i])),
                    $"{Figures.N(rates[i].Min())} to {Figures.N(rates[i].Max())}"
                );
            }
        }
    }

    private static void Stream(string text)
    {
        var stream = Redactor.Stream();
        var given = new ArrayBufferWriter<char>();
        for (var at = 0; at < text.Length; at += Piece)
        {
            stream.Push(text.AsSpan(at, Math.Min(Piece, text.Length - at)), given);
            given.ResetWrittenCount();
        }
        stream.Finish(given);
    }

    private static string Fill(string[] lines)
    {
        var text = new StringBuilder(Characters + 200);
        for (var i = 0; text.Length < Characters; i++)
        {
            text.Append(lines[i % lines.Length]);
        }
        return text.ToString();
    }
}
