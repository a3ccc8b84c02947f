using System.Net;
using System.Net.Sockets;
using Orchestrator.Decisions.Webhooks;

namespace Orchestrator.Silo.Webhooks;

/// <summary>The address may not be sent to.</summary>
#pragma warning disable CA1032, CA1064 // thrown and caught in this room only
internal sealed class AddressRefusedException(string message) : Exception(message);
#pragma warning restore CA1032, CA1064

/// <summary>Connects to what was checked: the name is resolved once, every address is judged, and the socket goes to one of them. What the name says a moment later plays no part.</summary>
internal static class GuardedConnect
{
    /// <summary>Connects.</summary>
    /// <exception cref="AddressRefusedException">An address of the host is not public, and the host is not allowed by name.</exception>
    public static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint host,
        IReadOnlyCollection<string> allowPrivate,
        CancellationToken cancellationToken
    )
    {
        var name = host.Host.Trim('[', ']');
        var addresses = IPAddress.TryParse(name, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(name, cancellationToken);
        if (!allowPrivate.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            // One bad address among good ones refuses all: that is what a name looks like that changes its mind.
            foreach (var address in addresses)
            {
                if (AddressGuard.Refuse(address.GetAddressBytes()) is { } why)
                {
                    throw new AddressRefusedException(
                        $"{name} is {address}, which is {why}; nothing was sent. If that is meant, name the host in AllowPrivate."
                    );
                }
            }
        }
#pragma warning disable CA2000 // the stream owns it
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
#pragma warning restore CA2000
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
