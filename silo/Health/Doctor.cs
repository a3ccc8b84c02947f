using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Health;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Queueing;
using Orchestrator.Silo.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.Silo.Mediation;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Settings;

namespace Orchestrator.Silo.Health;

/// <summary>Has everything that the product needs tried, and says what is missing and what to do.</summary>
internal sealed class Doctor(
    IServiceProvider services,
    IEnumerable<IDoctorProbe> probes,
    SettingsData data,
    TimeProvider time
)
{
    /// <summary>Every check, and the settings in force without their secrets. Probes run side by side; one that breaks or hangs is a line of its own.</summary>
    public async Task<DoctorReport> CheckAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        var lines = await Task.WhenAll(probes.Select(p => LookAsync(p, visit, cancellationToken)));
        return new DoctorReport([.. lines.SelectMany(l => l)])
        {
            Settings = Settings(data.Directory),
        };
    }

    private async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        IDoctorProbe probe,
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            return await Task.Run(() => probe.LookAsync(visit, limit.Token), limit.Token)
                .WaitAsync(probe.TimeMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            await limit.CancelAsync();
            return
            [
                MachineChecks.Fail(
                    probe.Name,
                    $"it did not answer within {probe.TimeMax.TotalSeconds:0} s",
                    "Look at what this line is about: it hangs. The other lines hold all the same."
                ),
            ];
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            return
            [
                MachineChecks.Fail(
                    probe.Name,
                    $"it could not be looked at: {e.Message}",
                    "Read the message; logs/silo.log may say more."
                ),
            ];
        }
    }

    private IEnumerable<string> Addresses() =>
        services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses
        ?? [];

    private Dictionary<string, string> Settings(string data)
    {
        T Of<T>()
            where T : class => services.GetRequiredService<IOptions<T>>().Value;
        var (runner, task, verify) = (Of<RunnerOptions>(), Of<TaskOptions>(), Of<VerifyOptions>());
        var (mediator, delivery) = (Of<MediatorOptions>(), Of<DeliveryOptions>());
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ORCHESTRATOR_DATA"] = data,
            ["urls"] = string.Join(";", Addresses()),
            ["Runner:Host"] = runner.Host,
            ["Runner:Slots"] = Text(runner.Slots),
            ["Runner:Default"] = runner.Default,
            ["Runner:StopGrace"] = Text(runner.StopGrace),
            ["Runner:OutputBytesMax"] = Text(runner.OutputBytesMax),
            ["Runner:Contain"] = Text(runner.Contain),
            ["Runner:Sandbox"] = runner.Sandbox,
            ["Runner:ClaudeCode:Executable"] = runner.ClaudeCode.Executable,
            ["Runner:ClaudeCode:Model"] = runner.ClaudeCode.Model,
            ["Runner:ClaudeCode:MaxTurns"] = Text(runner.ClaudeCode.MaxTurns),
            // Names only: the values may be keys.
            ["Runner:ClaudeCode:Environment"] = string.Join(
                ", ",
                runner.ClaudeCode.Environment.Keys
            ),
            ["Workspace:AllowedRoots"] = string.Join(", ", Of<WorkspaceOptions>().AllowedRoots),
            ["Verify:Commands"] = string.Join(" && ", verify.Commands),
            ["Verify:TimeMax"] = Text(verify.TimeMax),
            ["Task:RunTimeMax"] = Text(task.RunTimeMax),
            ["Task:SilenceMax"] = Text(task.SilenceMax),
            ["Task:TriesMax"] = Text(task.TriesMax),
            ["Queue:SizeMax"] = Text(services.GetRequiredService<QueueLimits>().Slots.SizeMax),
            ["Mediator:Endpoint"] = mediator.Endpoint,
            ["Mediator:Model"] = mediator.Model,
            ["Mediator:TimeMax"] = Text(mediator.TimeMax),
            ["Delivery:Branch"] = delivery.Branch,
            ["GitHub:Address"] = Of<GitHubOptions>().Address,
        };
    }

    private static string Text(object value) =>
        Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
