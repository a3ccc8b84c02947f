using System.Diagnostics;
using Orchestrator.Silo;

namespace Orchestrator.Benchmarks.Product;

/// <summary>
/// The silo as it ships, in this process: its own program builds and runs it, with every endpoint, subscriber and lease.
/// What is replaced is replaced while the host is built, by the event that test hosts use too.
/// </summary>
internal sealed class InProcessSilo
    : IObserver<DiagnosticListener>,
        IObserver<KeyValuePair<string, object?>>,
        IDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopMax = TimeSpan.FromMinutes(1);
    private readonly TaskCompletionSource<IHost> built = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly List<IDisposable> subscriptions = [];
    private readonly Action<IServiceCollection> replace;
    private Task<int> running = Task.FromResult(0);

    private InProcessSilo(Action<IServiceCollection> replace) => this.replace = replace;

    /// <summary>What the silo made.</summary>
    public IServiceProvider Services { get; private set; } = null!;

    /// <summary>Starts it; returns when it is ready.</summary>
    public static async Task<InProcessSilo> StartAsync(
        string[] arguments,
        Action<IServiceCollection> replace
    )
    {
        var silo = new InProcessSilo(replace);
        silo.subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(silo));
        silo.running = Task.Run(() => SiloHost.RunAsync(arguments));
        var first = await Task.WhenAny(silo.built.Task, silo.running)
            .WaitAsync(StartMax, TimeProvider.System);
        if (first == silo.running)
        {
            await silo.running; // throws what kept it from starting
            throw new InvalidOperationException("The silo ended before it was ready.");
        }
        var host = await silo.built.Task;
        silo.Services = host.Services;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        await using var registration = lifetime.ApplicationStarted.Register(ready.SetResult);
        await Task.WhenAny(ready.Task, silo.running).WaitAsync(StartMax, TimeProvider.System);
        if (!ready.Task.IsCompleted)
        {
            await silo.running;
        }
        return silo;
    }

    /// <summary>Stops it in the ordinary way.</summary>
    public async Task StopAsync()
    {
        Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await running.WaitAsync(StopMax, TimeProvider.System);
    }

    /// <inheritdoc />
    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting")
        {
            subscriptions.Add(value.Subscribe(this));
        }
    }

    /// <inheritdoc />
    public void OnNext(KeyValuePair<string, object?> value)
    {
        switch (value)
        {
            case { Key: "HostBuilding", Value: IHostBuilder builder }:
                builder.ConfigureServices(replace);
                break;
            case { Key: "HostBuilt", Value: IHost host }:
                built.TrySetResult(host);
                break;
            default:
                break;
        }
    }

    /// <inheritdoc />
    public void OnCompleted() { }

    /// <inheritdoc />
    public void OnError(Exception error) { }

    /// <inheritdoc />
    public void Dispose() => subscriptions.ForEach(s => s.Dispose());
}
