using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Orchestrator.SystemTests.Observability;

/// <summary>A request that came.</summary>
internal sealed record Received(
    string Path,
    string Body,
    IReadOnlyDictionary<string, string> Headers
);

/// <summary>Takes what is posted to it on loopback: a collector of OTLP, an Alertmanager. Answers 200, or what the test says.</summary>
internal sealed class HttpReceiver : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Lock gate = new();
    private readonly List<Received> got = [];
    private readonly Task loop;
    private TaskCompletionSource came = New();

    private HttpReceiver(int port)
    {
        Address = new Uri($"http://127.0.0.1:{port}/");
        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        loop = LoopAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The status of its answers from now on.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Paths whose requests get no answer until theirs is set.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Held { get; } = new();

    /// <summary>What came so far.</summary>
    public IReadOnlyList<Received> Got
    {
        get
        {
            lock (gate)
            {
                return [.. got];
            }
        }
    }

    public static HttpReceiver Start()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        return new HttpReceiver(port);
    }

    /// <summary>Waits until what came satisfies.</summary>
    public async Task UntilAsync(
        Func<IReadOnlyList<Received>, bool> met,
        TimeSpan longest,
        Func<string> missing
    )
    {
        using var limit = new CancellationTokenSource(longest);
        while (true)
        {
            var next = Volatile.Read(ref came).Task;
            if (met(Got))
            {
                return;
            }
            await next.WaitAsync(limit.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (limit.IsCancellationRequested)
            {
                Assert.Fail(missing());
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LoopAsync()
    {
        while (true)
        {
            var context = await listener.GetContextAsync();
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            lock (gate)
            {
                got.Add(
                    new Received(
                        context.Request.Url!.AbsolutePath,
                        body,
                        context.Request.Headers.AllKeys.ToDictionary(
                            k => k!,
                            k => context.Request.Headers[k]!
                        )
                    )
                );
            }
            if (Held.TryGetValue(context.Request.Url!.AbsolutePath, out var held))
            {
                _ = AnswerLaterAsync(context, held);
            }
            else
            {
                context.Response.StatusCode = Status;
                context.Response.Close();
            }
            Interlocked.Exchange(ref came, New()).TrySetResult();
        }
    }

    private async Task AnswerLaterAsync(HttpListenerContext context, TaskCompletionSource held)
    {
        await held.Task;
        context.Response.StatusCode = Status;
        context.Response.Close();
    }

    private static TaskCompletionSource New() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
