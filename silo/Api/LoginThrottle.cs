using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Doors;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Silo.Api;

/// <summary>
/// Counts wrong tokens by address. A token is 256 random bits: nobody finds one by trying, so this is against noise, and to
/// make an attempt show in the log. It never refuses a right token: behind a proxy, and on loopback, everybody has one address,
/// and whoever shows wrong tokens there must not lock the others out.
/// </summary>
internal sealed partial class LoginThrottle(
    IOptions<ApiOptions> options,
    TimeProvider time,
    ILogger<LoginThrottle> logger
)
{
    /// <summary>Addresses that are remembered; beyond it the one that has been quiet longest is forgotten.</summary>
    public const int AddressesMax = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, FailedLogins> addresses = new(StringComparer.Ordinal);

    /// <summary>A wrong token came: null = say so; else it is one too many.</summary>
    public Failure? Wrong(IPAddress? remote)
    {
        var max = options.Value.FailedLoginsPerMinute;
        if (max == 0)
        {
            return null;
        }
        var (key, now) = (Key(remote), time.GetUtcNow());
        FailedLogins? before;
        FailedLogins after;
        lock (gate)
        {
            before = addresses.GetValueOrDefault(key);
            if (before is null && addresses.Count >= AddressesMax)
            {
                addresses.Remove(addresses.MinBy(a => a.Value.Since).Key);
            }
            after = FailedLogins.After(before, now, max);
            addresses[key] = after;
        }
        if (!after.IsBlocked(now))
        {
            return null;
        }
        var seconds = after.SecondsLeft(now);
        if (before?.IsBlocked(now) != true)
        {
            LogBlocked(logger, max, key, seconds);
        }
        return new Failure(
            FailureCodes.Throttled,
            $"Too many wrong tokens came from this address. Correct the token, and ask again in {seconds} s; a right token passes at once.",
            "",
            seconds
        );
    }

    // One home or company has a whole /64 of IPv6: an address of its own for each try costs nothing there.
    private static string Key(IPAddress? remote)
    {
        if (remote is null)
        {
            return "";
        }
        var address = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
        return address.AddressFamily != AddressFamily.InterNetworkV6
            ? address.ToString()
            : new IPAddress([.. address.GetAddressBytes().Take(8), .. new byte[8]]) + "/64";
    }

    [LoggerMessage(
        2602,
        LogLevel.Warning,
        "More than {Max} wrong tokens came from {Address} in a minute; further ones are answered with 429 for {Seconds} s"
    )]
    private static partial void LogBlocked(ILogger logger, int max, string address, int seconds);
}
