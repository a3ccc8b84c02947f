using System.Globalization;

namespace Orchestrator.Decisions.Runners;

/// <summary>
/// Which <c>host:port</c> a sandboxed run may reach, by name alone. An entry is <c>name</c> or <c>*.suffix</c> (ports 80 and
/// 443), or <c>name:port</c>. Only an entry with a port may lead into a private network: <c>127.0.0.1:8080</c>.
/// </summary>
public sealed class HostAllowlist
{
    private const int NameMax = 253;
    private const int LabelMax = 63;
    private readonly HashSet<string> exact = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly List<string> suffixes = [];

    /// <param name="entries">What is allowed; an entry that is none allows nothing.</param>
    public HostAllowlist(IEnumerable<string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var entry in entries.Where(e => Problem(e).Length == 0))
        {
            var text = entry.ToLowerInvariant();
            if (text.Contains(':', StringComparison.Ordinal))
            {
                exact.Add(text);
            }
            else if (text.StartsWith("*.", StringComparison.Ordinal))
            {
                suffixes.Add(text[1..]);
            }
            else
            {
                names.Add(text);
            }
        }
    }

    /// <summary>Empty, or what is wrong with an entry.</summary>
    public static string Problem(string entry)
    {
        if (string.IsNullOrEmpty(entry))
        {
            return "an entry is empty";
        }
        var colon = entry.LastIndexOf(':');
        var name = colon < 0 ? entry : entry[..colon];
        if (colon >= 0 && Port(entry[(colon + 1)..]) == 0)
        {
            return $"'{entry}' has no port of 1 to 65535 behind its ':'";
        }
        if (name.StartsWith("*.", StringComparison.Ordinal))
        {
            return colon < 0 && IsName(name[2..]) && name.Count(c => c == '.') > 1
                ? ""
                : $"'{entry}' is no '*.suffix' of at least two labels without a port";
        }
        // An address leads nowhere by accident: it needs its port, and its one plain form.
        return IsName(name) || (colon >= 0 && IsAddress(name))
            ? ""
            : $"'{entry}' is no host name, '*.suffix', 'name:port' or 'address:port'";
    }

    /// <summary>Reads <c>host:port</c> as a client asks for it; false when it is not one in plain form.</summary>
    public static bool Read(string target, out string host, out int port)
    {
        ArgumentNullException.ThrowIfNull(target);
        var colon = target.LastIndexOf(':');
        host = colon > 0 ? target[..colon].ToLowerInvariant() : "";
        port = colon > 0 ? Port(target[(colon + 1)..]) : 0;
        return port > 0 && (IsName(host) || IsAddress(host));
    }

    /// <summary>Whether it may be reached, and whether its address may be one of a private network.</summary>
    /// <param name="host">As <see cref="Read"/> gives it.</param>
    /// <param name="port">1 to 65535.</param>
    public (bool Allowed, bool PrivateToo) Allows(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (exact.Contains(string.Create(CultureInfo.InvariantCulture, $"{host}:{port}")))
        {
            return (true, true);
        }
        var named =
            names.Contains(host)
            || suffixes.Exists(s => host.EndsWith(s, StringComparison.Ordinal));
        return (named && port is 80 or 443, false);
    }

    /// <summary>True for an address that is not of the public network: loopback, private, link-local, shared, multicast, unspecified.</summary>
    /// <param name="address">4 or 16 bytes, in network order.</param>
    public static bool IsPrivate(ReadOnlySpan<byte> address)
    {
        if (address.Length == 4)
        {
            return address[0] is 0 or 10 or 127 or >= 224
                || (address[0], address[1]) is (169, 254) or (192, 168) or (198, 18 or 19)
                || (address[0] == 172 && address[1] is >= 16 and <= 31)
                || (address[0] == 100 && address[1] is >= 64 and <= 127)
                || (address[0], address[1], address[2]) is (192, 0, 0);
        }
        if (address.Length != 16)
        {
            return true;
        }
        // An IPv4 address in one of IPv6's clothes (mapped, compatible, 6to4, NAT64) is judged as what it is.
        if (address[..10].IndexOfAnyExcept((byte)0) < 0 && address[10] == address[11])
        {
            return address[10] is not (0 or 255) || IsPrivate(address[12..]);
        }
        return (address[0], address[1]) is (0x20, 0x02) ? IsPrivate(address[2..6])
            : (address[0], address[1], address[2], address[3]) is (0, 0x64, 0xff, 0x9b)
                ? IsPrivate(address[12..])
            : (address[0] & 0xe0) != 0x20; // all but 2000::/3
    }

    private static int Port(string text) =>
        text.Length is > 0 and <= 5
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && port is >= 1 and <= 65_535
            ? port
            : 0;

    // Labels of letters, digits and '-'; the last holds a letter, so that no spelling of an address is a name.
    private static bool IsName(string text)
    {
        if (text.Length is 0 or > NameMax)
        {
            return false;
        }
        var labels = text.Split('.');
        return Array.TrueForAll(
                labels,
                l =>
                    l.Length is > 0 and <= LabelMax
                    && l[0] != '-'
                    && l[^1] != '-'
                    && l.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            )
            && char.IsAsciiLetter(labels[^1][0])
            && !labels[^1].StartsWith("0x", StringComparison.OrdinalIgnoreCase);
    }

    // Four decimal numbers without leading zeros; nothing else is an address here.
    private static bool IsAddress(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4
            && Array.TrueForAll(
                parts,
                p =>
                    p.Length is > 0 and <= 3
                    && (p.Length == 1 || p[0] != '0')
                    && int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                    && n <= 255
            );
    }
}
