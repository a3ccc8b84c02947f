using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Doors;
using Orchestrator.Decisions.Failures;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Health;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Pages;
using Orchestrator.Silo.Telegram;
using Orchestrator.Silo.Webhooks;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;
using KestrelServerOptions = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions;

namespace Orchestrator.Silo.Api;

/// <summary>Wires the HTTP door.</summary>
internal static partial class ApiHosting
{
    /// <summary>Largest body of a request, bytes: the longest request with every character escaped, and a script.</summary>
    public const long BodyMax = ApiLimits.BodyBytesMax;

    /// <summary>Largest sum of a request's header lines, bytes.</summary>
    public const int HeadersMax = 16 * 1024;

    /// <summary>Most header lines of a request.</summary>
    public const int HeaderCountMax = 64;

    // Watchers hold one each; the operating system's own limit may be lower.
    private const int ConnectionsMax = 10_000;

    // What a caller may take until its headers are there, and to be quiet on a connection that is kept.
    private static readonly TimeSpan HeadersTimeMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan QuietMax = TimeSpan.FromMinutes(2);

    // What the connection takes of a body that is refused: a caller that is still sending reads its refusal only when it
    // could send all. Beyond it the connection is cut.
    private const long BodyTakenMax = 4 * BodyMax;

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
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<PageDoor>();
        services.AddRateLimits();
        services.AddSingleton<HostCheck>();
        services.AddSingleton<ServerStatus>();
        services.AddSingleton<SentFiles>();
        services.AddSingleton<TaskSearch>();
        services.AddSingleton<FactFeed>();
        services.AddSingleton<FactStream>();
        services.AddHealth();
        services.AddSingleton<Audit.AuditExport>();
        services.AddOrchestratorOpenApi();
        // A parameter that cannot be read is told as a problem, not as an empty 400.
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(o =>
        {
            o.Limits.MaxRequestBodySize = BodyTakenMax;
            o.Limits.MaxRequestLineSize = 8 * 1024;
            o.Limits.MaxRequestHeadersTotalSize = HeadersMax;
            o.Limits.MaxRequestHeaderCount = HeaderCountMax;
            o.Limits.RequestHeadersTimeout = HeadersTimeMax;
            o.Limits.KeepAliveTimeout = QuietMax;
            o.Limits.MaxConcurrentConnections = ConnectionsMax;
            o.Limits.MaxConcurrentUpgradedConnections = 0;
            // A body that drips is cut off; half a minute of a stalled network is not.
            o.Limits.MinRequestBodyDataRate = new(240, TimeSpan.FromSeconds(10));
            o.AddServerHeader = false;
        });
        return services;
    }

    /// <summary>Maps every endpoint. All but the root, health and the OpenAPI document need a token.</summary>
    public static void MapOrchestratorApi(this WebApplication app)
    {
        app.Use(GuardAsync);
        app.Use(DashboardDoor.GuardAsync);
        app.UseRateLimiter();
        app.MapRoot();
        app.MapMetrics();
        app.MapTasks();
        app.MapTalk();
        app.MapOperations();
        app.MapHealth();
        app.MapSupport();
        app.MapBudgets();
        app.MapOperators();
        app.MapTokens();
        app.MapPolicy();
        app.MapGuarded();
        app.MapMerges();
        app.MapRepositories();
        app.MapHousekeeping();
        app.MapAudit();
        app.MapWebhookDoor();
        app.MapWebhooks();
        app.MapTelegramDoor();
        app.MapTelegram();
        app.MapPages();
        app.MapDashboard();
    }

    /// <summary>A failure as problem+json.</summary>
    public static IResult Problem(Failure failure, int? status = null)
    {
        var code = status ?? FailureTable.Status(failure.Code);
        var problem = new Problem
        {
            Type = "urn:orchestrator:" + failure.Code,
            Title = failure.Code,
            Status = code,
            Detail =
                failure.Detail.Length > 0
                    ? $"{failure.Message}\n{failure.Detail}"
                    : failure.Message,
            Code = failure.Code,
            ExitCode = FailureTable.ExitCode(failure.Code),
            RetryAfter = failure.RetryAfterSeconds,
        };
        return new ProblemResult(problem);
    }

    /// <summary>An answer in the product's JSON, without secrets: what a person typed stays verbatim in the journal alone.</summary>
    public static IResult Json<T>(
        T value,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        int status = 200
    ) => new RedactedText(JsonSerializer.Serialize(value, type), "application/json", status);

    /// <summary>An answer whose purpose is the secret in it: a new token, shown once.</summary>
    public static IResult SecretJson<T>(
        T value,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        int status
    ) =>
        Results.Text(
            JsonSerializer.Serialize(value, type),
            "application/json",
            Encoding.UTF8,
            status
        );

    private static async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        SecurityHeaders.AddTo(context);
        var refusal =
            context.RequestServices.GetRequiredService<HostCheck>().Check(context)
            ?? CheckSite(context)
            ?? await CheckTokenAsync(context);
        if (refusal is not null)
        {
            if (!await PageDoor.TellAsync(context, refusal))
            {
                await Problem(refusal).ExecuteAsync(context);
            }
            return;
        }
        if (Bodies.IsOtherThanJson(context))
        {
            await Problem(
                    Bodies.WrongType(context.Request.ContentType),
                    StatusCodes.Status415UnsupportedMediaType
                )
                .ExecuteAsync(context);
            return;
        }
        if (await CallAsync(context, next) is { } failed && !context.Response.HasStarted)
        {
            context.Response.Clear();
            await failed.ExecuteAsync(context);
        }
        else if (!context.Response.HasStarted && context.Response.ContentType is null)
        {
            await UnmatchedAsync(context);
        }
    }

    // A link from elsewhere may lead to a page; nothing else of this server is any other site's business.
    private static Failure? CheckSite(HttpContext context)
    {
        var request = context.Request;
        if (
            !request.Path.StartsWithSegments("/v1")
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        )
        {
            return null;
        }
        return
            CrossSite.Refuse(
                request.Headers.Origin.ToString(),
                request.Headers["Sec-Fetch-Site"].ToString(),
                request.Headers.Host.ToString()
            )
                is { } other
            ? new Failure(
                FailureCodes.Forbidden,
                $"A page of another site sent this request ({other}). Only this server's own pages, and programs, may ask it."
            )
            : null;
    }

    private static async Task<Failure?> CheckTokenAsync(HttpContext context)
    {
        try
        {
            return await context
                .RequestServices.GetRequiredService<Authentication>()
                .CheckAsync(context);
        }
        catch (StorageException e)
        {
            return new Failure(FailureCodes.StorageFailed, e.Message, "", 5);
        }
    }

    /// <summary>Lets the request be answered; what is thrown instead becomes the answer, null = nothing was.</summary>
    internal static async Task<IResult?> CallAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            return null;
        }
        catch (BodyException e)
        {
            return Problem(e.Failure, e.Status);
        }
        catch (StorageException e)
        {
            return Problem(new Failure(FailureCodes.StorageFailed, e.Message, "", 5));
        }
        catch (BadHttpRequestException e)
        {
            return Problem(Bodies.Words(e), e.StatusCode);
        }
        catch (Exception e)
            when (e is OrleansException or TimeoutException or InvalidOperationException)
        {
            return Problem(
                new Failure(
                    FailureCodes.Unavailable,
                    "The server could not answer now; ask again.",
                    e.Message,
                    1
                )
            );
        }
        catch (Exception e) when (LoopFault.IsOutlived(e, context.RequestAborted))
        {
            LogUnforeseen(
                context
                    .RequestServices.GetRequiredService<ILoggerFactory>()
                    .CreateLogger(typeof(ApiHosting).FullName!),
                context.Request.Method,
                context.Request.Path,
                e
            );
            return Problem(
                new Failure(
                    FailureCodes.Internal,
                    $"The server failed in a way that it does not know ({e.GetType().Name}). Its log says where: logs/silo.log in its data directory."
                )
            );
        }
    }

    // What routing answers with a bare status is told in the same form as everything else.
    private static async Task UnmatchedAsync(HttpContext context)
    {
        var (status, path) = (context.Response.StatusCode, context.Request.Path);
        if (status == StatusCodes.Status404NotFound)
        {
            await Problem(
                    new Failure(
                        FailureCodes.NotFound,
                        $"There is nothing at {context.Request.Method} {path}. What there is: /v1/openapi.json."
                    )
                )
                .ExecuteAsync(context);
        }
        else if (status == StatusCodes.Status415UnsupportedMediaType)
        {
            await Problem(Bodies.WrongType(context.Request.ContentType), status)
                .ExecuteAsync(context);
        }
        else if (status == StatusCodes.Status405MethodNotAllowed)
        {
            await Problem(
                    new Failure(
                        FailureCodes.InvalidRequest,
                        $"{path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}."
                    ),
                    status
                )
                .ExecuteAsync(context);
        }
    }

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = problem.Status;
            response.ContentType = "application/problem+json; charset=utf-8";
            if (problem.RetryAfter > 0)
            {
                response.Headers.RetryAfter = problem.RetryAfter.ToString(
                    System.Globalization.CultureInfo.InvariantCulture
                );
            }
            if (problem.Status == StatusCodes.Status401Unauthorized)
            {
                response.Headers.WWWAuthenticate = "Bearer";
            }
            if (!HttpMethods.IsHead(httpContext.Request.Method))
            {
                var redactor = httpContext.RequestServices.GetRequiredService<Redactor>();
                await response.WriteAsync(
                    redactor.Redact(
                        JsonSerializer.Serialize(problem, OrchestratorJson.Compact.Problem)
                    ),
                    Encoding.UTF8
                );
            }
        }
    }

    [LoggerMessage(
        EventId = 2603,
        Level = LogLevel.Error,
        Message = "{Method} {Path} was not answered: what was thrown is none of the kinds that an answer exists for"
    )]
    private static partial void LogUnforeseen(
        ILogger logger,
        string method,
        string path,
        Exception exception
    );
}
