using System.Globalization;
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Decisions.Delivery;

/// <summary>Reads where a clone's remote lies on GitHub. What is not surely a repository there is none: the text is anybody's.</summary>
public static class GitHubRemote
{
    private const string Kind = "github";
    private const int TextMax = 500;
    private const int OwnerMax = 39;
    private const int NameMax = 100;

    /// <summary>The repository, or null.</summary>
    /// <param name="text">A remote as git shows it: <c>https://</c>, <c>ssh://</c> or <c>git@host:owner/name</c>, with or without <c>.git</c>.</param>
    /// <param name="web">Where the host is looked at: <c>https://github.com/</c>, or an Enterprise Server's address; its port counts for http and https.</param>
    public static RemoteRepository? Read(string? text, Uri web)
    {
        ArgumentNullException.ThrowIfNull(web);
        if (
            text is not { Length: > 0 and <= TextMax }
            || text[0] is '-'
            || text.Any(c => c is <= ' ' or > '~' or '\\')
        )
        {
            return null;
        }
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 ? Short(text, web) : Address(text[..scheme], text[(scheme + 3)..], web);
    }

    // [user@]host:owner/name
    private static RemoteRepository? Short(string text, Uri web)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || text.AsSpan(0, colon).Contains('/'))
        {
            return null;
        }
        var host = WithoutUser(text[..colon]);
        return IsSshHost(host, web) ? Repository(text[(colon + 1)..]) : null;
    }

    private static RemoteRepository? Address(string scheme, string rest, Uri web)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0)
        {
            return null;
        }
        var (place, path) = (WithoutUser(rest[..slash]), rest[(slash + 1)..]);
        var colon = place.LastIndexOf(':');
        var host = colon < 0 ? place : place[..colon];
        var port = -1;
        if (
            colon >= 0
            && (
                !int.TryParse(
                    place.AsSpan(colon + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out port
                ) || port is 0 or > 65_535
            )
        )
        {
            return null;
        }
        var here = scheme.ToLowerInvariant() switch
        {
            "https" or "http" => scheme.Equals(web.Scheme, StringComparison.OrdinalIgnoreCase)
                && IsHost(host, web.Host)
                && (port < 0 ? web.IsDefaultPort : port == web.Port),
            "ssh" or "git+ssh" => IsSshHost(host, web),
            _ => false,
        };
        return here ? Repository(path) : null;
    }

    private static string WithoutUser(string place) => place[(place.LastIndexOf('@') + 1)..];

    // GitHub takes ssh on the port of https under a name of its own.
    private static bool IsSshHost(string host, Uri web) =>
        IsHost(host, web.Host) || IsHost(host, "ssh." + web.Host);

    private static bool IsHost(string host, string wanted) =>
        host.Equals(wanted, StringComparison.OrdinalIgnoreCase);

    private static RemoteRepository? Repository(string path)
    {
        // ssh://host/owner/name and host:/owner/name mean the same.
        var trimmed = path.StartsWith('/') ? path[1..] : path;
        trimmed = trimmed.EndsWith('/') ? trimmed[..^1] : trimmed;
        trimmed = trimmed.EndsWith(".git", StringComparison.OrdinalIgnoreCase)
            ? trimmed[..^4]
            : trimmed;
        var parts = trimmed.Split('/');
        return
            parts.Length == 2
            && parts[0].Length is > 0 and <= OwnerMax
            && char.IsAsciiLetterOrDigit(parts[0][0])
            && parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            && parts[1].Length is > 0 and <= NameMax
            && parts[1][0] != '-'
            ? RemoteRepository.Parse(Kind + ":" + trimmed)
            : null;
    }
}
