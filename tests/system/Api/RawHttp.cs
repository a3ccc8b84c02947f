using System.Net.Sockets;
using System.Text;

namespace Orchestrator.SystemTests.Api;

/// <summary>HTTP as bytes, for what a decent client does not send. Every wait has a deadline.</summary>
internal sealed class RawHttp : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly TcpClient socket = new();

    public static async Task<RawHttp> ConnectAsync(Uri address)
    {
        var raw = new RawHttp();
        await raw.socket.ConnectAsync(address.Host, address.Port).WaitAsync(Deadline);
        return raw;
    }

    public Task SendAsync(string text) =>
        socket.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask().WaitAsync(Deadline);

    /// <summary>Everything until the server closes, or until the text holds a word; empty = it cut the connection.</summary>
    public async Task<string> ReadAsync(string until = "\0")
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (!text.ToString().Contains(until, StringComparison.Ordinal))
            {
                var read = await socket.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Deadline);
                if (read == 0)
                {
                    break;
                }
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // A reset: what came before it is the answer.
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No end within {Deadline} after: {text}");
        }
        return text.ToString();
    }

    /// <summary>One request and its answer; it asks the server to close.</summary>
    public static async Task<string> AskAsync(Uri address, string head, string body = "")
    {
        using var raw = await ConnectAsync(address);
        try
        {
            await raw.SendAsync(head + "Connection: close\r\n\r\n" + body);
        }
        catch (IOException)
        {
            // The server answered and closed before it had all.
        }
        return await raw.ReadAsync();
    }

    /// <summary>The status of an answer; 0 = there is none.</summary>
    public static int Status(string answer) =>
        answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
            ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture)
            : 0;

    public void Dispose() => socket.Dispose();
}
