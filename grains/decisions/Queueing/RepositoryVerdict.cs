using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Queueing;

/// <summary>Whether a task may wait for a host that has its repository.</summary>
public static class RepositoryVerdict
{
    /// <summary>
    /// Allowed when a host can work in it, and when every host that answered merely lacks it: one that has it may come.
    /// Denied when it is there and must not or cannot be worked in: waiting would not cure that.
    /// </summary>
    public static Ruling Of(IEnumerable<RepositoryAnswer> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var all = answers.ToList();
        if (all.Exists(a => a.Usable))
        {
            return new Ruling(Verdict.Allow, "repository", "");
        }
        return all.Find(a => !a.Absent) is { } refused
            ? new Ruling(
                Verdict.Deny,
                refused.Code == FailureCodes.PathOutsideRoot ? "allowed-roots" : "repository",
                refused.Problem,
                refused.Code
            )
            : new Ruling(Verdict.Allow, "repository-awaited", "");
    }
}
