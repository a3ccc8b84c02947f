namespace Orchestrator.GrainInterfaces.Queueing;

/// <summary>Whether an agent's account may be used.</summary>
/// <param name="Account">Its name (<c>Runner:Account</c>).</param>
/// <param name="Version">Grows with each change; of two windows the one with the higher version is true.</param>
/// <param name="ClosedUntil">When its usage limit ends, UTC; null = it is open.</param>
/// <param name="Guessed">True = nobody said when the limit ends: after <paramref name="ClosedUntil"/> one run goes first, and the others wait for its first work.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.usage-window")]
public sealed record UsageWindow(
    [property: Id(0)] string Account,
    [property: Id(1)] long Version,
    [property: Id(2)] DateTimeOffset? ClosedUntil,
    [property: Id(3)] bool Guessed
)
{
    /// <summary>How often in a row the limit was met without a word of its end; 0 to 16.</summary>
    [Id(4)]
    public int Guesses { get; init; }
}

#if !CLIENT_PACKAGE
/// <summary>One per agent account, key = its name: the governor of a usage limit that several hosts may share.</summary>
[GrainInterfaceType("agent-account"), Alias("orchestrator.agent-account")]
public interface IAgentAccountGrain : IGrainWithStringKey
{
    /// <summary>The account now.</summary>
    [Alias("get")]
    Task<UsageWindow> GetAsync(CancellationToken cancellationToken);

    /// <summary>A run met the limit. Closes the account, durably, and tells the queue before it returns.</summary>
    /// <param name="resetAt">When the limit ends, as the agent said; null = it did not say.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("limit-reached")]
    Task<UsageWindow> LimitReachedAsync(
        DateTimeOffset? resetAt,
        CancellationToken cancellationToken
    );

    /// <summary>The account works, by a run's first work or by a person's word: it is open for all.</summary>
    [Alias("open")]
    Task<UsageWindow> OpenAsync(CancellationToken cancellationToken);

    /// <summary>For the Orleans dashboard.</summary>
    [Alias("get-state")]
    Task<UsageWindow> GetState();
}
#endif
