namespace Orchestrator.GrainInterfaces.Policy;

/// <summary>What runs came to.</summary>
/// <param name="Runs">Runs that began.</param>
/// <param name="CostUsd">US dollars, as the agents reported them at the ends of their runs.</param>
/// <param name="Tokens">All kinds of tokens, reported likewise.</param>
public sealed record Spent(long Runs, decimal CostUsd, long Tokens)
{
    /// <summary>Nothing.</summary>
    public static Spent Nothing { get; } = new(0, 0, 0);
}

/// <summary>What a UTC day came to so far, as one task sees it.</summary>
/// <param name="Requester">Of its requester.</param>
/// <param name="Repository">Of its repository; <see cref="Spent.Nothing"/> when it has none.</param>
/// <param name="All">Of everybody.</param>
public sealed record DaySpending(Spent Requester, Spent Repository, Spent All);

/// <summary>Whose spending of a day is counted.</summary>
public static class SpendingScopes
{
    /// <summary>Everybody's.</summary>
    public const string All = "all";

    /// <summary>A requester's.</summary>
    public const string Requester = "requester";

    /// <summary>A repository's.</summary>
    public const string Repository = "repository";

    /// <summary>The UTC day of an instant, in days since 1970-01-01.</summary>
    public static int DayOf(DateTimeOffset at) =>
        (int)((at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerDay);

    /// <summary>The first instant of the day after.</summary>
    public static DateTimeOffset EndOf(DateTimeOffset at) =>
        DateTimeOffset.UnixEpoch.AddDays(DayOf(at) + 1);
}
