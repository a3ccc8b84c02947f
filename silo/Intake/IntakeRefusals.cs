using System.Globalization;
using System.Text;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Intake;

/// <summary>Puts a refusal on record: a fact of the system log, and the words that go beside the file.</summary>
internal sealed class IntakeRefusals(
    TaskInbox inbox,
    IJournal journal,
    Redactor redactor,
    TimeProvider time
)
{
    private const int ToldMax = 5;

    /// <summary>Records it before anything is moved. Returns where the file goes and its answer.</summary>
    public async Task<(string To, string Answer)> RecordAsync(
        FileInfo file,
        IReadOnlyList<TaskFileFinding> problems,
        string code
    )
    {
        var to = inbox.RejectedPath(file.Name);
        var words = string.Join(' ', problems.Take(ToldMax).Select(p => p.ToString()));
        var fact = new TaskFact.IntakeRefused(
            "file",
            file.Name,
            new Failure(code, redactor.Redact(words)),
            to
        );
        await journal.AppendAsync(
            new AppendRequest(TaskIds.System, -1, time.GetUtcNow(), [fact], null),
            Durability.Wait,
            CancellationToken.None
        );
        return (to, redactor.Redact(Answer(file, problems)));
    }

    private string Answer(FileInfo file, IReadOnlyList<TaskFileFinding> problems)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {file.Name} was not taken\n\n");
        foreach (var problem in problems)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {problem.ToString().TrimEnd()}\n");
        }
        text.Append(
            CultureInfo.InvariantCulture,
            $"\nThe file lies beside this answer, unchanged. Correct it and put it back as {Path.Combine(inbox.Folder, file.Name)}: it is read again at once.\n"
        );
        return text.ToString();
    }
}
