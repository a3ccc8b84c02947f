namespace Orchestrator.Decisions.Webhooks;

/// <summary>When what failed is tried again.</summary>
public static class WebhookSchedule
{
    /// <summary>Tries of handling a delivery before it is given up.</summary>
    public const int InboundTriesMax = 8;

    /// <summary>How long a message is tried: 24 hours from its making.</summary>
    public static TimeSpan OutboundMax { get; } = TimeSpan.FromHours(24);

    /// <summary>Longest time that an endpoint which does not answer is left alone, whatever its oldest message waits for.</summary>
    public static TimeSpan EndpointRestMax { get; } = TimeSpan.FromMinutes(1);

    private static readonly int[] InboundSeconds = [1, 5, 15, 60, 300, 900, 3_600];
    private static readonly int[] OutboundSeconds =
    [
        5,
        15,
        60,
        300,
        900,
        1_800,
        3_600,
        7_200,
        14_400,
    ];

    /// <summary>When a delivery is handled again after so many failures; null = not any more.</summary>
    public static DateTimeOffset? Inbound(int failures, DateTimeOffset now) =>
        failures >= InboundTriesMax
            ? null
            : now.AddSeconds(InboundSeconds[Math.Clamp(failures, 1, InboundSeconds.Length) - 1]);

    /// <summary>When a message is sent again after so many failures; null = not any more, because it would be after its end.</summary>
    /// <param name="failures">From 1.</param>
    /// <param name="expires">The end of trying.</param>
    /// <param name="now">The instant of the failure.</param>
    /// <param name="asked">What the receiver asked to wait (<c>Retry-After</c>), or null; at most 4 hours of it count.</param>
    public static DateTimeOffset? Outbound(
        int failures,
        DateTimeOffset expires,
        DateTimeOffset now,
        TimeSpan? asked = null
    )
    {
        var seconds = OutboundSeconds[Math.Clamp(failures, 1, OutboundSeconds.Length) - 1];
        var wanted = Math.Min(asked?.TotalSeconds ?? 0, OutboundSeconds[^1]);
        var due = now.AddSeconds(Math.Max(seconds, wanted));
        return due > expires ? null : due;
    }

    /// <summary>Until when an endpoint is left alone after so many failures in a row.</summary>
    public static DateTimeOffset Rest(int failuresInARow, DateTimeOffset now)
    {
        var seconds = OutboundSeconds[Math.Clamp(failuresInARow, 1, OutboundSeconds.Length) - 1];
        return now.AddSeconds(Math.Min(seconds, EndpointRestMax.TotalSeconds));
    }
}
