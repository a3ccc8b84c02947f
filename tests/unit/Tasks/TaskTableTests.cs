using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed partial class TaskTableTests
{
    private const string Page = "docs/task-states.md";

    public static TheoryData<string> Situations => [.. TaskSituations.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Situations))]
    public void A_situation_answers_everything_it_is_told_as_the_table_says(string situation)
    {
        var state = TaskSituations.Named(situation);

        var answers = TaskSituations.Told.Select(t => $"{t.Name}: {Answer(state, t.Make(state))}");

        Assert.Equal(
            TaskSituations.Told.Select(t => $"{t.Name}: {TaskTable.Cell(situation, t.Name)}"),
            answers
        );
    }

    [Fact]
    public void Every_phase_has_a_situation_in_the_table_and_every_situation_is_in_its_phase()
    {
        Assert.Equal(TaskSituations.All.Select(s => s.Name), TaskTable.Situations);
        Assert.All(
            TaskSituations.All,
            s => Assert.Equal(s.Name.Split(',')[0], s.State.Phase.ToString())
        );
        Assert.Equal(
            Enum.GetNames<TaskPhase>().Order(),
            TaskSituations.All.Select(s => s.Name.Split(',')[0]).Distinct().Order()
        );
    }

    [Fact]
    public void Every_input_and_every_report_has_a_row_in_the_table()
    {
        var words = TaskSituations.Told.Select(t => t.Name.Split(',')[0]).Distinct().Order();

        Assert.Equal(TaskSituations.Told.Select(t => t.Name), TaskTable.Told);
        Assert.Equal(
            Kinds(typeof(TaskInput))
                .Where(n => n != nameof(TaskInput.Reported))
                .Concat(Kinds(typeof(TaskReport)))
                .Order(),
            words
        );
        Assert.All(
            TaskSituations.Told,
            t =>
            {
                var input = t.Make(TaskSituations.Named("Running"));
                object told = input is TaskInput.Reported r ? r.Report : input;
                Assert.Equal(told.GetType().Name, t.Name.Split(',')[0]);
            }
        );
    }

    [Fact]
    public void A_row_of_a_situation_that_only_repeats_the_general_answer_is_not_written() =>
        Assert.All(
            TaskTable.Situations,
            s =>
                Assert.All(
                    TaskTable.Of(s),
                    row => Assert.NotEqual(TaskTable.General(row.Key), row.Value)
                )
        );

    [Fact]
    public void The_page_on_task_states_is_what_the_table_and_the_phases_say() =>
        Repository.AssertCurrent(Page, WritePage());

    private static string Answer(TaskState state, TaskInput input)
    {
        var decision = TaskDecider.Decide(state, input, TaskSituations.Limits);
        if (decision.Refusal is { } refusal)
        {
            Assert.Empty(decision.Facts);
            return "refused " + refusal.Code;
        }
        if (decision.Facts.Count == 0)
        {
            return decision.Stale ? "stale" : "nothing";
        }
        var after = TaskSituations.Fold(state, decision.Facts);
        Assert.Equal(state.Version + decision.Facts.Count, after.Version);
        var facts = string.Join(", ", decision.Facts.Select(f => f.GetType().Name));
        return after.Phase == state.Phase ? facts : $"{facts} -> {after.Phase}";
    }

    private static IEnumerable<string> Kinds(Type union) =>
        union
            .GetNestedTypes(BindingFlags.Public)
            .Where(t => t.IsSubclassOf(union))
            .Select(t => t.Name);

    private static string WritePage()
    {
        var text = new StringBuilder(
            """
            # Task states

            Generated from the table that the tests hold the decider to. Written anew with
            `ORCHESTRATOR_WRITE_DOCS=1 dotnet test --project tests/unit` (PowerShell: `$env:ORCHESTRATOR_WRITE_DOCS=1` first).

            A task is told something; what is recorded for it is one append, all or nothing. *stale*: a report of another
            turn, attempt or host epoch, or one that this phase does not wait for; it is counted and changes nothing.
            *nothing*: already so, or not due. *refused*: the one who asked gets the failure of that code.

            ## In every phase

            What a phase below does not name is answered so.

            | told | recorded |
            |---|---|

            """.ReplaceLineEndings("\n")
        );
        foreach (var told in TaskTable.Told)
        {
            text.Append($"| {told} | {TaskTable.General(told)} |\n");
        }
        var meaning = Meanings();
        foreach (var (name, state) in TaskSituations.All)
        {
            text.Append($"\n## {name}\n\n");
            if (meaning.Remove(name, out var paragraph))
            {
                text.Append(paragraph).Append("\n\n");
            }
            var owed = TaskDecider.Owed(state).Select(e => $"`{e.GetType().Name}`").ToList();
            text.Append("Owed: ")
                .Append(owed.Count > 0 ? string.Join(", ", owed) : "nothing")
                .Append(state.Due is null ? "" : ", and a wake-up when it is due")
                .Append(".\n\n| told | recorded |\n|---|---|\n");
            foreach (var (told, recorded) in TaskTable.Of(name))
            {
                text.Append($"| {told} | {recorded} |\n");
            }
        }
        return text.ToString();
    }

    // The paragraphs stand beside the enum's values and nowhere else.
    private static Dictionary<string, string> Meanings() =>
        PhaseParagraph()
            .Matches(Repository.Read("grain-interfaces/Tasks/TaskPhase.cs"))
            .ToDictionary(
                m => m.Groups["name"].Value,
                m => Reference().Replace(m.Groups["text"].Value, "$1")
            );

    [GeneratedRegex(@"<summary>(?<text>[^\n]*)</summary>\s+(?<name>[A-Za-z]+) = \d+,")]
    private static partial Regex PhaseParagraph();

    [GeneratedRegex("<see cref=\"([A-Za-z]+)\"/>")]
    private static partial Regex Reference();
}
