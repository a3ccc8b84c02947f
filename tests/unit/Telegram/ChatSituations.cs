using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Telegram;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>Tasks as chats are told of them.</summary>
internal static class ChatSituations
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    public static readonly string Blob = new('b', 64);

    /// <summary>A change of so many files.</summary>
    public static DiffSummary Diff(int files) =>
        new()
        {
            Files =
            [
                .. Enumerable
                    .Range(1, files)
                    .Select(i => new FileChange($"src/{i}.cs", "", "M", 1, 1, "", "")),
            ],
            FilesTotal = files,
            AddedLines = 7,
            DeletedLines = 3,
            PatchBlob = Blob,
        };

    /// <summary>A task that has only its title.</summary>
    public static TaskState In(TaskPhase phase) =>
        TaskState.Empty with
        {
            Phase = phase,
            Spec = new TaskSpec { Request = "Mend the loop", Title = "Mend the loop" },
            Turn = 1,
        };

    /// <summary>It with a change of so many files.</summary>
    public static TaskState Changed(TaskPhase phase, int files = 2) =>
        In(phase) with
        {
            Result = new RunResult { Diff = Diff(files) },
        };

    /// <summary>The two are the same to their last button.</summary>
    public static void Same(ChatSend expected, ChatSend? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(Rows(expected), Rows(actual));
        Assert.Equal(expected with { Buttons = [] }, actual with { Buttons = [] });
    }

    private static IEnumerable<string> Rows(ChatSend send) =>
        send.Buttons.Select(row => string.Join(" | ", row.Select(b => $"{b.Label} = {b.Data}")));
}
