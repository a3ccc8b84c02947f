#pragma warning disable CA2213 // places: the last connections give theirs back after the door is closed
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Decisions.Runners;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>
/// The only way out of a sandbox without a network: an HTTP proxy on a unix socket that lets named hosts through. It
/// understands <c>CONNECT host:port</c> and requests with a whole <c>http://</c> address, one a connection.
/// </summary>
internal sealed partial class NetworkDoor : IAsyncDisposable
{
    private const int HeadBytesMax = 16 * 1024;
    private const int ConnectionsMax = 64;
    private const int RefusedMax = 20;
    private static readonly TimeSpan HeadMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(15);

    private readonly Socket listener;
    private readonly string runId;
    private readonly HostAllowlist allowed;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim places = new(ConnectionsMax, ConnectionsMax);
    private readonly Lock gate = new();
    private readonly List<string> refused = [];
    private readonly Task accepting;

    /// <param name="path">Of the socket; at most 100 bytes.</param>
    /// <param name="runId">For the log.</param>
    /// <param name="hosts">Entries of the allowlist.</param>
    /// <param name="time">The clock of its limits.</param>
    /// <param name="logger">Told of what is refused.</param>
    public NetworkDoor(
        string path,
        string runId,
        IEnumerable<string> hosts,
        TimeProvider time,
        ILogger logger
    )
    {
        (Path, this.runId, this.time, this.logger) = (path, runId, time, logger);
        allowed = new HostAllowlist(hosts);
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        listener.Listen(ConnectionsMax);
        accepting = AcceptAsync();
    }

    /// <summary>The socket.</summary>
    public string Path { get; }

    /// <summary>Hosts that were asked for and refused, each once, in order, at most 20.</summary>
    public IReadOnlyList<string> Refused
    {
        get
        {
            lock (gate)
            {
                return [.. refused];
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        File.Delete(Path);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                // The run's further connections wait in the socket's own queue.
                await places.WaitAsync(stop.Token);
                client = await listener.AcceptAsync(stop.Token);
            }
            catch (Exception e)
                when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            _ = Task.Run(() => ServeAsync(client), CancellationToken.None);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using var own = client;
            await using var stream = new NetworkStream(client);
            using var limit = new CancellationTokenSource(HeadMax, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(
                limit.Token,
                stop.Token
            );
            var (head, rest) = await HeadAsync(stream, either.Token);
            await AnswerAsync(stream, head, rest);
        }
        catch (Exception e)
            when (e
                    is IOException
                        or SocketException
                        or OperationCanceledException
                        or ObjectDisposedException
            )
        {
            // One side went away; the other is closed with it.
        }
        finally
        {
            places.Release();
        }
    }

    private async Task AnswerAsync(NetworkStream client, string head, byte[] rest)
    {
        var lines = head.Split("\r\n");
        var words = lines[0].Split(' ');
        var connect = words is ["CONNECT", _, _];
        var target =
            connect ? words[1]
            : words is [_, var address, _] ? Authority(address)
            : "";
        if (!HostAllowlist.Read(target, out var host, out var port))
        {
            Refuse(Shown(target));
            await SayAsync(client, "400 Bad Request");
            return;
        }
        var (ok, privateToo) = allowed.Allows(host, port);
        if ((ok ? await ResolveAsync(host, privateToo) : null) is not { } addresses)
        {
            Refuse($"{host}:{port.ToString(CultureInfo.InvariantCulture)}");
            await SayAsync(client, "403 Forbidden");
            return;
        }
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (addresses.Length == 0)
        {
            await SayAsync(client, "502 Bad Gateway");
            return;
        }
        using (var limit = new CancellationTokenSource(ConnectMax, time))
        {
            try
            {
                await server.ConnectAsync(addresses, port, limit.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                await SayAsync(client, "502 Bad Gateway");
                return;
            }
        }
        await using var upstream = new NetworkStream(server);
        if (connect)
        {
            await client.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
        }
        else
        {
            await upstream.WriteAsync(Encoding.Latin1.GetBytes(Rewritten(lines)));
        }
        await upstream.WriteAsync(rest, stop.Token);
        // Until either side ends: a half-closed tunnel is of use to nobody here.
        await Task.WhenAny(
            client.CopyToAsync(upstream, stop.Token),
            upstream.CopyToAsync(client, stop.Token)
        );
    }

    // "http://host:port/path" has the authority host:port; 80 when none is named. User names are refused with the '@'.
    private static string Authority(string address)
    {
        const string Scheme = "http://";
        if (!address.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return "";
        }
        var rest = address[Scheme.Length..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        return authority.Contains(':', StringComparison.Ordinal) ? authority : authority + ":80";
    }

    // As the server expects it, and as the last request of the connection.
    private static string Rewritten(string[] lines)
    {
        var words = lines[0].Split(' ');
        var rest = words[1]["http://".Length..];
        var at = rest.IndexOf('/', StringComparison.Ordinal);
        var path = at < 0 ? "/" : rest[at..];
        var kept = lines
            .Skip(1)
            .Where(l =>
                l.Length > 0
                && !l.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase)
                && !l.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase)
            );
        return $"{words[0]} {path} {words[2]}\r\n"
            + string.Concat(kept.Select(l => l + "\r\n"))
            + "Connection: close\r\n\r\n";
    }

    // Null = an address that the name must not lead to. A name that nobody knows has no address at all.
    private async Task<IPAddress[]?> ResolveAsync(string host, bool privateToo)
    {
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, stop.Token)
                .WaitAsync(ConnectMax, time, stop.Token);
            // One bad address spoils the name: it is never connected to by a second look.
            return privateToo || !found.Any(a => HostAllowlist.IsPrivate(a.GetAddressBytes()))
                ? found
                : null;
        }
        catch (Exception e) when (e is SocketException or ArgumentException or TimeoutException)
        {
            return [];
        }
    }

    private static async Task<(string Head, byte[] Body)> HeadAsync(
        NetworkStream stream,
        CancellationToken cancellationToken
    )
    {
        var buffer = new byte[HeadBytesMax];
        var length = 0;
        while (length < buffer.Length)
        {
            var n = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (n == 0)
            {
                throw new IOException("The connection ended in its head.");
            }
            length += n;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return (Encoding.Latin1.GetString(buffer, 0, end), buffer[(end + 4)..length]);
            }
        }
        throw new IOException("The head of the request is over 16 KiB.");
    }

    private static async Task SayAsync(NetworkStream client, string status) =>
        await client.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        );

    private void Refuse(string what)
    {
        lock (gate)
        {
            if (refused.Count >= RefusedMax || refused.Contains(what))
            {
                return;
            }
            refused.Add(what);
        }
        LogRefused(logger, runId, what);
    }

    // What is shown of a target that is none: it may hold anything.
    private static string Shown(string target) =>
        new([.. target.Take(80).Select(c => c is > ' ' and <= '~' ? c : '?')]);

    [LoggerMessage(
        EventId = 2061,
        Level = LogLevel.Warning,
        Message = "Run {RunId} asked for {Host}, which its sandbox does not let it reach"
    )]
    private static partial void LogRefused(ILogger logger, string runId, string host);
}
