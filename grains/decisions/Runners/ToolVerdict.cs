namespace Orchestrator.Decisions.Runners;

/// <summary>What the guard says to a call.</summary>
/// <param name="Denial">Empty, or the sentence that denies it.</param>
/// <param name="Asked">The command that a person must allow first; null = none.</param>
/// <param name="Granted">True: people allowed exactly this, whatever the permission rules say.</param>
public sealed record ToolVerdict(string Denial, AskedCall? Asked, bool Granted)
{
    /// <summary>Nothing to say: the permission rules decide.</summary>
    public static ToolVerdict None { get; } = new("", null, false);

    /// <summary>People allowed it.</summary>
    public static ToolVerdict Grant { get; } = new("", null, true);

    /// <summary>Denied; an empty sentence denies nothing.</summary>
    public static ToolVerdict Deny(string denial) =>
        denial.Length == 0 ? None : new(denial, null, false);

    /// <summary>Denied until a person has allowed it.</summary>
    public static ToolVerdict Ask(AskedCall call) =>
        new(
            "A person must allow this command first. The run ends here; it goes on when somebody has answered.",
            call,
            false
        );
}

/// <summary>A command exactly as the agent wants it.</summary>
/// <param name="Command">The command line. Never shown or stored as it is: it may hold secrets.</param>
/// <param name="Folder">Relative to the worktree; empty = the worktree.</param>
public sealed record AskedCall(string Command, string Folder)
{
    /// <summary>What a person's yes is about.</summary>
    public string Hash => CommandText.Hash(Folder, Command);
}
