using Orchestrator.Silo.Pages;

namespace Orchestrator.Silo.Api;

/// <summary>What every answer tells a browser: guess no type, show it in no frame, run nothing that is not ours, send no referrer.</summary>
internal static class SecurityHeaders
{
    /// <summary>For an answer that is no page: a browser that shows it loads and runs nothing.</summary>
    public const string DataPolicy = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>
    /// For a page: scripts, styles, images and calls of this server alone, none of them inline, and no text is ever turned into
    /// markup or script: a browser with trusted types refuses even a mistake of our own.
    /// </summary>
    public const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Adds them just before the headers are sent, whoever writes the answer.</summary>
    public static void AddTo(HttpContext context) => context.Response.OnStarting(Add, context);

    private static Task Add(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ContentSecurityPolicy =
            context.Response.ContentType?.StartsWith(
                "text/html",
                StringComparison.OrdinalIgnoreCase
            ) == true
                ? context.Request.Path.StartsWithSegments(DashboardDoor.Path)
                && context.Response.StatusCode == StatusCodes.Status200OK
                    ? DashboardDoor.Policy
                    : PagePolicy
                : DataPolicy;
        if (context.Request.Path.StartsWithSegments("/v1"))
        {
            headers.CacheControl = "no-store";
        }
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
        return Task.CompletedTask;
    }
}
