using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Policy;

/// <summary>What a lane asks of the sandbox of its runs.</summary>
public static class LaneSandbox
{
    /// <summary>The demand; null when the lane says nothing of it.</summary>
    public static SandboxDemand? Of(LaneRights? lane) =>
        lane is null || (!lane.SandboxRequired && lane.Network.Length == 0)
            ? null
            : new SandboxDemand
            {
                Required = lane.SandboxRequired,
                Network = lane.Network switch
                {
                    "off" => SandboxNetwork.Off,
                    "allowlist" => SandboxNetwork.Allowlist,
                    _ => SandboxNetwork.Open,
                },
                Hosts = lane.Hosts,
            };
}
