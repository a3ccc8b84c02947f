using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>Containment and sandbox: a child is really started in each, now.</summary>
internal sealed class SandboxProbe(ProcessGroupStarter starter, SandboxHost sandbox) : IDoctorProbe
{
    private const string SandboxCure =
        "Install and allow it (docs/sandbox.md), or set Runner:Sandbox to another kind; then restart the silo.";

    /// <inheritdoc />
    public string Name => "sandbox";

    /// <inheritdoc />
    public Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    ) => Task.Run<IReadOnlyList<DoctorCheck>>(() => [Containment(), Sandbox()], cancellationToken);

    private DoctorCheck Containment()
    {
        const string Line = "process containment";
        return !OperatingSystem.IsLinux() ? Ok(Line, "by the operating system")
            : !starter.Contains
                ? Warn(
                    Line,
                    "bubblewrap is not usable: process trees are found by their marker",
                    "Install bubblewrap, leave Runner:Contain on, and restart the silo."
                )
            : ProcessGroupStarter.ContainsNow() ? Ok(Line, "bubblewrap")
            : Fail(
                Line,
                "bubblewrap worked when the silo started and does not now: no agent can be started",
                "Install bubblewrap again and allow user namespaces, or restart the silo to go on without it."
            );
    }

    private DoctorCheck Sandbox() =>
        sandbox.Problem.Length > 0
            ? Fail(
                Name,
                $"{sandbox.Kind} does not work: {sandbox.Problem}; every run is refused",
                SandboxCure
            )
        : !sandbox.Works ? Ok(Name, "none: lanes that demand one are refused here")
        : sandbox.TryNow() is { Length: > 0 } problem
            ? Fail(
                Name,
                $"{sandbox.Kind} worked when the silo started and does not now: {problem}",
                SandboxCure
            )
        : Ok(Name, $"{sandbox.Kind} started a child; {sandbox.LimitsTold}");
}
