namespace Orchestrator.Decisions.Doors;

/// <summary>
/// Whether a browser sent a request on behalf of another site's page. Programs send neither header; a browser cannot be made
/// to leave them out or to lie in them.
/// </summary>
public static class CrossSite
{
    /// <summary>Null when the request may pass, else what it said of itself.</summary>
    /// <param name="origin">Header <c>Origin</c>; empty = none.</param>
    /// <param name="fetchSite">Header <c>Sec-Fetch-Site</c>; empty = none.</param>
    /// <param name="host">Header <c>Host</c>, which is one of this server's names.</param>
    public static string? Refuse(string origin, string fetchSite, string host) =>
        origin.Length > 0 && !IsOwn(origin, host) ? $"Origin '{Cut(origin)}'"
        // 'same-site' too: another port of this machine is another program.
        : fetchSite.Length > 0 && fetchSite is not ("same-origin" or "none")
            ? $"Sec-Fetch-Site '{Cut(fetchSite)}'"
        : null;

    /// <summary>
    /// Whether a request that a cookie lets in is this server's own page's, beside <see cref="Refuse"/>: null = it is, or only
    /// opens a page. A cookie is sent by the browser whoever asks, so what is not told apart by it must be told by the request.
    /// </summary>
    /// <param name="changes">False for GET and HEAD.</param>
    /// <param name="origin">Header <c>Origin</c>; empty = none.</param>
    /// <param name="fetchSite">Header <c>Sec-Fetch-Site</c>; empty = none.</param>
    /// <param name="fetchMode">Header <c>Sec-Fetch-Mode</c>; empty = none.</param>
    /// <param name="page">Header <see cref="PageSession.Header"/>; empty = none.</param>
    public static string? RefuseSession(
        bool changes,
        string origin,
        string fetchSite,
        string fetchMode,
        string page
    ) =>
        changes
            ? page != "1"
                ? $"no {PageSession.Header}"
                : origin.Length == 0 && fetchSite != "same-origin"
                    ? "neither Origin nor Sec-Fetch-Site"
                    : null
            : fetchSite is "cross-site" or "same-site" && fetchMode != "navigate"
                ? $"Sec-Fetch-Site '{fetchSite}'"
                : null;

    // Behind a TLS proxy this server's own scheme is not the browser's, so the authority decides. "null" has none.
    private static bool IsOwn(string origin, string host)
    {
        var end = origin.IndexOf("://", StringComparison.Ordinal);
        return end > 0
            && origin[..end].ToUpperInvariant() is "HTTP" or "HTTPS"
            && host.Length > 0
            && origin.AsSpan(end + 3).Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    private static string Cut(string text) => text.Length > 80 ? text[..80] + "…" : text;
}
