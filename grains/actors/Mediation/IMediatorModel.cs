using Orchestrator.Decisions.Mediation;
using Orchestrator.GrainInterfaces.Mediation;

namespace Orchestrator.Grains.Mediation;

/// <summary>What a local model answered, or why it did not.</summary>
/// <param name="Text">The raw answer, or empty.</param>
/// <param name="Problem">Empty, or one sentence: not configured, down, slow, cut, circuit open.</param>
public sealed record ModelAnswer(string Text, string Problem);

/// <summary>The local model behind the mediator. Never throws for a model's fault; bounded in time.</summary>
public interface IMediatorModel
{
    /// <summary>Asks for a JSON answer that follows the question's schema; whether it does is the caller's to check.</summary>
    Task<ModelAnswer> AskAsync(ModelQuestion question, CancellationToken cancellationToken);

    /// <summary>The model's state as last seen, without asking it.</summary>
    MediatorStatus Status();

    /// <summary>Looks at the server, at most 5 seconds, and gives the state after that.</summary>
    Task<MediatorStatus> ProbeAsync(CancellationToken cancellationToken);
}
