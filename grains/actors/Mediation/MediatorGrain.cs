using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Artifacts;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Runners;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Mediation;

/// <summary>Mediates: the local model when it answers well, deterministic rules otherwise. The plan is reported in a later call.</summary>
/// <remarks>Reentrant, because every call only notes what is wanted; the work runs beside and shares nothing but that note.</remarks>
[Reentrant, OnControlSilos]
public sealed partial class MediatorGrain(
    IMediatorModel model,
    IExportFolder folder,
    ISpanSink spans,
    ILogger<MediatorGrain> logger
) : Grain, IMediatorGrain, IDisposable
{
    private readonly HashSet<(string, int)> working = [];
    private readonly CancellationTokenSource leaving = new();

    /// <inheritdoc />
    public void Dispose() => leaving.Dispose();

    /// <inheritdoc />
    public override Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    ) => leaving.CancelAsync();

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
            _ = WorkAsync(taskId, turn, spec, message, priorSummary, leaving.Token);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task SummarizeAsync(
        string taskId,
        string head,
        string answer,
        string tail,
        CancellationToken cancellationToken
    )
    {
        _ = CondenseAsync(taskId, head, answer, tail, leaving.Token);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<MediatorStatus> GetState() => Task.FromResult(model.Status());

    private async Task WorkAsync(
        string taskId,
        int turn,
        TaskSpec spec,
        string message,
        string earlier,
        CancellationToken cancellationToken
    )
    {
        using var _ = spans.InTurn(taskId, turn);
        try
        {
            // Off the caller's call first: the task that asks must be free to take the report.
            await Task.Yield();
            var plan = await PlanAsync(taskId, spec, message, earlier, cancellationToken);
            await GrainFactory
                .GetGrain<ITaskGrain>(taskId)
                .ReportAsync(new TaskReport.PlanMade(turn, plan), CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // This activation goes; the plan stays owed and the next one makes it.
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

    private async Task CondenseAsync(
        string taskId,
        string head,
        string answer,
        string tail,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await Task.Yield();
            var said = await AskAsync(taskId, ResultSummary.Ask(answer), cancellationToken);
            if (ResultSummary.Read(said.Text, said.Problem, model.Status().Model) is { } point)
            {
                await folder.WriteSummaryAsync(taskId, head + point + tail, cancellationToken);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotCondensed(logger, taskId, e); // the summary without the model stands
        }
    }

    private async Task<Plan> PlanAsync(
        string taskId,
        TaskSpec spec,
        string message,
        string earlier,
        CancellationToken cancellationToken
    )
    {
        var summary = "";
        var summaryMode = MediationMode.Fallback;
        var answer = new ModelAnswer("", "");
        if (earlier.Length > 0)
        {
            answer = await AskAsync(taskId, EarlierTurns.Ask(earlier), cancellationToken);
            (summary, summaryMode) = EarlierTurns.Read(earlier, answer.Text, answer.Problem);
        }
        // A model that is away for one question is away for the next: one wait is enough.
        if (answer.Problem.Length == 0)
        {
            answer = await AskAsync(
                taskId,
                PlanPrompt.Write(spec, message, summary),
                cancellationToken
            );
        }
        var status = model.Status();
        var plan = PlanReader.Read(
            spec,
            message,
            answer.Text,
            answer.Problem,
            status.ClientInitialized ? status.Model : ""
        );
        if (plan.Mode == MediationMode.Fallback && status.ClientInitialized)
        {
            LogFallback(logger, taskId, plan.FallbackReason);
        }
        return plan with { PriorSummary = summary, PriorSummaryMode = summaryMode };
    }

    private Task<ModelAnswer> AskAsync(
        string taskId,
        ModelQuestion question,
        CancellationToken cancellationToken
    )
    {
        if (question.Cut)
        {
            LogCut(logger, taskId, question.Job, question.TextBefore, question.Text.Length);
        }
        return model.AskAsync(question, cancellationToken);
    }
}
