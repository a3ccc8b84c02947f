using System.Text;

namespace Orchestrator.Silo.Runners;

/// <summary>Keeps the first and the last half of a limit of bytes, in pieces: memory grows with what came, never beyond the limit, and what comes beyond it makes no garbage.</summary>
internal sealed class HeadAndTail(int bytesMax)
{
    private const int PieceBytes = 64 * 1024;

    private readonly List<byte[]> head = [];
    private readonly Queue<byte[]> tail = new();
    private byte[] last = [];
    private byte[] spare = [];
    private int lastLength;
    private long headBytes;
    private long tailBytes;
    private bool inTail;

    /// <summary>Bytes that are not kept.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Takes bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (!inTail && headBytes >= bytesMax / 2)
            {
                Close();
                inTail = true;
            }
            if (lastLength == last.Length)
            {
                Close();
                last = NewPiece();
            }
            var n = Math.Min(bytes.Length, last.Length - lastLength);
            bytes[..n].CopyTo(last.AsSpan(lastLength));
            bytes = bytes[n..];
            lastLength += n;
            if (inTail)
            {
                tailBytes += n;
                Drop();
            }
            else
            {
                headBytes += n;
            }
        }
    }

    /// <summary>What is kept; a line says how much is missing between.</summary>
    public byte[] ToArray()
    {
        using var all = new MemoryStream();
        foreach (var piece in Pieces())
        {
            all.Write(piece.Span);
        }
        return all.ToArray();
    }

    /// <summary>Writes what is kept, a piece at a time.</summary>
    public async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        foreach (var piece in Pieces())
        {
            await target.WriteAsync(piece, cancellationToken);
        }
    }

    // A flood fills the piece it has just dropped.
    private byte[] NewPiece()
    {
        var size = PieceSize();
        if (spare.Length != size)
        {
            return new byte[size];
        }
        var piece = spare;
        spare = [];
        return piece;
    }

    private int PieceSize() =>
        (int)Math.Clamp(inTail ? bytesMax / 16 : (bytesMax / 2) - headBytes, 1, PieceBytes);

    private void Close()
    {
        if (lastLength == 0)
        {
            return;
        }
        var piece = lastLength == last.Length ? last : last[..lastLength];
        if (inTail)
        {
            tail.Enqueue(piece);
        }
        else
        {
            head.Add(piece);
        }
        last = [];
        lastLength = 0;
    }

    // Whole pieces go: the tail is short by less than one piece.
    private void Drop()
    {
        while (tailBytes > bytesMax - (bytesMax / 2) && tail.TryDequeue(out var oldest))
        {
            tailBytes -= oldest.Length;
            LeftOut += oldest.Length;
            spare = oldest;
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        foreach (var piece in head)
        {
            yield return piece;
        }
        if (LeftOut > 0)
        {
            yield return Encoding.UTF8.GetBytes($"\n[{LeftOut} bytes left out]\n");
        }
        foreach (var piece in tail)
        {
            yield return piece;
        }
        yield return last.AsMemory(0, lastLength);
    }
}
