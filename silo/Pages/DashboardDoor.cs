using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Mediation;
using Orchestrator.Grains.Metrics;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Queueing;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Tasks;
using Orchestrator.Grains.Telegram;
using Orchestrator.Grains.Webhooks;
using Orchestrator.Silo.Api;
using Orleans.Dashboard;

namespace Orchestrator.Silo.Pages;

/// <summary>
/// The Orleans dashboard behind the product's door. By itself it is open to everybody, shows a grain of any id that somebody
/// asks for, which activates it, and shows its state as it is; here only what there is can be asked for, and passes the redactor.
/// </summary>
internal static class DashboardDoor
{
    /// <summary>Where it is.</summary>
    public const string Path = "/dashboard";

    /// <summary>Its pages set styles of their own inside markup; scripts are its one file.</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string StatePath = Path + "/GrainState";
    private const int Partitions = 8;

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Adds it, without its live view of the log.</summary>
    public static ISiloBuilder AddOrleansDashboard(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<DashboardPages>();
        return silo.AddDashboard(o => o.HideTrace = true);
    }

    /// <summary>Maps it for operators.</summary>
    public static void MapDashboard(this WebApplication app) =>
        app.MapGet(
                Path + "/{**page}",
                (HttpContext context, DashboardPages pages) => pages.AnswerAsync(context)
            )
            .WithMetadata(new ScopeNeeded(ScopeNeeded.Operate), new ShownToPeople(Redirects: false))
            .ExcludeFromDescription();

    /// <summary>Lets nobody ask for a grain that there is no reason to activate, and redacts what is shown of one.</summary>
    public static async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments(StatePath, StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }
        var (type, id) = (
            context.Request.Query["grainType"].ToString(),
            context.Request.Query["grainId"].ToString()
        );
        if (!await IsThereAsync(context.RequestServices, type, id, context.RequestAborted))
        {
            await ApiHosting
                .Problem(
                    new Failure(
                        FailureCodes.NotFound,
                        "There is no such grain with a state to show."
                    )
                )
                .ExecuteAsync(context);
            return;
        }
        var state = KindOf(type) is { } kind
            ? await OfSubscriberAsync(context.RequestServices, kind, id)
            : await OfGrainAsync(context, next);
        var redactor = context.RequestServices.GetRequiredService<Redactor>();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = null;
        await context.Response.WriteAsync(
            JsonSerializer.Serialize(redactor.Redact(state)),
            Encoding.UTF8,
            context.RequestAborted
        );
    }

    // The dashboard answers with a text that is JSON. What it is made of is written anew, so that the redactor sees the
    // same quotes as everywhere else.
    private static async Task<string> OfGrainAsync(HttpContext context, RequestDelegate next)
    {
        var outer = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = outer;
        }
        try
        {
            var text = JsonSerializer.Deserialize<string>(
                buffer.GetBuffer().AsSpan(0, (int)buffer.Length)
            );
            return JsonNode.Parse(text ?? "")?.ToJsonString(Readable) ?? "";
        }
        catch (JsonException)
        {
            return "{}"; // it answered with something else: nothing that is known to be safe
        }
    }

    // The dashboard finds no state on a grain whose interface inherits it.
    private static async Task<string> OfSubscriberAsync(
        IServiceProvider services,
        string kind,
        string id
    ) =>
        JsonSerializer.Serialize(
            new
            {
                GetState = await Subscribers
                    .Of(
                        services.GetRequiredService<IGrainFactory>(),
                        kind,
                        int.Parse(id, CultureInfo.InvariantCulture)
                    )!
                    .GetState(),
            },
            Readable
        );

    private static string Name(string type) => type[(type.LastIndexOf('.') + 1)..];

    private static string? KindOf(string type) =>
        Name(type) switch
        {
            nameof(FilesGrain) => "files",
            nameof(MetricsGrain) => "metrics",
            nameof(TicketsGrain) => "tickets",
            nameof(WebhooksGrain) => "webhooks",
            nameof(TelegramGrain) => "telegram",
            nameof(TracesGrain) => "traces",
            _ => null,
        };

    private static async Task<bool> IsThereAsync(
        IServiceProvider services,
        string type,
        string id,
        CancellationToken token
    )
    {
        T Get<T>()
            where T : notnull => services.GetRequiredService<T>();
        switch (Name(type))
        {
            case nameof(TaskGrain) or nameof(ConversationGrain) or nameof(PullRequestGrain):
                return SubmissionReader.IsId(id)
                    && await Get<ITaskIndex>().FindAsync(id, token) is not null;
            case nameof(QueueGrain):
                return id == TaskEffects.Pool;
            case nameof(ScannerGrain):
                return id == "0";
            case nameof(RunnerGrain):
                return (await Get<IHostRegistry>().ListAsync(token)).Any(h =>
                    h.Alive && h.Host.Equals(id, StringComparison.OrdinalIgnoreCase)
                );
            case nameof(AgentAccountGrain):
                return (
                    await Get<IGrainFactory>()
                        .GetGrain<IQueueGrain>(TaskEffects.Pool)
                        .GetStatusAsync(token)
                ).Accounts.Any(a => a.Account == id);
            case nameof(MergeQueueGrain):
                return id.Length is > 0 and <= 200;
            case var name when name == nameof(MediatorGrain) || KindOf(type) is not null:
                return int.TryParse(
                        id,
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var partition
                    )
                    && partition < Partitions;
            default:
                return false;
        }
    }
}
