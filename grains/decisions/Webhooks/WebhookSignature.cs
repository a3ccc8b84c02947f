using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Decisions.Webhooks;

/// <summary>Judges signatures of webhooks, and makes those of our own. Compares in constant time.</summary>
public static class WebhookSignature
{
    /// <summary>True when the hex HMAC-SHA256 of the raw body was made with one of the secrets.</summary>
    /// <param name="header">What came: <c>sha256=</c> and 64 hex digits, or with an empty prefix the digits alone.</param>
    /// <param name="prefix"><c>sha256=</c> or empty.</param>
    /// <param name="body">As it came, before anything read it.</param>
    /// <param name="secrets">The current one and, during a rotation, another; empty ones never fit.</param>
    public static bool Fits(
        string? header,
        string prefix,
        ReadOnlySpan<byte> body,
        IEnumerable<string> secrets
    )
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(secrets);
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (
            header is null
            || header.Length != prefix.Length + 2 * given.Length
            || !header.StartsWith(prefix, StringComparison.Ordinal)
            || Convert.FromHexString(header.AsSpan(prefix.Length), given, out _, out _)
                != System.Buffers.OperationStatus.Done
        )
        {
            return false;
        }
        Span<byte> right = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var fits = false;
        foreach (var secret in secrets.Where(s => s.Length > 0))
        {
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, right);
            fits |= CryptographicOperations.FixedTimeEquals(given, right);
        }
        return fits;
    }

    /// <summary>The secret's bytes of Standard Webhooks: base64 after <c>whsec_</c>, 24 to 64 bytes; null when it is none.</summary>
    public static byte[]? Key(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        const string Prefix = "whsec_";
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        var bytes = new byte[secret.Length];
        return
            Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length)
            && length is >= 24 and <= 64
            ? bytes[..length]
            : null;
    }

    /// <summary>The header <c>webhook-signature</c> of Standard Webhooks: one <c>v1,BASE64</c> per secret, between them a space.</summary>
    /// <param name="id">The message's id.</param>
    /// <param name="at">When it is sent.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="secrets">With which; each <c>whsec_...</c>.</param>
    public static string Sign(
        string id,
        DateTimeOffset at,
        ReadOnlySpan<byte> body,
        IEnumerable<string> secrets
    )
    {
        ArgumentNullException.ThrowIfNull(secrets);
        var head = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{id}.{at.ToUnixTimeSeconds()}.")
        );
        var signed = new byte[head.Length + body.Length];
        head.CopyTo(signed, 0);
        body.CopyTo(signed.AsSpan(head.Length));
        return string.Join(
            ' ',
            secrets
                .Select(Key)
                .OfType<byte[]>()
                .Select(k => "v1," + Convert.ToBase64String(HMACSHA256.HashData(k, signed)))
        );
    }
}
