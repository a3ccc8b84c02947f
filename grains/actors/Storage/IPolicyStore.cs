namespace Orchestrator.Grains.Storage;

/// <summary>A policy as it was set. Kept for ever: a ruling names it, and rulings are looked up later.</summary>
/// <param name="Number">1 for the first that was set; the highest is in force.</param>
/// <param name="Id">Name and the first 12 hex digits of the text's SHA-256.</param>
/// <param name="FileName">Name of the file it came from, without folders; rulings cite it.</param>
/// <param name="Text">The YAML, whole.</param>
/// <param name="By">Who set it.</param>
/// <param name="At">UTC.</param>
public sealed record StoredPolicy(
    long Number,
    string Id,
    string FileName,
    string Text,
    string By,
    DateTimeOffset At
);

/// <summary>The policies of the cluster.</summary>
public interface IPolicyStore
{
    /// <summary>The number of the one in force; 0 = none was ever set.</summary>
    Task<long> GetNumberAsync(CancellationToken cancellationToken);

    /// <summary>The newest first, at most <paramref name="max"/>.</summary>
    Task<IReadOnlyList<StoredPolicy>> ListAsync(int max, CancellationToken cancellationToken);

    /// <summary>Puts one in force as the next after <c>Number - 1</c>; false when somebody else was first.</summary>
    Task<bool> AddAsync(StoredPolicy policy, CancellationToken cancellationToken);
}
