namespace Orchestrator.SystemTests;

/// <summary>
/// A moment in the silo's life at which it dies as by SIGKILL: right before or right after a commit of its journal. Given to
/// the silo by <see cref="SiloProcess.Environment"/>; see <c>StartupHook</c> for how it gets in there.
/// </summary>
/// <param name="TaskId">Counted from the commit on that holds this task's first fact of that life; <c>*</c> = from the silo's first commit.</param>
/// <param name="Commit">From 1; every commit of the file counts, also those of blobs, cursors and other tasks.</param>
/// <param name="After">False: the commit is begun but not made. True: it is made, and nobody was told.</param>
internal sealed record CrashPoint(string TaskId, int Commit, bool After)
{
    private static readonly string Hook = SiloProcess.Output(
        "Orchestrator.CrashHook",
        "Orchestrator.CrashHook",
        ".dll"
    );

    /// <inheritdoc />
    public override string ToString() => $"{(After ? "after" : "before")} commit {Commit}";

    /// <summary>What the silo needs to die there.</summary>
    public Dictionary<string, string> Environment() =>
        new(StringComparer.Ordinal)
        {
            ["DOTNET_STARTUP_HOOKS"] = Hook,
            ["ORCHESTRATOR_TEST_CRASH"] = $"{TaskId};{Commit};{(After ? "after" : "before")}",
        };

    /// <summary>Dies nowhere, and writes a line per commit (its number and the tables it inserts into) to a file.</summary>
    public static Dictionary<string, string> Count(string taskId, string file) =>
        new(StringComparer.Ordinal)
        {
            ["DOTNET_STARTUP_HOOKS"] = Hook,
            ["ORCHESTRATOR_TEST_CRASH"] = taskId,
            ["ORCHESTRATOR_TEST_COMMITS"] = file,
        };
}
