using System.Buffers;
using System.IO.Pipelines;

namespace Orchestrator.Silo.Cluster.Tls;

/// <summary>A connection's two pipes as the one stream that TLS works on.</summary>
internal sealed class DuplexStream(IDuplexPipe pipes) : Stream
{
    private bool ended;

    /// <summary>True when the peer has said anything.</summary>
    public bool HasRead { get; private set; }

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        while (!ended)
        {
            var read = await pipes.Input.ReadAsync(cancellationToken);
            var there = read.Buffer;
            if (!there.IsEmpty)
            {
                HasRead = true;
                var taken = there.Slice(0, Math.Min(there.Length, buffer.Length));
                taken.CopyTo(buffer.Span);
                pipes.Input.AdvanceTo(taken.End);
                return (int)taken.Length;
            }
            pipes.Input.AdvanceTo(there.End);
            // Orleans cancels one read to end the connection; TLS may ask twice (first for no byte at all) for one of its own.
            ended = read.IsCompleted || read.IsCanceled;
        }
        return 0;
    }

    /// <inheritdoc />
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        pipes.Output.Write(buffer.Span);
        await FlushAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        var flushed = await pipes.Output.FlushAsync(cancellationToken);
        if (flushed.IsCompleted)
        {
            throw new IOException("The other silo reads no more.");
        }
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(
        byte[] buffer,
        int offset,
        int count,
        CancellationToken cancellationToken
    ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override Task WriteAsync(
        byte[] buffer,
        int offset,
        int count,
        CancellationToken cancellationToken
    ) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    /// <inheritdoc />
    public override void Flush() { }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();
}
