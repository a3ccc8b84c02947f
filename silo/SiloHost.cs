using System.Net;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Grains.Artifacts;
using Orchestrator.Grains.Delivery;
using Orchestrator.Grains.Metrics;
using Orchestrator.Grains.Queueing;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Tasks;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Artifacts;
using Orchestrator.Silo.Cluster;
using Orchestrator.Silo.Delivery;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Mediation;
using Orchestrator.Silo.Observability;
using Orchestrator.Silo.Pages;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;
using Orchestrator.Silo.Storage;
using Orchestrator.Silo.Telegram;
using Orchestrator.Silo.Tickets;
using Orchestrator.Silo.Webhooks;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Orchestrator.Silo;

/// <summary>The silo cannot start; the message says why and what to do.</summary>
#pragma warning disable CA1032, CA1064 // thrown and caught in this program only
internal sealed class SiloStartException(string message) : Exception(message);
#pragma warning restore CA1032, CA1064

/// <summary>Builds and runs the silo.</summary>
internal static class SiloHost
{
    /// <summary>Where clients look first.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5140";

    // Grains of other silos whose place is remembered. By default a million: their table takes 8 MB from the start on, and
    // the dashboard's count of it walks through all of it each second.
    private const int PlacesKept = 16_384;

    /// <summary>The application with every endpoint, to be looked at: it is never started and touches no data.</summary>
    public static WebApplication Describe()
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Logging.ClearProviders();
        AddOrleans(builder, Path.GetTempPath());
        AddServices(builder, Path.GetTempPath(), TimeProvider.System);
        var app = builder.Build();
        app.UseRouting();
        app.MapOrchestratorApi();
        // Only a start, or this, hands the endpoints over to whoever describes them.
        app.UseEndpoints(_ => { });
        return app;
    }

    /// <summary>Everything that a silo is made of, on its settings, to be asked: it is never started, and its store is not opened by this.</summary>
    /// <exception cref="SiloStartException">A setting cannot be used.</exception>
    public static WebApplication BuildStopped(string data, string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Logging.ClearProviders();
        SettingsHosting.AddLayers(builder.Configuration, data, args);
        AddOrleans(builder, data);
        AddServices(builder, data, TimeProvider.System);
        return builder.Build();
    }

    /// <summary>Prints the OpenAPI document and starts nothing.</summary>
    public static async Task<int> PrintOpenApiAsync()
    {
        await using var app = Describe();
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(
            await app.Services.GetRequiredService<OpenApiText>().GetAsync(CancellationToken.None)
        );
        return 0;
    }

    /// <summary>Runs until it is told to stop. 0 after a graceful stop.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory }
        );
        LogFile.Use(builder.Configuration["log-file"]);
        using var data = await DataDirectory.TakeAsync(
            SettingsHosting.DataDirectory(args),
            SiloDiscoveryFile.Name
        );
        SettingsHosting.AddLayers(builder.Configuration, data.Root, args);
        var url = builder.Configuration["urls"] ?? DefaultUrl;
        RequireLoopback("--urls", url);
        // Endpoints of the platform's own section take the place of the addresses.
        foreach (
            var endpoint in builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren()
        )
        {
            RequireLoopback(endpoint.Path + ":Url", endpoint["Url"] ?? "");
        }
        builder.WebHost.UseUrls(url);
        // Certificates for https addresses: Kestrel:Certificates:Default.
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder
            .Logging.AddFilter("Orleans", LogLevel.Warning)
            .AddFilter("Polly", LogLevel.Error)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
            .AddRedactedConsole();
        var time = await StorageHosting.PrepareAsync(
            data.Root,
            Postgres(builder.Configuration),
            Cluster(builder.Configuration).Id,
            CancellationToken.None
        );
        // Orleans first: what is hosted after it starts after it, and calls grains.
        AddOrleans(builder, data.Root);
        AddServices(builder, data.Root, time);
        builder.Services.AddSupervisor();
        var app = builder.Build();
        app.MapOrchestratorApi();
        // Opens the embedded file: what is wrong with it is one sentence here and a page of stack trace while the host starts.
        _ = app.Services.GetRequiredService<Grains.Storage.IJournal>();
        if (Cluster(builder.Configuration).IsShared())
        {
            await DeadMembers.SweepAsync(
                app.Services.GetRequiredService<IMembershipTable>(),
                app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(DeadMembers)),
                CancellationToken.None
            );
        }
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException)
            when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync(
                "orchestrator-silo was told to stop before it was ready."
            );
            return 0;
        }
        var discovery = app.Services.GetRequiredService<SiloDiscoveryFile>();
        discovery.Write(new Uri(app.Urls.First()));
        await Console.Error.WriteLineAsync(
            $"orchestrator-silo is ready at {app.Urls.First()} (data: {data.Root})"
        );
        Supervisor.TellReady(app.Lifetime);
        try
        {
            await app.WaitForShutdownAsync();
            await discovery.RemoveAsync();
            await app.DisposeAsync();
            return 0;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nothing is lost by it: the journal knows what is owed, the lease ends, and processes end with this one.
            await Console.Error.WriteLineAsync(
                $"orchestrator-silo did not stop in good order; what was under way goes on elsewhere or at the next start. {e}"
            );
            return 1;
        }
    }

    private static void AddServices(WebApplicationBuilder builder, string data, TimeProvider time)
    {
        var services = builder.Services;
        var configuration = builder.Configuration;
        services.AddSingleton(time);
        services
            .AddOptions<StoreOptions>()
            .Bind(configuration.GetSection("Storage"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddStorage(data, Postgres(configuration));
        services.AddRunners(configuration, data, Cluster(configuration));
        services.AddIntake(configuration, data);
        services.AddSingleton(new SettingsData(data));
        services.AddSingleton(s => new ExportFolder(
            data,
            s.GetRequiredService<TaskInbox>(),
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<IExportFolder, RedactedExportFolder>();
        services.AddMediation(configuration);
        services.AddOptions<TaskOptions>().Bind(configuration.GetSection("Task"));
        services.AddOptions<BudgetOptions>().Bind(configuration.GetSection("Budgets"));
        services.AddSingleton(s =>
        {
            var options = s.GetRequiredService<IOptions<TaskOptions>>().Value;
            return new TaskLimits
            {
                RunTimeMax = options.RunTimeMax,
                SilenceMax = options.SilenceMax,
                TriesMax = options.TriesMax,
                TurnsMax = options.TurnsMax,
                RepliesWaitingMax = options.RepliesWaitingMax,
                ConstraintsMax = options.ConstraintsMax,
                QuestionsWaitMax = options.QuestionsWaitMax,
                ApprovalRemindAfter = options.ApprovalRemindAfter,
                AskedCommandsMax = options.AskedCommandsMax,
                ApprovalWaitMax = options.ApprovalWaitMax,
                FeedbackRoundsMax = s.GetRequiredService<
                    IOptions<DeliveryOptions>
                >().Value.FeedbackRoundsMax,
                FeedbackRoundsPerHour = s.GetRequiredService<
                    IOptions<DeliveryOptions>
                >().Value.FeedbackRoundsPerHour,
                Overlap = s.GetRequiredService<IOptions<QueueOptions>>().Value.Overlap,
                Budgets = s.GetRequiredService<IOptions<BudgetOptions>>().Value.Limits(),
                DefaultRunner = s.GetRequiredService<IOptions<RunnerOptions>>().Value.Default,
            };
        });
        services
            .AddOptions<QueueOptions>()
            .Bind(configuration.GetSection("Queue"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(s => new QueueLimits(
            QueueRules.Of(s.GetRequiredService<IOptions<QueueOptions>>().Value),
            s.GetRequiredService<IOptions<RunnerOptions>>().Value.Default
        ));
        services.AddSingleton<TaskEffects>();
        services
            .AddOptions<ScannerOptions>()
            .Bind(configuration.GetSection("Scanner"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(s => new ScannerLimits(
            s.GetRequiredService<IOptions<ScannerOptions>>().Value.GuardPeriod
        ));
        services.AddHostedService<ScannerStart>();
        services.AddSingleton<SubscriberServices>();
        services.AddSingleton<MetricsFile>();
        services.AddHostedService(s => s.GetRequiredService<MetricsFile>());
        services.AddObservability(configuration, HostOf(builder.Configuration));
        services.AddDelivery(configuration);
        services.AddWebhooks(configuration);
        services.AddTelegram(configuration);
        services.AddTickets(configuration, Cluster(configuration).Controls());
        if (Cluster(configuration).Controls())
        {
            services.AddHostedService<TaskIntake>();
            services.AddHostedService<UploadWatch>();
        }
        services.AddOrchestratorApi(data);
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(40));
    }

    private static void AddOrleans(WebApplicationBuilder builder, string data) =>
        builder.UseOrleans(silo =>
        {
            silo.AddCluster(Cluster(builder.Configuration), HostOf(builder.Configuration));
            silo.AddJournalStreams();
            silo.AddOrleansDashboard();
            silo.AddOrleansDatabase(data, Postgres(builder.Configuration));
            silo.Services.AddOptions<ReminderOptions>()
                .Configure<IOptions<ScannerOptions>>(
                    (o, scanner) => o.MinimumReminderPeriod = scanner.Value.GuardPeriod
                );
            silo.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromMinutes(5));
            silo.Configure<GrainDirectoryOptions>(o => o.CacheSize = PlacesKept);
            // Ours, and those of the libraries inside them: else a silo cannot even tell another that its store failed.
            silo.Configure<ExceptionSerializationOptions>(o =>
                o.SupportedExceptionTypeFilter = _ => true
            );
        });

    // Read by name: the whole section is bound, and checked, later.
    private static string HostOf(ConfigurationManager configuration) =>
        configuration["Runner:Host"] is { Length: > 0 } host ? host : new RunnerOptions().Host;

    private static string Postgres(ConfigurationManager configuration) =>
        Cluster(configuration).ConnectionString;

    private static ClusterStoreOptions Cluster(ConfigurationManager configuration) =>
        configuration.GetSection("Cluster").Get<ClusterStoreOptions>() ?? new();

    private static void RequireLoopback(string key, string urls)
    {
        foreach (var url in urls.Split(';'))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
            {
                throw new SiloStartException(
                    $"'{url}' ({key}) is no address. Example: {DefaultUrl}."
                );
            }
            var loopback =
                address.Host == "localhost"
                || (
                    IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)
                    && IPAddress.IsLoopback(ip)
                );
            if (!loopback && address.Scheme != Uri.UriSchemeHttps)
            {
                throw new SiloStartException(
                    $"'{url}' ({key}) would show tokens to the network: only loopback addresses may be served without TLS. Use https, or put a TLS proxy in front of {DefaultUrl}."
                );
            }
        }
    }
}
