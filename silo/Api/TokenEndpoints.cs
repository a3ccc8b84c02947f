using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>Endpoints of tokens.</summary>
internal static class TokenEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapTokens(this WebApplication app)
    {
        app.MapGet("/v1/tokens", ListAsync)
            .Is("list_tokens", ScopeNeeded.Admin, "All tokens, without their secrets.")
            .Answers<TokenList>();
        app.MapPost("/v1/tokens", CreateAsync)
            .Is(
                "create_token",
                ScopeNeeded.Admin,
                "Create a token; its secret is in this answer and nowhere else. A repeated Idempotency-Key is refused with the id of the token it made.",
                FailureCodes.Conflict
            )
            .Takes<TokenRequest>()
            .Answers<TokenInfo>(201);
        app.MapDelete("/v1/tokens/{id}", RevokeAsync)
            .Is("revoke_token", ScopeNeeded.Admin, "Revoke a token.", FailureCodes.NotFound)
            .Produces(204);
    }

    private static async Task<IResult> ListAsync(ITokenStore tokens, CancellationToken token) =>
        ApiHosting.Json(
            new TokenList(await tokens.ListAsync(token)),
            OrchestratorJson.Compact.TokenList
        );

    private static async Task<IResult> CreateAsync(
        HttpContext context,
        ITokenStore tokens,
        TimeProvider time,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey
    )
    {
        var body = await Bodies.ReadAsync<TokenRequest>(context);
        if (
            body.Name is not { } name
            || !SubmissionReader.IsId(name)
            || body.Scopes is not { Count: > 0 } scopes
            || scopes.Any(s => !ScopeNeeded.Known.Contains(s))
            || body.Days is < 1 or > 3_650
            || body.Seconds is < 1 or > 3_650L * 24 * 3_600
            || (body.Days is not null && body.Seconds is not null)
        )
        {
            throw Bodies.Refuse(
                $"A token needs a name (A-Z a-z 0-9 . _ -, at most 64) and scopes of {string.Join(", ", ScopeNeeded.Known)}; an end, if given, as days (1 to 3,650) or as seconds (at most as many), not both."
            );
        }
        var id = "tok_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        if (Bodies.Key(idempotencyKey) is { Length: > 0 } key)
        {
            var requester = (string)context.Items[Authentication.Requester]!;
            id =
                "tok_"
                + Convert.ToHexStringLower(
                    SHA256.HashData(Encoding.UTF8.GetBytes(requester + "\n" + key))
                )[..24];
            if ((await tokens.ListAsync(context.RequestAborted)).Any(t => t.Id == id))
            {
                return ApiHosting.Problem(
                    new Failure(
                        FailureCodes.Conflict,
                        $"This Idempotency-Key made the token {id}; its secret was shown then and is kept nowhere. Revoke it ('orchestrator token revoke {id}') and use another key."
                    )
                );
            }
        }
        var secret =
            "orc_"
            + Convert
                .ToBase64String(RandomNumberGenerator.GetBytes(32))
                .TrimEnd('=')
                .Replace('+', '-')
                .Replace('/', '_');
        var now = time.GetUtcNow();
        var info = new TokenInfo(
            id,
            name,
            scopes,
            now,
            body.Days is { } days ? now.AddDays(days)
                : body.Seconds is { } seconds ? now.AddSeconds(seconds)
                : null,
            null,
            null
        );
        await tokens.AddAsync(
            info,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))),
            context.RequestAborted
        );
        return ApiHosting.SecretJson(
            info with
            {
                Secret = secret,
            },
            OrchestratorJson.Compact.TokenInfo,
            201
        );
    }

    private static async Task<IResult> RevokeAsync(
        ITokenStore tokens,
        TimeProvider time,
        string id,
        CancellationToken token
    ) =>
        await tokens.RevokeAsync(id, time.GetUtcNow(), token)
            ? Results.NoContent()
            : ApiHosting.Problem(
                new Failure(
                    FailureCodes.NotFound,
                    $"There is no token '{(id.Length > 80 ? id[..80] : id)}'. 'orchestrator token list' shows them."
                )
            );
}
