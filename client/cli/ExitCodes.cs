using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Cli;

/// <summary>What a shell is told.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NeedsApproval = 4;
    public const int Cancelled = 5;
    public const int Unreachable = 6;
    public const int Paused = 7;
    public const int Detached = 130;

    public static int Of(TaskPhase phase) =>
        phase switch
        {
            TaskPhase.Done or TaskPhase.InReview => Done,
            TaskPhase.Cancelled => Cancelled,
            TaskPhase.AwaitingApproval => NeedsApproval,
            TaskPhase.Paused => Paused,
            _ => Failed,
        };
}
