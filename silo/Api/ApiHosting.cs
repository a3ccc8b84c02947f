using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Failures;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Api;

/// <summary>Wires the HTTP door.</summary>
internal static class ApiHosting
{
    private const long BodyMax = 2 * 1024 * 1024;

    /// <summary>Registers what the endpoints need.</summary>
    public static IServiceCollection AddOrchestratorApi(
        this IServiceCollection services,
        string dataDirectory
    )
    {
        services.AddSingleton(s => new SiloDiscoveryFile(
            dataDirectory,
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<Authentication>();
        services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(o =>
            o.Limits.MaxRequestBodySize = BodyMax
        );
        return services;
    }

    /// <summary>Maps every endpoint. All but health need a token.</summary>
    public static void MapOrchestratorApi(this WebApplication app)
    {
        app.Use(GuardAsync);
        app.MapGet("/health/live", () => Results.Text("live"));
        app.MapGet(
            "/health/ready",
            async (IJournal journal, CancellationToken token) =>
                Results.Text("ready " + await journal.GetEndAsync(token))
        );
        app.MapTasks();
        app.MapOperations();
    }

    /// <summary>A failure as problem+json.</summary>
    public static IResult Problem(Failure failure)
    {
        var status = FailureTable.Status(failure.Code);
        var problem = new Problem
        {
            Type = "urn:orchestrator:" + failure.Code,
            Title = failure.Code,
            Status = status,
            Detail =
                failure.Detail.Length > 0
                    ? $"{failure.Message}\n{failure.Detail}"
                    : failure.Message,
            Code = failure.Code,
            ExitCode = FailureTable.ExitCode(failure.Code),
            RetryAfter = failure.RetryAfterSeconds,
        };
        return Results.Text(
            JsonSerializer.Serialize(problem, OrchestratorJson.Compact.Problem),
            "application/problem+json",
            Encoding.UTF8,
            status
        );
    }

    /// <summary>An answer in the product's JSON.</summary>
    public static IResult Json<T>(
        T value,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        int status = 200
    ) =>
        Results.Text(
            JsonSerializer.Serialize(value, type),
            "application/json",
            Encoding.UTF8,
            status
        );

    private static async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
        {
            var refusal = await context
                .RequestServices.GetRequiredService<Authentication>()
                .CheckAsync(context);
            if (refusal is not null)
            {
                await Problem(refusal).ExecuteAsync(context);
                return;
            }
        }
        try
        {
            await next(context);
        }
        catch (StorageException e)
        {
            await Problem(new Failure(FailureCodes.StorageFailed, e.Message, "", 5))
                .ExecuteAsync(context);
        }
        catch (BadHttpRequestException e)
        {
            await Problem(new Failure(FailureCodes.InvalidRequest, e.Message))
                .ExecuteAsync(context);
        }
        catch (JsonException e)
        {
            await Problem(
                    new Failure(
                        FailureCodes.InvalidRequest,
                        "The body is not the JSON that is asked for: " + e.Message
                    )
                )
                .ExecuteAsync(context);
        }
        catch (Exception e)
            when (e is OrleansException or TimeoutException or InvalidOperationException
                && !context.Response.HasStarted
            )
        {
            await Problem(
                    new Failure(
                        FailureCodes.Unavailable,
                        "The server could not answer now; ask again.",
                        e.Message,
                        1
                    )
                )
                .ExecuteAsync(context);
        }
    }
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

    /// <summary>Null when the caller may; else why not. Reading needs <c>read</c>, submitting <c>submit</c>, everything else <c>operate</c> or <c>admin</c>.</summary>
    public async Task<Failure?> CheckAsync(HttpContext context)
    {
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
        var wanted = Wanted(context.Request);
        return token.Scopes.Contains("admin") || token.Scopes.Contains(wanted)
            ? null
            : new Failure(
                FailureCodes.Forbidden,
                $"The token '{token.Name}' lacks the scope '{wanted}'; it has {string.Join(", ", token.Scopes)}."
            );
    }

    private static string Wanted(HttpRequest request) =>
        request.Path.StartsWithSegments("/v1/tokens", StringComparison.Ordinal)
        || request.Path.StartsWithSegments("/v1/stop", StringComparison.Ordinal)
            ? "admin"
        : HttpMethods.IsGet(request.Method) ? "read"
        : request.Path == "/v1/tasks" ? "submit"
        : "operate";
}

/// <summary><c>silo.json</c>: how local clients find this silo. Readable by its owner only; the token is new at each start.</summary>
internal sealed class SiloDiscoveryFile(string dataDirectory, TimeProvider time)
{
    private readonly string path = Path.Combine(dataDirectory, "silo.json");

    /// <summary>The local token: 256 random bits.</summary>
    public string Token { get; } =
        "orc_"
        + Convert
            .ToBase64String(RandomNumberGenerator.GetBytes(32))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');

    /// <summary>Since when this silo runs.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>The product's version.</summary>
    public static string Version =>
        typeof(SiloDiscoveryFile).Assembly.GetName().Version!.ToString(3);

    /// <summary>The data directory.</summary>
    public string DataDirectory => dataDirectory;

    /// <summary>Writes it whole.</summary>
    public void Write(Uri address)
    {
        var discovery = new SiloDiscovery(
            Environment.ProcessId,
            StartedAt,
            address,
            Token,
            Version
        );
        var part = path + ".tmp";
        File.Delete(part);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var stream = new FileStream(part, options))
        {
            JsonSerializer.Serialize(stream, discovery, OrchestratorJson.Default.SiloDiscovery);
        }
        File.Move(part, path, overwrite: true);
    }

    /// <summary>Removes it; this silo holds the data directory, so it is its own.</summary>
    public void Remove() => File.Delete(path);
}
