namespace Orchestrator.Decisions.Runners;

/// <summary>Which refusals of a system to start a program pass by themselves, so that the same start is worth another try.</summary>
public static class StartRefusal
{
    /// <summary>Starts of one order, the first included.</summary>
    public const int TriesMax = 4;

    /// <summary>
    /// Windows: the numbers of winerror.h (a virus scanner reads a program that was just written; memory, handles or the
    /// page file are short; the new process ended while the system was making it). Linux: those of errno (no process or no
    /// memory now; the program is open for writing). A refusal says that no process lives, so nothing can run twice.
    /// </summary>
    /// <param name="code">The system's number of the error.</param>
    /// <param name="windows">Whose numbers.</param>
    public static bool Passes(int code, bool windows) =>
        windows
            ? code
                is 8 // ERROR_NOT_ENOUGH_MEMORY
                    or 32 // ERROR_SHARING_VIOLATION
                    or 33 // ERROR_LOCK_VIOLATION
                    or 1359 // ERROR_INTERNAL_ERROR
                    or 1450 // ERROR_NO_SYSTEM_RESOURCES
                    or 1455 // ERROR_COMMITMENT_LIMIT
            : code
                is 11 // EAGAIN
                    or 12 // ENOMEM
                    or 26; // ETXTBSY

    /// <summary>How long to wait after a refused try: 100, 400 and 1,600 ms; null when there is no further one.</summary>
    /// <param name="tries">Tries made, 1 or more.</param>
    /// <param name="code">The system's number of the error.</param>
    /// <param name="windows">Whose numbers.</param>
    public static TimeSpan? Again(int tries, int code, bool windows) =>
        tries < TriesMax && Passes(code, windows)
            ? TimeSpan.FromMilliseconds(100 * Math.Pow(4, tries - 1))
            : null;
}
