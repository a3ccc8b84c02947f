using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Decisions.Doors;

/// <summary>What a browser's cookie says.</summary>
/// <param name="Token">The token it was made with; empty = it is none of ours, or was changed.</param>
/// <param name="EndsAt">UTC; later than this it opens nothing.</param>
public sealed record PageSessionReading(string Token, DateTimeOffset EndsAt);

/// <summary>
/// The cookie of a browser that showed a token: <c>TOKEN.END.SEAL</c>. Its seal is keyed by the token, so every silo of a
/// cluster judges it without a key of its own, and the token's end or revocation ends it too. It holds the token: whoever
/// steals the cookie has that, and revoking the token is the cure.
/// </summary>
public static class PageSession
{
    /// <summary>The cookie's name.</summary>
    public const string Cookie = "orchestrator";

    /// <summary>Header that this server's own pages send with whatever changes something; no form and no link can.</summary>
    public const string Header = "X-Orchestrator-Page";

    private const int LengthMax = 400;
    private const string Purpose = "orchestrator page session ";

    /// <summary>The cookie's value.</summary>
    /// <param name="token">Letters, digits, <c>_</c> and <c>-</c>.</param>
    /// <param name="endsAt">UTC; kept to the second.</param>
    public static string Write(string token, DateTimeOffset endsAt)
    {
        ArgumentNullException.ThrowIfNull(token);
        var end = endsAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{token}.{end}.{Seal(token, end)}";
    }

    /// <summary>Reads a cookie's value, whatever it is; whether it has ended is the caller's to judge.</summary>
    public static PageSessionReading Read(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var none = new PageSessionReading("", DateTimeOffset.MinValue);
        if (
            value.Length > LengthMax
            || value.Split('.') is not [var token, var end, var seal]
            || !IsToken(token)
            || !long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        )
        {
            return none;
        }
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Seal(token, end)),
            Encoding.UTF8.GetBytes(seal)
        )
            ? new PageSessionReading(token, DateTimeOffset.FromUnixTimeSeconds(seconds))
            : none;
    }

    /// <summary>True for what a token can look like.</summary>
    public static bool IsToken(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= 200
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
    }

    private static string Seal(string token, string end) =>
        Convert.ToHexStringLower(
            HMACSHA256.HashData(
                Encoding.UTF8.GetBytes(token),
                Encoding.UTF8.GetBytes(Purpose + end)
            )
        );
}
