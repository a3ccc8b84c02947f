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
