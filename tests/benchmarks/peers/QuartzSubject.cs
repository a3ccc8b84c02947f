using System.Globalization;
using Npgsql;
using Orchestrator.Benchmarks.Workloads;
using Quartz;
using Quartz.Impl;

namespace Orchestrator.Benchmarks.Peers;

/// <summary>Quartz with its ADO job store on PostgreSQL: a step is a trigger whose job schedules the next one.</summary>
internal sealed class QuartzSubject : Subject
{
    private static QuartzSubject current = null!;
    private IScheduler? scheduler;

    /// <inheritdoc />
    public override string Name => "quartz";

    /// <inheritdoc />
    public override async Task StartAsync(SubjectOrder order)
    {
        current = this;
        scheduler = await QuartzSchedulerBuilder
            .Create(quartz =>
            {
                quartz.ConfigureScheduler(o => o.InstanceName = "bench");
                quartz.UseDefaultThreadPool(order.Flight);
                quartz.UsePersistentStore(store =>
                {
                    store.UsePostgres(
                        NpgsqlFactory.Instance,
                        order.Connection + ";Maximum Pool Size=40;No Reset On Close=true"
                    );
                    store.ProvisionSchema();
                    store.UseSystemTextJsonSerializer();
                });
            })
            .BuildScheduler();
        await scheduler.AddJob(
            JobBuilder
                .Create<StepJob>()
                .WithIdentity("step")
                .StoreDurably()
                .RequestRecovery()
                .Build(),
            new AddJobOptions { Replace = true }
        );
        await scheduler.Start();
        await Rest.ForAsync(TimeSpan.FromSeconds(1.5));
    }

    /// <inheritdoc />
    public override Task SubmitAsync(int task) => ScheduleAsync(task, 1, null);

    /// <inheritdoc />
    public override Task ParkAsync(int task) =>
        ScheduleAsync(task, 1, TimeProvider.System.GetUtcNow().AddDays(1));

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (scheduler is not null)
        {
            await scheduler.Shutdown();
        }
    }

    private async Task ScheduleAsync(int task, int step, DateTimeOffset? at)
    {
        string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
        var trigger = TriggerBuilder
            .Create()
            .WithIdentity($"t{Number(task)}-{Number(step)}")
            .ForJob("step")
            .UsingJobData("task", Number(task))
            .UsingJobData("step", Number(step))
            .UsingJobData("state", Payload.Of(task, step));
        await scheduler!.ScheduleJob(
            (at is { } due ? trigger.StartAt(due) : trigger.StartNow()).Build()
        );
    }

    /// <summary>Does a step and schedules the next one.</summary>
    internal sealed class StepJob : IJob
    {
        /// <inheritdoc />
        public async ValueTask Execute(
            IJobExecutionContext context,
            CancellationToken cancellationToken
        )
        {
            ArgumentNullException.ThrowIfNull(context);
            var data = context.Trigger.JobDataMap;
            var task = int.Parse(data.GetString("task")!, CultureInfo.InvariantCulture);
            var step = int.Parse(data.GetString("step")!, CultureInfo.InvariantCulture);
            await current.Ledger.StepAsync(task, step);
            if (step < Payload.Steps)
            {
                await current.ScheduleAsync(task, step + 1, null);
            }
            else
            {
                current.Ledger.Finish(task);
            }
        }
    }
}
