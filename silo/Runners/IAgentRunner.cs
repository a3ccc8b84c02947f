using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Silo.Runners;

/// <summary>An agent made ready to start.</summary>
/// <param name="Process">What to start.</param>
/// <param name="Input">What it gets on stdin, UTF-8.</param>
/// <param name="Info">What people are shown; the process id is filled in after the start.</param>
internal sealed record AgentStart(ProcessOrder Process, byte[] Input, AgentInfo Info)
{
    /// <summary>What it needs in a sandbox; used where the host has one.</summary>
    public SandboxNeeds Needs { get; init; } = SandboxNeeds.None;

    /// <summary>True: its stream tells of a guard before each tool call, and the run ends when the guard fails.</summary>
    public bool Guarded { get; init; }
}

/// <summary>A kind of agent.</summary>
internal interface IAgentRunner
{
    /// <summary>Its name in specs and settings.</summary>
    string Kind { get; }

    /// <summary>Empty when it can run here, else one sentence with the cure.</summary>
    string Problem();

    /// <summary>How its agent signs in: the name of a variable, <c>login</c>, or empty when nothing was found or nothing is needed.</summary>
    string Login() => "";

    /// <summary>The installed version, and a sentence when it is another than the tested one; both empty when unknown.</summary>
    Task<(string Version, string Drift)> VersionAsync(CancellationToken cancellationToken) =>
        Task.FromResult(("", ""));

    /// <summary>Where the agent keeps a session: the file that is there, else the one that it would look for; empty when it keeps none.</summary>
    /// <param name="sessionId">The product's own UUID of it.</param>
    /// <param name="folder">Full path of the folder that the agent starts in.</param>
    string SessionFile(string sessionId, string folder) => "";

    /// <summary>Makes a run ready.</summary>
    /// <exception cref="InvalidOperationException">It cannot be; the message says why and what to do.</exception>
    AgentStart Make(RunOrder order, WorkspaceInfo workspace, string runId);
}
