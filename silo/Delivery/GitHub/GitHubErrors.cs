using System.Globalization;
using System.Net;
using Octokit;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.GitHub;

/// <summary>What the client library threw, as the port's failures: kind, words with the way out, and when to come back.</summary>
internal static class GitHubErrors
{
    private const int WordsMax = 600;

    // GitHub's advice where it names no time: at least a minute.
    private static readonly TimeSpan PauseDefault = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromHours(24);

    /// <summary>The failure, or null for an exception that is none of a call.</summary>
    /// <param name="thrown">What was thrown.</param>
    /// <param name="host">The API's host.</param>
    /// <param name="what">What was asked, in words.</param>
    /// <param name="timeMax">The limit of a call.</param>
    /// <param name="now">UTC.</param>
    /// <param name="clean">Takes secrets out.</param>
    public static PullRequestHostException? Of(
        Exception thrown,
        string host,
        string what,
        TimeSpan timeMax,
        DateTimeOffset now,
        Func<string, string> clean
    ) =>
        thrown switch
        {
            PullRequestHostException own => own,
            ApiException api => OfAnswer(api, host, what, now, clean),
            OperationCanceledException => Make(
                PullRequestHostError.Unavailable,
                $"{host} did not answer within {timeMax} (GitHub:TimeMax): {what}. It is tried again."
            ),
            HttpRequestException or IOException or System.Net.Sockets.SocketException => Make(
                PullRequestHostError.Unavailable,
                $"{host} cannot be reached: {what}: {Cut(clean(thrown.Message))} Check GitHub:Address, the network and the proxy; it is tried again."
            ),
            // An answer that is no JSON, or not of the shape that is documented.
            FormatException
            or InvalidCastException
            or System.Runtime.Serialization.SerializationException => Make(
                PullRequestHostError.Unavailable,
                $"{host} gave an answer that cannot be read: {what}. Is GitHub:Address the address of the API?"
            ),
            _ => null,
        };

    /// <summary>The host's own words of a refusal, with the details of each field.</summary>
    public static string Words(ApiException api)
    {
        var error = api.ApiError;
        var words = new List<string> { error?.Message is { Length: > 0 } m ? m : api.Message };
        foreach (var detail in error?.Errors ?? [])
        {
            words.Add(
                detail.Message is { Length: > 0 } text
                    ? text
                    : $"{detail.Resource} {detail.Field} {detail.Code}".Trim()
            );
        }
        return string.Join("; ", words.Where(w => w.Length > 0));
    }

    private static PullRequestHostException OfAnswer(
        ApiException api,
        string host,
        string what,
        DateTimeOffset now,
        Func<string, string> clean
    )
    {
        var words = Cut(clean(Words(api)));
        if (RetryAt(api, words, now) is { } at)
        {
            return new PullRequestHostException(
                PullRequestHostError.RateLimited,
                $"{host} was asked too much ({what}: {words}). Nothing is asked before {at:u}."
            )
            {
                RetryAt = at,
            };
        }
        return api.StatusCode switch
        {
            HttpStatusCode.Unauthorized => Make(
                PullRequestHostError.Unauthorised,
                $"{host} does not accept the credential ({what}: {words}). Set GitHub:Token to one that is valid, or check GitHub:AppId and GitHub:AppKeyFile."
            ),
            HttpStatusCode.Forbidden or HttpStatusCode.UnavailableForLegalReasons => Make(
                PullRequestHostError.Forbidden,
                $"{host} forbids it ({what}: {words}). docs/delivery.md lists the rights that the credential needs; an archived repository takes nothing."
            ),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => Make(
                PullRequestHostError.NotFound,
                $"{host} has none ({what}: {words}). Either it is not there, or the credential may not see it."
            ),
            HttpStatusCode.Conflict => Make(
                PullRequestHostError.Conflict,
                $"{host} says that it changed meanwhile ({what}: {words})."
            ),
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => Make(
                PullRequestHostError.Unavailable,
                $"{host} answered {(int)api.StatusCode} ({what}: {words}). It is tried again."
            ),
            _ => Make(
                PullRequestHostError.Refused,
                $"{host} refuses it with {(int)api.StatusCode} ({what}: {words})."
            ),
        };
    }

    // Primary limits say 403 or 429 with nothing remaining; secondary ones 403 or 429, with or without a time.
    private static DateTimeOffset? RetryAt(ApiException api, string words, DateTimeOffset now)
    {
        if (api.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            return null;
        }
        var headers = api.HttpResponse?.Headers ?? new Dictionary<string, string>();
        string Header(string name) =>
            headers
                .FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                .Value
            ?? "";
        var pause =
            Seconds(Header("retry-after")) is { } seconds ? TimeSpan.FromSeconds(seconds)
            : Header("x-ratelimit-remaining") == "0"
            && Seconds(Header("x-ratelimit-reset")) is { } reset
            && reset < 253_402_300_799
                ? DateTimeOffset.FromUnixTimeSeconds(reset) - now
            : api.StatusCode == HttpStatusCode.TooManyRequests
            || words.Contains("rate limit", StringComparison.OrdinalIgnoreCase)
            || words.Contains("abuse", StringComparison.OrdinalIgnoreCase)
                ? PauseDefault
            : (TimeSpan?)null;
        return pause is not { } wait ? null
            : wait < TimeSpan.FromSeconds(1) ? now + TimeSpan.FromSeconds(1)
            : now + (wait < PauseMax ? wait : PauseMax);
    }

    private static long? Seconds(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && n < 253_402_300_800
            ? n
            : null;

    private static PullRequestHostException Make(PullRequestHostError error, string message) =>
        new(error, message);

    private static string Cut(string words)
    {
        var line = words.ReplaceLineEndings(" ").Trim();
        return line.Length > WordsMax ? line[..WordsMax] + "…" : line;
    }
}
