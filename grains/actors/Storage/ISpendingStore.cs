using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Grains.Storage;

/// <summary>A line of a day's spending.</summary>
/// <param name="Scope">A name of <see cref="SpendingScopes"/>.</param>
/// <param name="Name">The requester or the repository; empty for all.</param>
/// <param name="Spent">What it came to.</param>
public sealed record SpendingLine(string Scope, string Name, Spent Spent);

/// <summary>What runs cost by UTC day; written in the same commit as the facts of the runs.</summary>
public interface ISpendingStore
{
    /// <summary>A day as a task of this requester and repository sees it.</summary>
    /// <param name="day">Days since 1970-01-01.</param>
    /// <param name="requester">Exactly as its tasks name it.</param>
    /// <param name="repository">Likewise; empty = none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<DaySpending> ReadAsync(
        int day,
        string requester,
        string repository,
        CancellationToken cancellationToken
    );

    /// <summary>A day's lines, the most expensive of each scope first; at most <paramref name="max"/> a scope, 1 to 1,000.</summary>
    Task<IReadOnlyList<SpendingLine>> ListAsync(
        int day,
        int max,
        CancellationToken cancellationToken
    );
}
