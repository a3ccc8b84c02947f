namespace Orchestrator.Decisions.Telegram;

/// <summary>What somebody may do in chats. Each role may do all that the ones before it may.</summary>
public enum ChatRole
{
    /// <summary>Nothing: the bot is closed to them.</summary>
    None = 0,

    /// <summary>Look at everything.</summary>
    Read = 1,

    /// <summary>Also submit work, and reply to, cancel and retry their own.</summary>
    Submit = 2,

    /// <summary>Also act on everybody's work, approve, commit, and stop everything.</summary>
    Operate = 3,
}

/// <summary>What a message can ask for.</summary>
public enum ChatVerb
{
    /// <summary>A request in plain words.</summary>
    Plain = 0,

    /// <summary>A command that is none of ours.</summary>
    Unknown = 1,

    /// <summary>Nothing that is answered: a command to another bot.</summary>
    Nothing = 2,

    /// <summary>Say hello; with a code: pair.</summary>
    Start = 3,

    /// <summary>The commands.</summary>
    Help = 4,

    /// <summary>A request.</summary>
    Task = 5,

    /// <summary>More to say to a task.</summary>
    Reply = 6,

    /// <summary>The server.</summary>
    Status = 7,

    /// <summary>The last events of a task.</summary>
    Progress = 8,

    /// <summary>The newest tasks.</summary>
    List = 9,

    /// <summary>One task.</summary>
    Show = 10,

    /// <summary>Its diff.</summary>
    Diff = 11,

    /// <summary>Stop it.</summary>
    Cancel = 12,

    /// <summary>Another turn.</summary>
    Retry = 13,

    /// <summary>Say yes.</summary>
    Approve = 14,

    /// <summary>Say no.</summary>
    Reject = 15,

    /// <summary>Write documentation.</summary>
    Documentation = 16,

    /// <summary>Review code.</summary>
    CodeReview = 17,

    /// <summary>Fix a defect.</summary>
    BugFix = 18,

    /// <summary>Explain something.</summary>
    Analyze = 19,

    /// <summary>Commit accepted work.</summary>
    Commit = 20,

    /// <summary>The same, with what is staged.</summary>
    CommitAll = 21,

    /// <summary>A repository's state.</summary>
    GitStatus = 22,

    /// <summary>The hosts.</summary>
    Hosts = 23,

    /// <summary>The emergency stop.</summary>
    Estop = 24,

    /// <summary>A new task from a turn of another.</summary>
    Fork = 25,

    /// <summary>The language that the bot speaks with whoever asks.</summary>
    Language = 26,
}

/// <summary>What follows a command.</summary>
public enum ChatArguments
{
    /// <summary>Nothing.</summary>
    Nothing = 0,

    /// <summary>Options and single words.</summary>
    Options = 1,

    /// <summary>Words.</summary>
    Text = 2,

    /// <summary>A task's id, then options and single words.</summary>
    Task = 3,

    /// <summary>A task's id, then words.</summary>
    TaskAndText = 4,
}

/// <summary>A command as people type it.</summary>
/// <param name="Verb">What it is.</param>
/// <param name="Name">1 to 32 of <c>a-z 0-9 _</c>: what the host takes as a command.</param>
/// <param name="Role">Who may use it.</param>
/// <param name="Takes">What follows it; what people are shown of it is the text <c>args.NAME</c>.</param>
public sealed record ChatCommand(
    ChatVerb Verb,
    string Name,
    ChatRole Role,
    ChatArguments Takes = ChatArguments.Nothing
)
{
    /// <summary>True when a task's id comes first, unless the message answers one about a task.</summary>
    public bool TakesTask => Takes is ChatArguments.Task or ChatArguments.TaskAndText;

    /// <summary>True when words follow, which are taken as they are.</summary>
    public bool TakesText => Takes is ChatArguments.Text or ChatArguments.TaskAndText;

    /// <summary>What follows it as people are shown it; empty = nothing.</summary>
    public string Usage(string language) =>
        Takes == ChatArguments.Nothing ? "" : ChatWords.Say(language, "args." + Name);
}

/// <summary>The commands there are. A new one is a row here and an answer at the desk.</summary>
public static class ChatVerbs
{
    /// <summary>All, in the order of <c>/help</c>.</summary>
    public static IReadOnlyList<ChatCommand> All { get; } =
    [
        new(ChatVerb.Start, "start", ChatRole.None),
        new(ChatVerb.Help, "help", ChatRole.Read),
        new(ChatVerb.Task, "task", ChatRole.Submit, ChatArguments.Text),
        new(ChatVerb.Reply, "reply", ChatRole.Submit, ChatArguments.TaskAndText),
        new(ChatVerb.Fork, "fork", ChatRole.Submit, ChatArguments.TaskAndText),
        new(ChatVerb.Status, "status", ChatRole.Read),
        new(ChatVerb.Progress, "progress", ChatRole.Read, ChatArguments.Task),
        new(ChatVerb.List, "list", ChatRole.Read, ChatArguments.Options),
        new(ChatVerb.Show, "show", ChatRole.Read, ChatArguments.Task),
        new(ChatVerb.Diff, "diff", ChatRole.Read, ChatArguments.Task),
        new(ChatVerb.Cancel, "cancel", ChatRole.Submit, ChatArguments.Task),
        new(ChatVerb.Retry, "retry", ChatRole.Submit, ChatArguments.Task),
        new(ChatVerb.Approve, "approve", ChatRole.Operate, ChatArguments.Task),
        new(ChatVerb.Reject, "reject", ChatRole.Operate, ChatArguments.TaskAndText),
        new(ChatVerb.Documentation, "documentation", ChatRole.Submit, ChatArguments.Text),
        new(ChatVerb.CodeReview, "code_review", ChatRole.Submit, ChatArguments.Text),
        new(ChatVerb.BugFix, "bug_fix", ChatRole.Submit, ChatArguments.Text),
        new(ChatVerb.Analyze, "analyze", ChatRole.Submit, ChatArguments.Text),
        new(ChatVerb.Commit, "commit", ChatRole.Operate, ChatArguments.Task),
        new(ChatVerb.CommitAll, "commit_all", ChatRole.Operate, ChatArguments.Task),
        new(ChatVerb.GitStatus, "git_status", ChatRole.Read, ChatArguments.Task),
        new(ChatVerb.Hosts, "hosts", ChatRole.Read),
        new(ChatVerb.Estop, "estop", ChatRole.Operate, ChatArguments.Options),
        new(ChatVerb.Language, "language", ChatRole.Read, ChatArguments.Options),
    ];

    /// <summary>The command of a name, also with hyphens; null = none of ours.</summary>
    public static ChatCommand? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = name.Replace('-', '_');
        return All.FirstOrDefault(c =>
            string.Equals(c.Name, plain, StringComparison.OrdinalIgnoreCase)
        );
    }

    /// <summary>The command of a verb; null for what is typed without one.</summary>
    public static ChatCommand? Of(ChatVerb verb) => All.FirstOrDefault(c => c.Verb == verb);

    /// <summary>The least role that a verb asks for.</summary>
    public static ChatRole RoleOf(ChatVerb verb) =>
        verb == ChatVerb.Plain ? ChatRole.Submit : Of(verb)?.Role ?? ChatRole.Read;
}
