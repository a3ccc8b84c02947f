using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Silo.Api;

/// <summary>A body or parameter that cannot be read.</summary>
#pragma warning disable CA1032, CA1064 // thrown and caught inside this room only
internal sealed class BodyException(Failure failure, int status = 400) : Exception(failure.Message)
{
    /// <summary>What to tell.</summary>
    public Failure Failure => failure;

    /// <summary>The HTTP status.</summary>
    public int Status => status;
}
#pragma warning restore CA1032, CA1064

/// <summary>Reads bodies and parameters; every refusal names the member and the cure.</summary>
internal static partial class Bodies
{
    // Two values for one key would let a proxy and this server read different requests.
    private static readonly OrchestratorJson Strict = new(
        new JsonSerializerOptions(OrchestratorJson.Default.Options)
        {
            AllowDuplicateProperties = false,
        }
    );

    /// <summary>The body, which must be there.</summary>
    /// <exception cref="BodyException">It is no such object.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context)
        where T : class =>
        await ReadOrNullAsync<T>(context)
        ?? throw Refuse(
            $"The body is empty; send a JSON object with {string.Join(", ", Type<T>().Properties.Select(p => p.Name))}."
        );

    /// <summary>The body, or null when there is none.</summary>
    /// <exception cref="BodyException">It is no such object.</exception>
    public static async Task<T?> ReadOrNullAsync<T>(HttpContext context)
        where T : class
    {
        using var buffer = await TakeAsync(context.Request, context.RequestAborted);
        if (buffer.Length == 0)
        {
            return null;
        }
        if (!context.Request.HasJsonContentType())
        {
            throw new BodyException(
                WrongType(context.Request.ContentType),
                StatusCodes.Status415UnsupportedMediaType
            );
        }
        try
        {
            return JsonSerializer.Deserialize(
                    buffer.GetBuffer().AsSpan(0, (int)buffer.Length),
                    Type<T>()
                ) ?? throw Refuse("The body is null; send a JSON object.");
        }
        catch (JsonException e)
        {
            throw Refuse(Words(e, Type<T>()));
        }
    }

    /// <summary>A number in a range, from a query parameter or header; the default when it is absent.</summary>
    /// <exception cref="BodyException">It is none, or out of range.</exception>
    public static long Number(string name, string? text, long without, long min, long max) =>
        string.IsNullOrEmpty(text) ? without
        : long.TryParse(
            text,
            System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture,
            out var n
        )
        && n >= min
        && n <= max
            ? n
        : throw Refuse($"{name} '{Cut(text)}' must be a whole number from {min} to {max}.");

    /// <summary>An idempotency key, or empty.</summary>
    /// <exception cref="BodyException">It is too long.</exception>
    public static string Key(string? header) =>
        header is not { Length: > 200 }
            ? header ?? ""
            : throw Refuse("The Idempotency-Key has more than 200 characters.");

    /// <summary>True when a body comes that is not JSON by its own word: no form and no text of a page gets further. A file's content has its own path and word.</summary>
    public static bool IsOtherThanJson(HttpContext context) =>
        context
            .Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>()
            ?.CanHaveBody == true
        && !(
            context.Request.Path == TalkEndpoints.AttachmentsPath
                ? string.Equals(
                    context.Request.ContentType,
                    TalkEndpoints.FileType,
                    StringComparison.OrdinalIgnoreCase
                )
                : context.Request.HasJsonContentType()
        );

    /// <summary>A body that is not JSON by its own word.</summary>
    public static Failure WrongType(string? type) =>
        new(
            FailureCodes.InvalidRequest,
            $"The Content-Type is '{Cut(type ?? "")}'; send application/json."
        );

    /// <summary>An invalid request.</summary>
    public static BodyException Refuse(string message) =>
        new(new Failure(FailureCodes.InvalidRequest, message));

    /// <summary>A request that the server itself could not read.</summary>
    public static Failure Words(BadHttpRequestException e)
    {
        if (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge();
        }
        var bound = Bound().Match(e.Message);
        return new Failure(
            FailureCodes.InvalidRequest,
            bound.Success
                ? $"{bound.Groups[1].Value} '{Cut(bound.Groups[2].Value)}' is not what is asked for; see /v1/openapi.json."
                : e.Message
        );
    }

    private static async Task<MemoryStream> TakeAsync(
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        var announced = request.ContentLength ?? 0;
        var buffer = new MemoryStream();
        var part = new byte[(int)Math.Clamp(announced + 1, 1024, 16 * 1024)];
        while (Math.Max(announced, buffer.Length) <= ApiHosting.BodyMax)
        {
            var read = await request.Body.ReadAsync(part, cancellationToken);
            if (read == 0)
            {
                buffer.Position = 0;
                return buffer;
            }
            await buffer.WriteAsync(part.AsMemory(0, read), cancellationToken);
        }
        throw new BodyException(TooLarge(), StatusCodes.Status413PayloadTooLarge);
    }

    private static Failure TooLarge() =>
        new(
            FailureCodes.InvalidRequest,
            $"The body is larger than {ApiHosting.BodyMax / 1024 / 1024} MiB. Send a shorter request; long material belongs into the repository."
        );

    private static JsonTypeInfo<T> Type<T>() => (JsonTypeInfo<T>)Strict.GetTypeInfo(typeof(T))!;

    private static string Words(JsonException e, JsonTypeInfo type)
    {
        var known = string.Join(", ", type.Properties.Select(p => p.Name));
        if (Unmapped().Match(e.Message) is { Success: true } unmapped)
        {
            return $"The key '{Cut(unmapped.Groups[1].Value)}' is unknown; known: {known}.";
        }
        if (Duplicate().Match(e.Message) is { Success: true } duplicate)
        {
            return $"The key '{Cut(duplicate.Groups[1].Value)}' is there twice.";
        }
        var place = $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
        return e.Path is { Length: > 1 } path && path != "$"
            ? $"The value at {Cut(path)} is not of the kind that is asked for ({place}); see /v1/openapi.json."
            : $"The body is not a JSON object ({place}). Keys: {known}.";
    }

    private static string Cut(string text) => text.Length > 60 ? text[..60] + "…" : text;

    [GeneratedRegex("^The JSON property '(.*)' could not be mapped", RegexOptions.Singleline)]
    private static partial Regex Unmapped();

    [GeneratedRegex("^Duplicate property '(.*)' encountered", RegexOptions.Singleline)]
    private static partial Regex Duplicate();

    [GeneratedRegex(
        "^Failed to bind parameter \"\\S+ (\\w+)\" from \"(.*)\"",
        RegexOptions.Singleline
    )]
    private static partial Regex Bound();
}
