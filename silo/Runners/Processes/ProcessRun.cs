using System.Text;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>What a short command left.</summary>
/// <param name="ExitCode">Its exit code; -2 when it was killed at its time limit.</param>
/// <param name="Output">Stdout: whole up to the limit, else its head.</param>
/// <param name="Tail">Last part of stdout and stderr together, in order of arrival per stream.</param>
/// <param name="TimedOut">True when the limit ended it.</param>
/// <param name="Truncated">True when stdout was longer than the limit.</param>
/// <param name="Duration">Wall clock.</param>
internal sealed record CapturedRun(
    int ExitCode,
    byte[] Output,
    string Tail,
    bool TimedOut,
    bool Truncated,
    TimeSpan Duration
)
{
    /// <summary>Stdout as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);
}

/// <summary>Runs a short command to its end: bounded time, bounded output, no process left.</summary>
internal static class ProcessRun
{
    private const int TailMax = 8 * 1024;

    // Below the size from which the runtime keeps a block apart.
    private const int Piece = 64 * 1024;

    public static async Task<CapturedRun> CaptureAsync(
        this ProcessGroupStarter starter,
        ProcessOrder order,
        TimeSpan timeMax,
        int outputMax,
        TimeProvider time,
        CancellationToken cancellationToken,
        ReadOnlyMemory<byte> input = default
    )
    {
        var started = time.GetTimestamp();
        await using var group = await starter.StartAsync(order);
        var head = new List<byte[]>();
        var headLength = 0;
        var tail = new byte[TailMax];
        var gate = new Lock();
        long tailLength = 0;
        long total = 0;
        async Task ReadAsync(Stream stream, bool isOutput)
        {
            var buffer = new byte[16 * 1024];
            int n;
            while ((n = await stream.ReadAsync(buffer, CancellationToken.None)) > 0)
            {
                lock (gate)
                {
                    for (var i = 0; i < n; i++)
                    {
                        tail[tailLength++ % TailMax] = buffer[i];
                    }
                    if (isOutput)
                    {
                        total += n;
                        var kept = Math.Min(n, outputMax - headLength);
                        Append(head, headLength, buffer.AsSpan(0, kept));
                        headLength += kept;
                    }
                }
            }
        }
        var reading = Task.WhenAll(
            ReadAsync(group.StandardOutput, true),
            ReadAsync(group.StandardError, false)
        );
        await FeedAsync(group, input);
        var timedOut = false;
        try
        {
            await group.ExitCode.WaitAsync(timeMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            timedOut = true;
        }
        await group.KillAsync();
        await reading.WaitAsync(TimeSpan.FromSeconds(10), time, CancellationToken.None);
        var code = timedOut ? -2 : await group.ExitCode;
        return new CapturedRun(
            code,
            Whole(head, headLength),
            Tail(tail, tailLength) + (group.Breach.Length > 0 ? "\n" + group.Breach : ""),
            timedOut,
            total > outputMax,
            time.GetElapsedTime(started)
        );
    }

    private static async Task FeedAsync(ProcessGroup group, ReadOnlyMemory<byte> input)
    {
        try
        {
            await group.StandardInput.WriteAsync(input, CancellationToken.None);
            group.StandardInput.Close();
        }
        catch (IOException)
        {
            // The child ended without reading: its exit code tells the rest.
        }
    }

    // In pieces: a buffer that doubles as it fills would take three times what there is.
    private static void Append(List<byte[]> pieces, int length, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var at = length % Piece;
            if (at == 0)
            {
                pieces.Add(new byte[Piece]);
            }
            var part = bytes[..Math.Min(bytes.Length, Piece - at)];
            part.CopyTo(pieces[^1].AsSpan(at));
            bytes = bytes[part.Length..];
            length += part.Length;
        }
    }

    private static byte[] Whole(List<byte[]> pieces, int length)
    {
        var whole = new byte[length];
        for (var i = 0; i < pieces.Count; i++)
        {
            pieces[i]
                .AsSpan(0, Math.Min(Piece, length - (i * Piece)))
                .CopyTo(whole.AsSpan(i * Piece));
        }
        return whole;
    }

    private static string Tail(byte[] ring, long length)
    {
        if (length <= ring.Length)
        {
            return Encoding.UTF8.GetString(ring, 0, (int)length);
        }
        var at = (int)(length % ring.Length);
        return Encoding.UTF8.GetString([.. ring.AsSpan(at), .. ring.AsSpan(0, at)]);
    }
}
