using Orchestrator.Decisions.Audit;

namespace Orchestrator.Silo.Storage;

/// <summary>Checks rows that come by task and sequence.</summary>
internal sealed class ChainCheck
{
    private const int BreaksMax = 100;

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
        return breaks.Count < BreaksMax;
    }
}
