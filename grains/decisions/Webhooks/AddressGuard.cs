namespace Orchestrator.Decisions.Webhooks;

/// <summary>Which network addresses a message may be sent to: only those of the public internet, whatever a name resolves to.</summary>
public static class AddressGuard
{
    private static readonly (byte[] Prefix, int Bits, string What)[] Four =
    [
        ([0], 8, "this network"),
        ([10], 8, "private"),
        ([100, 64], 10, "carrier-grade NAT"),
        ([127], 8, "loopback"),
        ([168, 63, 129, 16], 32, "a cloud's own services (Azure)"),
        ([169, 254], 16, "link-local (cloud metadata lives there)"),
        ([172, 16], 12, "private"),
        ([192, 0, 0], 24, "reserved for protocols"),
        ([192, 0, 2], 24, "for documentation"),
        ([192, 88, 99], 24, "a relay of IPv6"),
        ([192, 168], 16, "private"),
        ([198, 18], 15, "for benchmarks"),
        ([198, 51, 100], 24, "for documentation"),
        ([203, 0, 113], 24, "for documentation"),
        ([224], 4, "multicast"),
        ([240], 4, "reserved"),
    ];

    // What is not in 2000::/3 is not public; these lie in it.
    private static readonly (byte[] Prefix, int Bits, string What)[] Six =
    [
        ([0x20, 0x01, 0x00], 23, "reserved for protocols"),
        ([0x20, 0x01, 0x0d, 0xb8], 32, "for documentation"),
        ([0x20, 0x02], 16, "6to4, which carries an address of IPv4"),
        ([0x3f, 0xff], 20, "for documentation"),
    ];

    /// <summary>Why an address is not sent to; null = it may be.</summary>
    /// <param name="address">4 or 16 bytes, network order.</param>
    public static string? Refuse(ReadOnlySpan<byte> address)
    {
        if (address.Length == 4)
        {
            return Find(Four, address);
        }
        if (address.Length != 16)
        {
            return "no address";
        }
        // ::ffff:a.b.c.d is a.b.c.d; 64:ff9b::a.b.c.d goes there through a translator.
        if (IsMapped(address) || IsTranslated(address))
        {
            return Refuse(address[12..]);
        }
        return (address[0] & 0xe0) == 0x20 ? Find(Six, address)
            : address[0] == 0xff ? "multicast"
            : address[0] == 0xfe && (address[1] & 0xc0) == 0x80 ? "link-local"
            : (address[0] & 0xfe) == 0xfc ? "private"
            : address[..15].IndexOfAnyExcept((byte)0) < 0 && address[15] == 1 ? "loopback"
            : "not of the public internet";
    }

    private static bool IsMapped(ReadOnlySpan<byte> address) =>
        address[..10].IndexOfAnyExcept((byte)0) < 0 && address[10] == 0xff && address[11] == 0xff;

    private static bool IsTranslated(ReadOnlySpan<byte> address) =>
        address[..4].SequenceEqual((ReadOnlySpan<byte>)[0x00, 0x64, 0xff, 0x9b])
        && address[4..12].IndexOfAnyExcept((byte)0) < 0;

    private static string? Find(
        (byte[] Prefix, int Bits, string What)[] table,
        ReadOnlySpan<byte> address
    )
    {
        foreach (var (prefix, bits, what) in table)
        {
            var fits = true;
            for (var bit = 0; bit < bits && fits; bit += 8)
            {
                var mask = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit)) & 0xff;
                var wanted = bit / 8 < prefix.Length ? prefix[bit / 8] : 0;
                fits = (address[bit / 8] & mask) == (wanted & mask);
            }
            if (fits)
            {
                return what;
            }
        }
        return null;
    }
}
