using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;

namespace Orchestrator.Benchmarks.Product;

/// <summary>
/// People who look on while the product works, in a process of their own: each has a connection on which it follows a task
/// from its beginning to its end, then takes the next new one. How long a fact takes to them is counted from its append.
/// </summary>
internal sealed class Watchers : IAsyncDisposable
{
    /// <summary>The child's first argument; then address, token and number.</summary>
    public const string Verb = "watchers";

    private readonly Process process;

    private Watchers(Process process) => this.process = process;

    /// <summary>Starts them on the silo whose data these are.</summary>
    public static async Task<Watchers> StartAsync(string data, int count)
    {
        var discovery = JsonSerializer.Deserialize(
            await File.ReadAllBytesAsync(Path.Combine(data, "silo.json")),
            OrchestratorJson.Default.SiloDiscovery
        )!;
        var process = Process.Start(
            new ProcessStartInfo(
                Environment.ProcessPath!,
                [
                    Verb,
                    discovery.Address.ToString(),
                    discovery.Token,
                    count.ToString(CultureInfo.InvariantCulture),
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        if (await process.StandardOutput.ReadLineAsync() != "watching")
        {
            throw new InvalidOperationException("The watchers did not begin.");
        }
        return new Watchers(process);
    }

    /// <summary>Ends them; what they saw is told on standard error.</summary>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await Console.Error.WriteLineAsync(await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>The child.</summary>
    public static async Task<int> RunAsync(Uri address, string token, int count)
    {
        using var ends = new CancellationTokenSource();
        var tasks = new BlockingCollection<string>(new ConcurrentStack<string>());
        var late = new ConcurrentBag<double>();
        using var client = new OrchestratorClient(address, token);
        var watching = Enumerable
            .Range(0, count)
            .Select(_ => Task.Run(() => FollowAsync(client, tasks, late, ends.Token)))
            .ToList();
        watching.Add(Task.Run(() => FindAsync(client, tasks, count, ends.Token)));
        Console.WriteLine("watching");
        await Console.In.ReadToEndAsync();
        await ends.CancelAsync();
        await Task.WhenAll(watching);
        var sorted = late.Order().ToList();
        Console.WriteLine(
            sorted.Count == 0
                ? "watchers saw nothing"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count} watchers: {sorted.Count:N0} facts; append to watcher p50 {sorted[sorted.Count / 2]:F1} ms, p99 {sorted[(int)(0.99 * (sorted.Count - 1))]:F1} ms, most {sorted[^1]:F1} ms"
                )
        );
        return 0;
    }

    // Each new task is offered to as many watchers as it takes to keep all of them busy; the newest first.
    private static async Task FindAsync(
        OrchestratorClient client,
        BlockingCollection<string> tasks,
        int count,
        CancellationToken token
    )
    {
        try
        {
            await foreach (var entry in client.WatchAsync(null, 0, token))
            {
                for (var i = 0; entry.Sequence == 1 && i < count / 16 + 1; i++)
                {
                    tasks.Add(entry.TaskId, token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private static async Task FollowAsync(
        OrchestratorClient client,
        BlockingCollection<string> tasks,
        ConcurrentBag<double> late,
        CancellationToken token
    )
    {
        try
        {
            while (!token.IsCancellationRequested)
            {
                var task = await Task.Run(() => tasks.Take(token), token);
                var began = TimeProvider.System.GetUtcNow();
                await foreach (var entry in client.WatchAsync(task, 0, token))
                {
                    var now = TimeProvider.System.GetUtcNow();
                    if (entry.At > began)
                    {
                        late.Add((now - entry.At).TotalMilliseconds);
                    }
                    if (entry.Fact is GrainInterfaces.Tasks.TaskFact.Released)
                    {
                        break;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
