using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Policy;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Cluster;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Runners;

/// <summary>Wires what runs agents on this host.</summary>
internal static class RunnersHosting
{
    /// <summary>Registers the process table, the runner kinds, the workspace and the screen. On a silo that runs no agents the host never begins.</summary>
    public static IServiceCollection AddRunners(
        this IServiceCollection services,
        IConfiguration configuration,
        string dataDirectory,
        ClusterStoreOptions cluster
    )
    {
        services
            .AddOptions<RunnerOptions>()
            .Bind(configuration.GetSection("Runner"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<VerifyOptions>()
            .Bind(configuration.GetSection("Verify"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services
            .AddOptions<WorkspaceOptions>()
            .Bind(configuration.GetSection("Workspace"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(_ => new Redactor(Literals(configuration)));
        services.AddSingleton(s => new ProcessGroupStarter(
            DataId(dataDirectory),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<IOptions<RunnerOptions>>().Value.Contain,
            Path.Combine(dataDirectory, "runs")
        ));
        services.AddSingleton(s => new GitCli(
            s.GetRequiredService<ProcessGroupStarter>(),
            s.GetRequiredService<TimeProvider>(),
            dataDirectory,
            s.GetRequiredService<IOptions<WorkspaceOptions>>().Value.GitTimeMax
        ));
        services.AddSingleton(s => new CachedClones(s.GetRequiredService<GitCli>(), dataDirectory));
        services.AddSingleton<NamedRepositories>();
        services.AddSingleton<RepositoryDoor>();
        services.AddSingleton<HostRepositories>();
        services.AddSingleton<IHostRepositories>(s => s.GetRequiredService<HostRepositories>());
        services.AddSingleton(s => new PatientBlobs(
            s.GetRequiredService<IBlobStore>(),
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(s =>
            ActivatorUtilities.CreateInstance<DiffCapture>(s, s.GetRequiredService<PatientBlobs>())
        );
        services.AddSingleton(s => new GitWorkspace(
            s.GetRequiredService<GitCli>(),
            s.GetRequiredService<CachedClones>(),
            s.GetRequiredService<RepositoryDoor>(),
            s.GetRequiredService<PatientBlobs>(),
            s.GetRequiredService<TimeProvider>(),
            dataDirectory
        ));
        services.AddSingleton<IRunReports, GrainRunReports>();
        services.AddSingleton<AgentAccount>();
        services.AddSingleton(s => new AgentRunServices(
            s.GetRequiredService<ProcessGroupStarter>(),
            s.GetRequiredService<GitWorkspace>(),
            s.GetRequiredService<DiffCapture>(),
            new SessionArchive(
                s.GetRequiredService<PatientBlobs>(),
                s.GetRequiredService<Redactor>()
            ),
            new RunFolders(dataDirectory, s.GetRequiredService<TimeProvider>()),
            s.GetRequiredService<PatientBlobs>(),
            s.GetRequiredService<Redactor>(),
            s.GetRequiredService<IRunReports>(),
            s.GetRequiredService<AgentAccount>(),
            s.GetRequiredService<SandboxHost>(),
            s.GetRequiredService<CachedClones>(),
            s.GetRequiredService<ISpanSink>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<IOptions<RunnerOptions>>().Value
        ));
        services.AddSingleton<VerifyRun>();
        services.AddSingleton<IAgentRunner>(s => new ClaudeCodeRunner(
            s.GetRequiredService<IOptions<RunnerOptions>>(),
            new RunFolders(dataDirectory, s.GetRequiredService<TimeProvider>()),
            s.GetRequiredService<ProcessGroupStarter>(),
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<IAgentRunner>(s => new ScriptedRunner(
            new RunFolders(dataDirectory, s.GetRequiredService<TimeProvider>())
        ));
        services.AddSingleton(cluster);
        services.AddSingleton<ClusterRepositories>();
        services.AddSingleton(s =>
            ActivatorUtilities.CreateInstance<SandboxHost>(
                s,
                new RunFolders(dataDirectory, s.GetRequiredService<TimeProvider>())
            )
        );
        services.AddSingleton<IScreen, RepositoryScreen>();
        services.AddSingleton<PolicySource>();
        services.AddSingleton<IPolicySource>(s => s.GetRequiredService<PolicySource>());
        services.AddSingleton(new HostMark(dataDirectory, alone: !cluster.IsShared()));
        services.AddSingleton<HostLease>();
        services.AddSingleton(s =>
            ActivatorUtilities.CreateInstance<HostOffer>(
                s,
                new RunFolders(dataDirectory, s.GetRequiredService<TimeProvider>())
            )
        );
        services.AddSingleton<RunHost>();
        services.AddSingleton<IRunHost>(s => s.GetRequiredService<RunHost>());
        if (cluster.IsShared())
        {
            services.AddHostWatch(cluster);
        }
        if (cluster.RunsAgents())
        {
            services.AddHostedService(s => s.GetRequiredService<RunHost>());
        }
        return services;
    }

    // Secrets that the silo itself holds are redacted whatever they look like.
    private static IEnumerable<string> Literals(IConfiguration configuration) =>
        configuration
            .GetSection("Runner:ClaudeCode:Environment")
            .GetChildren()
            .Where(c =>
                c.Key.Contains("KEY", StringComparison.OrdinalIgnoreCase)
                || c.Key.Contains("TOKEN", StringComparison.OrdinalIgnoreCase)
            )
            .Select(c => c.Value ?? "")
            .Concat(
                configuration
                    .GetSection("Telemetry:Otlp:Headers")
                    .GetChildren()
                    .Select(c => c.Value ?? "")
            )
            .Concat(
                configuration
                    .GetSection("Webhooks")
                    .AsEnumerable()
                    .Where(e => e.Key.EndsWith("Secret", StringComparison.OrdinalIgnoreCase))
                    .Select(e => e.Value ?? "")
            )
            .Append(Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY") ?? "")
            .Append(configuration["Cluster:Tls:Password"] ?? "")
            .Append(configuration["GitHub:Token"] ?? "")
            .Append(configuration["Telegram:Token"] ?? "")
            .Append(configuration["Telegram:WebhookSecret"] ?? "")
            .Append(configuration["Tickets:Linear:Token"] ?? "")
            .Append(configuration["Tickets:Jira:Token"] ?? "")
            .Append(ClusterStoreOptions.PasswordOf(configuration[ClusterStoreOptions.Key]));

    private static string DataId(string dataDirectory) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(dataDirectory)))
        )[..16];
}
