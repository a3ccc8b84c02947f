using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Client;

/// <summary>The server refused, or could not be reached.</summary>
public sealed class OrchestratorException : Exception
{
    /// <summary>Creates it without words.</summary>
    public OrchestratorException() { }

    /// <summary>Creates it with a message.</summary>
    public OrchestratorException(string message)
        : base(message) { }

    /// <summary>Creates it with its cause.</summary>
    public OrchestratorException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>Creates it from a failure.</summary>
    public OrchestratorException(Failure failure, int exitCode)
        : base(failure?.Message)
    {
        Failure = failure;
        ExitCode = exitCode;
    }

    /// <summary>The failure, where the server named one.</summary>
    public Failure? Failure { get; }

    /// <summary>The exit code of a command that fails so; 6 = unreachable.</summary>
    public int ExitCode { get; } = 6;
}
