using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;

namespace Orchestrator.Silo.Cluster.Tls;

/// <summary>
/// Mutual TLS on every connection between silos. Both sides show a certificate that one of the cluster's own authorities
/// signed, that is valid now and names <see cref="SiloCertificates.Name"/>; anything else is refused and named in the log.
/// </summary>
internal sealed partial class SiloTls(
    SiloCertificates certificates,
    TimeProvider time,
    ILogger<SiloTls> logger
) : IDisposable
{
    private const int HandshakesMax = 64;
    private const int ToldMax = 256;
    private static readonly TimeSpan HandshakeMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ToldFor = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim handshakes = new(HandshakesMax);
    private readonly ConcurrentDictionary<string, long> told = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public void Dispose() => handshakes.Dispose();

    /// <summary>For connections that come in.</summary>
    public Task AcceptAsync(ConnectionContext connection, ConnectionDelegate next) =>
        SecureAsync(
            connection,
            next,
            (stream, identity, token) =>
                stream.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = identity.Own,
                        ClientCertificateRequired = true,
                        CertificateChainPolicy = Policy(identity),
                        RemoteCertificateValidationCallback = (_, peer, _, errors) =>
                            Accept(connection, peer, errors),
                    },
                    token
                )
        );

    /// <summary>For connections that this silo makes.</summary>
    public Task ConnectAsync(ConnectionContext connection, ConnectionDelegate next) =>
        SecureAsync(
            connection,
            next,
            (stream, identity, token) =>
                stream.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = SiloCertificates.Name,
                        ClientCertificateContext = identity.Own,
                        CertificateChainPolicy = Policy(identity),
                        RemoteCertificateValidationCallback = (_, peer, _, errors) =>
                            Accept(connection, peer, errors),
                    },
                    token
                )
        );

    private static X509ChainPolicy Policy(SiloIdentity identity)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // The authority is the cluster's own file: nobody publishes what it revoked. Replace the file instead.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(identity.Authorities);
        return policy;
    }

    // For the accepting side nothing has compared the name yet.
    private bool Accept(ConnectionContext connection, X509Certificate? peer, SslPolicyErrors errors)
    {
        if (
            errors == SslPolicyErrors.None
            && peer is X509Certificate2 certificate
            && certificate.MatchesHostname(SiloCertificates.Name, allowWildcards: false)
        )
        {
            return true;
        }
        Tell(
            connection,
            errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || peer is null
                    ? "it shows no certificate; set Cluster:Tls there"
                : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)
                    ? $"its certificate {((X509Certificate2)peer).Subject} ({((X509Certificate2)peer).NotBefore:u} to {((X509Certificate2)peer).NotAfter:u}) is not valid now or not signed by an authority of Cluster:Tls:Authority; renew it, or give all silos the same authorities"
                : $"its certificate does not name '{SiloCertificates.Name}'; make one that does"
        );
        return false;
    }

    private async Task SecureAsync(
        ConnectionContext connection,
        ConnectionDelegate next,
        Func<SslStream, SiloIdentity, CancellationToken, Task> shakeAsync
    )
    {
        var plain = connection.Transport;
        var bytes = new DuplexStream(plain);
        try
        {
            var secure = new SslStream(bytes, leaveInnerStreamOpen: true);
            await using var _ = secure.ConfigureAwait(false);
            if (
                await ShakeAsync(
                    connection,
                    bytes,
                    t => shakeAsync(secure, certificates.Current(), t)
                )
            )
            {
                await RunAsync(connection, next, new SecurePipe(secure));
            }
            else
            {
                connection.Abort(new ConnectionAbortedException("No TLS handshake between silos."));
            }
        }
        finally
        {
            // The silo ends the pipes that it was given; the socket waits for the end of its own.
            connection.Transport = plain;
            await plain.Input.CompleteAsync();
            await plain.Output.CompleteAsync();
        }
    }

    private static async Task RunAsync(
        ConnectionContext connection,
        ConnectionDelegate next,
        SecurePipe transport
    )
    {
        try
        {
            connection.Transport = transport;
            await next(connection);
        }
        finally
        {
            await transport.CompleteAsync();
        }
    }

    private async Task<bool> ShakeAsync(
        ConnectionContext connection,
        DuplexStream bytes,
        Func<CancellationToken, Task> shakeAsync
    )
    {
        using var limit = new CancellationTokenSource(HandshakeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            limit.Token,
            connection.ConnectionClosed
        );
        try
        {
            await handshakes.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            Tell(connection, $"{HandshakesMax} handshakes are under way; it will try again");
            return false;
        }
        try
        {
            await shakeAsync(either.Token);
            return true;
        }
        catch (Exception e)
            when (e
                    is AuthenticationException
                        or IOException
                        or OperationCanceledException
                        or CryptographicException
                        or InvalidOperationException
                        or SiloStartException
            )
        {
            // Who only looks whether the port is open says nothing: that is no refusal.
            if (bytes.HasRead)
            {
                Tell(
                    connection,
                    limit.IsCancellationRequested
                        ? "it did not end the TLS handshake in time"
                        : $"no TLS handshake ({e.Message.TrimEnd('.')}); every silo needs Cluster:Tls with the same authorities"
                );
            }
            return false;
        }
        finally
        {
            handshakes.Release();
        }
    }

    // The same peer for the same reason once a minute: a silo that may not join asks again and again.
    private void Tell(ConnectionContext connection, string reason)
    {
        var peer = (connection.RemoteEndPoint as System.Net.IPEndPoint)?.Address.ToString() ?? "?";
        var key = peer + reason;
        var now = time.GetTimestamp();
        if (told.TryGetValue(key, out var last) && time.GetElapsedTime(last) < ToldFor)
        {
            return;
        }
        if (told.Count >= ToldMax)
        {
            told.Clear();
        }
        told[key] = now;
        LogRefused(logger, peer, reason);
    }

    [LoggerMessage(1611, LogLevel.Warning, "A silo connection with {Peer} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string peer, string reason);

    /// <summary>Reads and writes what was decrypted and is to be encrypted.</summary>
    private sealed class SecurePipe(SslStream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } =
            PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } =
            PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

        public async ValueTask CompleteAsync()
        {
            try
            {
                await Input.CompleteAsync();
                await Output.CompleteAsync();
            }
            catch (Exception e)
                when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The connection is cut: there is nobody to say goodbye to.
            }
        }
    }
}
