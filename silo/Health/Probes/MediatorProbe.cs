using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Mediation;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>The local model: its server, and whether the model is there.</summary>
internal sealed class MediatorProbe(IMediatorModel model) : IDoctorProbe
{
    /// <inheritdoc />
    public string Name => "mediator";

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        var mediator = await model.ProbeAsync(cancellationToken);
        return
        [
            !mediator.ClientInitialized ? Ok(Name, $"{mediator.Mode}: {mediator.Reason}")
            : mediator.Mode == "LLAMA" ? Ok(Name, $"LLAMA, model {mediator.Model}")
            : Warn(
                Name,
                $"{mediator.Mode}, model {mediator.Model}",
                mediator.Reason.Contains("ollama pull", StringComparison.Ordinal)
                    ? mediator.Reason
                    : $"{mediator.Reason} Start it (ollama serve), or correct Mediator:Endpoint; the fixed rules stand in meanwhile."
            ),
        ];
    }
}
