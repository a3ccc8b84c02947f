namespace Orchestrator.GrainInterfaces.Delivery;

/// <summary>A repository on a host of pull requests.</summary>
/// <param name="Kind">The host's adapter: <c>github</c>. Lower case.</param>
/// <param name="Name">As the host spells it: <c>owner/name</c>; at most 200 characters.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.remote-repository")]
public sealed record RemoteRepository([property: Id(0)] string Kind, [property: Id(1)] string Name)
{
    /// <summary>Reads <c>github:owner/name</c>; null for anything else.</summary>
    public static RemoteRepository? Parse(string? text)
    {
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon <= 0 || text!.Length > 220)
        {
            return null;
        }
        var (kind, name) = (text[..colon], text[(colon + 1)..]);
        var parts = name.Split('/');
        return
            kind.All(char.IsAsciiLetterLower)
            && parts.Length >= 2
            && parts.All(p =>
                p.Length > 0
                && p.Any(c => c != '.')
                && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            )
            ? new RemoteRepository(kind, name)
            : null;
    }

    /// <summary><c>github:owner/name</c>.</summary>
    public override string ToString() => Kind + ":" + Name;
}
