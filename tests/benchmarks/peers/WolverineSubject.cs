using JasperFx.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Benchmarks.Workloads;
using Wolverine;
using Wolverine.Postgresql;

namespace Orchestrator.Benchmarks.Peers;

/// <summary>Wolverine: a durable local queue in PostgreSQL, one node; a step is a message whose handler cascades the next one.</summary>
internal sealed class WolverineSubject : Subject
{
    private IHost? host;

    /// <summary>What the handlers tell; Wolverine makes them itself.</summary>
    public static Ledger Told { get; private set; } = new(0);

    /// <inheritdoc />
    public override string Name => "wolverine";

    /// <inheritdoc />
    public override async Task StartAsync(SubjectOrder order)
    {
        Told = Ledger;
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseWolverine(options =>
        {
            options.PersistMessagesWithPostgresql(
                order.Connection + ";Maximum Pool Size=40;No Reset On Close=true",
                "wolverine"
            );
            options.Durability.Mode = DurabilityMode.Solo;
            options.Policies.UseDurableLocalQueues();
            options.Policies.AutoApplyTransactions();
            options
                .LocalQueueFor<StepMessage>()
                .UseDurableInbox()
                .MaximumParallelMessages(order.Flight);
            options.Discovery.IncludeType<StepMessageHandler>();
        });
        builder.Services.AddResourceSetupOnStartup();
        host = builder.Build();
        await host.StartAsync();
        await Rest.ForAsync(TimeSpan.FromSeconds(1.5));
    }

    /// <inheritdoc />
    public override Task SubmitAsync(int task) =>
        OnBusAsync(bus => bus.PublishAsync(new StepMessage(task, 1, Payload.Of(task, 1))));

    /// <inheritdoc />
    public override Task ParkAsync(int task) =>
        OnBusAsync(bus =>
            bus.ScheduleAsync(new StepMessage(task, 1, Payload.Of(task, 1)), TimeSpan.FromDays(1))
        );

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (host is not null)
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    private async Task OnBusAsync(Func<IMessageBus, ValueTask> act)
    {
        using var scope = host!.Services.CreateScope();
        await act(scope.ServiceProvider.GetRequiredService<IMessageBus>());
    }
}

/// <summary>A step with what it stores.</summary>
public sealed record StepMessage(int Task, int Step, string State);

/// <summary>Does a step. Public, because Wolverine's generated code calls it.</summary>
public sealed class StepMessageHandler
{
    /// <summary>Notes the step and returns the next one.</summary>
    public static async Task<StepMessage?> Handle(StepMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var ledger = WolverineSubject.Told;
        await ledger.StepAsync(message.Task, message.Step);
        if (message.Step < Payload.Steps)
        {
            var next = message.Step + 1;
            return new StepMessage(message.Task, next, Payload.Of(message.Task, next));
        }
        ledger.Finish(message.Task);
        return null;
    }
}
