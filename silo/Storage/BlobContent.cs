using System.Security.Cryptography;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>What every store asks of a blob.</summary>
internal static class BlobContent
{
    /// <summary>64 MiB.</summary>
    public const int SizeBytesMax = 64 * 1024 * 1024;

    /// <summary>Lower-case SHA-256 of the bytes.</summary>
    /// <exception cref="StorageException">More than <see cref="SizeBytesMax"/>.</exception>
    public static string IdOf(ReadOnlyMemory<byte> content) =>
        content.Length > SizeBytesMax
            ? throw new StorageException(
                $"A blob of {content.Length} bytes is over the limit of {SizeBytesMax}."
            )
            : Convert.ToHexStringLower(SHA256.HashData(content.Span));
}
