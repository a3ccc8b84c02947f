using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Silo.Cluster.Tls;

/// <summary>What a silo shows to its peers, and whom it trusts.</summary>
/// <param name="Own">Certificate, key and chain.</param>
/// <param name="Authorities">The only roots.</param>
/// <param name="Leaf">The certificate itself.</param>
internal sealed record SiloIdentity(
    SslStreamCertificateContext Own,
    X509Certificate2Collection Authorities,
    X509Certificate2 Leaf
)
{
    /// <summary>UTC end of the certificate.</summary>
    public DateTimeOffset EndsAt => Leaf.NotAfter.ToUniversalTime();
}

/// <summary>
/// The certificate files, read again when they changed: a renewed certificate is used for the next connection. Files that
/// cannot be used leave the last good ones in force.
/// </summary>
internal sealed partial class SiloCertificates(
    SiloTlsOptions options,
    TimeProvider time,
    ILogger<SiloCertificates> logger
)
{
    /// <summary>The DNS name in every silo's certificate. It binds a certificate of the authority to this purpose.</summary>
    public const string Name = "orchestrator-silo";

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);
    private readonly Lock gate = new();
    private SiloIdentity? identity;
    private string seen = "";
    private long lookedAt;

    /// <summary>The identity in force.</summary>
    /// <exception cref="SiloStartException">There never was a usable one; names the file and the cure.</exception>
    public SiloIdentity Current()
    {
        lock (gate)
        {
            if (identity is not null && time.GetElapsedTime(lookedAt) < LookAgain)
            {
                return identity;
            }
            lookedAt = time.GetTimestamp();
            var now = Stamp();
            if (identity is null || now != seen)
            {
                seen = now;
                try
                {
                    var fresh = Load(options, time.GetUtcNow());
                    if (identity is not null)
                    {
                        LogRenewed(logger, fresh.EndsAt);
                    }
                    identity = fresh;
                }
                catch (SiloStartException e) when (identity is not null)
                {
                    LogKept(logger, e.Message);
                }
            }
            return identity;
        }
    }

    /// <summary>Reads the files.</summary>
    /// <exception cref="SiloStartException">One cannot be used; names it and the cure.</exception>
    public static SiloIdentity Load(SiloTlsOptions options, DateTimeOffset now)
    {
        if (options.Certificate.Length == 0 || options.Authority.Length == 0)
        {
            throw new SiloStartException(
                "TLS between silos needs Cluster:Tls:Certificate (and Cluster:Tls:Key when the key is in a file of its own) and Cluster:Tls:Authority."
            );
        }
        var chain = new X509Certificate2Collection();
        var leaf = Read("Cluster:Tls:Certificate", options.Certificate, () => Own(options, chain));
        var authorities = new X509Certificate2Collection();
        Read(
            "Cluster:Tls:Authority",
            options.Authority,
            () =>
            {
                authorities.ImportFromPemFile(options.Authority);
                return authorities.Count > 0
                    ? authorities
                    : throw new CryptographicException("it holds no certificate in PEM");
            }
        );
        if (Problem(leaf, now) is { } problem)
        {
            throw new SiloStartException(
                $"{options.Certificate} (Cluster:Tls:Certificate) {problem}"
            );
        }
        return new SiloIdentity(
            SslStreamCertificateContext.Create(leaf, chain, offline: true),
            authorities,
            leaf
        );
    }

    private static string? Problem(X509Certificate2 leaf, DateTimeOffset now)
    {
        string At(DateTime instant) =>
            instant.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
        return !leaf.HasPrivateKey ? "has no private key. Name it in Cluster:Tls:Key."
            : leaf.NotAfter.ToUniversalTime() <= now.UtcDateTime
                ? $"ended at {At(leaf.NotAfter)}. Put a renewed one in its place."
            : leaf.NotBefore.ToUniversalTime() > now.UtcDateTime
                ? $"begins at {At(leaf.NotBefore)}. Set this machine's clock, or wait."
            : !leaf.MatchesHostname(Name, allowWildcards: false)
                ? $"does not name '{Name}'. Make one with that DNS name (subjectAltName=DNS:{Name})."
            : null;
    }

    private static X509Certificate2 Own(SiloTlsOptions options, X509Certificate2Collection chain)
    {
        if (!File.ReadAllText(options.Certificate).Contains("-----BEGIN", StringComparison.Ordinal))
        {
            return X509CertificateLoader.LoadPkcs12FromFile(
                options.Certificate,
                options.Password,
                X509KeyStorageFlags.DefaultKeySet
            );
        }
        chain.ImportFromPemFile(options.Certificate);
        var key = options.Key.Length > 0 ? options.Key : options.Certificate;
        using var made =
            options.Password.Length > 0
                ? X509Certificate2.CreateFromEncryptedPemFile(
                    options.Certificate,
                    options.Password,
                    key
                )
                : X509Certificate2.CreateFromPemFile(options.Certificate, key);
        // Windows' TLS takes no key that lives in memory alone: through a PFX it gets a home.
        return X509CertificateLoader.LoadPkcs12(
            made.Export(X509ContentType.Pfx),
            null,
            OperatingSystem.IsWindows()
                ? X509KeyStorageFlags.DefaultKeySet
                : X509KeyStorageFlags.EphemeralKeySet
        );
    }

    private static T Read<T>(string key, string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or CryptographicException
                        or ArgumentException
            )
        {
            throw new SiloStartException(
                $"{path} ({key}) cannot be used: {e.Message.TrimEnd('.')}. It must be readable and in PEM, or PFX with Cluster:Tls:Password."
            );
        }
    }

    private string Stamp() =>
        string.Join(
            '|',
            ((string[])[options.Certificate, options.Key, options.Authority])
                .Where(f => f.Length > 0)
                .Select(f => new FileInfo(f))
                .Select(f =>
                    f.Exists
                        ? string.Create(
                            CultureInfo.InvariantCulture,
                            $"{f.LastWriteTimeUtc.Ticks}:{f.Length}"
                        )
                        : "-"
                )
        );

    [LoggerMessage(
        1601,
        LogLevel.Information,
        "The silo's renewed certificate is in force for new connections; it ends at {EndsAt}"
    )]
    private static partial void LogRenewed(ILogger logger, DateTimeOffset endsAt);

    [LoggerMessage(
        1602,
        LogLevel.Warning,
        "The silo's certificate files changed and cannot be used; the ones before stay in force. {Problem}"
    )]
    private static partial void LogKept(ILogger logger, string problem);
}
