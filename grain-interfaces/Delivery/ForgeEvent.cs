namespace Orchestrator.GrainInterfaces.Delivery;

/// <summary>Something happened on a host of pull requests, as its webhook says. A hint: what is true is read from the host.</summary>
/// <param name="Repository">Where.</param>
/// <param name="Number">The pull request, or 0 when the event names none.</param>
/// <param name="Branch">The branch that it is about, or empty.</param>
/// <param name="Head">The commit that it is about, or empty.</param>
/// <param name="Event">The host's name of it: <c>pull_request_review</c>.</param>
/// <param name="Action">The host's action: <c>submitted</c>; may be empty.</param>
/// <param name="DeliveryId">The host's id of the delivery.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.forge-event")]
public sealed record ForgeEvent(
    [property: Id(0)] RemoteRepository Repository,
    [property: Id(1)] int Number,
    [property: Id(2)] string Branch,
    [property: Id(3)] string Head,
    [property: Id(4)] string Event,
    [property: Id(5)] string Action,
    [property: Id(6)] string DeliveryId
);
