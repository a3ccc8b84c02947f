using Microsoft.Extensions.Options;
using Orchestrator.Silo.Policy;

namespace Orchestrator.Silo.Intake;

/// <summary>Wires the watched folder.</summary>
internal static class IntakeHosting
{
    /// <summary>Registers the folder and its rules; the watcher itself starts with the hosted services.</summary>
    public static IServiceCollection AddIntake(
        this IServiceCollection services,
        IConfiguration configuration,
        string dataDirectory
    )
    {
        services
            .AddOptions<IntakeOptions>()
            .Bind(configuration.GetSection("Intake"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.PostConfigure<WorkspaceOptions>(o =>
        {
            if (o.Base.Length > 0 && o.AllowedRoots.Count == 0)
            {
                o.AllowedRoots.Add(o.Base);
            }
        });
        services.AddSingleton(s => new TaskInbox(
            dataDirectory,
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(s => new TaskFolder(
            s.GetRequiredService<IOptions<WorkspaceOptions>>()
        ));
        services.AddSingleton<IntakeRefusals>();
        services.AddSingleton<DoorRefusals>();
        services.AddSingleton<PredecessorImport>();
        services.AddSingleton<Cleaning>();
        services.AddSingleton<UploadCleaning>();
        return services;
    }
}
