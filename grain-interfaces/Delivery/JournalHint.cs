namespace Orchestrator.GrainInterfaces.Delivery;

/// <summary>Event of the journal's streams: there are facts up to a position. A hint, never the facts themselves.</summary>
/// <param name="Partition">The partition, 0 to 7; also the stream's key.</param>
/// <param name="Position">Position of the partition's newest committed fact.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.journal-hint")]
public sealed record JournalHint([property: Id(0)] int Partition, [property: Id(1)] long Position);

/// <summary>Names of the journal's streams. They are contracts: subscriptions are found by them.</summary>
public static class JournalStream
{
    /// <summary>Name of the stream provider.</summary>
    public const string Provider = "journal";

    /// <summary>Namespace of its streams; the key is the partition.</summary>
    public const string Namespace = "journal";
}
