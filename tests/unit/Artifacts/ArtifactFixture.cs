using System.Text;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;

namespace Orchestrator.UnitTests.Artifacts;

/// <summary>An artifact of a state, written by the product's own writer.</summary>
internal static class ArtifactFixture
{
    public const string TaskId = "t";

    public static string Write(TaskState state, IReadOnlyList<TaskFact> more)
    {
        var end = TaskSituations.Fold(state, more);
        TaskFact[] facts =
        [
            new TaskFact.Submitted(TaskSituations.Spec),
            new TaskFact.Screened(1, new Ruling(Verdict.Allow, "r", "")),
            new TaskFact.PlanMade(1, TaskSituations.Plan with { Mode = MediationMode.Llama }),
            .. more,
        ];
        var entries = facts
            .Select((f, i) => new JournalEntry(TaskId, i + 1, TaskSituations.Now, f, i + 1))
            .ToList();
        return Encoding.UTF8.GetString(
            ArtifactWriter.Write(
                TaskId,
                end,
                entries,
                new ArtifactExtras("raw output", 3, "/usr/bin/agent")
            )
        );
    }
}
