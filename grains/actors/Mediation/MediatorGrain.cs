using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Mediation;

/// <summary>Mediates: the local model when it answers well, deterministic rules otherwise. The plan is reported in a later call.</summary>
[Reentrant]
public sealed partial class MediatorGrain(IMediatorModel model, ILogger<MediatorGrain> logger)
    : Grain,
        IMediatorGrain
{
    private readonly HashSet<(string, int)> working = [];

    /// <inheritdoc />
    public Task MediateAsync(
        string taskId,
        int turn,
        TaskSpec spec,
        string message,
        string priorSummary,
        CancellationToken cancellationToken
    )
    {
        if (working.Add((taskId, turn)))
        {
            _ = WorkAsync(taskId, turn, spec, message, priorSummary);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<MediatorStatus> GetState() => Task.FromResult(model.Status());

    private async Task WorkAsync(
        string taskId,
        int turn,
        TaskSpec spec,
        string message,
        string priorSummary
    )
    {
        try
        {
            // Off the caller's call first: the task that asks must be free to take the report.
            await Task.Yield();
            var prompt = PlanPrompt.Write(spec, message, priorSummary);
            var answer = await model.AskAsync(
                PlanPrompt.Instructions,
                prompt,
                PlanPrompt.Schema,
                CancellationToken.None
            );
            var plan = PlanReader.Read(
                spec,
                message,
                answer.Text,
                answer.Problem,
                model.Status().Model
            );
            await GrainFactory
                .GetGrain<ITaskGrain>(taskId)
                .ReportAsync(
                    new TaskReport.PlanMade(turn, plan with { PriorSummary = priorSummary }),
                    CancellationToken.None
                );
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The plan stays owed: the scanner asks for it again.
            LogUndelivered(logger, taskId, turn, e);
        }
        finally
        {
            working.Remove((taskId, turn));
        }
    }

    [LoggerMessage(
        EventId = 1201,
        Level = LogLevel.Warning,
        Message = "Plan of task {TaskId}, turn {Turn} could not be delivered; it stays owed"
    )]
    private static partial void LogUndelivered(
        ILogger logger,
        string taskId,
        int turn,
        Exception exception
    );
}
