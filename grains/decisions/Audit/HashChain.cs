using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Decisions.Audit;

/// <summary>Each fact's hash is SHA-256 of (hash of the task's fact before it, stored bytes), so that a changed or missing one shows.</summary>
public static class HashChain
{
    /// <summary>Length of a hash, bytes.</summary>
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>What stands in for the hash before a task's first fact.</summary>
    public static byte[] Anchor(string taskId) => SHA256.HashData(Encoding.UTF8.GetBytes(taskId));

    /// <summary>The hash of the fact that follows.</summary>
    public static byte[] Next(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData(payload);
        return hash.GetHashAndReset();
    }
}
