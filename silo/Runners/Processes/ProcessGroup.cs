using Orchestrator.Decisions.Runners;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>A child to start.</summary>
/// <param name="Executable">Full path of a real program; <c>.cmd</c> and <c>.bat</c> are refused, because their interpreter reads the arguments again.</param>
/// <param name="Arguments">Passed one by one, never through a shell.</param>
/// <param name="WorkingDirectory">Full path of an existing folder.</param>
/// <param name="Environment">The whole environment; nothing is inherited but what Windows needs to load programs.</param>
/// <param name="RunId">Marks every process of the tree (<c>ORCHESTRATOR_RUN</c>).</param>
/// <param name="RawTail">Windows only: the end of the command line as it is, for the command interpreter. Empty = none.</param>
/// <param name="Trusted">
/// True for a program that runs nobody else's code and leaves nothing behind when it ends by itself: on Linux it gets neither
/// namespace nor session, which cost more than a short command does. It carries the marker, so that it is found when the silo dies.
/// </param>
internal sealed record ProcessOrder(
    string Executable,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    string RunId,
    string RawTail = "",
    bool Trusted = false
)
{
    /// <summary>The sandbox around it; null = the containment of processes alone.</summary>
    public Enclosure? Enclosure { get; init; }
}

/// <summary>A sandbox made ready for one child.</summary>
/// <param name="Line">What stands before the program; empty where the system's own means do it (Windows).</param>
/// <param name="Terms">Limits of the tree.</param>
/// <param name="Folders">Full paths that count as its disk.</param>
/// <param name="End">Program and arguments that end what a signal to the line's program does not; empty = none.</param>
/// <param name="Group">The control group that the line enters; null = none.</param>
/// <param name="PidFile">Where the number of the tree's root will stand, when the child is not its root; null = it is.</param>
internal sealed record Enclosure(
    IReadOnlyList<string> Line,
    SandboxTerms Terms,
    IReadOnlyList<string> Folders,
    IReadOnlyList<string> End,
    RunCgroup? Group = null,
    string? PidFile = null
);

/// <summary>A child and everything it starts. Disposing it kills the whole tree.</summary>
internal abstract class ProcessGroup(TimeProvider time) : IAsyncDisposable
{
    /// <summary>Environment variable that every process of a run carries.</summary>
    public const string RunVariable = "ORCHESTRATOR_RUN";

    /// <summary>Longest wait for killed processes to be gone.</summary>
    protected static readonly TimeSpan Gone = TimeSpan.FromSeconds(10);

    /// <summary>Of the tree's root on this host.</summary>
    public abstract int Pid { get; }

    /// <summary>The child's stdin.</summary>
    public abstract Stream StandardInput { get; }

    /// <summary>The child's stdout, bytes.</summary>
    public abstract Stream StandardOutput { get; }

    /// <summary>The child's stderr, bytes.</summary>
    public abstract Stream StandardError { get; }

    /// <summary>Ends when the root has ended; 128 + n for a signal n on Linux.</summary>
    public abstract Task<int> ExitCode { get; }

    /// <summary>The limit of its sandbox that the tree was ended for, as a sentence; empty = none.</summary>
    public virtual string Breach => "";

    /// <summary>The clock of waits.</summary>
    protected TimeProvider Time => time;

    /// <summary>Interrupt, then terminate, then kill the tree; each step gets the grace. Returns when no process is left.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        foreach (var step in PoliteSteps)
        {
            if (ExitCode.IsCompleted)
            {
                break;
            }
            step();
            await Task.WhenAny(ExitCode, Task.Delay(grace, time));
        }
        await KillAsync();
    }

    /// <summary>Takes note of the processes there are now, where nothing else holds the tree together.</summary>
    public virtual void Record() { }

    /// <summary>Kills the whole tree, also what left its process group, and waits until it is gone.</summary>
    /// <exception cref="TimeoutException">Something did not die in 10 s (a process stuck in the kernel).</exception>
    public abstract Task KillAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Close();
    }

    /// <summary>Ways to ask for an end, in order.</summary>
    protected abstract IReadOnlyList<Action> PoliteSteps { get; }

    /// <summary>Gives handles back.</summary>
    protected abstract void Close();
}
