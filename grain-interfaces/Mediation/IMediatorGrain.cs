using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.GrainInterfaces.Mediation;

/// <summary>The mediator as people see it.</summary>
/// <param name="OllamaAvailable">The last call or look at the server was answered well, and the circuit is closed.</param>
/// <param name="ClientInitialized">An address is configured.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Mode"><c>LLAMA</c> or <c>FALLBACK</c>, as the next request would be mediated.</param>
/// <param name="Reason">Why the fallback is in force; empty otherwise.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.mediator-status")]
public sealed record MediatorStatus(
    [property: Id(0)] bool OllamaAvailable,
    [property: Id(1)] bool ClientInitialized,
    [property: Id(2)] string Model,
    [property: Id(3)] string Mode,
    [property: Id(4)] string Reason
);

#if !CLIENT_PACKAGE
/// <summary>Mediates requests. Key = a small number; calls return at once, the plan is reported to the task.</summary>
[GrainInterfaceType("mediator"), Alias("orchestrator.mediator")]
public interface IMediatorGrain : IGrainWithIntegerKey
{
    /// <summary>Makes a plan for a turn and reports it to the task. Idempotent by (task, turn).</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="turn">The turn, from 1.</param>
    /// <param name="spec">What was asked for.</param>
    /// <param name="message">The turn's words; empty = the request.</param>
    /// <param name="priorSummary">Text of the earlier turns, uncut; the mediator condenses it. Empty in a first turn.</param>
    /// <param name="cancellationToken">Ends this call only, not the work.</param>
    [Alias("mediate")]
    Task MediateAsync(
        string taskId,
        int turn,
        TaskSpec spec,
        string message,
        string priorSummary,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Has the model condense the agent's answer, and then writes the task's summary file again with that point. Returns at
    /// once; a model that fails, and a silo that stops, leave the file as it is.
    /// </summary>
    /// <param name="taskId">The task.</param>
    /// <param name="head">The summary up to the point about the answer.</param>
    /// <param name="answer">The agent's answer, uncut.</param>
    /// <param name="tail">The summary after that point.</param>
    /// <param name="cancellationToken">Ends this call only, not the work.</param>
    [Alias("summarize")]
    Task SummarizeAsync(
        string taskId,
        string head,
        string answer,
        string tail,
        CancellationToken cancellationToken
    );

    /// <summary>The mediator now.</summary>
    [Alias("get-state")]
    Task<MediatorStatus> GetState();
}
#endif
