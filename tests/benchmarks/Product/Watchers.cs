using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
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

    // The letters before an instant, and how long one is at most.
    private const int Mark = 6;
    private const int InstantMax = 40;

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
        // Its continuation blocks on standard input: it may not run inside of the watcher that opened last.
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var closed = count;
        var watching = Enumerable
            .Range(0, count)
            .Select(n => Task.Run(() => WatchAsync(address, token, n % 20 == 0, Open, ends.Token)))
            .ToList();
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

    // The milliseconds that each fact took. By bare sockets, which take what comes into one buffer and look in it for the
    // instants alone: those who look on share the machine with the silo they measure, and are not what is measured.
    private static async Task<List<double>> WatchAsync(
        Uri address,
        string token,
        bool whole,
        Action opened,
        CancellationToken ends
    )
    {
        var late = new List<double>();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port, ends);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes(
                $"GET /v1/events{(whole ? "" : "?brief=true")} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n"
            ),
            ends
        );
        var buffer = new byte[whole ? 65_536 : 1_024];
        var kept = await socket.ReceiveAsync(buffer, ends);
        if (!buffer.AsSpan(0, kept).StartsWith("HTTP/1.1 200 "u8))
        {
            throw new InvalidOperationException(
                $"A watcher was answered: {Encoding.UTF8.GetString(buffer, 0, kept)}"
            );
        }
        opened();
        var began = TimeProvider.System.GetUtcNow();
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(kept), ends) is var read and > 0)
            {
                kept = whole ? TakeInstants(buffer, kept + read, began, late) : 0;
            }
        }
        catch (OperationCanceledException)
        {
            return late;
        }
        throw new InvalidOperationException("The silo closed the stream of a watcher.");
    }

    // How many bytes are left at the buffer's begin, of an instant that has not come whole.
    private static int TakeInstants(
        byte[] buffer,
        int length,
        DateTimeOffset began,
        List<double> late
    )
    {
        var now = TimeProvider.System.GetUtcNow();
        var rest = buffer.AsSpan(0, length);
        while (rest.IndexOf("\"at\":\""u8) is var place and >= 0)
        {
            var text = rest[(place + Mark)..];
            var end = text.IndexOf((byte)'"');
            if (end < 0)
            {
                rest[place..].CopyTo(buffer);
                return rest.Length - place;
            }
            // One through which the framing of the transfer goes is not read: few, and as late as their neighbours.
            if (
                end <= InstantMax
                && DateTimeOffset.TryParse(
                    Encoding.ASCII.GetString(text[..end]),
                    CultureInfo.InvariantCulture,
                    out var at
                )
                && at > began
            )
            {
                late.Add((now - at).TotalMilliseconds);
            }
            rest = text[end..];
        }
        var tail = rest[^Math.Min(rest.Length, Mark - 1)..];
        tail.CopyTo(buffer);
        return tail.Length;
    }
}
