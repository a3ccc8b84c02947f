using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Silo.Api;

/// <summary>How much one stored token may ask of this silo. An open stream counts as one request, and for as long as it is open as one stream.</summary>
internal static class RateLimits
{
    private const string Streams = "streams";
    private const int StreamRetrySeconds = 10;

    /// <summary>Registers them.</summary>
    public static void AddRateLimits(this IServiceCollection services)
    {
        services
            .AddOptions<ApiOptions>()
            .BindConfiguration("Api")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddRateLimiter(_ => { });
        services
            .AddOptions<RateLimiterOptions>()
            .Configure<IOptions<ApiOptions>>(
                (limits, api) =>
                {
                    var (requests, streams) = (api.Value.RequestsPerMinute, api.Value.StreamsMax);
                    limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
                    limits.OnRejected = RefuseAsync;
                    limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(c =>
                        Token(c) is { } token && requests > 0
                            ? RateLimitPartition.GetTokenBucketLimiter(token, _ => Bucket(requests))
                            : RateLimitPartition.GetNoLimiter("")
                    );
                    limits.AddPolicy(
                        Streams,
                        c =>
                            Token(c) is { } token && streams > 0
                                ? RateLimitPartition.GetConcurrencyLimiter(
                                    token,
                                    _ => new ConcurrencyLimiterOptions
                                    {
                                        PermitLimit = streams,
                                        QueueLimit = 0,
                                    }
                                )
                                : RateLimitPartition.GetNoLimiter("")
                    );
                }
            );
    }

    /// <summary>An endpoint that answers for as long as its caller listens.</summary>
    public static RouteHandlerBuilder IsStream(this RouteHandlerBuilder endpoint) =>
        endpoint.RequireRateLimiting(Streams);

    // Null = the local token, or an open endpoint.
    private static string? Token(HttpContext context) =>
        context.Items[Authentication.TokenId] as string;

    // Evenly over the minute: a token that used its minute up waits a moment, not a minute.
    private static TokenBucketRateLimiterOptions Bucket(int perMinute) =>
        new()
        {
            TokenLimit = perMinute,
            TokensPerPeriod = Math.Max(1, perMinute / 60),
            ReplenishmentPeriod =
                perMinute >= 60 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(1) / perMinute,
            QueueLimit = 0,
        };

    private static async ValueTask RefuseAsync(
        OnRejectedContext rejected,
        CancellationToken cancellationToken
    )
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var told)
            ? Math.Max(1, (int)Math.Ceiling(told.TotalSeconds))
            : StreamRetrySeconds;
        var message = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out _)
            ? "This token has asked too often (Api:RequestsPerMinute)."
            : "This token holds as many streams open as one may (Api:StreamsMax).";
        await ApiHosting
            .Problem(
                new Failure(FailureCodes.Throttled, $"{message} Ask again in {wait} s.", "", wait)
            )
            .ExecuteAsync(rejected.HttpContext);
    }
}
