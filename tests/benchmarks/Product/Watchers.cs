using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Benchmarks.Product;

/// <summary>
/// People who look on while the product works, in a process of their own: open boards, which are told that something happened,
/// and of each twenty one who is sent every fact whole. How long a fact takes to those is counted from the instant of its append.
/// </summary>
internal sealed class Watchers : IAsyncDisposable
{
    /// <summary>The child's first argument; then address, token and number.</summary>
    public const string Verb = "watchers";

    private readonly Process process;

    private Watchers(Process process) => this.process = process;

    /// <summary>Starts them on the silo whose data these are.</summary>
    public static async Task<Watchers> StartAsync(string data, int count)
    {
        var discovery = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        var process = Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [
                    typeof(Watchers).Assembly.Location,
                    Verb,
                    discovery.Address.ToString(),
                    discovery.Token,
                    count.ToString(CultureInfo.InvariantCulture),
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        if (await process.StandardOutput.ReadLineAsync() != "watching")
        {
            throw new InvalidOperationException("The watchers did not begin.");
        }
        return new Watchers(process);
    }

    /// <summary>Ends them; what they saw is told on standard error.</summary>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await Console.Error.WriteLineAsync(await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>The child.</summary>
    public static async Task<int> RunAsync(Uri address, string token, int count)
    {
        using var ends = new CancellationTokenSource();
        using var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var opened = new TaskCompletionSource();
        var closed = count;
#pragma warning disable CA2025 // all of them are awaited before the client is disposed of
        var watching = Enumerable
            .Range(0, count)
            .Select(n => Task.Run(() => WatchAsync(http, n % 20 == 0, Open, ends.Token)))
            .ToList();
#pragma warning restore CA2025
        await opened.Task;
        Console.WriteLine("watching");
        await Console.In.ReadToEndAsync();
        await ends.CancelAsync();
        var sorted = (await Task.WhenAll(watching)).SelectMany(l => l).Order().ToList();
        Console.WriteLine(
            sorted.Count == 0
                ? "watchers saw nothing"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count} watchers: {sorted.Count:N0} facts; append to watcher p50 {sorted[sorted.Count / 2]:F1} ms, p99 {sorted[(int)(0.99 * (sorted.Count - 1))]:F1} ms, most {sorted[^1]:F1} ms; they took {Environment.CpuUsage.TotalTime.TotalSeconds:F1} s of processor time themselves"
                )
        );
        return 0;

        void Open()
        {
            if (Interlocked.Decrement(ref closed) == 0)
            {
                opened.SetResult();
            }
        }
    }

    // The milliseconds that each fact took.
    private static async Task<List<double>> WatchAsync(
        HttpClient http,
        bool whole,
        Action opened,
        CancellationToken token
    )
    {
        var late = new List<double>();
        try
        {
            using var answer = await http.GetAsync(
                new Uri(whole ? "/v1/events" : "/v1/events?brief=true", UriKind.Relative),
                HttpCompletionOption.ResponseHeadersRead,
                token
            );
            answer.EnsureSuccessStatusCode();
            var lines = PipeReader.Create(await answer.Content.ReadAsStreamAsync(token));
            opened();
            var began = TimeProvider.System.GetUtcNow();
            while (await lines.ReadAsync(token) is { IsCompleted: false } read)
            {
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    if (whole && AtOf(rest.Slice(0, end)) is { } at && at > began)
                    {
                        late.Add((TimeProvider.System.GetUtcNow() - at).TotalMilliseconds);
                    }
                    rest = rest.Slice(rest.GetPosition(1, end));
                }
                lines.AdvanceTo(rest.Start, rest.End);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
        return late;
    }

    // When the fact of a line came. As bytes: those who look on share the machine with the silo they measure.
    private static DateTimeOffset? AtOf(ReadOnlySequence<byte> line)
    {
        var reader = new SequenceReader<byte>(line);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> _, "\"at\":\""u8))
        {
            return null;
        }
        Span<byte> text = stackalloc byte[40];
        var length = 0;
        while (length < text.Length && reader.TryRead(out var letter) && letter != '"')
        {
            text[length++] = letter;
        }
        return
            Utf8Parser.TryParse(text[..length], out DateTimeOffset at, out var taken, 'O')
            && taken == length
            ? at
            : DateTimeOffset.Parse(
                Encoding.ASCII.GetString(text[..length]),
                CultureInfo.InvariantCulture
            );
    }
}
