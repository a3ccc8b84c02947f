namespace Orchestrator.GrainInterfaces.Runners;

/// <summary>What a host kept of a run that still goes on, or of one that ended: enough to go on from it on another host.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.checkpoint")]
public sealed record Checkpoint
{
    /// <summary>Paths that <see cref="Paths"/> holds at most.</summary>
    public const int PathsMax = 200;

    /// <summary>Blob id of the whole patch from the base commit, or empty when nothing changed or it could not be taken.</summary>
    [Id(0)]
    public string PatchBlob
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>How many files the patch changes.</summary>
    [Id(1)]
    public int FilesTotal { get; init; }

    /// <summary>The first <see cref="PathsMax"/> of them, relative, '/' separated.</summary>
    [Id(2)]
    public IReadOnlyList<string> Paths
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Blob id of the agent's session, packed, or empty when there is none to keep.</summary>
    [Id(3)]
    public string SessionBlob
    {
        get;
        init => field = value ?? "";
    } = "";
}
