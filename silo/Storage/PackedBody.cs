using System.IO.Compression;

namespace Orchestrator.Silo.Storage;

/// <summary>Bodies of webhooks as they are stored: gzip.</summary>
internal static class PackedBody
{
    // A message of our own holds a few cut texts.
    private const int MessageMax = 256 * 1024;

    /// <summary>Packs.</summary>
    public static byte[] Pack(ReadOnlyMemory<byte> body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body.Span);
        }
        return packed.ToArray();
    }

    /// <summary>The body, which had at most so many bytes: whatever the stored bytes say, it does not get longer.</summary>
    public static byte[] Unpack(byte[] packed, int sizeBytes = MessageMax)
    {
        using var source = new MemoryStream(packed);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        var body = new byte[sizeBytes];
        var read = gzip.ReadAtLeast(body, sizeBytes, throwOnEndOfStream: false);
        return read == sizeBytes ? body : body[..read];
    }
}
