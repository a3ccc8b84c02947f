using System.Security.Cryptography;
using System.Text;
using Orchestrator.Decisions.Doors;
using Orchestrator.GrainInterfaces.Api;
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

/// <summary>Who asks, by bearer token (the local one of silo.json, or a stored one with its scopes) or by the cookie that holds one.</summary>
internal sealed class Authentication(
    ITokenStore tokens,
    SiloDiscoveryFile discovery,
    LoginThrottle throttle,
    TimeProvider time
)
{
    /// <summary>Key of the requester's name in <see cref="HttpContext.Items"/>.</summary>
    public const string Requester = "requester";

    /// <summary>Key of the stored token's id in <see cref="HttpContext.Items"/>; the local token has none.</summary>
    public const string TokenId = "token";

    private readonly byte[] local = Hash(discovery.Token);

    /// <summary>Null when the caller may; else why not.</summary>
    public async Task<Failure?> CheckAsync(HttpContext context)
    {
        var wanted = ScopeNeeded.Of(context.GetEndpoint());
        return wanted == ScopeNeeded.Open ? null : await EnterAsync(context, wanted);
    }

    /// <summary>Null when the caller has this scope, by its token or by the cookie of a browser that showed one; else why not.</summary>
    public async Task<Failure?> EnterAsync(HttpContext context, string? wanted)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return await JudgeAsync(context, header[7..].Trim(), wanted);
        }
        if (context.Request.Cookies[PageSession.Cookie] is not { Length: > 0 } cookie)
        {
            return new Failure(
                FailureCodes.Unauthorized,
                "A token is needed: Authorization: Bearer TOKEN. 'orchestrator token create' makes one; browsers show theirs at /login."
            );
        }
        var session = PageSession.Read(cookie);
        return session.Token.Length > 0 && session.EndsAt <= time.GetUtcNow()
            ? new Failure(
                FailureCodes.TokenExpired,
                $"This browser was let in until {session.EndsAt:u}. Show the token again at /login."
            )
            : Foreign(context) ?? await JudgeAsync(context, session.Token, wanted);
    }

    /// <summary>Null when the secret is a token with this scope (null = whatever it has), whose requester the caller is from now on; else why not.</summary>
    public async Task<Failure?> JudgeAsync(HttpContext context, string secret, string? wanted)
    {
        // Hashes are compared, never secrets: in constant time here, and by the index of hashes in the store, whose time
        // says something about a hash and nothing about the secret that has it.
        var hash = Hash(secret);
        if (CryptographicOperations.FixedTimeEquals(hash, local))
        {
            context.Items[Requester] = "local";
            return null;
        }
        var token = await tokens.FindAsync(Convert.ToHexStringLower(hash), context.RequestAborted);
        return Refuse(token, time.GetUtcNow()) is { } refused
            ? throttle.Wrong(context.Connection.RemoteIpAddress) ?? refused
            : Admit(context, token!, wanted);
    }

    private static Failure? Foreign(HttpContext context)
    {
        var request = context.Request;
        return
            CrossSite.RefuseSession(
                !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method),
                request.Headers.Origin.ToString(),
                request.Headers["Sec-Fetch-Site"].ToString(),
                request.Headers["Sec-Fetch-Mode"].ToString(),
                request.Headers[PageSession.Header].ToString()
            )
                is { } other
            ? new Failure(
                FailureCodes.Forbidden,
                $"The cookie came with a request that no page of this server sends ({other})."
            )
            : null;
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static Failure? Refuse(TokenInfo? token, DateTimeOffset now) =>
        token is null || token.RevokedAt is not null
            ? new Failure(
                FailureCodes.Unauthorized,
                "The token is unknown or revoked. Ask for a new one."
            )
        : token.ExpiresAt <= now
            ? new Failure(
                FailureCodes.TokenExpired,
                $"The token '{token.Name}' ended at {token.ExpiresAt:u}. Ask for a new one: orchestrator token create."
            )
        : null;

    private static Failure? Admit(HttpContext context, TokenInfo token, string? wanted)
    {
        context.Items[Requester] = token.Name;
        context.Items[TokenId] = token.Id;
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
