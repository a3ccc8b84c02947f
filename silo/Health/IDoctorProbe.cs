using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Silo.Health;

/// <summary>How <c>doctor</c> looks.</summary>
/// <param name="Live">True in a running silo; false when nothing was started: then nothing of the store is changed, and no grain is called.</param>
/// <param name="TryLogin">True: the agent is called once for real, which costs a few tokens.</param>
internal sealed record DoctorVisit(bool Live, bool TryLogin);

/// <summary>Tries one dependency or door for real. It changes nothing that lasts.</summary>
internal interface IDoctorProbe
{
    /// <summary>The name of its line when it cannot say anything.</summary>
    string Name { get; }

    /// <summary>The longest it may take.</summary>
    TimeSpan TimeMax => TimeSpan.FromSeconds(30);

    /// <summary>Its lines.</summary>
    Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    );
}
