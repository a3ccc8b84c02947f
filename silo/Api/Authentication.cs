using System.Security.Cryptography;
using System.Text;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>The scope that an endpoint asks for; an endpoint without one asks for <see cref="Admin"/>.</summary>
/// <param name="Scope">One of <see cref="Known"/>, or <see cref="Open"/>: everybody.</param>
internal sealed record ScopeNeeded(string Scope)
{
    public const string Open = "open";
    public const string Read = "read";
    public const string Submit = "submit";
    public const string Operate = "operate";

    /// <summary>Facts as they are stored, with the words of every user verbatim.</summary>
    public const string Audit = "audit";
    public const string Admin = "admin";

    /// <summary>What a token may hold.</summary>
    public static IReadOnlyList<string> Known { get; } = [Read, Submit, Operate, Audit, Admin];

    /// <summary>The scope of an endpoint; null = no endpoint matched, any valid token will do to be told so.</summary>
    public static string? Of(Endpoint? endpoint) =>
        endpoint is not RouteEndpoint
            ? null
            : endpoint.Metadata.GetMetadata<ScopeNeeded>()?.Scope ?? Admin;
}

/// <summary>Who asks, by bearer token: the local one of silo.json, or a stored one with its scopes.</summary>
internal sealed class Authentication(
    ITokenStore tokens,
    SiloDiscoveryFile discovery,
    TimeProvider time
)
{
    /// <summary>Key of the requester's name in <see cref="HttpContext.Items"/>.</summary>
    public const string Requester = "requester";

    /// <summary>Null when the caller may; else why not.</summary>
    public async Task<Failure?> CheckAsync(HttpContext context)
    {
        var wanted = ScopeNeeded.Of(context.GetEndpoint());
        if (wanted == ScopeNeeded.Open)
        {
            return null;
        }
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return new Failure(
                FailureCodes.Unauthorized,
                "A token is needed: Authorization: Bearer TOKEN. 'orchestrator token create' makes one."
            );
        }
        var secret = header[7..].Trim();
        if (
            CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(secret),
                Encoding.UTF8.GetBytes(discovery.Token)
            )
        )
        {
            context.Items[Requester] = "local";
            return null;
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
        var token = await tokens.FindAsync(hash, context.RequestAborted);
        if (token is null || token.RevokedAt is not null || token.ExpiresAt <= time.GetUtcNow())
        {
            return new Failure(
                FailureCodes.Unauthorized,
                "The token is unknown, revoked or over. Ask for a new one."
            );
        }
        context.Items[Requester] = token.Name;
        return
            wanted is null
            || token.Scopes.Contains(ScopeNeeded.Admin)
            || token.Scopes.Contains(wanted)
            ? null
            : new Failure(
                FailureCodes.Forbidden,
                $"The token '{token.Name}' lacks the scope '{wanted}'; it has {string.Join(", ", token.Scopes)}."
            );
    }
}
