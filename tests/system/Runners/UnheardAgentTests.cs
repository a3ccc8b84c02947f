using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo;
using Orchestrator.Silo.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Runners;

/// <summary>An attempt whose task is out of reach.</summary>
public sealed class UnheardAgentTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task An_agent_whose_start_no_task_hears_of_gets_no_work_and_ends_with_its_attempt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "looks for processes in /proc");
        var folder = SiloProcess.NewFolder();
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var trace = Path.Combine(folder, "worked");
        await using var app = SiloHost.BuildStopped(data, []);
        var task = new DeafTask();
        var services = app.Services.GetRequiredService<AgentRunServices>() with { Reports = task };
        var runner = app.Services.GetServices<IAgentRunner>().Single(r => r.Kind == "scripted");
        using var run = new AgentRun(
            new RunOrder
            {
                TaskId = "unheard",
                Turn = 1,
                Attempt = 1,
                Epoch = 1,
                Deadline = TimeProvider.System.GetUtcNow().AddHours(1),
                SilenceSecondsMax = 600,
                Spec = new TaskSpec
                {
                    Request = "Play the script",
                    Script =
                        $$"""{"version":1,"steps":[{"do":"run","command":["touch","{{trace}}"]},{"do":"hang"}]}""",
                },
                Prompt = "Play the script",
                Runner = "scripted",
                SessionId = Guid.NewGuid().ToString(),
            },
            runner,
            services
        );
        var running = run.RunAsync();
        await Task.WhenAny(task.Started, running).WaitAsync(Deadline);
        Assert.NotEmpty(ProcessHunter.OfRun("unheard-1"));
        Assert.False(run.Gone.IsCompleted);

        run.Stop(StopCause.Shutdown);
        await run.Gone.WaitAsync(Deadline);

        Assert.Empty(ProcessHunter.OfRun("unheard-1"));
        Assert.False(File.Exists(trace));
        await running.WaitAsync(Deadline);
        Assert.Equal(ErrorClass.HostLost, task.End?.ErrorClass);
    }

    /// <summary>Hears of everything but that the agent started.</summary>
    private sealed class DeafTask : IRunReports
    {
        private readonly TaskCompletionSource started = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task Started => started.Task;

        public RunResult? End { get; private set; }

        public Task TellAsync(string taskId, TaskReport report, CancellationToken cancellationToken)
        {
            if (report is TaskReport.AgentStarted)
            {
                started.TrySetResult();
                return Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            End = (report as TaskReport.RunEnded)?.Result;
            return Task.CompletedTask;
        }

        public void Mention(string taskId, TaskReport report) { }
    }
}
