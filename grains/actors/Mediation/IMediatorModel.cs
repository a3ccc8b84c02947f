using Orchestrator.GrainInterfaces.Mediation;

namespace Orchestrator.Grains.Mediation;

/// <summary>What a local model answered, or why it did not.</summary>
/// <param name="Text">The raw answer, or empty.</param>
/// <param name="Problem">Empty, or one sentence: not configured, down, slow, cut, circuit open.</param>
public sealed record ModelAnswer(string Text, string Problem);

/// <summary>The local model behind the mediator. Never throws for a model's fault; bounded in time.</summary>
public interface IMediatorModel
{
    /// <summary>Asks for a JSON answer that follows a schema.</summary>
    Task<ModelAnswer> AskAsync(
        string instructions,
        string text,
        string jsonSchema,
        CancellationToken cancellationToken
    );

    /// <summary>The model's state, without asking it.</summary>
    MediatorStatus Status();
}
