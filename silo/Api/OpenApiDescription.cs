using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orchestrator.Decisions.Failures;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Silo.Api;

/// <summary>The codes an endpoint may refuse with, beside those that every endpoint has.</summary>
internal sealed record Refusals(IReadOnlyList<string> Codes);

/// <summary>Describes endpoints, and makes the OpenAPI document from the descriptions.</summary>
internal static class OpenApiDescription
{
    private const string Name = "v1";
    private const string Bearer = "bearer";

    private static readonly string[] Everywhere =
    [
        FailureCodes.InvalidRequest,
        FailureCodes.Unauthorized,
        FailureCodes.TokenExpired,
        FailureCodes.Forbidden,
        FailureCodes.Throttled,
        FailureCodes.StorageFailed,
        FailureCodes.Unavailable,
    ];

    /// <summary>What an endpoint is for and which scope it asks for.</summary>
    public static RouteHandlerBuilder Is(
        this RouteHandlerBuilder endpoint,
        string name,
        string scope,
        string summary,
        params string[] refusals
    )
    {
        endpoint
            .WithName(name)
            .WithSummary(summary)
            .WithMetadata(new ScopeNeeded(scope), new Refusals(refusals));
        string[] codes = scope == ScopeNeeded.Open ? [] : [.. Everywhere, .. refusals];
        foreach (var status in codes.Select(FailureTable.Status).Distinct().Order())
        {
            endpoint.Produces<Problem>(status, "application/problem+json");
        }
        return endpoint;
    }

    /// <summary>The body it takes.</summary>
    public static RouteHandlerBuilder Takes<T>(
        this RouteHandlerBuilder endpoint,
        bool optional = false
    )
        where T : notnull
    {
        endpoint.Accepts<T>(optional, "application/json");
        endpoint.Produces<Problem>(
            StatusCodes.Status413PayloadTooLarge,
            "application/problem+json"
        );
        return endpoint.Produces<Problem>(
            StatusCodes.Status415UnsupportedMediaType,
            "application/problem+json"
        );
    }

    /// <summary>What it answers with.</summary>
    public static RouteHandlerBuilder Answers<T>(
        this RouteHandlerBuilder endpoint,
        params int[] statuses
    )
    {
        foreach (var status in statuses.Length > 0 ? statuses : [StatusCodes.Status200OK])
        {
            endpoint.Produces<T>(status, "application/json");
        }
        return endpoint;
    }

    /// <summary>Registers the document; nothing is generated before somebody asks for it.</summary>
    public static void AddOrchestratorOpenApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.NumberHandling = default;
            o.SerializerOptions.PropertyNamingPolicy = OrchestratorJson
                .Default
                .Options
                .PropertyNamingPolicy;
            foreach (var converter in OrchestratorJson.Default.Options.Converters)
            {
                o.SerializerOptions.Converters.Add(converter);
            }
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, OrchestratorJson.Default);
        });
        services.AddOpenApi(
            Name,
            o =>
            {
                o.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
                o.AddDocumentTransformer(
                    (document, _, _) =>
                    {
                        Describe(document);
                        return Task.CompletedTask;
                    }
                );
                o.AddOperationTransformer(
                    (operation, context, _) =>
                    {
                        Describe(operation, context);
                        return Task.CompletedTask;
                    }
                );
            }
        );
        services.AddSingleton(s => new OpenApiText(
            s.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name)
        ));
    }

    private static void Describe(OpenApiDocument document)
    {
        var codes = string.Join(
            '\n',
            FailureCodes.All.Select(c =>
                $"| `{c}` | {FailureTable.Status(c)} | {FailureTable.ExitCode(c)} |"
            )
        );
        document.Info = new OpenApiInfo
        {
            Title = "Orchestrator",
            Version = "1",
            Description =
                "Durable tasks of AI coding work. A refusal is problem+json (RFC 9457) whose `code` is stable; a body over "
                + $"{ApiHosting.BodyMax / 1024 / 1024} MiB is answered with 413, one that is not application/json with 415, a method that a path does not take with 405, each with the code `invalid_request`.\n\n"
                + "| code | HTTP status | exit code |\n|---|---|---|\n"
                + codes,
        };
        // Where the server listens is no part of the contract.
        document.Servers = [];
        document.Tags?.Clear();
        foreach (var path in document.Paths.Values)
        {
            foreach (var (method, operation) in path.Operations ?? [])
            {
                operation.Tags?.Clear();
                if (method == HttpMethod.Head)
                {
                    operation.OperationId += "_head";
                }
            }
        }
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description =
                    "A token made by 'orchestrator token create', or the local one of silo.json. Scopes: read, submit, operate, audit, admin (which holds all); x-scope names the one that an operation asks for.",
            },
        };
    }

    private static void Describe(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context
    )
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var scope = metadata.OfType<ScopeNeeded>().LastOrDefault()?.Scope ?? ScopeNeeded.Admin;
        if (scope != ScopeNeeded.Open)
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement
                {
                    [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [],
                },
            ];
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            operation.Extensions["x-scope"] = new JsonNodeExtension(JsonValue.Create(scope));
        }
        string[] codes =
        [
            .. Everywhere,
            .. metadata.OfType<Refusals>().LastOrDefault()?.Codes ?? [],
        ];
        foreach (var (status, response) in operation.Responses ?? [])
        {
            var mine = codes.Where(c =>
                FailureTable.Status(c).ToString(System.Globalization.CultureInfo.InvariantCulture)
                == status
            );
            if (status[0] is '4' or '5')
            {
                response.Description = status is "413" or "415"
                    ? FailureCodes.InvalidRequest
                    : string.Join(", ", mine.Distinct());
            }
        }
    }
}

/// <summary>The OpenAPI document as served: made once, at the first request.</summary>
internal sealed class OpenApiText(IOpenApiDocumentProvider provider)
{
    private byte[]? made;

    /// <summary>JSON with line feeds, ending in one.</summary>
    public async Task<byte[]> GetAsync(CancellationToken cancellationToken)
    {
        if (made is null)
        {
            var document = await provider.GetOpenApiDocumentAsync(cancellationToken);
            var text = await document.SerializeAsJsonAsync(
                OpenApiSpecVersion.OpenApi3_1,
                cancellationToken
            );
            made = System.Text.Encoding.UTF8.GetBytes(
                text.ReplaceLineEndings("\n").TrimEnd() + "\n"
            );
        }
        return made;
    }
}
