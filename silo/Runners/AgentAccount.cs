using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Silo.Runners;

/// <summary>The account that this host's agents use, and what is known of its usage limit.</summary>
internal interface IAgentAccount
{
    /// <summary>A run ended. When it met the usage limit, the account is closed for all before this returns, and the result says until when.</summary>
    Task<RunResult> SettleAsync(RunResult result);

    /// <summary>A run's agent has done some work. Opens an account whose limit's end was only guessed.</summary>
    void Worked();
}

/// <inheritdoc cref="IAgentAccount" />
internal sealed partial class AgentAccount(
    IGrainFactory grains,
    IOptions<RunnerOptions> options,
    IConfiguration configuration,
    TimeProvider time,
    ILogger<AgentAccount> logger
) : IAgentAccount
{
    private static readonly TimeSpan AskMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellMax = TimeSpan.FromSeconds(10);
    private volatile UsageWindow? known;

    /// <summary>Its name: <c>Runner:Account</c>, else one made of the API key, else the login on this host.</summary>
    public string Name { get; } = NameOf(options.Value, configuration);

    /// <summary>The account now, or what was last known of it when nobody answers within a second; null = nothing is known.</summary>
    public async Task<UsageWindow?> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            known = await grains
                .GetGrain<IAgentAccountGrain>(Name)
                .GetAsync(cancellationToken)
                .WaitAsync(AskMax, time, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnknown(logger, Name, e);
        }
        return known;
    }

    /// <inheritdoc />
    public async Task<RunResult> SettleAsync(RunResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.ErrorClass != ErrorClass.UsageLimit)
        {
            if (result.ErrorClass == ErrorClass.None)
            {
                Worked();
            }
            return result;
        }
        try
        {
            var window = await grains
                .GetGrain<IAgentAccountGrain>(Name)
                .LimitReachedAsync(result.ResetAt, CancellationToken.None)
                .WaitAsync(TellMax, time);
            known = window;
            LogReached(logger, Name, window.ClosedUntil);
            return result with { ResetAt = window.ClosedUntil };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The task pauses all the same; the next run that meets the limit tells it again.
            LogUntold(logger, Name, e);
            return result;
        }
    }

    /// <inheritdoc />
    public void Worked()
    {
        if (known is { Guessed: true } window && window.ClosedUntil <= time.GetUtcNow())
        {
            known = null;
            grains.GetGrain<IAgentAccountGrain>(Name).OpenAsync(CancellationToken.None).Ignore();
        }
    }

    private static string NameOf(RunnerOptions options, IConfiguration configuration)
    {
        if (options.Account.Length > 0)
        {
            return options.Account;
        }
        var key =
            configuration["Runner:ClaudeCode:Environment:ANTHROPIC_API_KEY"]
            ?? Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY");
        return string.IsNullOrEmpty(key)
            ? "login@" + options.Host
            : "key-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..8];
    }

    [LoggerMessage(
        EventId = 2041,
        Level = LogLevel.Warning,
        Message = "The usage limit of agent account {Account} is reached; its work waits until {Until:u}"
    )]
    private static partial void LogReached(ILogger logger, string account, DateTimeOffset? until);

    [LoggerMessage(
        EventId = 2042,
        Level = LogLevel.Warning,
        Message = "The governor of agent account {Account} could not be told of its usage limit"
    )]
    private static partial void LogUntold(ILogger logger, string account, Exception exception);

    [LoggerMessage(
        EventId = 2043,
        Level = LogLevel.Debug,
        Message = "The governor of agent account {Account} did not answer; what was last known counts"
    )]
    private static partial void LogUnknown(ILogger logger, string account, Exception exception);
}
