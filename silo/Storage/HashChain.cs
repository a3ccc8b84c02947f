using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Silo.Storage;

/// <summary>Each fact's hash is SHA-256 of (hash of the task's fact before it, stored bytes), so that a changed or missing one shows.</summary>
internal static class HashChain
{
    /// <summary>The most breaks that a check tells of.</summary>
    public const int BreaksMax = 100;

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

/// <summary>Checks rows that come by task and sequence.</summary>
internal sealed class ChainCheck
{
    private readonly List<string> breaks = [];
    private string task = "";
    private long sequence;
    private byte[] hash = [];

    /// <summary>One sentence per break.</summary>
    public IReadOnlyList<string> Breaks => breaks;

    /// <summary>Looks at the next row; false = enough breaks were found.</summary>
    public bool Take(string taskId, long number, byte[] payload, byte[] stored)
    {
        if (taskId != task)
        {
            task = taskId;
            sequence = 0;
            hash = HashChain.Anchor(task);
        }
        hash = HashChain.Next(hash, payload);
        if (number != ++sequence)
        {
            breaks.Add($"Task {task}: fact {sequence} is missing; {number} follows.");
            sequence = number;
        }
        if (!stored.AsSpan().SequenceEqual(hash))
        {
            breaks.Add($"Task {task}: fact {sequence} was changed after it was written.");
            hash = stored;
        }
        return breaks.Count < HashChain.BreaksMax;
    }
}
