using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.SystemTests.Health;

/// <summary>A taken port; with a certificate it shakes hands with whoever comes.</summary>
internal sealed class Listening(TcpListener listener) : IAsyncDisposable
{
    private Task serving = Task.CompletedTask;

    /// <summary>From now on it speaks TLS.</summary>
    public void ServeTls(X509Certificate2 certificate) => serving = ServeAsync(certificate);

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Dispose();
    }

    private async Task ServeAsync(X509Certificate2 certificate)
    {
        using var own = certificate;
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var tls = new SslStream(client.GetStream());
                try
                {
                    await tls.AuthenticateAsServerAsync(own);
                }
                catch (Exception e) when (e is AuthenticationException or IOException)
                {
                    // The caller did not trust it, which is what it is for.
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}
