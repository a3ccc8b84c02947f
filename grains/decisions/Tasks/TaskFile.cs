namespace Orchestrator.Decisions.Tasks;

/// <summary>What a task file says, as written; the door's own limits are checked by <see cref="SubmissionReader"/>.</summary>
public sealed record TaskFile
{
    /// <summary>The task's id: the key <c>id</c>, else the file's name without <c>.md</c>.</summary>
    public required string Id { get; init; }

    /// <summary><c>code_review summarize fix analyze documentation bug_fix</c>.</summary>
    public required string Type { get; init; }

    /// <summary><c>high medium low</c>.</summary>
    public string Priority { get; init; } = "medium";

    /// <summary>When it was written, or null: when it arrives.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The folder to work in as written, or empty. What it means depends on the folders of the host.</summary>
    public string Cwd { get; init; } = "";

    /// <summary>The line of <see cref="Cwd"/>, from 1.</summary>
    public int CwdLine { get; init; } = 1;

    /// <summary>Wall clock of one run in seconds, 1 to 86,400; null = the server's default.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>A chosen agent, or empty: by type.</summary>
    public string AgentType { get; init; } = "";

    /// <summary>The task that this one continues, or empty.</summary>
    public string ParentTaskId { get; init; } = "";

    /// <summary>Branch, tag or commit to start from, or empty.</summary>
    public string BaseBranch { get; init; } = "";

    /// <summary>Where its pull request is opened: <c>github:owner/name</c>, or empty.</summary>
    public string Remote { get; init; } = "";

    /// <summary>Tickets that it serves, as written with commas between them.</summary>
    public IReadOnlyList<string> Tickets { get; init; } = [];

    /// <summary>The runner kind, or empty.</summary>
    public string Runner { get; init; } = "";

    /// <summary>The agent's model, or empty.</summary>
    public string Model { get; init; } = "";

    /// <summary>The script of a scripted run, JSON, or empty.</summary>
    public string Script { get; init; } = "";

    /// <summary>Most turns of the agent's loop, 1 to 10,000; null = the server's default.</summary>
    public int? MaxTurns { get; init; }

    /// <summary>The first <c># </c> line, at most 200 characters; <c>Task ID</c> without one.</summary>
    public required string Title { get; init; }

    /// <summary>The block <c>**Prompt:**</c>, verbatim with <c>\n</c> as line ends.</summary>
    public required string Request { get; init; }

    /// <summary>The block <c>**Context:**</c>, verbatim.</summary>
    public string Context { get; init; } = "";

    /// <summary>The list under <c>**Target Files:**</c>, '/' separated.</summary>
    public IReadOnlyList<string> TargetFiles { get; init; } = [];

    /// <summary>The list under <c>**Success Criteria:**</c>, without its boxes.</summary>
    public IReadOnlyList<string> SuccessCriteria { get; init; } = [];
}

/// <summary>Something found in a task file.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Message">What is wrong, in the predecessor's words where it had some.</param>
/// <param name="Cure">What to write instead.</param>
public sealed record TaskFileFinding(int Line, string Message, string Cure)
{
    /// <summary>Findings of one kind that are kept; a file with more is mended by the first ones.</summary>
    public const int KeptMax = 50;

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"line {Line}: {Message}. {Cure}"
        );
}

/// <summary>Collects findings, the first ones only.</summary>
internal sealed class TaskFileFindings
{
    private readonly List<TaskFileFinding> kept = [];

    /// <summary>In the order of lines.</summary>
    public IReadOnlyList<TaskFileFinding> InOrder => [.. kept.OrderBy(f => f.Line)];

    /// <summary>True when nothing was found.</summary>
    public bool None => kept.Count == 0;

    /// <summary>Keeps a finding.</summary>
    public void Add(int line, string message, string cure)
    {
        if (kept.Count < TaskFileFinding.KeptMax)
        {
            kept.Add(new TaskFileFinding(line, message, cure));
        }
    }
}

/// <summary>The outcome of reading a task file.</summary>
/// <param name="File">Null when there is a problem.</param>
/// <param name="Problems">Every one, in the order of lines; empty when the file is good.</param>
/// <param name="Warnings">What was ignored, and why.</param>
public sealed record TaskFileReading(
    TaskFile? File,
    IReadOnlyList<TaskFileFinding> Problems,
    IReadOnlyList<TaskFileFinding> Warnings
);
