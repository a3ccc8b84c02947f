using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Orchestrator.Silo.Pages;

/// <summary>The pages' own files, embedded in this program: nothing is read from disk and nothing from elsewhere.</summary>
internal static class PageAssets
{
    private const string Prefix = "pages/";

    private static readonly FrozenDictionary<string, Asset> All = Load();

    /// <summary>A file as it is sent.</summary>
    /// <param name="Content">Its bytes.</param>
    /// <param name="Type">Its media type.</param>
    /// <param name="Tag">Its ETag.</param>
    internal sealed record Asset(byte[] Content, string Type, string Tag);

    /// <summary>A page's HTML.</summary>
    public static byte[] Html(string name) => All[name].Content;

    /// <summary>Answers with a file, or 304, or 404. A browser asks each time, so that a page and its scripts are of one build.</summary>
    public static async Task SendAsync(HttpContext context, string name)
    {
        if (
            !All.TryGetValue(name, out var asset)
            || asset.Type.StartsWith("text/html", StringComparison.Ordinal)
        )
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var response = context.Response;
        response.Headers.ETag = asset.Tag;
        response.Headers.CacheControl = "no-cache";
        response.ContentType = asset.Type;
        if (context.Request.Headers.IfNoneMatch.ToString() == asset.Tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentLength = asset.Content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(asset.Content, context.RequestAborted);
        }
    }

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(PageAssets).Assembly;
        return assembly
            .GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(n => n[Prefix.Length..], Read, StringComparer.Ordinal);

        Asset Read(string resource)
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new Asset(
                content,
                Path.GetExtension(resource) switch
                {
                    ".html" => "text/html; charset=utf-8",
                    ".css" => "text/css; charset=utf-8",
                    ".js" => "text/javascript; charset=utf-8",
                    ".svg" => "image/svg+xml",
                    _ => "application/octet-stream",
                },
                '"' + Convert.ToHexStringLower(SHA256.HashData(content))[..32] + '"'
            );
        }
    }
}
