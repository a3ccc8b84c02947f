using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Intake;

/// <summary>The record of people who were refused what they tried, in the system log: who, at which door, what, and why.</summary>
internal sealed class DoorRefusals(IJournal journal, Redactor redactor, TimeProvider time)
{
    private const int RecordedPerHour = 120;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<DateTimeOffset>> recorded = [];

    /// <summary>Records it; at most 120 of a door in an hour, so that nobody fills the journal.</summary>
    /// <param name="door"><c>telegram</c> or <c>http</c>.</param>
    /// <param name="what">Who and what, one line; secrets in it are taken out here.</param>
    /// <param name="failure">Why.</param>
    public async Task RecordAsync(string door, string what, Failure failure)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (!recorded.TryGetValue(door, out var past))
            {
                recorded[door] = past = new Queue<DateTimeOffset>();
            }
            while (past.Count > 0 && now - past.Peek() > Hour)
            {
                past.Dequeue();
            }
            if (past.Count >= RecordedPerHour)
            {
                return;
            }
            past.Enqueue(now);
        }
        var fact = new TaskFact.IntakeRefused(
            door,
            redactor.Redact(what),
            failure with
            {
                Message = redactor.Redact(failure.Message),
            },
            ""
        );
        await journal.AppendAsync(
            new AppendRequest(TaskIds.System, -1, time.GetUtcNow(), [fact], null),
            Durability.Wait,
            CancellationToken.None
        );
    }
}
