namespace Orchestrator.GrainInterfaces.Runners;

/// <summary>A command that an agent wants to run and a person must allow first.</summary>
/// <param name="Command">For people: the command line with everything but printable ASCII written as <c>\u{HEX}</c>, secrets taken out. At most 600 characters and what stands for secrets.</param>
/// <param name="Folder">Where it would run, relative to the worktree, shown likewise; empty = the worktree itself. At most 200 characters likewise.</param>
/// <param name="Hash">SHA-256 of folder and command line exactly as the agent wrote them, 64 hex digits: this line and no other is allowed.</param>
[GenerateSerializer, Immutable, Alias("orchestrator.asked-command")]
public sealed record AskedCommand(
    [property: Id(0)] string Command,
    [property: Id(1)] string Folder,
    [property: Id(2)] string Hash
);
