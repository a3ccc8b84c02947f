namespace Orchestrator.GrainInterfaces.Tasks;

/// <content>What people say to a task after its request.</content>
public abstract partial record TaskFact
{
    /// <summary>A reply was accepted. The turn that it causes names its id; until then it waits.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-fact.replied")]
    public sealed record Replied([property: Id(0)] Reply Reply) : TaskFact;
}
