using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Benchmarks.Limits;

namespace Orchestrator.Benchmarks;

/// <summary>
/// A steady stream of signed GitHub deliveries to a real silo process: one each so many milliseconds, whether the ones
/// before were answered or not, so that a slow answer does not make the next ones late. Answer times count from the planned
/// instant. With <c>--kill</c> the silo is killed (SIGKILL) in the middle and started again on its data.
/// </summary>
internal static class WebhookBenchmark
{
    private const string Secret = "0123456789abcdef-benchmark";
    private const int InFlightMax = 2_000;
    private const int PageMax = 1_000;
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SettleMax = TimeSpan.FromMinutes(5);
    private static readonly byte[] Key = Encoding.UTF8.GetBytes(Secret);

    /// <summary>Runs it: <c>--rate N</c> a second (200), <c>--seconds N</c> (60), <c>--kill</c>, <c>--store postgresql</c> (sqlite). 1 = something accepted was lost.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (rate, seconds, kill) = (
            Number(args, "--rate", 200),
            Number(args, "--seconds", 60),
            args.Contains("--kill")
        );
        var shared = args.Contains("postgresql");
        var folder = Directory.CreateTempSubdirectory("orchestrator-webhooks-");
        await using var server = shared ? await PrivatePostgres.StartAsync(folder.FullName) : null;
        string[] store = server is null
            ? []
            :
            [
                "--Cluster:ConnectionString=" + await server.MakeDatabaseAsync("webhooks"),
                "--Cluster:SiloPort=0",
            ];
        await using var silo = await SiloUnderTest.StartAsync([
            $"--Webhooks:Inbound:GitHub:Secret={Secret}",
            .. store,
        ]);
#pragma warning disable CA2000 // the client ends it
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 100 })
        {
            Timeout = CallMax,
        };
#pragma warning restore CA2000
        await WarmAsync(http, silo, rate);
        var accepted = new ConcurrentDictionary<string, bool>();
        var times = new ConcurrentBag<double>();
        var (failed, refused) = (0, 0);
        var count = rate * seconds;
        var bodies = Bodies();
        var cpu = silo.CpuSeconds;
        var killAt = kill ? count / 2 : -1;
        Task<TimeSpan>? restart = null;
        using var flights = new SemaphoreSlim(InFlightMax);
        var sent = new List<Task>(count);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate);
            while (due > clock.Elapsed)
            {
                await pace.WaitForNextTickAsync();
            }
            if (i == killAt)
            {
                restart = silo.KillAndStartAgainAsync();
            }
            await flights.WaitAsync();
            sent.Add(SendAsync($"bench-{i}", bodies[i % bodies.Length], due));
        }
        await Task.WhenAll(sent);
        var spent = clock.Elapsed;
        var down = restart is null ? TimeSpan.Zero : await restart;
        cpu = silo.CpuSeconds - (kill ? 0 : cpu);

        var stored = await StoredAsync(silo);
        var lost = accepted.Keys.Count(id => !stored.Contains(id));
        Figures.Head(
            $"webhooks: {rate}/s for {seconds} s{(kill ? ", killed in the middle" : "")}, {(shared ? "PostgreSQL" : "SQLite")}",
            "figure",
            "value"
        );
        Figures.Row("deliveries sent", Figures.N(count));
        Figures.Row("answered 2xx, a second", Figures.N(accepted.Count / spent.TotalSeconds));
        Figures.Row("answer p50, ms", Figures.N(Figures.Percentile(times, 0.5)));
        Figures.Row("answer p99, ms", Figures.N(Figures.Percentile(times, 0.99)));
        Figures.Row("answer max, ms", Figures.N(times.Max()));
        Figures.Row("not answered (connection), other than 2xx", $"{failed}, {refused}");
        Figures.Row("accepted and not stored (lost)", lost.ToString(CultureInfo.InvariantCulture));
        Figures.Row("silo's CPU, s", Figures.N(cpu));
        if (kill)
        {
            Figures.Row("from the kill to ready again, s", Figures.N(down.TotalSeconds));
        }
        return lost == 0 ? 0 : 1;

        async Task SendAsync(string id, (string Event, byte[] Body) delivery, TimeSpan due)
        {
            try
            {
                var status = await PostAsync(http, silo, id, delivery);
                if (status is HttpStatusCode.Accepted or HttpStatusCode.OK)
                {
                    accepted[id] = true;
                    times.Add((clock.Elapsed - due).TotalMilliseconds);
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                Interlocked.Increment(ref failed);
            }
            finally
            {
                flights.Release();
            }
        }
    }

    // The first second is compilation, of the silo as of this process.
    private static async Task WarmAsync(HttpClient http, SiloUnderTest silo, int count)
    {
        var bodies = Bodies();
        for (var i = 0; i < count * 3; i++)
        {
            await PostAsync(http, silo, $"warm-{i}", bodies[i % bodies.Length]);
        }
    }

    private static async Task<HttpStatusCode> PostAsync(
        HttpClient http,
        SiloUnderTest silo,
        string id,
        (string Event, byte[] Body) delivery
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri(silo.Address, "webhooks/github")
        )
        {
            Content = new ByteArrayContent(delivery.Body)
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-GitHub-Event", delivery.Event);
        request.Headers.Add(
            "X-Hub-Signature-256",
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Key, delivery.Body))
        );
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    // As large as GitHub's own are: 6 KB for a push, 12 for a check, 25 for a pull request; half of it does not compress.
    private static (string Event, byte[] Body)[] Bodies()
    {
#pragma warning disable CA5394 // bytes that do not compress, no secrets
        var random = new Random(1);
        return
        [
            Of("push", "\"ref\":\"refs/heads/x\",\"after\":\"1\"", 6),
            Of("check_run", "\"action\":\"completed\",\"check_run\":{\"head_sha\":\"1\"}", 12),
            Of("pull_request", "\"action\":\"synchronize\",\"number\":7", 25),
        ];

        (string, byte[]) Of(string name, string members, int kilobytes)
        {
            var noise = new byte[kilobytes * 256];
            random.NextBytes(noise);
#pragma warning restore CA5394
            return (
                name,
                Encoding.UTF8.GetBytes(
                    $"{{{members},\"repository\":{{\"full_name\":\"acme/shop\"}},\"more\":\"{Convert.ToHexString(noise)}{new string('x', kilobytes * 512)}\"}}"
                )
            );
        }
    }

    // Every delivery that the silo holds, once it has handled them all.
    private static async Task<HashSet<string>> StoredAsync(SiloUnderTest silo)
    {
        using var limit = new CancellationTokenSource(SettleMax);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        while ((await silo.Client.ListWebhooksAsync(max: 1)).Waiting > 0)
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
        var stored = new HashSet<string>(StringComparer.Ordinal);
        long? before = null;
        do
        {
            var page = await silo.Client.ListWebhooksAsync(before: before, max: PageMax);
            stored.UnionWith(page.Deliveries.Select(d => d.DeliveryId));
            before = page.Next;
        } while (before is not null);
        return stored;
    }

    private static int Number(string[] args, string name, int usual) =>
        Array.IndexOf(args, name) is var at and >= 0
            ? int.Parse(args[at + 1], CultureInfo.InvariantCulture)
            : usual;
}
