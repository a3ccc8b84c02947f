using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Doors;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Silo.Api;

namespace Orchestrator.Silo.Pages;

/// <summary>Body of <c>POST /login</c>.</summary>
internal sealed record LoginRequest
{
    /// <summary>The token.</summary>
    public string? Token { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LoginRequest))]
internal sealed partial class PagesJson : JsonSerializerContext;

/// <summary>Lets browsers in: a token shown once becomes a cookie that scripts cannot read and no other site's page makes a browser send.</summary>
internal sealed class PageDoor(
    Authentication authentication,
    IOptions<ApiOptions> options,
    TimeProvider time
)
{
    private const int BodyMax = 4_096;

    /// <summary>Takes a token; 204 with the cookie, or why not.</summary>
    public async Task<IResult> EnterAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not { } secret)
        {
            return ApiHosting.Problem(
                new Failure(
                    FailureCodes.InvalidRequest,
                    "The body must be {\"token\": \"…\"} with a token in it."
                )
            );
        }
        if (await authentication.JudgeAsync(context, secret, null) is { } refused)
        {
            return ApiHosting.Problem(refused);
        }
        var ends = time.GetUtcNow() + options.Value.SessionTimeMax;
        context.Response.Cookies.Append(
            PageSession.Cookie,
            PageSession.Write(secret, ends),
            Shape(context, options.Value.SessionTimeMax)
        );
        return Results.NoContent();
    }

    /// <summary>Takes the cookie back.</summary>
    public static IResult Leave(HttpContext context)
    {
        context.Response.Cookies.Append(PageSession.Cookie, "", Shape(context, TimeSpan.Zero));
        return Results.NoContent();
    }

    /// <summary>Tells a browser that wanted to see a page what a refusal means; false when it wanted none.</summary>
    public static async Task<bool> TellAsync(HttpContext context, Failure refusal)
    {
        var place = context.GetEndpoint()?.Metadata.GetMetadata<ShownToPeople>();
        if (place is null || !WantsPage(context))
        {
            return false;
        }
        var login =
            "/login?to="
            + UrlEncoder.Default.Encode(context.Request.Path + context.Request.QueryString);
        var outside = refusal.Code is FailureCodes.Unauthorized or FailureCodes.TokenExpired;
        if (outside && place.Redirects)
        {
            context.Response.Redirect(login);
            context.Response.ContentType = "text/html; charset=utf-8";
            return true;
        }
        var text = Encoding
            .UTF8.GetString(PageAssets.Html("refused.html"))
            .Replace(
                "{reason}",
                HtmlEncoder.Default.Encode(refusal.Message),
                StringComparison.Ordinal
            )
            .Replace("{login}", HtmlEncoder.Default.Encode(login), StringComparison.Ordinal);
        context.Response.StatusCode = Decisions.Failures.FailureTable.Status(refusal.Code);
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(text, Encoding.UTF8);
        return true;
    }

    /// <summary>True for a browser that opens a page, false for a program and for a script of a page.</summary>
    public static bool WantsPage(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method)
        && context
            .Request.Headers.Accept.ToString()
            .Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static CookieOptions Shape(HttpContext context, TimeSpan lasts) =>
        new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            // Behind a TLS proxy this server does not see TLS, but the browser says where its page is from.
            Secure =
                context.Request.IsHttps
                || context
                    .Request.Headers.Origin.ToString()
                    .StartsWith("https://", StringComparison.OrdinalIgnoreCase),
            Path = "/",
            MaxAge = lasts,
            IsEssential = true,
        };

    private static async Task<string?> ReadAsync(HttpContext context)
    {
        var buffer = new byte[BodyMax + 1];
        var read = await context.Request.Body.ReadAtLeastAsync(
            buffer,
            buffer.Length,
            throwOnEndOfStream: false,
            context.RequestAborted
        );
        try
        {
            return
                read <= BodyMax
                && context.Request.HasJsonContentType()
                && JsonSerializer.Deserialize(
                    buffer.AsSpan(0, read),
                    PagesJson.Default.LoginRequest
                )
                    is { Token: { } token }
                && PageSession.IsToken(token.Trim())
                ? token.Trim()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
