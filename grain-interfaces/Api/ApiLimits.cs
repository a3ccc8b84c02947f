namespace Orchestrator.GrainInterfaces.Api;

/// <summary>Bounds of the HTTP interface that clients keep to by themselves: a server that is sent more may hang up before it says why.</summary>
public static class ApiLimits
{
    /// <summary>Largest JSON body, bytes: 2 MiB.</summary>
    public const long BodyBytesMax = 2 * 1024 * 1024;
}
