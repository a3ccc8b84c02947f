using Hangfire;
using Hangfire.PostgreSql;
using Orchestrator.Benchmarks.Workloads;

namespace Orchestrator.Benchmarks.Peers;

/// <summary>Hangfire on PostgreSQL with long polling: a step is a job that enqueues the next one; its argument is the state.</summary>
internal sealed class HangfireSubject : Subject
{
    private static Ledger current = new(0);
    private BackgroundJobServer? server;
    private BackgroundJobClient? client;

    /// <inheritdoc />
    public override string Name => "hangfire";

    /// <inheritdoc />
    public override async Task StartAsync(SubjectOrder order)
    {
        current = Ledger;
        GlobalConfiguration
            .Configuration.UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            .UsePostgreSqlStorage(
                o =>
                    o.UseNpgsqlConnection(
                        order.Connection + ";Maximum Pool Size=40;No Reset On Close=true"
                    ),
                new PostgreSqlStorageOptions
                {
                    PrepareSchemaIfNecessary = true,
                    EnableLongPolling = true,
                    QueuePollInterval = TimeSpan.FromSeconds(15),
                }
            );
        Hangfire.Logging.LogProvider.SetCurrentLogProvider(null);
        client = new BackgroundJobClient();
        server = new BackgroundJobServer(
            new BackgroundJobServerOptions { WorkerCount = order.Flight }
        );
        await Rest.ForAsync(TimeSpan.FromSeconds(2));
    }

    /// <inheritdoc />
    public override Task SubmitAsync(int task)
    {
        var state = Payload.Of(task, 1);
        client!.Enqueue(() => Step(task, 1, state));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override Task ParkAsync(int task)
    {
        var state = Payload.Of(task, 1);
        client!.Schedule(() => Step(task, 1, state), TimeSpan.FromDays(1));
        return Task.CompletedTask;
    }

    /// <summary>Does a step and enqueues the next one. Public, because Hangfire calls it by name.</summary>
    public static async Task Step(int task, int step, string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        await current.StepAsync(task, step);
        if (step == Payload.Steps)
        {
            current.Finish(task);
            return;
        }
        var next = step + 1;
        var following = Payload.Of(task, next);
        new BackgroundJobClient().Enqueue(() => Step(task, next, following));
    }

    /// <inheritdoc />
    public override ValueTask DisposeAsync()
    {
        server?.Dispose();
        return ValueTask.CompletedTask;
    }
}
